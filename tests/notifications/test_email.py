"""E-mail over real SMTP, and the backend that keeps e-mails as rows instead."""

import base64
import threading
import time
from email.mime.image import MIMEImage

import pytest
from django.core import mail
from django.utils import timezone

from apps.notifications import services
from apps.notifications.models import CaughtEmail, Message
from tests.factories.accounts import UserFactory
from tests.factories.notifications import MessageFactory

from .mail_server import ACCEPT, HANG_UP, MailServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def smtp(settings):
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        yield server


def test_an_email_has_a_text_and_an_html_part_and_says_that_no_person_wrote_it(smtp):
    message = MessageFactory(recipient__email="amina@example.com", context={"title": "Ferien", "body": "Tom & Jo"})
    services.deliver_due()
    [received] = smtp.accepted
    assert received["To"] == "amina@example.com"
    assert received["From"] == "Medivoy <no-reply@medivoy.example.com>"
    assert received["Subject"] == "Ferien"
    assert received["Message-ID"] == f"<{message.pk}@medivoy.example.com>"
    assert received["Auto-Submitted"] == "auto-generated"
    assert received.get_content_type() == "multipart/alternative"
    text, html = received.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "Tom & Jo" in text.get_content()
    assert "Tom &amp; Jo" in html.get_content()


@pytest.mark.parametrize("title", ["عيادتنا مغلقة", "हमारा कार्यालय बंद है", "¿Cerrado? Sí", "Fermé à Noël"])
def test_every_script_survives_the_journey(smtp, title):
    MessageFactory(context={"title": title, "body": title * 40})
    services.deliver_due()
    [received] = smtp.accepted
    assert received["Subject"].strip() == title
    for part in received.iter_parts():
        assert title * 40 in part.get_content()


def test_many_messages_go_over_one_connection(smtp):
    MessageFactory.create_batch(25, recipient=UserFactory())
    assert services.deliver_due() == 25
    assert smtp.connections == 1


def test_one_message_that_breaks_the_connection_does_not_stop_the_next(smtp):
    MessageFactory(context={"title": "Poison", "body": "b"})
    MessageFactory.create_batch(3)
    smtp.answer = lambda server, message: HANG_UP if message["Subject"] == "Poison" else ACCEPT
    assert services.deliver_due() == 3
    poison = Message.objects.get(status="pending")
    assert (poison.context["title"], poison.last_error) == ("Poison", "SMTPServerDisconnected")


def test_an_unknown_address_is_given_up_and_a_greylisted_one_tried_later(smtp):
    unknown = MessageFactory(recipient__email="nobody@example.com")
    greylisted = MessageFactory(recipient__email="later@example.com")
    smtp.refused_recipients = {"nobody@example.com": b"550 no\r\n", "later@example.com": b"451 later\r\n"}
    services.deliver_due()
    unknown.refresh_from_db()
    greylisted.refresh_from_db()
    assert (unknown.status, unknown.last_error) == ("dead", "SMTPRecipientsRefused 550")
    assert (greylisted.status, greylisted.last_error) == ("pending", "SMTPRecipientsRefused 451")


def test_a_server_that_hangs_is_left_after_the_time_limit(smtp, settings):
    settings.EMAIL_TIMEOUT = 0.2
    MessageFactory()
    released = threading.Event()
    smtp.answer = lambda server, message: (released.wait(20) and ACCEPT) or HANG_UP
    before = time.monotonic()
    assert services.deliver_due() == 0
    assert time.monotonic() - before < 5
    released.set()
    assert Message.objects.get().status == "pending"


def test_a_server_that_dribbles_is_left_too_although_no_read_ever_times_out(smtp, settings):
    """Without the cut-off this e-mail would be accepted after two seconds, and after hours from a worse server."""
    settings.EMAIL_TIMEOUT = 0.3
    MessageFactory()
    tick = threading.Event()

    class Dribbling(smtp.conversation):
        def reply_to(self, line):
            reply = super().reply_to(line)
            for _time in range(40 if line.upper().startswith(b"DATA") else 0):
                self.wfile.write(b"250-wait\r\n")
                tick.wait(0.05)
            return reply

    smtp.speak(Dribbling)
    assert services.deliver_due() == 0
    assert Message.objects.get().last_error == "SMTPServerDisconnected"


def test_no_server_at_all_delays_and_loses_nothing(settings):
    with MailServer() as server:
        port = server.port
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    MessageFactory.create_batch(2)
    assert services.deliver_due() == 0
    assert set(Message.objects.values_list("status", "last_error")) == {("pending", "ConnectionRefusedError")}
    assert Message.objects.filter(due_at__gt=timezone.now()).count() == 2


class TestCatchingBackend:
    @pytest.fixture(autouse=True)
    def _caught(self, settings):
        settings.EMAIL_BACKEND = "apps.notifications.backends.CatchingEmailBackend"

    def test_keeps_what_would_have_been_sent(self):
        message = MessageFactory(recipient__email="amina@example.com", recipient__language="ar")
        services.deliver_due()
        caught = CaughtEmail.objects.get()
        assert caught.message_id == f"<{message.pk}@medivoy.example.com>"
        assert (caught.to, caught.subject) == ("amina@example.com", "Closed on Friday")
        assert "We are back on Monday." in caught.text
        assert 'dir="rtl"' in caught.html

    def test_keeps_one_however_often_it_comes(self):
        """A worker died between sending and writing that down, so the message went out again."""
        message = MessageFactory()
        services.deliver_due()
        Message.objects.filter(pk=message.pk).update(status="pending", sent_at=None)
        services.deliver_due()
        assert CaughtEmail.objects.count() == 1

    def test_keeps_plain_mails_of_others_too_with_what_is_attached(self):
        email = mail.EmailMessage("Backup failed", "Disk full", to=["ops@example.com"])
        email.attach("log.txt", "text", "text/plain")
        picture = MIMEImage(b"GIF89a", "gif")
        picture.add_header("Content-Disposition", "attachment", filename="disk.gif")
        email.attach(picture)
        email.send()
        caught = CaughtEmail.objects.get()
        assert (caught.subject, caught.text, caught.html) == ("Backup failed", "Disk full", "")
        assert [(part["name"], part["type"], base64.b64decode(part["content"])) for part in caught.attachments] == [
            ("log.txt", "text/plain", b"text"),
            ("disk.gif", "image/gif", b"GIF89a"),
        ]
