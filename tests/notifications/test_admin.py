"""The outbox and the mailbox in the admin: who sees them, what they show, what they keep to themselves."""

import pytest
from django.urls import reverse

from apps.notifications import services
from apps.notifications.models import CaughtEmail, Message
from tests.factories.accounts import UserFactory
from tests.factories.notifications import InAppMessageFactory, MessageFactory

pytestmark = pytest.mark.django_db
OUTBOX = reverse("admin:notifications_message_changelist")
MAILBOX = reverse("admin:notifications_caughtemail_changelist")
RESET = {"first_name": "Amina", "link": "https://app.example.com/?token=s3cret", "hours": 1}


@pytest.fixture
def browse(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def page_of(message):
    return reverse("admin:notifications_message_change", args=(message.pk,))


def html_of(row):
    return reverse(f"admin:notifications_{row._meta.model_name}_html", args=(row.pk,))


class TestOutbox:
    @pytest.mark.parametrize("role", ["admin", "coordinator", "support"])
    def test_those_who_answer_questions_see_what_people_were_told(self, browse, role):
        message = MessageFactory(recipient__first_name="Zainab")
        client = browse(UserFactory(role=role))
        assert "Zainab" in client.get(OUTBOX).content.decode()
        page = client.get(page_of(message)).content.decode()
        assert "Closed on Friday" in page
        assert html_of(message) in page

    @pytest.mark.parametrize("role", ["translator", "hospital_admin"])
    def test_others_who_work_in_the_admin_see_no_message(self, browse, role):
        message = MessageFactory()
        client = browse(UserFactory(role=role))
        assert client.get(OUTBOX).status_code == 403
        for address in (page_of(message), html_of(message)):
            assert client.get(address).status_code in {302, 403, 404}

    @pytest.mark.parametrize("role", ["doctor", "patient"])
    def test_the_rest_are_asked_to_sign_in(self, browse, role):
        message = MessageFactory()
        client = browse(UserFactory(role=role))
        for address in (OUTBOX, page_of(message), html_of(message)):
            assert client.get(address).status_code == 302

    def test_its_page_is_headed_by_what_it_is_in_the_readers_language(self, browse, platform_admin):
        message = MessageFactory(kind="accounts.reset_password", context=RESET)
        client = browse(platform_admin)
        page = client.get(page_of(message))
        assert page.context["subtitle"] == "Link to set a new password (E-mail)"
        assert "accounts.reset_password" not in page.content.decode()
        Message.objects.filter(pk=message.pk).update(kind="gone.long_ago", context={})
        assert client.get(page_of(message)).context["subtitle"] == "gone.long_ago (E-mail)"

    def test_nobody_reads_a_code_or_link_there(self, browse, platform_admin):
        message = MessageFactory(kind="accounts.reset_password", context=RESET)
        client = browse(platform_admin)
        for address in (OUTBOX, page_of(message), html_of(message)):
            assert "s3cret" not in client.get(address).content.decode()

    def test_the_email_comes_in_a_frame_in_which_nothing_is_loaded_and_nothing_runs(self, browse, platform_admin):
        message = MessageFactory(context={"title": "T", "body": "<script>alert(1)</script>"})
        client = browse(platform_admin)
        response = client.get(html_of(message))
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox allow-popups" in policy
        assert "allow-scripts" not in policy
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        assert "<script" not in response.content.decode()
        page = client.get(page_of(message))
        assert 'sandbox="allow-popups' in page.content.decode()
        assert "frame-src 'self'" in page["Content-Security-Policy"]

    def test_an_in_app_message_is_shown_as_the_text_that_its_reader_sees(self, browse, platform_admin):
        message = InAppMessageFactory()
        page = browse(platform_admin).get(page_of(message)).content.decode()
        assert "We are back on Monday." in page
        assert "<iframe" not in page

    def test_the_broken_message_that_staff_look_for_can_be_opened(self, browse, platform_admin):
        for message in (MessageFactory(context={}), MessageFactory(kind="tests.gone")):
            assert browse(platform_admin).get(page_of(message)).status_code == 200

    def test_is_narrowed_by_status_kind_and_recipient(self, browse, platform_admin):
        client = browse(platform_admin)
        MessageFactory(recipient__email="amina@example.com", status="dead", kind="accounts.reset_password")
        InAppMessageFactory(recipient__email="bola@example.com")
        for query, seen, hidden in [
            ("status__exact=dead", "amina", "bola"),
            ("kind=notifications.announcement", "bola", "amina"),
            ("q=AMINA@exa", "amina", "bola"),
            ("channel__exact=in_app", "bola", "amina"),
        ]:
            found = {row.recipient.email for row in client.get(f"{OUTBOX}?{query}").context["cl"].result_list}
            assert any(email.startswith(seen) for email in found), query
            assert not any(email.startswith(hidden) for email in found), query

    def test_an_admin_sends_again_what_was_given_up_and_is_told_of_the_rest(self, browse, platform_admin):
        dead, sent = MessageFactory(status="dead", attempts=6), InAppMessageFactory()
        data = {"action": "send_again", "_selected_action": [str(dead.pk), str(sent.pk)]}
        page = browse(platform_admin).post(OUTBOX, data, follow=True).content.decode()
        assert "1 message is sent again." in page
        assert "Only a message that was given up can be sent again." in page
        assert set(Message.objects.values_list("pk", "status")) == {(dead.pk, "pending"), (sent.pk, "sent")}

    def test_an_admin_stops_what_waits(self, browse, platform_admin):
        waiting = MessageFactory()
        data = {"action": "cancel", "_selected_action": [str(waiting.pk)]}
        browse(platform_admin).post(OUTBOX, data)
        assert Message.objects.get().status == "cancelled"

    @pytest.mark.parametrize("role", ["coordinator", "support"])
    @pytest.mark.parametrize("action", ["send_again", "cancel"])
    def test_those_who_only_look_neither_send_nor_stop(self, browse, role, action):
        dead, waiting = MessageFactory(status="dead"), MessageFactory()
        data = {"action": action, "_selected_action": [str(dead.pk), str(waiting.pk)]}
        browse(UserFactory(role=role)).post(OUTBOX, data)
        assert set(Message.objects.values_list("status", flat=True)) == {"dead", "pending"}

    def test_nothing_can_be_edited(self, browse, platform_admin):
        message = MessageFactory()
        browse(platform_admin).post(page_of(message), {"status": "sent", "event": "x"})
        assert Message.objects.get().status == "pending"

    def test_a_list_costs_the_same_at_sixty_rows(self, browse, platform_admin, django_assert_max_num_queries):
        client = browse(platform_admin)
        MessageFactory.create_batch(45)
        with django_assert_max_num_queries(10):
            client.get(OUTBOX)


class TestMailbox:
    @pytest.fixture
    def caught(self, settings):
        settings.EMAIL_BACKEND = "apps.notifications.backends.CatchingEmailBackend"
        MessageFactory(kind="accounts.reset_password", context=RESET, recipient__email="amina@example.com")
        services.deliver_due()
        return CaughtEmail.objects.get()

    def test_a_platform_admin_reads_the_email_with_its_link(self, browse, platform_admin, caught):
        client = browse(platform_admin)
        assert "amina@example.com" in client.get(MAILBOX).content.decode()
        page = client.get(reverse("admin:notifications_caughtemail_change", args=(caught.pk,))).content.decode()
        assert "https://app.example.com/?token=s3cret" in page
        framed = client.get(html_of(caught))
        assert "https://app.example.com/?token=s3cret" in framed.content.decode()
        assert '<base target="_blank">' in framed.content.decode()
        assert "default-src 'none'" in framed["Content-Security-Policy"]

    @pytest.mark.parametrize("role", ["coordinator", "support", "hospital_admin", "translator"])
    def test_nobody_else_reads_other_peoples_links(self, browse, role, caught):
        client = browse(UserFactory(role=role))
        assert client.get(MAILBOX).status_code == 403
        assert client.get(html_of(caught)).status_code in {302, 403, 404}

    def test_there_is_none_where_emails_are_sent(self, browse, platform_admin, caught, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        client = browse(platform_admin)
        assert client.get(MAILBOX).status_code == 403
        assert client.get(html_of(caught)).status_code == 404
