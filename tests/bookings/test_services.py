"""Booking, moving, cancelling: what the world looks like after, and that nothing changed when it was refused."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from apps.accounts.roles import Role
from apps.bookings import exceptions, selectors, services, slots
from apps.bookings.models import Appointment, AppointmentEvent, TimeOff, WeeklyHours
from apps.bookings.workflow import AppointmentStatus
from apps.common.exceptions import Forbidden, Invalid, MoveNotAllowed, NotFound
from apps.hospitals.workflow import AffiliationStatus, Verification
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import AffiliationFactory, HospitalFactory

pytestmark = pytest.mark.django_db


def told():
    """Who was told what, over e-mail."""
    return {(message.kind, message.recipient_id) for message in Message.objects.filter(channel="email")}


def told_in_app():
    return Message.objects.filter(channel="in_app").count()


# --- booking ---


def test_a_patient_requests_a_free_slot_and_both_are_told(book, free, schedule, patient):
    appointment = book(free[0], complaint="Pain in the left knee")

    assert appointment.status == AppointmentStatus.REQUESTED
    assert (appointment.starts_at, appointment.ends_at) == (free[0].starts_at, free[0].ends_at)
    assert (appointment.patient, appointment.booked_by, appointment.version) == (patient, patient.user, 1)
    assert (appointment.fee, appointment.currency) == (1500, "INR")
    event = appointment.events.get()
    assert (event.from_status, event.to_status, event.by) == ("", "requested", patient.user)
    assert told() == {
        ("bookings.appointment_requested", patient.user_id),
        ("bookings.request_received", schedule.doctor.user_id),
    }
    assert told_in_app() == 2


def test_no_message_holds_the_complaint(book):
    appointment = book(complaint="CANARY-COMPLAINT")
    services.cancel_appointment(appointment.pk, by=appointment.doctor.user, reason="CANARY-REASON")
    assert "CANARY" not in str([message.context for message in Message.objects.all()])


def test_a_booked_slot_is_free_no_more(book, free, schedule):
    book(free[0])
    found = selectors.free_slots(schedule.doctor_id, start=free[0].starts_at, end=free[2].starts_at, now=timezone.now())
    assert [slot.starts_at for slot in found.found] == [free[1].starts_at]


def test_the_second_to_book_a_slot_is_refused_with_the_next_three_free_ones(book, free, other_patient):
    book(free[0])
    messages = Message.objects.count()

    with pytest.raises(exceptions.SlotTaken) as refused:
        book(free[0], by=other_patient.user)

    starts = [alternative["starts_at"] for alternative in refused.value.data["alternatives"]]
    assert starts == [slot.starts_at for slot in free[1:4]]
    assert Appointment.objects.count() == 1
    assert AppointmentEvent.objects.count() == 1
    assert Message.objects.count() == messages


def test_a_patient_is_not_in_two_places_at_once(book, free, patient, other_hospital):
    book(free[0])
    elsewhere = AffiliationFactory(hospital=other_hospital)
    services.set_availability(
        elsewhere.doctor_id,
        other_hospital.pk,
        by=UserFactory(role=Role.ADMIN),
        weekly_hours=[slots.Opening(day, time(9), time(17)) for day in range(7)],
    )
    with pytest.raises(exceptions.PatientBusy):
        services.book_appointment(
            by=patient.user,
            doctor_id=elsewhere.doctor_id,
            hospital_id=other_hospital.pk,
            starts_at=free[0].starts_at,
        )
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize("shift", [timedelta(minutes=1), timedelta(seconds=-1), timedelta(hours=12)])
def test_only_exactly_the_offered_instants_can_be_booked(book, free, shift):
    with pytest.raises(exceptions.SlotNotOffered):
        book(free[0].starts_at + shift)
    assert not Appointment.objects.exists()
    assert not Message.objects.exists()


def test_the_minimum_notice_holds_to_the_second(book, free):
    notice = timedelta(minutes=120)
    with pytest.raises(exceptions.SlotTooSoon):
        book(free[0], now=free[0].starts_at - notice + timedelta(seconds=1))
    assert book(free[0], now=free[0].starts_at - notice).pk


def test_the_horizon_holds_to_the_second(book, free):
    with pytest.raises(exceptions.SlotBeyondHorizon):
        book(free[0], now=free[0].starts_at - timedelta(days=60))
    assert book(free[0], now=free[0].starts_at - timedelta(days=60) + timedelta(seconds=1)).pk


def test_the_past_cannot_be_booked(book, free):
    with pytest.raises(exceptions.SlotTooSoon):
        book(free[0], now=free[0].starts_at + timedelta(days=1))


def test_a_doctor_on_leave_is_not_booked(book, free, schedule):
    services.add_time_off(
        schedule.doctor_id, by=schedule.doctor.user, starts_at=free[0].starts_at, ends_at=free[1].starts_at
    )
    with pytest.raises(exceptions.SlotNotOffered) as refused:
        book(free[0])
    assert refused.value.data["alternatives"][0]["starts_at"] == free[1].starts_at
    assert book(free[1]).pk


@pytest.mark.parametrize(
    "spoil",
    [
        lambda schedule: schedule.doctor.affiliations.update(status=AffiliationStatus.ENDED),
        lambda schedule: schedule.doctor.affiliations.update(status=AffiliationStatus.PENDING),
        lambda schedule: type(schedule.doctor).objects.update(verification=Verification.PENDING),
        lambda schedule: schedule.doctor.licences.update(expires_on=timezone.now().date() - timedelta(days=1)),
        lambda schedule: type(schedule.hospital).objects.update(is_active=False),
        lambda schedule: WeeklyHours.objects.all().delete(),
    ],
    ids=["affiliation ended", "affiliation pending", "not approved", "licence lapsed", "hospital off", "no hours"],
)
def test_a_doctor_who_may_not_practise_there_is_not_booked(book, free, schedule, spoil):
    spoil(schedule)
    with pytest.raises((exceptions.DoctorNotBookable, exceptions.NotLicensedThen, NotFound)):
        book(free[0])
    assert not Appointment.objects.exists()


def test_a_hospital_where_the_doctor_has_no_hours_is_refused(book, free, schedule, patient):
    with pytest.raises(exceptions.DoctorNotBookable):
        services.book_appointment(
            by=patient.user,
            doctor_id=schedule.doctor_id,
            hospital_id=HospitalFactory().pk,
            starts_at=free[0].starts_at,
        )


def test_an_affiliation_that_ends_takes_the_days_after_it_off_the_calendar(book, free, schedule):
    last_day = free[0].starts_at.date()
    schedule.doctor.affiliations.update(ends_on=last_day)
    assert book(free[0]).pk
    with pytest.raises(exceptions.SlotNotOffered):
        book(free[0].starts_at + timedelta(days=1))


def test_a_video_consultation_needs_a_doctor_who_offers_them(book, free, schedule):
    with pytest.raises(exceptions.NoTeleconsult):
        book(free[0], kind="teleconsult")
    type(schedule.doctor).objects.update(offers_teleconsult=True)
    assert book(free[0], kind="teleconsult").kind == "teleconsult"


def test_a_coordinator_books_for_a_patient_on_the_phone(book, free, coordinator, patient):
    appointment = book(free[0], by=coordinator, patient_id=patient.pk)
    assert (appointment.patient, appointment.booked_by) == (patient, coordinator)
    assert ("bookings.appointment_requested", patient.user_id) in told()


def test_a_coordinator_says_for_whom(book, coordinator):
    with pytest.raises(Invalid) as refused:
        book(by=coordinator)
    assert "patient_id" in refused.value.errors


def test_a_patient_books_for_nobody_else(book, other_patient):
    with pytest.raises(NotFound):
        book(patient_id=other_patient.pk)
    assert not Appointment.objects.exists()


def test_doctors_hospitals_support_and_translators_do_not_book(
    book, schedule, patient, hospital_admin, support_agent, translator
):
    for user in (schedule.doctor.user, hospital_admin, support_agent, translator):
        with pytest.raises(Forbidden):
            book(by=user, patient_id=patient.pk)
    assert not Appointment.objects.exists()


# --- moving through the statuses ---


def test_the_doctor_confirms_and_both_are_told_and_the_patient_what_is_due(appointment, patient, schedule):
    Message.objects.all().delete()
    services.move_appointment(appointment.pk, "appointment_confirmed", by=schedule.doctor.user, note="Bring the X-ray")

    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.CONFIRMED
    event = appointment.events.latest("at")
    assert (event.from_status, event.to_status, event.note) == ("requested", "appointment_confirmed", "Bring the X-ray")
    assert told() == {
        ("bookings.appointment_confirmed", patient.user_id),
        ("bookings.appointment_confirmed", schedule.doctor.user_id),
        ("bookings.fee_due", patient.user_id),
    }


def test_a_second_confirmation_is_refused_and_tells_nobody(appointment, schedule):
    services.move_appointment(appointment.pk, "appointment_confirmed", by=schedule.doctor.user)
    messages = Message.objects.count()
    with pytest.raises(MoveNotAllowed):
        services.move_appointment(appointment.pk, "appointment_confirmed", by=schedule.doctor.user)
    assert Message.objects.count() == messages


def test_declining_tells_the_patient_and_frees_the_time(appointment, patient, other_patient, schedule, book, free):
    Message.objects.all().delete()
    services.move_appointment(appointment.pk, "rejected", by=schedule.doctor.user)
    assert told() == {("bookings.appointment_declined", patient.user_id)}
    assert book(free[0], by=other_patient.user).pk


def test_the_whole_way_to_a_completed_consultation(appointment, schedule):
    doctor, start = schedule.doctor.user, appointment.starts_at
    for to, now in [
        ("appointment_confirmed", start - timedelta(days=1)),
        ("awaiting_consultation", start - timedelta(minutes=20)),
        ("consultation_in_progress", start),
        ("prescription_provided", start + timedelta(minutes=20)),
        ("follow_up_scheduled", start + timedelta(minutes=25)),
        ("consultation_completed", start + timedelta(minutes=30)),
    ]:
        services.move_appointment(appointment.pk, to, by=doctor, now=now)
    assert appointment.events.count() == 7


def test_a_stranger_moves_nothing(appointment, other_patient, other_doctor, other_hospital_admin):
    for user in (other_patient.user, other_doctor.user, other_hospital_admin):
        with pytest.raises(NotFound):
            services.move_appointment(appointment.pk, "cancelled", by=user)
    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.REQUESTED


def test_a_patient_cannot_confirm(appointment, patient):
    with pytest.raises(Forbidden):
        services.move_appointment(appointment.pk, "appointment_confirmed", by=patient.user)


# --- cancelling ---


def test_cancelling_says_who_when_and_why_and_tells_the_other_side(appointment, patient, schedule):
    Message.objects.all().delete()
    services.cancel_appointment(appointment.pk, by=patient.user, reason="I travel later")

    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.CANCELLED
    assert (appointment.cancelled_by, appointment.cancellation_reason) == ("patient", "I travel later")
    assert appointment.cancelled_at is not None
    assert told() == {("bookings.appointment_cancelled", schedule.doctor.user_id)}


def test_when_the_hospital_cancels_both_are_told(appointment, hospital_admin, patient, schedule):
    Message.objects.all().delete()
    services.cancel_appointment(appointment.pk, by=hospital_admin)
    assert told() == {
        ("bookings.appointment_cancelled", patient.user_id),
        ("bookings.appointment_cancelled", schedule.doctor.user_id),
    }


def test_a_patient_cancels_until_two_hours_before_and_not_a_second_later(appointment, patient, book, free):
    messages = Message.objects.count()
    with pytest.raises(exceptions.CancellationTooLate):
        services.cancel_appointment(
            appointment.pk,
            by=patient.user,
            now=appointment.starts_at - timedelta(hours=2) + timedelta(seconds=1),
        )
    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.REQUESTED
    assert appointment.events.count() == 1
    assert Message.objects.count() == messages

    services.cancel_appointment(appointment.pk, by=patient.user, now=appointment.starts_at - timedelta(hours=2))
    appointment.refresh_from_db()
    assert appointment.status == AppointmentStatus.CANCELLED


def test_staff_cancel_until_the_start(appointment, coordinator):
    with pytest.raises(exceptions.AlreadyStarted):
        services.cancel_appointment(appointment.pk, by=coordinator, now=appointment.starts_at)
    services.cancel_appointment(appointment.pk, by=coordinator, now=appointment.starts_at - timedelta(seconds=1))
    appointment.refresh_from_db()
    assert appointment.cancelled_by == "platform"


# --- another time ---


def test_moving_to_another_time_keeps_the_appointment_and_its_history(appointment, patient, schedule, free):
    Message.objects.all().delete()
    services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=free[4].starts_at, note="Flight")

    moved = Appointment.objects.get()
    assert (moved.pk, moved.number, moved.version) == (appointment.pk, appointment.number, 2)
    assert (moved.starts_at, moved.ends_at) == (free[4].starts_at, free[4].ends_at)
    event = moved.events.latest("at")
    assert (event.moved_from_at, event.moved_to_at, event.note) == (free[0].starts_at, free[4].starts_at, "Flight")
    assert told() == {
        ("bookings.appointment_rescheduled", patient.user_id),
        ("bookings.appointment_rescheduled", schedule.doctor.user_id),
    }


def test_it_may_move_to_a_slot_that_only_itself_occupies_partly(book, schedule, free, patient):
    """Half an hour is two quarters: whatever the time of day, the second quarter of a half-hour slot is on the grid."""
    appointment = book(free[0])
    schedule.slot_minutes = 15
    schedule.save()
    services.reschedule_appointment(
        appointment.pk, by=patient.user, starts_at=free[0].starts_at + timedelta(minutes=15)
    )
    appointment.refresh_from_db()
    assert appointment.ends_at == free[0].starts_at + timedelta(minutes=30)


def test_a_taken_slot_is_not_moved_to(book, free, patient, other_patient):
    appointment = book(free[0])
    book(free[1], by=other_patient.user)
    messages = Message.objects.count()
    with pytest.raises(exceptions.SlotTaken) as refused:
        services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=free[1].starts_at)
    assert [item["starts_at"] for item in refused.value.data["alternatives"]] == [s.starts_at for s in free[2:5]]
    appointment.refresh_from_db()
    assert (appointment.starts_at, appointment.version) == (free[0].starts_at, 1)
    assert Message.objects.count() == messages


def test_the_same_time_is_no_other_time(appointment, patient, free):
    with pytest.raises(exceptions.SameTime):
        services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=free[0].starts_at)


def test_an_appointment_moves_three_times_and_not_a_fourth(appointment, patient, free):
    for slot in free[1:4]:
        services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=slot.starts_at)
    with pytest.raises(exceptions.RescheduledTooOften):
        services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=free[4].starts_at)
    appointment.refresh_from_db()
    assert appointment.version == 4


def test_the_time_before_is_free_again(appointment, patient, other_patient, book, free):
    services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=free[4].starts_at)
    assert book(free[0], by=other_patient.user).pk


def test_who_read_an_older_version_confirms_nothing(appointment, patient, schedule, free):
    services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=free[4].starts_at)
    with pytest.raises(exceptions.StaleVersion):
        services.move_appointment(appointment.pk, "appointment_confirmed", by=schedule.doctor.user, version=1)
    services.move_appointment(appointment.pk, "appointment_confirmed", by=schedule.doctor.user, version=2)


# --- what is written about it ---


def test_the_patient_writes_the_complaint_and_the_doctor_the_notes(appointment, patient, schedule):
    services.edit_appointment(appointment.pk, by=patient.user, complaint="Both knees")
    services.edit_appointment(appointment.pk, by=schedule.doctor.user, notes="MRI advised")
    appointment.refresh_from_db()
    assert (appointment.complaint, appointment.notes) == ("Both knees", "MRI advised")


def test_neither_writes_in_the_other_ones_place(appointment, patient, schedule, hospital_admin):
    for user, fields in [
        (patient.user, {"notes": "x"}),
        (schedule.doctor.user, {"complaint": "x"}),
        (hospital_admin, {"complaint": "x"}),
        (hospital_admin, {"notes": "x"}),
    ]:
        with pytest.raises(Forbidden):
            services.edit_appointment(appointment.pk, by=user, **fields)
    appointment.refresh_from_db()
    assert (appointment.complaint, appointment.notes) == ("", "")


def test_the_complaint_is_closed_when_the_appointment_is(appointment, patient):
    services.cancel_appointment(appointment.pk, by=patient.user)
    with pytest.raises(exceptions.ComplaintClosed):
        services.edit_appointment(appointment.pk, by=patient.user, complaint="x")


# --- hours ---


def test_hours_replace_the_earlier_ones_and_make_the_doctor_bookable(doctor, hospital):
    def set_hours(openings):
        return services.set_availability(doctor.pk, hospital.pk, by=doctor.user, weekly_hours=openings)

    set_hours([slots.Opening(0, time(9), time(12)), slots.Opening(1, time(9), time(12))])
    schedule = set_hours([slots.Opening(2, time(10), time(11))])
    assert [(row.weekday, row.starts) for row in schedule.weekly_hours.all()] == [(2, time(10))]
    doctor.refresh_from_db()
    assert doctor.is_bookable

    set_hours([])
    doctor.refresh_from_db()
    assert not doctor.is_bookable


def test_settings_alone_leave_the_hours(schedule):
    services.set_availability(
        schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user, settings={"slot_minutes": 20}
    )
    schedule.refresh_from_db()
    assert (schedule.slot_minutes, schedule.minimum_notice_minutes) == (20, 120)
    assert schedule.weekly_hours.count() == 7


def test_overlapping_hours_are_refused_and_the_earlier_ones_stay(schedule):
    with pytest.raises(exceptions.HoursOverlap):
        services.set_availability(
            schedule.doctor_id,
            schedule.hospital_id,
            by=schedule.doctor.user,
            weekly_hours=[slots.Opening(0, time(9), time(12)), slots.Opening(0, time(11), time(13))],
        )
    assert schedule.weekly_hours.count() == 7


def test_hospital_staff_keep_the_hours_at_their_own_hospital_only(
    schedule, hospital_admin, other_hospital_admin, other_hospital, doctor
):
    services.set_availability(doctor.pk, schedule.hospital_id, by=hospital_admin, settings={"slot_minutes": 15})
    AffiliationFactory(doctor=doctor, hospital=other_hospital, is_primary=False)
    with pytest.raises(NotFound):
        services.set_availability(doctor.pk, schedule.hospital_id, by=other_hospital_admin, weekly_hours=[])
    with pytest.raises(NotFound):
        services.set_availability(doctor.pk, other_hospital.pk, by=hospital_admin, weekly_hours=[])
    assert schedule.weekly_hours.count() == 7


def test_patients_and_coordinators_keep_no_hours(schedule, patient, coordinator):
    for user in (patient.user, coordinator):
        with pytest.raises(Forbidden):
            services.set_availability(schedule.doctor_id, schedule.hospital_id, by=user, weekly_hours=[])
        with pytest.raises(Forbidden):
            services.add_time_off(
                schedule.doctor_id,
                by=user,
                starts_at=datetime(2031, 1, 1, tzinfo=UTC),
                ends_at=datetime(2031, 1, 2, tzinfo=UTC),
            )
    assert not TimeOff.objects.exists()


def test_time_off_ends_after_it_starts(schedule):
    at = datetime(2031, 1, 1, tzinfo=UTC)
    with pytest.raises(Invalid):
        services.add_time_off(schedule.doctor_id, by=schedule.doctor.user, starts_at=at, ends_at=at)


def test_time_off_removed_gives_the_slots_back(schedule, free, book, other_doctor):
    time_off = services.add_time_off(
        schedule.doctor_id, by=schedule.doctor.user, starts_at=free[0].starts_at, ends_at=free[1].starts_at
    )
    with pytest.raises(NotFound):
        services.end_time_off(schedule.doctor_id, time_off.pk, by=other_doctor.user)
    services.end_time_off(schedule.doctor_id, time_off.pk, by=schedule.doctor.user)
    assert book(free[0]).pk
