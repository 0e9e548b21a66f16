"""What becomes of an appointment to which the doctor did not come, and of those that nobody has ended."""

from datetime import timedelta

import pytest
from django.db import connection

from apps.accounts.roles import Role
from apps.bookings import exceptions, rules, services
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.clinical.models import CareRelationship
from apps.common.exceptions import Forbidden, MoveNotAllowed, NotFound
from apps.notifications.models import Message
from tests.factories.bookings import MONDAY_9_CHENNAI, AppointmentFactory

START = MONDAY_9_CHENNAI
SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ABSENT = AppointmentStatus.DOCTOR_ABSENT


def told():
    return {(message.kind, message.recipient_id) for message in Message.objects.filter(channel="email")}


@pytest.mark.parametrize("status", ["appointment_confirmed", "awaiting_consultation"])
@pytest.mark.parametrize("role", [Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN])
@pytest.mark.parametrize(
    ("after_start", "expected"),
    [
        (-DAY, exceptions.AbsenceTooEarly),
        (15 * MINUTE - SECOND, exceptions.AbsenceTooEarly),
        (15 * MINUTE, type(None)),
        (7 * DAY, type(None)),
        (7 * DAY + SECOND, exceptions.AbsenceTooLate),
    ],
)
def test_when_it_is_said_that_the_doctor_did_not_come(status, role, after_start, expected):
    assert isinstance(rules.why_not_move(status, ABSENT, START, role=role, now=START + after_start), expected)


@pytest.mark.parametrize(
    ("status", "role", "expected"),
    [
        ("requested", Role.PATIENT, MoveNotAllowed),
        ("consultation_in_progress", Role.PATIENT, MoveNotAllowed),
        ("cancelled", Role.COORDINATOR, MoveNotAllowed),
        ("appointment_confirmed", Role.SUPPORT, Forbidden),
        ("appointment_confirmed", Role.TRANSLATOR, Forbidden),
    ],
)
def test_of_what_and_by_whom_it_is_not_said(status, role, expected):
    assert isinstance(rules.why_not_move(status, ABSENT, START, role=role, now=START + HOUR), expected)


@pytest.fixture
def confirmed(appointment):
    return services.move_appointment(appointment.pk, "appointment_confirmed", by=appointment.doctor.user)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("who", "others"),
    [
        ("patient", {"doctor"}),
        ("doctor", {"patient"}),
        ("hospital_admin", {"patient", "doctor"}),
        ("coordinator", {"patient", "doctor"}),
    ],
)
def test_the_other_side_and_the_coordinators_are_told(confirmed, request, coordinator, who, others):
    sides = {"patient": confirmed.patient.user, "doctor": confirmed.doctor.user}
    by = sides.get(who) or request.getfixturevalue(who)
    Message.objects.all().delete()
    services.move_appointment(confirmed.pk, ABSENT, by=by, note="Nobody there", now=confirmed.starts_at + HOUR)
    expected = {("bookings.doctor_absent", sides[other].pk) for other in others}
    if by != coordinator:
        expected.add(("bookings.doctor_absence_reported", coordinator.pk))
    assert told() == expected
    assert "Nobody there" not in str(list(Message.objects.values_list("context", flat=True)))


@pytest.mark.django_db
def test_it_is_nobodys_cancellation_its_event_says_why_and_the_care_is_over(confirmed, patient):
    at = confirmed.starts_at + 20 * MINUTE
    services.move_appointment(confirmed.pk, ABSENT, by=patient.user, note="I waited for an hour", now=at)
    confirmed.refresh_from_db()
    assert (confirmed.status, confirmed.cancelled_by, confirmed.cancelled_at) == (ABSENT, "", None)
    event = confirmed.events.latest("at")
    assert (event.to_status, event.by, event.note) == (ABSENT, patient.user, "I waited for an hour")
    assert CareRelationship.objects.get(subject_id=confirmed.pk).ends_at == at
    assert isinstance(rules.why_not_prescribe(confirmed.status), exceptions.NoConsultation)


@pytest.mark.django_db
def test_a_stranger_says_nothing_of_it_and_too_early_nobody_does(confirmed, patient, other_patient):
    Message.objects.all().delete()
    with pytest.raises(NotFound):
        services.move_appointment(confirmed.pk, ABSENT, by=other_patient.user, now=confirmed.starts_at + HOUR)
    with pytest.raises(exceptions.AbsenceTooEarly):
        services.move_appointment(confirmed.pk, ABSENT, by=patient.user, now=confirmed.starts_at)
    confirmed.refresh_from_db()
    assert confirmed.status == AppointmentStatus.CONFIRMED
    assert confirmed.events.count() == 2
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_over_the_api_a_patient_reads_what_still_stands_against_it(api, confirmed, patient):
    page = api(patient.user).get(f"/api/v1/appointments/{confirmed.pk}").json()["data"]
    move = next(move for move in page["moves"] if move["to"] == "doctor_absent")
    assert (move["is_possible"], move["code"]) == (False, "booking.absence_too_early")


# --- what nobody has ended ---


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("status", "stands_on_the_list"),
    [
        ("requested", True), ("appointment_confirmed", True), ("awaiting_consultation", True),
        ("consultation_in_progress", True), ("prescription_provided", True), ("follow_up_scheduled", False),
        ("consultation_completed", False), ("rejected", False), ("no_show", False), ("doctor_absent", False),
        ("held", False), ("hold_lapsed", False),
    ],
)  # fmt: skip
def test_what_is_long_past_and_was_not_brought_to_an_end_is_unresolved(status, stands_on_the_list):
    ended = START + 30 * MINUTE
    appointment = AppointmentFactory(status=status, starts_at=START, ends_at=ended, held_until=ended)
    assert not Appointment.objects.unresolved(ended + 2 * HOUR).exists()
    found = Appointment.objects.unresolved(ended + 2 * HOUR + SECOND)
    assert list(found) == ([appointment] if stands_on_the_list else [])


@pytest.mark.django_db
def test_an_index_finds_what_is_unresolved_among_all_that_is_over():
    over = AppointmentFactory(status="consultation_completed", starts_at=START)
    who = {"patient": over.patient, "doctor": over.doctor, "hospital": over.hospital, "status": over.status}
    Appointment.objects.bulk_create(
        Appointment(
            **who, starts_at=START - number * HOUR, ends_at=START - number * HOUR + MINUTE,
            busy_until=START - number * HOUR + MINUTE,
        )
        for number in range(1, 1_001)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE bookings_appointment")
    plan = Appointment.objects.unresolved(START + DAY).order_by("starts_at").explain()
    assert "appointment_by_status" in plan


@pytest.mark.django_db
def test_a_request_that_nobody_answered_is_declined_after_its_start_and_not_by_itself(appointment):
    late = appointment.ends_at + 3 * HOUR
    assert list(Appointment.objects.unresolved(late)) == [appointment]
    with pytest.raises(exceptions.AlreadyStarted):
        services.move_appointment(appointment.pk, "appointment_confirmed", by=appointment.doctor.user, now=late)
    services.move_appointment(appointment.pk, "rejected", by=appointment.doctor.user, now=late)
    assert not Appointment.objects.unresolved(late).exists()
