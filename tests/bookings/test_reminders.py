"""Reminders: a day, two hours and half an hour before, each once, and only while it is of use."""

from collections import Counter
from datetime import timedelta

import pgtrigger
import pytest
import time_machine
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.bookings import rules, services, tasks
from apps.bookings.models import Appointment, AppointmentReminder, Displacement
from apps.bookings.notifications import reminders as notifications
from apps.bookings.services import reminders
from apps.bookings.workflow import AppointmentStatus
from apps.notifications import rendering
from apps.notifications import services as notification_services
from apps.notifications.models import Message
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinical import PatientFactory

pytestmark = pytest.mark.django_db

DAY, TWO_HOURS, HALF_HOUR = timedelta(hours=24), timedelta(hours=2), timedelta(minutes=30)
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
NOW = timezone.now().replace(microsecond=0)


def coming(within, **more):
    """A confirmed appointment so long after NOW, agreed on ten days ago."""
    values = {"status": "appointment_confirmed", "agreed_at": NOW - timedelta(days=10)} | more
    return AppointmentFactory(starts_at=NOW + within, **values)


def decisions(appointment, version=None):
    """What stands written of the appointment's present version: sent or passed over, by minutes before the start."""
    rows = AppointmentReminder.objects.filter(appointment=appointment, version=version or appointment.version)
    return {row.minutes_before: row.is_sent for row in rows}


def reminders_to(user, channel="email"):
    """The distances from the start that a person was reminded at, in minutes."""
    return list(
        Message.objects.filter(recipient=user, kind="bookings.appointment_reminder", channel=channel)
        .order_by("created_at", "pk")
        .values_list("context__minutes_before", flat=True)
    )


def run_every_minute(start, end):
    """As beat does."""
    now = start
    while now <= end:
        with time_machine.travel(now, tick=False):
            services.send_reminders()
        now += MINUTE


class TestWhichIsSent:
    @pytest.mark.parametrize(
        ("left", "expected"),
        [
            (DAY + SECOND, {}),
            (DAY, {1440: True}),
            (TWO_HOURS + SECOND, {1440: False}),
            (TWO_HOURS, {1440: False, 120: True}),
            (HALF_HOUR + SECOND, {1440: False, 120: False}),
            (HALF_HOUR, {1440: False, 120: False, 30: True}),
            (SECOND, {1440: False, 120: False, 30: False}),
            (timedelta(0), {}),
        ],
    )
    def test_of_all_that_are_due_the_nearest_is_sent_and_the_others_are_passed_over(self, left, expected):
        appointment = coming(left)
        assert services.send_reminders(now=NOW) == sum(expected.values())
        assert decisions(appointment) == expected
        assert reminders_to(appointment.patient.user) == [minutes for minutes, sent in expected.items() if sent]

    @pytest.mark.parametrize(
        ("left", "is_sent"),
        [
            (TWO_HOURS + timedelta(minutes=10), True),
            (TWO_HOURS + timedelta(minutes=10) - SECOND, False),
            (HALF_HOUR + timedelta(minutes=10), True),
            (HALF_HOUR + timedelta(minutes=10) - SECOND, False),
            (timedelta(minutes=10), True),
            (timedelta(minutes=10) - SECOND, False),
        ],
    )
    def test_a_late_one_is_sent_when_the_next_one_or_the_start_is_ten_minutes_away(self, left, is_sent):
        appointment = coming(left)
        services.send_reminders(now=NOW)
        nearest = min(decisions(appointment))
        assert decisions(appointment)[nearest] is is_sent

    @pytest.mark.parametrize(
        ("agreed", "is_sent"), [(DAY + SECOND, True), (DAY, True), (DAY - SECOND, False), (timedelta(hours=20), False)]
    )
    def test_one_whose_moment_lay_before_the_agreement_is_passed_over(self, agreed, is_sent):
        """The confirmation has just said it."""
        appointment = coming(timedelta(hours=20), agreed_at=NOW + timedelta(hours=20) - agreed)
        services.send_reminders(now=NOW)
        assert decisions(appointment) == {1440: is_sent}

    @pytest.mark.parametrize("status", ["appointment_confirmed", "awaiting_consultation"])
    def test_what_is_agreed_on_is_reminded_of(self, status):
        coming(DAY, status=status)
        assert services.send_reminders(now=NOW) == 1

    @pytest.mark.parametrize(
        "status",
        sorted(set(AppointmentStatus.values) - set(rules.REMINDED)),
    )
    def test_nothing_else_is(self, status):
        cancelled = {"cancelled_at": NOW, "cancelled_by": "patient"} if status == "cancelled" else {}
        held = {"held_until": NOW} if status == "held" else {}
        appointment = coming(DAY, status=status, **cancelled, **held)
        assert services.send_reminders(now=NOW) == 0
        assert decisions(appointment) == {}

    def test_nobody_is_reminded_of_a_time_that_the_doctor_cannot_keep(self):
        appointment = coming(DAY)
        displacement = displaced(appointment)
        assert services.send_reminders(now=NOW) == 0
        assert decisions(appointment) == {1440: False}
        Displacement.objects.filter(pk=displacement.pk).update(status="settled", settled_at=NOW)
        assert services.send_reminders(now=appointment.starts_at - TWO_HOURS) == 1


def displaced(appointment):
    return Displacement.objects.create(
        appointment=appointment, version=appointment.version, respond_by=NOW + DAY, token_hash="0" * 64
    )


class TestOverTime:
    """The job runs every minute, as beat starts it."""

    def test_the_patient_reads_three_at_their_minutes(self):
        appointment = coming(DAY)
        start = appointment.starts_at
        for before in (DAY, TWO_HOURS, HALF_HOUR):
            run_every_minute(start - before - 2 * MINUTE, start - before + 2 * MINUTE)
        run_every_minute(start - 2 * MINUTE, start + 2 * MINUTE)
        assert reminders_to(appointment.patient.user) == reminders_to(appointment.patient.user, "in_app")
        assert reminders_to(appointment.patient.user) == [1440, 120, 30]
        assert decisions(appointment) == {1440: True, 120: True, 30: True}

    def test_a_late_booking_gets_what_is_still_to_come_and_not_three(self):
        """Booked forty minutes before: the half-hour one only."""
        appointment = coming(timedelta(minutes=40), agreed_at=NOW)
        run_every_minute(NOW, appointment.starts_at)
        assert reminders_to(appointment.patient.user) == [30]
        assert decisions(appointment) == {1440: False, 120: False, 30: True}

    def test_one_booked_at_the_last_minute_gets_none(self):
        appointment = coming(timedelta(minutes=20), agreed_at=NOW)
        run_every_minute(NOW, appointment.starts_at)
        assert reminders_to(appointment.patient.user) == []

    def test_a_request_confirmed_late_is_as_a_late_booking(self, book, free, coordinator):
        """The time is agreed on when it is confirmed: the message says so, and no reminder repeats it."""
        appointment = book()
        with time_machine.travel(appointment.starts_at - timedelta(hours=20), tick=False):
            services.move_appointment(appointment.pk, "appointment_confirmed", by=coordinator)
            assert services.send_reminders() == 0
        assert decisions(appointment) == {1440: False}
        assert services.send_reminders(now=appointment.starts_at - TWO_HOURS) == 1

    def test_moved_away_at_23_hours_it_is_reminded_of_anew_at_its_new_time(self, appointment, free, coordinator):
        services.move_appointment(appointment.pk, "appointment_confirmed", by=coordinator)
        services.send_reminders(now=appointment.starts_at - DAY)
        with time_machine.travel(appointment.starts_at - timedelta(hours=23), tick=False):
            later = free[-1].starts_at
            assert later - appointment.starts_at > timedelta(hours=5)
            services.reschedule_appointment(appointment.pk, by=coordinator, starts_at=later)
        moved = Appointment.objects.get(pk=appointment.pk)
        for before in (timedelta(hours=28), DAY, TWO_HOURS, HALF_HOUR):
            services.send_reminders(now=later - before)
        assert decisions(appointment, version=1) == {1440: True}
        assert decisions(moved) == {1440: True, 120: True, 30: True}

    def test_moved_to_23_hours_from_now_it_gets_the_two_that_are_left(self):
        appointment = coming(timedelta(days=5))
        start = NOW + timedelta(hours=23)
        appointment.move_time(start, start + HALF_HOUR, start + HALF_HOUR, by=None, at=NOW)
        for now in (NOW, NOW + MINUTE, start - TWO_HOURS, start - HALF_HOUR):
            services.send_reminders(now=now)
        assert decisions(appointment) == {1440: False, 120: True, 30: True}
        assert reminders_to(appointment.patient.user) == [120, 30]

    def test_after_an_outage_of_26_hours_everyone_gets_one_useful_reminder(self):
        """Some had begun, some were about to; a second beat changes nothing."""
        begun = coming(-HALF_HOUR)
        lefts = [timedelta(minutes=minutes) for minutes in (5, 15, 35, 45, 119, 125, 140, 600, 1439)]
        waiting = [coming(left) for left in lefts]
        assert services.send_reminders(now=NOW) == 6
        assert services.send_reminders(now=NOW) == 0
        told = [reminders_to(appointment.patient.user) for appointment in waiting]
        assert told == [[], [30], [], [120], [120], [], [1440], [1440], [1440]]
        assert reminders_to(begun.patient.user) == []
        # Whom it left out because the next one is near reads that one, and nobody two within ten minutes.
        run_every_minute(NOW, NOW + 10 * MINUTE)
        told = [reminders_to(appointment.patient.user) for appointment in waiting]
        assert told == [[], [30], [30], [120], [120], [120], [1440], [1440], [1440]]

    @pytest.mark.parametrize("jump", [-DAY, -timedelta(hours=3), timedelta(hours=3)])
    def test_a_clock_that_jumps_and_comes_back_reminds_of_nothing_twice(self, jump):
        appointments = [coming(timedelta(minutes=55 * number)) for number in range(1, 31)]
        for now in (NOW, NOW + jump, NOW, NOW + MINUTE):
            services.send_reminders(now=now)
        read = Counter(Message.objects.filter(channel="email").values_list("recipient", "context__minutes_before"))
        assert set(read.values()) == {1}
        assert {recipient for recipient, _minutes in read} <= {each.patient.user_id for each in appointments}
        decided = Counter(AppointmentReminder.objects.values_list("appointment", "version", "minutes_before"))
        assert set(decided.values()) == {1}


class TestWhoReads:
    @pytest.mark.parametrize(
        ("kind", "left", "doctor_reads"),
        [
            ("in_person", HALF_HOUR, []),
            ("teleconsult", HALF_HOUR, [30]),
            ("teleconsult", TWO_HOURS, []),
            ("teleconsult", DAY, []),
        ],
    )
    def test_the_doctor_reads_the_last_one_of_a_consultation_by_video(self, kind, left, doctor_reads):
        appointment = coming(left, kind=kind)
        services.send_reminders(now=NOW)
        assert reminders_to(appointment.doctor.user) == doctor_reads
        assert reminders_to(appointment.patient.user) == [left // MINUTE]

    def test_whoever_muted_reminders_gets_none_over_that_channel(self):
        appointment = coming(DAY)
        wish = notification_services.Wish("bookings.appointment_reminder", "email", is_wanted=False)
        notification_services.set_preferences([wish], by=appointment.patient.user)
        services.send_reminders(now=NOW)
        assert reminders_to(appointment.patient.user) == []
        assert reminders_to(appointment.patient.user, "in_app") == [1440]
        assert decisions(appointment) == {1440: True}

    def test_a_closed_account_gets_none(self):
        appointment = coming(DAY, patient__user__is_active=False)
        services.send_reminders(now=NOW)
        assert Message.objects.count() == 0
        assert decisions(appointment) == {1440: True}


class TestBetweenWritingAndSending:
    """The worker looks again."""

    @pytest.fixture
    def written(self):
        appointment = coming(TWO_HOURS)
        with time_machine.travel(NOW, tick=False):
            services.send_reminders()
        return appointment

    def deliver(self, at=NOW + 10 * SECOND):
        with time_machine.travel(at, tick=False):
            notification_services.deliver_due()
        return Message.objects.get(channel="email", kind="bookings.appointment_reminder")

    def test_what_nothing_has_happened_to_is_sent(self, written):
        assert self.deliver().status == "sent"
        assert [email.to for email in mail.outbox] == [[written.patient.user.email]]

    def test_a_cancelled_appointment_never_reminds(self, written, platform_admin):
        services.cancel_appointment(written.pk, by=platform_admin, now=NOW)
        message = self.deliver()
        assert (message.status, message.last_error) == ("cancelled", "the appointment is not to take place")
        assert not any("Reminder" in email.subject for email in mail.outbox)

    def test_a_moved_one_does_not_either(self, written):
        later = NOW + timedelta(hours=1)
        written.move_time(later, later + HALF_HOUR, later + HALF_HOUR, by=None, at=NOW)
        message = self.deliver()
        assert (message.status, message.last_error) == ("cancelled", "the appointment was moved")
        assert mail.outbox == []

    def test_nor_one_that_the_doctor_cannot_keep(self, written):
        displaced(written)
        assert (self.deliver().status, mail.outbox) == ("cancelled", [])

    @pytest.mark.parametrize(("left", "status"), [(40 * MINUTE, "sent"), (40 * MINUTE - SECOND, "cancelled")])
    def test_a_message_that_was_stuck_is_not_sent_when_the_next_one_is_near(self, written, left, status):
        """The mail server was away: of what waits only what is of use still goes out."""
        assert self.deliver(written.starts_at - left).status == status
        assert len(mail.outbox) == (status == "sent")

    def test_the_worker_asks_once_however_many_wait(self):
        for number in range(10):
            coming(DAY + number * SECOND)
        with time_machine.travel(NOW + 10 * SECOND, tick=False):
            services.send_reminders()
            with CaptureQueriesContext(connection) as queries:
                assert notification_services.deliver_due() == 10
        asked = [query for query in queries if 'FROM "bookings_appointment"' in query["sql"]]
        assert len(asked) == 1


@pytest.mark.parametrize("number", [500, 10_000])
def test_10_000_due_leave_in_one_run_and_the_statements_follow_the_batches_not_the_rows(number):
    pattern, patients = coming(DAY + MINUTE), PatientFactory.create_batch(20)
    starts = [NOW + timedelta(hours=3) + 2 * SECOND * n for n in range(number)]
    rows = [
        Appointment(
            patient=patients[n % 20], doctor=pattern.doctor, hospital=pattern.hospital, starts_at=at,
            ends_at=at + SECOND, busy_until=at + SECOND, status="appointment_confirmed", agreed_at=pattern.agreed_at,
        )
        for n, at in enumerate(starts)
    ]  # fmt: skip
    with pgtrigger.ignore():  # for speed
        Appointment.objects.bulk_create(rows)

    with CaptureQueriesContext(connection) as queries:
        assert services.send_reminders(now=NOW) == number

    assert Message.objects.filter(channel="email").count() == number
    # One finds them; for each batch a savepoint's two, the decision, the reading, the wishes, the messages.
    assert len(queries) == 1 + number // reminders.BATCH * 6
    assert services.send_reminders(now=NOW) == 0


class TestTheMessage:
    KIND = notifications.REMINDER

    @pytest.fixture
    def message(self, doctor, patient):
        def message(**more):
            appointment = coming(more.pop("left", DAY), patient=patient, complaint="C4N4RY", **more)
            services.send_reminders(now=NOW)
            return Message.objects.select_related("recipient").get(
                recipient=patient.user, channel="email", context__number=appointment.number
            )

        return message

    def test_it_can_be_muted_and_is_wanted_until_then(self):
        assert not self.KIND.transactional
        assert set(self.KIND.channels) == {"email", "in_app"}

    @pytest.mark.parametrize("language", [code for code, _name in settings.LANGUAGES])
    @pytest.mark.parametrize("channel", ["email", "in_app"])
    def test_it_can_be_read_in_each_language_and_holds_nothing_medical(self, message, language, channel):
        message = message(kind="teleconsult")
        message.recipient.language, message.channel = language, channel
        rendered = rendering.render(message)
        for text in filter(None, (rendered.subject, rendered.text, rendered.html)):
            assert "%(" not in text
            assert "{{" not in text
            assert "C4N4RY" not in text
        assert message.context["number"] in rendered.subject
        assert "C4N4RY" not in str(message.context)

    def test_it_shows_both_times_and_how_to_come_by_video(self, message):
        message = message(kind="teleconsult")
        message.recipient.time_zone = "Africa/Lagos"
        rendered = rendering.render(message)
        for text in (rendered.text, rendered.html):
            assert "UTC+01:00" in text
            assert "UTC+05:30" in text
            assert "The link to the consultation is in the app" in text

    def test_in_person_there_is_no_link_to_speak_of(self, message):
        assert "link" not in rendering.render(message()).text

    @pytest.mark.parametrize(("left", "asks"), [(DAY, True), (TWO_HOURS, False)])
    def test_it_asks_to_cancel_while_a_patient_may(self, message, left, asks):
        assert ("please move or cancel it" in rendering.render(message(left=left)).text) is asks

    def test_places_are_named_in_the_readers_language(self, message, patient, hospital):
        type(patient.user).objects.filter(pk=patient.user_id).update(language="ar")
        appointment = coming(DAY, patient=patient)
        type(hospital).objects.filter(pk=appointment.hospital_id).update(name_ar="مستشفى النور")
        services.send_reminders(now=NOW)
        assert Message.objects.get(channel="email").context["hospital"] == "مستشفى النور"


def test_the_job_runs_every_minute_and_a_run_that_nobody_took_is_dropped():
    line = settings.CELERY_BEAT_SCHEDULE["remind of appointments"]
    assert line["task"] == tasks.send_reminders.name
    assert line["schedule"].run_every == MINUTE
    assert line["options"] == {"expires": 60}


def test_a_run_that_dies_in_the_middle_loses_nothing_and_doubles_nothing(monkeypatch):
    """Decision and messages are one transaction: killed between them, both are as before."""
    appointment = coming(DAY)

    def killed(*_args):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(reminders.notifications, "appointments_coming", killed)
        with pytest.raises(KeyboardInterrupt):
            services.send_reminders(now=NOW)
    assert (decisions(appointment), Message.objects.count()) == ({}, 0)
    assert services.send_reminders(now=NOW) == 1
    assert reminders_to(appointment.patient.user) == [1440]
