"""Holding a time while its patient pays: what a hold takes, how it ends, what a payment does in time or too late."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.billing import services as billing_services
from apps.bookings import exceptions, rules, selectors, services
from apps.bookings.models import Appointment, AppointmentEvent
from apps.bookings.selectors import timeline
from apps.bookings.services import lapsing
from apps.clinical import services as clinical_services
from apps.clinical.models import CareRelationship
from apps.common.exceptions import Forbidden, MoveNotAllowed, NotFound
from apps.interop.fhir import care as fhir
from apps.notifications.models import Message
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinical import PatientFactory

pytestmark = pytest.mark.django_db

TEN_MINUTES = timedelta(minutes=10)


@pytest.fixture
def hold(schedule, free, patient):
    """Holds a free slot for the patient, or as said."""

    def hold(slot=free[0], *, by=patient.user, **more):
        return services.hold_slot(
            by=by, doctor_id=schedule.doctor_id, hospital_id=schedule.hospital_id, starts_at=slot.starts_at, **more
        )

    return hold


@pytest.fixture
def held(hold):
    return hold()


@pytest.fixture
def pay(patient, coordinator, django_capture_on_commit_callbacks):
    """Staff see money for the appointment arrive; it is booked once that is written for good."""

    def pay(appointment, *, now=None):
        with django_capture_on_commit_callbacks(execute=True):
            return billing_services.record_payment(
                payer=appointment.patient.user, amount=Decimal("1500.00"), currency="INR", method="bank_transfer",
                received_on=timezone.now().date(), by=coordinator, subject_type="appointment",
                subject_id=appointment.pk, now=now,
            )  # fmt: skip

    return pay


def steps(appointment):
    rows = AppointmentEvent.objects.filter(appointment=appointment).order_by("at", "id")
    return [(row.to_status, row.by_id) for row in rows]


def status_of(appointment):
    appointment.refresh_from_db()
    return appointment.status


def over(appointment, by=timedelta(seconds=1)):
    """The hold's ten minutes have been over for so long."""
    Appointment.objects.filter(pk=appointment.pk).update(held_until=timezone.now() - by)
    appointment.refresh_from_db()
    return appointment


# --- holding ---


def test_a_slot_is_held_for_ten_minutes_and_nobody_is_told(hold, free, patient):
    now = timezone.now()
    held = hold(now=now)
    assert (held.status, held.held_until, held.starts_at) == ("held", now + TEN_MINUTES, free[0].starts_at)
    assert (held.busy_until, held.booked_by) == (free[0].busy_until, patient.user)
    assert steps(held) == [("held", patient.user_id)]
    assert not Message.objects.exists()
    assert not CareRelationship.objects.exists()


def test_what_is_held_is_neither_free_nor_booked_by_another(held, book, free, schedule, other_patient):
    now = timezone.now()
    found = selectors.free_slots(schedule.doctor_id, start=free[0].starts_at, end=free[0].ends_at, now=now).found
    assert free[0] not in found
    with pytest.raises(exceptions.SlotTaken) as refused:
        book(by=other_patient.user)
    assert len(refused.value.data["alternatives"]) == 3


def test_a_held_slot_is_refused_to_a_second_holder_with_alternatives(held, hold, other_patient):
    with pytest.raises(exceptions.SlotTaken) as refused:
        hold(by=other_patient.user)
    assert len(refused.value.data["alternatives"]) == 3


def test_a_patient_holds_one_slot_the_earlier_lapses(hold, held, free, patient):
    second = hold(free[1])
    assert (status_of(held), second.status) == ("hold_lapsed", "held")
    assert steps(held)[-1] == ("hold_lapsed", patient.user_id)


def test_the_earlier_hold_stays_when_the_second_is_refused(hold, held, book, free, other_patient):
    book(free[1], by=other_patient.user)
    with pytest.raises(exceptions.SlotTaken):
        hold(free[1])
    assert status_of(held) == "held"


@pytest.mark.parametrize("kind", ["teleconsult"])
def test_holding_is_refused_as_booking_is(hold, doctor, kind, support_agent):
    doctor.offers_teleconsult = False
    doctor.save()
    with pytest.raises(exceptions.NoTeleconsult):
        hold(kind=kind)
    with pytest.raises(Forbidden):
        hold(by=support_agent)


def test_a_coordinator_holds_for_a_patient(hold, patient, coordinator):
    held = hold(by=coordinator, patient_id=patient.pk)
    assert (held.patient, held.booked_by) == (patient, coordinator)


def test_only_the_patient_and_medivoys_staff_see_a_hold(
    held, patient, other_patient, doctor, hospital_admin, coordinator
):
    def sees(user):
        return Appointment.objects.visible_to(user).filter(pk=held.pk).exists()

    assert [sees(user) for user in (patient.user, coordinator)] == [True, True]
    assert [sees(user) for user in (other_patient.user, doctor.user, hospital_admin)] == [False, False, False]
    assert not selectors.patients_of(doctor.pk, reader=doctor.user, now=timezone.now()).exists()


def test_a_hospitals_figures_know_nothing_of_holds(held, hospital, hospital_admin):
    found = selectors.hospital_of(hospital.pk, reader=hospital_admin)
    day = held.starts_at.date()
    figures = selectors.hospital_figures(found, first=day - timedelta(days=1), last=day + timedelta(days=1))
    assert (figures.total, figures.patients) == (0, 0)


def test_neither_the_timeline_nor_the_record_for_others_names_a_hold(held, patient, coordinator):
    assert timeline.appointments(patient.pk, coordinator, timezone.now(), None, 10) == []
    assert list(fhir.appointments(patient)) == []


# --- booking what is held ---


def test_booking_the_held_slot_makes_that_very_row_a_request(held, book, patient, doctor):
    booked = book(complaint="Left knee")
    assert (booked.pk, booked.number) == (held.pk, held.number)
    assert (status_of(held), held.complaint, held.version) == ("requested", "Left knee", 1)
    assert steps(held) == [("held", patient.user_id), ("requested", patient.user_id)]
    assert CareRelationship.objects.filter(subject_id=held.pk).exists()
    told = Message.objects.filter(channel="email").values_list("recipient", "kind")
    assert set(told) == {
        (patient.user_id, "bookings.appointment_requested"), (doctor.user_id, "bookings.request_received"),
    }  # fmt: skip


def test_booking_another_slot_books_that_and_the_hold_lapses(held, book, free):
    booked = book(free[1])
    assert (status_of(held), booked.status) == ("hold_lapsed", "requested")
    assert booked.pk != held.pk


def test_what_was_held_in_time_is_booked_although_it_would_be_too_soon_by_now(held, book, schedule):
    schedule.minimum_notice_minutes = 60 * 24 * 30
    schedule.save()
    assert book().pk == held.pk


def test_what_is_held_is_not_booked_with_a_doctor_who_has_left_the_hospital(held, book, doctor):
    doctor.affiliations.update(status="ended")
    with pytest.raises(exceptions.DoctorNotBookable):
        book()
    assert status_of(held) == "held"


def test_a_patient_moves_an_appointment_to_what_they_hold(hold, book, free):
    appointment = book(free[0])
    held = hold(free[1])
    moved = services.reschedule_appointment(appointment.pk, by=appointment.patient.user, starts_at=free[1].starts_at)
    assert (moved.starts_at, status_of(held)) == (free[1].starts_at, "hold_lapsed")


def test_moving_an_appointment_leaves_what_is_held_elsewhere(hold, book, free):
    appointment = book(free[0])
    held = hold(free[1])
    services.reschedule_appointment(appointment.pk, by=appointment.patient.user, starts_at=free[2].starts_at)
    assert status_of(held) == "held"


# --- what cannot be done with a hold ---


def test_a_hold_is_neither_moved_nor_written_to(held, patient, free):
    with pytest.raises(exceptions.OnlyHeld):
        services.reschedule_appointment(held.pk, by=patient.user, starts_at=free[1].starts_at)
    with pytest.raises(exceptions.OnlyHeld):
        services.edit_appointment(held.pk, by=patient.user, complaint="Left knee")
    over(held)
    services.lapse_holds()
    with pytest.raises(exceptions.HoldLapsed):
        services.reschedule_appointment(held.pk, by=patient.user, starts_at=free[1].starts_at)
    with pytest.raises(exceptions.HoldLapsed):
        services.edit_appointment(held.pk, by=patient.user, complaint="Left knee")


def test_nobody_makes_a_hold_a_request_by_a_move(held, patient, coordinator):
    for user in (patient.user, coordinator):
        with pytest.raises(Forbidden):
            services.move_appointment(held.pk, "requested", by=user)
    with pytest.raises(MoveNotAllowed):
        services.move_appointment(held.pk, "appointment_confirmed", by=coordinator)


def test_a_hold_that_is_let_go_is_free_again_and_nobody_is_told(held, book, other_patient, patient):
    services.cancel_appointment(held.pk, by=patient.user)
    assert status_of(held) == "hold_lapsed"
    assert steps(held)[-1] == ("hold_lapsed", patient.user_id)
    assert not Message.objects.exists()
    assert book(by=other_patient.user).status == "requested"


def test_a_coordinator_lets_go_by_a_move(held, coordinator):
    services.move_appointment(held.pk, "hold_lapsed", by=coordinator)
    assert status_of(held) == "hold_lapsed"
    assert steps(held)[-1] == ("hold_lapsed", coordinator.pk)


def test_others_let_go_of_nothing(held, other_patient, support_agent):
    with pytest.raises(NotFound):
        services.cancel_appointment(held.pk, by=other_patient.user)
    with pytest.raises(Forbidden):
        services.cancel_appointment(held.pk, by=support_agent)
    assert status_of(held) == "held"


def test_closing_an_account_lets_go_of_what_is_held(held, patient, platform_admin):
    clinical_services.close_patient(patient, by=platform_admin)
    assert status_of(held) == "hold_lapsed"


# --- lapsing ---


def test_the_sweep_lapses_what_is_over_with_an_event_by_nobody_and_leaves_the_rest(hold, held, free, other_patient):
    running = hold(free[1], by=other_patient.user)
    over(held)
    assert services.lapse_holds() == 1
    assert (status_of(held), status_of(running)) == ("hold_lapsed", "held")
    assert steps(held)[-1] == ("hold_lapsed", None)
    assert services.lapse_holds() == 0


def test_the_sweep_takes_as_many_statements_for_many_as_for_few(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(lapsing, "BATCH", 50)
    until = timezone.now() - timedelta(minutes=1)
    AppointmentFactory.create_batch(40, status="held", held_until=until)
    with django_assert_num_queries(8):  # savepoint, rows, change, events, release; bills within marks of their own
        assert services.lapse_holds() == 40
    AppointmentFactory.create_batch(120, status="held", held_until=until)
    assert services.lapse_holds() == 120


def test_a_hold_that_is_over_stands_in_nobodys_way_before_the_sweep_comes(held, book, hold, free, other_patient):
    over(held)
    assert (
        free[0]
        in selectors.free_slots(held.doctor_id, start=free[0].starts_at, end=free[0].ends_at, now=timezone.now()).found
    )
    booked = book(by=other_patient.user)
    assert (booked.status, status_of(held)) == ("requested", "hold_lapsed")
    assert steps(held)[-1] == ("hold_lapsed", None)


def test_holding_and_moving_pass_over_it_too(held, book, hold, free, other_patient):
    over(held)
    second = hold(by=other_patient.user)
    assert second.status == "held"
    over(second)
    appointment = book(free[1])
    services.reschedule_appointment(appointment.pk, by=appointment.patient.user, starts_at=free[0].starts_at)
    assert status_of(second) == "hold_lapsed"


def test_a_patient_is_not_kept_from_one_doctor_by_a_hold_with_another_that_is_over(held, book, free):
    elsewhere = AppointmentFactory(
        patient=PatientFactory(), status="held", held_until=timezone.now() - timedelta(seconds=1),
        starts_at=free[1].starts_at, ends_at=free[1].ends_at, busy_until=free[1].busy_until,
    )  # fmt: skip
    booked = book(free[1], by=elsewhere.patient.user)
    assert (booked.status, status_of(elsewhere)) == ("requested", "hold_lapsed")


def test_lapsed_holds_are_forgotten_after_thirty_days_but_not_those_paid_for(hold, free, pay, other_patient, book):
    unpaid, paid = hold(), hold(free[1], by=other_patient.user)
    for appointment in (unpaid, paid):
        over(appointment, timedelta(days=30, minutes=1))
    services.lapse_holds()
    book(free[1], by=PatientFactory().user)
    pay(paid)
    recent = hold(free[2], by=other_patient.user)
    over(recent)
    services.lapse_holds()
    assert services.forget_lapsed() == 1
    assert set(Appointment.objects.filter(status="hold_lapsed")) == {paid, recent}
    assert not AppointmentEvent.objects.filter(appointment_id=unpaid.pk).exists()


# --- paying ---


def test_a_payment_books_what_is_held(held, pay, patient, doctor):
    pay(held)
    assert status_of(held) == "requested"
    assert steps(held) == [("held", patient.user_id), ("requested", None)]
    assert CareRelationship.objects.filter(subject_id=held.pk).exists()
    assert set(Message.objects.filter(channel="email").values_list("recipient", flat=True)) == {
        patient.user_id, doctor.user_id,
    }  # fmt: skip


def test_a_payment_books_a_hold_that_is_over_and_that_nobody_has_swept_yet(held, pay):
    pay(over(held))
    assert status_of(held) == "requested"


def test_a_payment_after_the_hold_books_it_where_its_time_is_still_free(held, pay):
    over(held)
    services.lapse_holds()
    pay(held)
    assert status_of(held) == "requested"
    assert [status for status, _by in steps(held)] == ["held", "hold_lapsed", "requested"]


def test_a_payment_after_the_time_was_taken_is_kept_and_the_patient_reads_what_is_free(
    held, pay, book, patient, other_patient
):
    over(held)
    book(by=other_patient.user)
    Message.objects.all().delete()
    payment = pay(held)
    assert status_of(held) == "hold_lapsed"
    assert payment.status == "completed"
    assert list(Appointment.objects.paid_without_time()) == [held]
    message = Message.objects.get(channel="email")
    assert (message.kind, message.recipient) == ("bookings.paid_without_time", patient.user)
    assert len(message.context["next_times"]) == 3
    assert held.starts_at.isoformat() not in message.context["next_times"]


def test_what_was_paid_back_waits_for_no_time(held, pay, book, other_patient, coordinator):
    over(held)
    book(by=other_patient.user)
    payment = pay(held)
    billing_services.reverse_payment(payment.pk, by=coordinator, reason="Wished for the money back")
    assert not Appointment.objects.paid_without_time().exists()


def test_a_paid_hold_is_moved_to_any_free_time_and_keeps_number_and_payment(
    held, pay, book, free, patient, other_patient, doctor
):
    over(held)
    book(by=other_patient.user)
    pay(held)
    page = selectors.appointment_page(held.pk, reader=patient.user, now=timezone.now())
    assert page.why_not_reschedule is None
    moved = services.reschedule_appointment(held.pk, by=patient.user, starts_at=free[3].starts_at)
    assert (moved.pk, moved.status, moved.starts_at) == (held.pk, "requested", free[3].starts_at)
    assert (moved.version, moved.number) == (2, held.number)
    assert not Appointment.objects.paid_without_time().exists()
    assert CareRelationship.objects.filter(subject_id=held.pk).exists()
    assert Message.objects.filter(kind="bookings.request_received", recipient=doctor.user).exists()


def test_a_paid_hold_whose_time_is_free_again_may_have_it(held, pay, book, patient, other_patient):
    over(held)
    other = book(by=other_patient.user)
    pay(held)
    services.cancel_appointment(other.pk, by=other_patient.user)
    again = services.reschedule_appointment(held.pk, by=patient.user, starts_at=held.starts_at)
    assert (again.status, again.version) == ("requested", 1)


def test_a_paid_hold_takes_the_slot_as_long_as_it_is_by_now(held, pay, book, free, patient, other_patient, schedule):
    over(held)
    other = book(by=other_patient.user)
    pay(held)
    services.cancel_appointment(other.pk, by=other_patient.user)
    services.set_availability(
        schedule.doctor_id, schedule.hospital_id, by=schedule.doctor.user, settings={"slot_minutes": 15}
    )
    book(held.starts_at + timedelta(minutes=15), by=other_patient.user)
    again = services.reschedule_appointment(held.pk, by=patient.user, starts_at=held.starts_at)
    again.refresh_from_db()
    assert again.ends_at == again.busy_until == held.starts_at + timedelta(minutes=15)


def test_an_unpaid_hold_that_lapsed_is_moved_nowhere(held, free, patient):
    over(held)
    services.lapse_holds()
    page = selectors.appointment_page(held.pk, reader=patient.user, now=timezone.now())
    assert isinstance(page.why_not_reschedule, exceptions.HoldLapsed)


def test_who_held_the_same_time_again_gets_it_by_the_first_ones_payment(held, hold, pay):
    over(held)
    again = hold()
    pay(held)
    assert (status_of(held), status_of(again)) == ("requested", "hold_lapsed")


def test_a_payment_does_not_cost_what_the_patient_holds_elsewhere(held, hold, free, pay):
    again = hold(free[1])
    pay(held)
    assert (status_of(held), status_of(again)) == ("requested", "held")


def test_a_payment_for_what_is_no_hold_changes_nothing(book, pay, patient, coordinator):
    appointment = book()
    pay(appointment)
    assert (status_of(appointment), len(steps(appointment))) == ("requested", 1)
    services.cancel_appointment(appointment.pk, by=patient.user)
    pay(appointment)
    assert status_of(appointment) == "cancelled"
    assert not Appointment.objects.paid_without_time().exists()


def test_a_payment_for_nothing_that_we_know_is_recorded_all_the_same(pay, patient):
    payment = pay(AppointmentFactory.build(affiliation__doctor=None, patient=patient, doctor=None, hospital=None))
    assert payment.status == "completed"


def test_nobody_is_booked_whose_account_was_closed_before_the_payment(held, pay, patient, platform_admin):
    clinical_services.close_patient(patient, by=platform_admin)
    pay(held)
    assert status_of(held) == "hold_lapsed"
    assert list(Appointment.objects.paid_without_time()) == [held]


# --- rules ---


def test_a_hold_has_whole_seconds_left_and_never_fewer_than_none():
    now = timezone.now()
    assert rules.seconds_left("held", now + timedelta(seconds=9.7), now=now) == 9
    assert rules.seconds_left("held", now - timedelta(seconds=9), now=now) == 0
    assert rules.seconds_left("requested", now + TEN_MINUTES, now=now) is None


@pytest.mark.parametrize(
    ("role", "is_allowed"), [("patient", True), ("coordinator", True), ("admin", True), ("support", False)]
)
def test_who_takes_up_a_paid_hold(role, is_allowed):
    refusal = rules.why_not_take_up("hold_lapsed", role=role, is_paid=True)
    assert (refusal is None) == is_allowed


# --- over the API ---

APPOINTMENTS = "/api/v1/appointments"


@pytest.fixture
def body(schedule, free):
    return {
        "doctor_id": str(schedule.doctor_id),
        "hospital_id": str(schedule.hospital_id),
        "starts_at": free[0].starts_at.isoformat(),
    }


def test_a_hold_says_until_when_and_how_many_seconds_are_left(api, patient, body):
    response = api(patient.user).post(f"{APPOINTMENTS}/hold", body)
    assert response.status_code == 201, response.json()
    data = response.json()["data"]
    assert data["status"] == "held"
    assert data["held_until"].endswith("Z")
    assert 590 <= data["held_for_seconds"] <= 600
    assert [move["to"] for move in data["moves"]] == ["hold_lapsed"]
    assert data["reschedule"]["code"] == "booking.only_held"


def test_the_same_key_holds_once(api, patient, body):
    client = api(patient.user)
    first, second = (client.post(f"{APPOINTMENTS}/hold", body, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json()["data"]["id"] == second.json()["data"]["id"]
    assert second["Idempotent-Replayed"] == "true"
    assert Appointment.objects.count() == 1


def test_booking_what_is_held_answers_with_the_same_number(api, patient, body):
    client = api(patient.user)
    held = client.post(f"{APPOINTMENTS}/hold", body).json()["data"]
    booked = client.post(APPOINTMENTS, body | {"complaint": "Left knee"})
    assert booked.status_code == 201
    data = booked.json()["data"]
    assert (data["id"], data["number"], data["status"]) == (held["id"], held["number"], "requested")
    assert (data["held_until"], data["held_for_seconds"]) == (None, None)


def test_a_held_slot_is_409_with_alternatives_for_others(api, patient, other_patient, body):
    api(patient.user).post(f"{APPOINTMENTS}/hold", body)
    for path in ("", "/hold"):
        response = api(other_patient.user).post(APPOINTMENTS + path, body)
        assert (response.status_code, response.json()["code"]) == (409, "booking.slot_taken")
        assert len(response.json()["data"]["alternatives"]) == 3


def test_a_hold_is_let_go_by_deleting_it(api, patient, other_patient, body):
    client = api(patient.user)
    held = client.post(f"{APPOINTMENTS}/hold", body).json()["data"]
    assert client.patch(f"{APPOINTMENTS}/{held['id']}", {"complaint": "x"}).json()["code"] == "booking.only_held"
    assert client.delete(f"{APPOINTMENTS}/{held['id']}").status_code == 204
    assert client.get(f"{APPOINTMENTS}/{held['id']}").json()["data"]["status"] == "hold_lapsed"
    assert api(other_patient.user).post(APPOINTMENTS, body).status_code == 201


def test_lists_leave_out_lapsed_holds_unless_asked_for_them(api, hold, free, patient):
    lapsed, held = hold(), hold(free[1])
    client = api(patient.user)

    def ids(query=""):
        return [row["id"] for row in client.get(APPOINTMENTS + query).json()["data"]]

    assert ids() == [str(held.pk)]
    assert ids("?status=hold_lapsed") == [str(lapsed.pk)]
    assert client.get(f"/api/v1/patients/{patient.pk}/appointments").json()["data"][0]["id"] == str(held.pk)
