"""What appointments cost: when a fee is billed, what paying does, and what calling off gives back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.billing import payables
from apps.billing import selectors as billing_selectors
from apps.billing import services as billing_services
from apps.billing.models import Bill, Coupon, CouponRedemption, DueReminder, LedgerKind, Payment, Refund
from apps.billing.services import ledger
from apps.bookings import exceptions, rules, services
from apps.bookings.models import Appointment
from apps.bookings.services import displacement, following, holds
from apps.common.exceptions import Forbidden, NotFound
from apps.common.money import Money
from apps.notifications.models import Message
from tests.factories.bookings import AppointmentFactory
from tests.factories.catalogue import OfferFactory
from tests.factories.hospitals import AffiliationFactory

pytestmark = pytest.mark.django_db

FEE = Decimal("1500.00")
APPOINTMENTS = "/api/v1/appointments"
#: A patient gets all back until a day before, then half, and nothing once it has begun.
TERMS = [
    {"actor": "patient", "hours_before": 24, "percent": 100},
    {"actor": "patient", "hours_before": 0, "percent": 50},
]


@pytest.fixture(autouse=True)
def _fee(doctor):
    doctor.consultation_fee, doctor.currency = FEE, "INR"
    doctor.save()


@pytest.fixture
def hold(schedule, free, patient):
    def hold(slot=free[0], *, by=patient.user, **more):
        return services.hold_slot(
            by=by, doctor_id=schedule.doctor_id, hospital_id=schedule.hospital_id, starts_at=slot.starts_at, **more
        )

    return hold


@pytest.fixture
def pay(django_capture_on_commit_callbacks):
    """Money for the bill came in through the gateway; whoever sold it has heard."""

    def pay(bill, amount=FEE):
        payment = open_page(bill, amount)
        now = timezone.now()
        with django_capture_on_commit_callbacks(execute=True):
            payment.stage = "captured"
            key = f"payment:{payment.pk}:captured"
            ledger.enter(LedgerKind.CAPTURED, payment.value, key=key, payment=payment, now=now)
            ledger.settle_payment(payment, code="captured", source="webhook", now=now)
        return payment

    return pay


def open_page(bill, amount=FEE):
    """Somebody has begun to pay."""
    return Payment.objects.create(
        payer=bill.payer, bill=Bill.objects.get(pk=bill.pk), amount=amount, currency=bill.currency, gateway="sandbox",
        hospital=bill.hospital, subject_type=bill.subject_type, subject_id=bill.subject_id,
    )  # fmt: skip


def bill_of(appointment):
    return billing_selectors.open_bill_of("appointment", appointment.billed_as)


def confirm(appointment):
    return services.move_appointment(appointment.pk, "appointment_confirmed", by=appointment.doctor.user)


def status_of(row):
    row.refresh_from_db()
    return row.status


def agree_on(bill, terms=TERMS):
    """As if the bill had been opened under these terms."""
    Bill.objects.filter(pk=bill.pk).update(terms=terms)


def refunds():
    return list(Refund.objects.order_by("created_at").values_list("amount", "cause"))


# --- the bill ---


def test_a_hold_is_billed_when_somebody_wants_to_pay_it_due_at_once(hold, patient, hospital):
    held = hold()
    assert bill_of(held) is None
    bill = payables.open_for("appointment", held.pk, by=patient.user, now=timezone.now())
    assert (bill.payer, bill.hospital, bill.total, bill.currency) == (patient.user, hospital, FEE, "INR")
    assert (bill.subject_id, bill.subject_label, bill.begins_at) == (held.pk, held.number, held.starts_at)
    assert bill.due_on == billing_services.today_of(patient.user, timezone.now())
    line = bill.lines.get()
    assert held.number in line.description
    assert hospital.name in line.description


def test_the_line_says_neither_the_doctor_nor_the_specialty(hold, patient, doctor):
    line = services.bill_for_appointment(hold().pk, by=patient.user).lines.get().description
    assert doctor.user.last_name not in line
    assert doctor.specialty.name not in line


def test_asking_twice_gives_the_same_bill(hold, patient, coordinator):
    held = hold()
    first = services.bill_for_appointment(held.pk, by=patient.user)
    assert services.bill_for_appointment(held.pk, by=coordinator) == first
    assert Bill.objects.count() == 1


def test_only_the_patient_and_those_who_book_for_patients_are_billed(
    appointment, other_patient, doctor, hospital_admin, support_agent
):
    for user, refusal in (
        (other_patient.user, NotFound), (doctor.user, Forbidden), (hospital_admin, Forbidden),
        (support_agent, Forbidden),
    ):  # fmt: skip
        with pytest.raises(refusal):
            services.bill_for_appointment(appointment.pk, by=user)
    assert not Bill.objects.exists()


def test_a_free_consultation_has_nothing_to_pay(doctor, book, patient):
    doctor.consultation_fee = None
    doctor.save()
    appointment = book()
    with pytest.raises(exceptions.NothingToPay):
        services.bill_for_appointment(appointment.pk, by=patient.user)
    confirm(appointment)
    assert not Bill.objects.exists()


def test_what_was_called_off_or_is_held_no_longer_is_not_paid_for(hold, book, free, patient):
    held = hold()
    with pytest.raises(exceptions.HoldLapsed):
        services.bill_for_appointment(held.pk, by=patient.user, now=held.held_until)
    appointment = book(free[1])
    services.cancel_appointment(appointment.pk, by=patient.user)
    with pytest.raises(exceptions.NotPayable):
        services.bill_for_appointment(appointment.pk, by=patient.user)


def test_a_confirmation_asks_for_the_fee_until_the_day_before(appointment, patient):
    assert bill_of(appointment) is None
    Message.objects.all().delete()
    confirm(appointment)
    bill = bill_of(appointment)
    starts_on = billing_services.today_of(patient.user, appointment.starts_at)
    assert bill.due_on == starts_on - timedelta(days=1)
    message = Message.objects.get(kind="bookings.fee_due", channel="email")
    assert message.recipient == patient.user
    assert (message.context["bill"], message.context["amount"]) == (bill.number, "₹1,500.00")


def test_a_confirmation_asks_nothing_of_who_has_paid_or_has_a_bill(hold, pay, patient, book, free, coordinator):
    held = hold()
    pay(services.bill_for_appointment(held.pk, by=patient.user))
    confirm(Appointment.objects.get(pk=held.pk))
    by_bank = book(free[1])
    billing_services.record_payment(
        payer=patient.user, amount=FEE, currency="INR", method="bank_transfer", received_on=timezone.now().date(),
        by=coordinator, subject_type="appointment", subject_id=by_bank.pk,
    )  # fmt: skip
    confirm(by_bank)
    assert Bill.objects.count() == 1
    assert not Message.objects.filter(kind="bookings.fee_due").exists()
    with pytest.raises(exceptions.AlreadyPaid):
        services.bill_for_appointment(by_bank.pk, by=patient.user)


def test_a_fee_that_is_not_paid_is_due_the_day_before_the_new_time_and_asked_for_anew(appointment, free, patient):
    confirm(appointment)
    bill = bill_of(appointment)
    part = bill.instalments.get()
    DueReminder.objects.create(instalment=part, days_before=3, at=timezone.now())
    later = next(slot.starts_at for slot in free if slot.starts_at - appointment.starts_at >= timedelta(days=1))
    services.reschedule_appointment(appointment.pk, by=patient.user, starts_at=later)
    bill.refresh_from_db()
    part.refresh_from_db()
    due_on = billing_services.today_of(patient.user, later) - timedelta(days=1)
    assert (bill.due_on, part.due_on, bill.begins_at) == (due_on, due_on, later)
    assert not DueReminder.objects.exists()


@pytest.mark.parametrize(("status", "days", "due"), [("held", 9, 0), ("requested", 9, 8), ("requested", 0, 0)])
def test_when_a_fee_is_due(status, days, due):
    today = timezone.now().date()
    assert rules.fee_due_on(status, today + timedelta(days=days), today=today) == today + timedelta(days=due)


# --- coupons ---


@pytest.fixture
def coupon():
    return Coupon.objects.create(code="WELCOME", kind="percent", percent=10)


def start(client, appointment, **more):
    given = {"appointment_id": str(appointment.pk), "gateway": "sandbox"} | more
    return client.post("/api/v1/payments", given, format="json")


def test_whoever_pays_gives_a_coupon_and_pays_less_also_when_asked_again(api, hold, patient, coupon, fake_gateway):
    held = hold()
    first = start(api(patient.user), held, coupon_code=" welcome ")
    assert (first.status_code, first.json()["data"]["amount"]) == (201, "1350.00")
    for again in ({"coupon_code": "WELCOME"}, {}):
        assert start(api(patient.user), held, **again).json()["data"]["id"] == first.json()["data"]["id"]
    used = CouponRedemption.objects.get()
    assert (used.bill, used.payer, used.status) == (bill_of(held), patient.user, "held")


def test_a_bill_that_nobody_has_begun_to_pay_is_opened_anew_with_the_coupon(
    api, appointment, patient, coupon, fake_gateway
):
    confirm(appointment)
    before = bill_of(appointment)
    assert start(api(patient.user), appointment, coupon_code="WELCOME").json()["data"]["amount"] == "1350.00"
    before.refresh_from_db()
    after = bill_of(appointment)
    assert (before.status, after.total, after.due_on) == (
        "cancelled",
        Decimal("1350.00"),
        before.instalments.get().due_on,
    )


def test_a_coupon_comes_too_late_once_somebody_has_begun_to_pay(api, hold, patient, coupon, fake_gateway):
    held = hold()
    start(api(patient.user), held)
    refused = start(api(patient.user), held, coupon_code="WELCOME")
    assert (refused.status_code, refused.json()["code"]) == (409, "billing.bill_differs")
    assert (bill_of(held).total, CouponRedemption.objects.count()) == (FEE, 0)


def test_a_coupon_that_is_not_good_leaves_the_bill_as_it_was(api, appointment, patient, coupon, fake_gateway):
    confirm(appointment)
    before = bill_of(appointment)
    Coupon.objects.update(is_active=False)
    refused = start(api(patient.user), appointment, coupon_code="WELCOME")
    assert (refused.status_code, refused.json()["code"]) == (409, "billing.coupon_inactive")
    assert bill_of(appointment) == before


def test_codes_are_not_guessed_by_paying(api, hold, patient, fake_gateway):
    held = hold()
    answers = [start(api(patient.user), held, coupon_code=f"GUESS-{nth}").status_code for nth in range(11)]
    assert answers == [404] * 10 + [429]


# --- paying ---


def test_paying_books_what_is_held_after_the_money_is_written(hold, pay, patient):
    held = hold()
    pay(services.bill_for_appointment(held.pk, by=patient.user))
    assert status_of(held) == "requested"
    assert status_of(bill_of(held)) == "paid"


def test_the_appointment_says_whether_it_is_paid(api, hold, pay, patient):
    client = api(patient.user)
    held = hold()
    assert client.get(f"{APPOINTMENTS}/{held.pk}").json()["data"]["is_paid"] is False
    pay(services.bill_for_appointment(held.pk, by=patient.user))
    assert client.get(f"{APPOINTMENTS}/{held.pk}").json()["data"]["is_paid"] is True
    assert [row["is_paid"] for row in client.get(APPOINTMENTS).json()["data"]] == [True]


# --- a colleague, another time ---


@pytest.fixture
def displaced(hold, pay, patient, doctor):
    """A paid appointment that leave stands in the way of."""
    held = hold()
    pay(services.bill_for_appointment(held.pk, by=patient.user))
    services.add_time_off(
        doctor.pk, by=doctor.user, starts_at=held.starts_at - timedelta(hours=1),
        ends_at=held.ends_at + timedelta(hours=1), reason="",
    )  # fmt: skip
    return Appointment.objects.get(pk=held.pk)


def taken_over(former, by, times=1):
    """As a colleague's appointments take its place, one after the other."""
    for _number in range(times):
        now = timezone.now()
        services.progress.call_off(former, cancelled_by="doctor", by=by, now=now)
        former = AppointmentFactory(
            affiliation=AffiliationFactory(hospital=former.hospital), patient=former.patient, replaces=former,
            origin_id=former.billed_as, starts_at=former.starts_at, ends_at=former.ends_at, fee=former.fee,
            busy_until=former.busy_until, currency=former.currency,
        )  # fmt: skip
    return former


@pytest.mark.parametrize("times", [1, 2])
def test_a_colleagues_appointment_keeps_the_payment_however_often_it_changed_hands(
    api, hold, pay, patient, coordinator, times
):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    pay(bill)
    last = taken_over(Appointment.objects.get(pk=held.pk), coordinator, times)
    shown = api(patient.user).get(f"{APPOINTMENTS}/{last.pk}").json()["data"]
    assert (shown["is_paid"], bill_of(last)) == (True, bill)
    confirm(last)
    assert Bill.objects.count() == 1
    assert following.follow_money() == 0
    assert refunds() == []


def test_who_chooses_a_refund_for_what_leave_displaced_gets_everything_back(displaced, patient):
    agree_on(bill_of(displaced), [{"actor": "patient", "hours_before": 0, "percent": 0}])
    assert displacement.is_waiting(displaced.pk)
    services.choose_refund(displaced.pk, by=patient.user)
    assert refunds() == [(FEE, "cancellation")]


def test_another_time_keeps_the_payment_and_moves_what_the_terms_count_from(hold, pay, patient, free):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    pay(bill)
    services.reschedule_appointment(held.pk, by=patient.user, starts_at=free[3].starts_at)
    bill.refresh_from_db()
    assert (bill.begins_at, bill.status) == (free[3].starts_at, "paid")


# --- calling off ---


def test_a_patient_who_cancels_in_time_gets_everything_back(hold, pay, patient):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    agree_on(bill)
    pay(bill)
    services.cancel_appointment(held.pk, by=patient.user, reason="Private: a relapse")
    assert refunds() == [(FEE, "cancellation")]
    assert status_of(bill) == "cancelled"
    assert "relapse" not in Refund.objects.get().reason


def test_a_patient_who_cancels_late_gets_what_the_terms_say(hold, pay, patient):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    agree_on(bill)
    pay(bill)
    services.cancel_appointment(held.pk, by=patient.user, now=held.starts_at - timedelta(hours=23))
    assert refunds() == [(FEE / 2, "cancellation")]


@pytest.mark.parametrize("role", ["doctor", "hospital_admin", "coordinator"])
def test_when_the_other_side_cancels_the_patient_gets_everything_back(request, hold, pay, patient, role):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    agree_on(bill)
    pay(bill)
    by = request.getfixturevalue(role)
    services.cancel_appointment(held.pk, by=getattr(by, "user", by), now=held.starts_at - timedelta(hours=1))
    assert refunds() == [(FEE, "cancellation")]
    bill.refresh_from_db()
    assert bill.cancelled_as == ("platform" if role == "coordinator" else "hospital")


def test_what_is_declined_or_missed_by_the_doctor_is_given_back(hold, pay, patient, doctor, free, coordinator):
    declined, missed = hold(), None
    pay(services.bill_for_appointment(declined.pk, by=patient.user))
    services.move_appointment(declined.pk, "rejected", by=doctor.user)
    missed = hold(free[4])
    pay(services.bill_for_appointment(missed.pk, by=patient.user))
    confirm(Appointment.objects.get(pk=missed.pk))
    services.move_appointment(missed.pk, "doctor_absent", by=coordinator, now=missed.starts_at + timedelta(minutes=15))
    assert refunds() == [(FEE, "cancellation")] * 2


def test_who_does_not_come_gets_nothing_back(hold, pay, patient, doctor):
    held = hold()
    pay(services.bill_for_appointment(held.pk, by=patient.user))
    confirm(Appointment.objects.get(pk=held.pk))
    services.move_appointment(held.pk, "no_show", by=doctor.user, now=held.starts_at + timedelta(minutes=1))
    assert refunds() == []


def test_an_unpaid_bill_is_cancelled_with_its_appointment(appointment, patient):
    confirm(appointment)
    bill = bill_of(appointment)
    services.cancel_appointment(appointment.pk, by=patient.user)
    assert (status_of(bill), refunds()) == ("cancelled", [])


def test_a_refused_cancellation_gives_nothing_back(hold, pay, patient):
    held = hold()
    pay(services.bill_for_appointment(held.pk, by=patient.user))
    with pytest.raises(exceptions.CancellationTooLate):
        services.cancel_appointment(held.pk, by=patient.user, now=held.starts_at - timedelta(hours=1))
    assert refunds() == []
    assert status_of(bill_of(held)) == "paid"


def test_withdrawing_a_request_for_a_treatment_gives_back_what_was_paid(pay, patient, hospital, coordinator):
    booking = requested_treatment(patient, hospital)
    bill = billing_services.open_bill(
        payer=patient.user, currency="INR", lines=[services.money.billing_rules.NewLine("Deposit", unit_price=FEE)],
        subject_type="booking", subject_id=booking.pk, subject_label=booking.number, hospital=hospital, by=coordinator,
    )  # fmt: skip
    pay(bill)
    services.withdraw_booking(booking.pk, by=patient.user)
    assert refunds() == [(FEE, "cancellation")]


def requested_treatment(patient, hospital):
    offer = OfferFactory(hospital=hospital)
    return services.request_booking(by=patient.user, hospital_id=hospital.pk, treatment_id=offer.treatment_id)


# --- before one cancels ---


def test_the_patient_reads_what_would_come_back_now_and_when_that_steps_down(api, hold, pay, patient):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    agree_on(bill)
    pay(bill)
    found = api(patient.user).get(f"{APPOINTMENTS}/{held.pk}/cancellation").json()["data"]
    assert (found["is_possible"], found["code"]) == (True, None)
    assert found["refund"] == {
        "currency": "INR", "paid": "1500.00", "amount": "1500.00", "kept": "0.00", "percent": 100,
        "steps_down_at": (held.starts_at - timedelta(hours=24)).isoformat().replace("+00:00", "Z"),
        "then_percent": 50, "then_amount": "750.00",
    }  # fmt: skip


def test_what_was_foretold_is_what_is_given_back(api, hold, pay, patient):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    agree_on(bill, [{"actor": "patient", "hours_before": 0, "percent": 33}])
    pay(bill)
    found = api(patient.user).get(f"{APPOINTMENTS}/{held.pk}/cancellation").json()["data"]
    assert api(patient.user).delete(f"{APPOINTMENTS}/{held.pk}").status_code == 204
    assert refunds() == [(Decimal(found["refund"]["amount"]), "cancellation")]
    assert found["refund"]["amount"] == "495.00"


def test_who_sees_no_bill_reads_of_no_money(api, hold, pay, patient, doctor, hospital_admin, other_patient):
    held = hold()
    pay(services.bill_for_appointment(held.pk, by=patient.user))
    path = f"{APPOINTMENTS}/{held.pk}/cancellation"
    assert api(doctor.user).get(path).json()["data"] == {
        "is_possible": True, "code": None, "why_not": None, "refund": None,
    }  # fmt: skip
    assert api(hospital_admin).get(path).json()["data"]["refund"]["amount"] == "1500.00"
    assert api(other_patient.user).get(path).status_code == 404


def test_the_preview_says_why_one_cannot_cancel(api, appointment, patient):
    services.cancel_appointment(appointment.pk, by=patient.user)
    found = api(patient.user).get(f"{APPOINTMENTS}/{appointment.pk}/cancellation").json()["data"]
    assert (found["is_possible"], found["code"], found["refund"]) == (False, "workflow.move_not_allowed", None)


def test_the_admin_says_what_goes_back_before_anything_is_done(hold, pay, patient, coordinator):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    agree_on(bill, [{"actor": "platform", "hours_before": 0, "percent": 50}])
    pay(bill)
    client = Client()
    client.force_login(coordinator)
    page = client.get(reverse("admin:bookings_appointment_move", args=[held.pk, "cancelled"])).content.decode()
    assert "The patient gets back ₹750.00 (50 % of what was paid)." in page
    assert status_of(held) == "requested"


# --- holds that come to nothing ---


def lapse(held):
    Appointment.objects.filter(pk=held.pk).update(held_until=timezone.now() - timedelta(seconds=1))
    services.lapse_holds()


def test_the_bill_of_a_hold_that_lapsed_or_was_let_go_is_cancelled(hold, free, patient):
    lapsed = hold()
    bill = services.bill_for_appointment(lapsed.pk, by=patient.user)
    lapse(lapsed)
    given_up = hold(free[1])
    other = services.bill_for_appointment(given_up.pk, by=patient.user)
    services.cancel_appointment(given_up.pk, by=patient.user)
    assert (status_of(bill), status_of(other)) == ("cancelled", "cancelled")


def test_a_bill_that_somebody_is_just_paying_stays_until_it_is_known_what_came_of_it(hold, patient):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    page = open_page(bill)
    lapse(held)
    following.follow_money()
    assert status_of(bill) == "open"
    Payment.objects.filter(pk=page.pk).update(status="cancelled", stage="expired")
    assert following.follow_money() == 1
    assert status_of(bill) == "cancelled"
    assert following.follow_money() == 0


def test_money_for_a_hold_that_lapsed_meanwhile_books_it_where_its_time_is_free(hold, pay, patient):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    open_page(bill)
    lapse(held)
    pay(bill)
    assert (status_of(held), status_of(bill)) == ("requested", "paid")


def test_money_after_the_time_was_taken_is_kept_for_another(hold, pay, patient, other_patient, book, free):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    open_page(bill)
    lapse(held)
    book(by=other_patient.user)
    pay(bill)
    assert (status_of(held), status_of(bill)) == ("hold_lapsed", "paid")
    assert list(Appointment.objects.paid_without_time()) == [held]
    services.reschedule_appointment(held.pk, by=patient.user, starts_at=free[2].starts_at)
    bill.refresh_from_db()
    assert (status_of(held), bill.begins_at) == ("requested", free[2].starts_at)


def test_lapsing_holds_without_bills_costs_one_query_more_however_many(hold, django_assert_num_queries):
    held = hold()
    with transaction.atomic(), django_assert_num_queries(5):  # and a transaction's two marks
        services.lapsing.lapse([held.pk], by=None, now=timezone.now())


# --- the safety net ---


def test_a_paid_hold_of_which_the_signal_was_lost_is_booked_by_the_sweep(hold, patient, monkeypatch, pay):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    with monkeypatch.context() as lost:
        lost.setattr(services, "payment_arrived", lambda *args, **kwargs: None)
        pay(bill)
    assert status_of(held) == "held"
    assert following.follow_money() == 1
    assert status_of(held) == "requested"
    assert following.follow_money() == 0


def test_what_was_called_off_without_a_refund_is_refunded_by_the_sweep_once(hold, pay, patient, monkeypatch):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    pay(bill)
    with monkeypatch.context() as lost:
        lost.setattr(services.money, "give_back", lambda *args, **kwargs: None)
        services.cancel_appointment(held.pk, by=patient.user)
    assert refunds() == []
    assert following.follow_money() == 1
    assert refunds() == [(FEE, "cancellation")]
    assert following.follow_money() == 0


def test_a_paid_hold_that_lapsed_before_anybody_looked_at_the_payment_is_found_and_its_patient_told_once(
    hold, patient, pay, monkeypatch, book, other_patient
):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    with monkeypatch.context() as lost:
        lost.setattr(services, "payment_arrived", lambda *args, **kwargs: None)
        pay(bill)
    lapse(held)
    book(by=other_patient.user)
    assert following.follow_money() == 1
    assert Message.objects.filter(kind="bookings.paid_without_time", channel="email").count() == 1
    assert following.follow_money() == 0


def test_one_that_cannot_be_done_does_not_stop_the_others(hold, free, patient, other_patient, pay, monkeypatch):
    first, second = hold(), hold(free[1], by=other_patient.user)
    for held in (first, second):
        pay(services.bill_for_appointment(held.pk, by=held.patient.user))
    give_back = services.money.give_back
    with monkeypatch.context() as lost:
        lost.setattr(services.money, "give_back", lambda *args, **kwargs: None)
        for held in (first, second):
            services.cancel_appointment(held.pk, by=held.patient.user)

    def fails_once(appointment, **more):
        if appointment.pk == first.pk:
            raise ValueError
        give_back(appointment, **more)

    monkeypatch.setattr(services.money, "give_back", fails_once)
    following.follow_money()
    assert list(Refund.objects.values_list("payment__subject_id", flat=True)) == [second.pk]


def test_the_sweep_asks_four_questions_when_all_is_well(hold, pay, patient, django_assert_num_queries):
    held = hold()
    pay(services.bill_for_appointment(held.pk, by=patient.user))
    with django_assert_num_queries(6):  # and a transaction's two marks
        following.follow_money()


def test_a_payment_that_arrives_twice_books_once(hold, pay, patient):
    held = hold()
    pay(services.bill_for_appointment(held.pk, by=patient.user))
    holds.payment_arrived(held.pk)
    assert held.events.filter(to_status="requested").count() == 1


def test_the_books_say_the_same_after_a_whole_story(hold, pay, patient):
    held = hold()
    bill = services.bill_for_appointment(held.pk, by=patient.user)
    agree_on(bill, [{"actor": "patient", "hours_before": 0, "percent": 50}])
    pay(bill)
    services.cancel_appointment(held.pk, by=patient.user)
    story = billing_selectors.story_of_bill(Bill.objects.get(pk=bill.pk))
    assert story.differing == []
    assert story.balances == [Money(Decimal(-750), "INR")]
