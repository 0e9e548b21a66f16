"""Payments that staff record: exact to the currency's places, never changed, reversed once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from apps.billing import exceptions, rules, services
from apps.billing.models import Payment
from apps.common.exceptions import Forbidden, Invalid, NotFound
from tests.factories.billing import PaymentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(patient, coordinator):
    def record(**changes):
        given = {
            "payer": patient.user, "amount": Decimal("1500.00"), "currency": "INR", "method": "bank_transfer",
            "received_on": timezone.now().date(), "by": coordinator,
        }  # fmt: skip
        return services.record_payment(**given | changes)

    return record


@pytest.mark.parametrize(
    ("amount", "currency", "is_right"),
    [("0.01", "USD", True), ("0.001", "USD", False), ("1", "JPY", True), ("1.5", "JPY", False),
     ("1.005", "KWD", True), ("1.0005", "KWD", False), ("0", "USD", False), ("-1", "USD", False)],
)  # fmt: skip
def test_an_amount_is_positive_and_has_its_currencys_places(amount, currency, is_right):
    assert (rules.why_wrong_amount(Decimal(amount), currency) is None) is is_right


TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(("days", "is_right"), [(0, True), (1, False), (-366, True), (-367, False)])
def test_money_arrived_today_or_within_a_year(days, is_right):
    refusal = rules.why_not_received_on(TODAY + timedelta(days=days), today=TODAY)
    assert (refusal is None) is is_right


def test_only_coordinators_and_admins_record(record, patient, hospital_admin, platform_admin):
    assert record(by=platform_admin).number.startswith("PY-")
    for person in (patient.user, hospital_admin):
        with pytest.raises(Forbidden):
            record(by=person)
    assert Payment.objects.count() == 1


def test_a_payment_is_reversed_once_with_a_reason(record, coordinator):
    payment = record(subject_label="Appointment AP-1")
    with pytest.raises(Invalid):
        services.reverse_payment(payment.pk, by=coordinator, reason=" ")
    reversed_one = services.reverse_payment(payment.pk, by=coordinator, reason="Entered twice")
    assert (reversed_one.pk, reversed_one.status, reversed_one.captured) == (payment.pk, "cancelled", 0)
    assert [entry.kind for entry in payment.entries.order_by("at")] == ["captured", "reversed"]
    assert [event.code for event in payment.events.order_by("at")] == ["recorded", "reversed"]
    with pytest.raises(exceptions.AlreadyReversed):
        services.reverse_payment(payment.pk, by=coordinator, reason="Again")


def test_a_patient_reverses_nothing(record, patient):
    with pytest.raises(Forbidden):
        services.reverse_payment(record().pk, by=patient.user, reason="Mine")


def test_an_unknown_payment_is_not_there(coordinator, patient):
    with pytest.raises(NotFound):
        services.reverse_payment(patient.pk, by=coordinator, reason="None")


@pytest.mark.parametrize("verb", ["update", "delete"])
def test_the_database_keeps_what_was_recorded(record, verb):
    entries = record().entries
    with pytest.raises(ProgrammingError, match="Cannot update or delete"), transaction.atomic():
        entries.update(amount=1) if verb == "update" else entries.all().delete()


def test_the_database_keeps_payments(record):
    one = Payment.objects.filter(pk=record().pk)
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        one._raw_delete(one.db)


def test_a_patient_reads_their_own_payments_and_nobody_elses(api, record, patient, other_patient):
    payment = record()
    PaymentFactory(payer=other_patient.user)
    shown = api(patient.user).get(f"/api/v1/patients/{patient.pk}/payments").json()["data"]
    assert [(row["number"], row["amount"], row["status"]) for row in shown] == [
        (payment.number, "1500.00", "completed")
    ]
    assert api(patient.user).get(f"/api/v1/patients/{other_patient.pk}/payments").status_code == 404


def test_a_payment_is_entered_and_reversed_in_the_admin(client, coordinator, patient):
    client.force_login(coordinator)
    entered = {
        "payer": patient.user.pk, "amount": "1500.50", "currency": "INR", "method": "cash",
        "received_on": timezone.now().date().isoformat(), "reference": "", "subject_label": "Deposit",
    }  # fmt: skip
    assert client.post(reverse("admin:billing_payment_add"), entered).status_code == 302
    payment = Payment.objects.get()
    assert (payment.payer, payment.amount, payment.recorded_by) == (patient.user, Decimal("1500.500"), coordinator)

    page = reverse("admin:billing_payment_move", args=[payment.pk, "cancelled"])
    assert "The entry is taken back and stays" in client.get(page).content.decode()
    client.post(page, {"seen": "completed", "note": "Wrong payer"})
    assert Payment.objects.get().reversal_reason == "Wrong payer"
    assert client.get(reverse("admin:billing_payment_changelist")).status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False])
def test_of_two_reversals_at_once_one_is_refused(record, coordinator, monkeypatch, is_locked):
    """Without the lock the database's UNIQUE still lets one through only: the other becomes an error, not a row."""
    payment = record()
    if not is_locked:
        monkeypatch.setattr(type(Payment.objects.all()), "lock", lambda rows, pk: rows.get(pk=pk))
    start = threading.Barrier(2)

    def one(_number):
        try:
            start.wait(60)
            services.reverse_payment(payment.pk, by=coordinator, reason="Twice")
        except (exceptions.AlreadyReversed, IntegrityError) as error:
            return type(error).__name__
        finally:
            connection.close()
        return "reversed"

    with ThreadPoolExecutor(2) as pool:
        results = sorted(pool.map(one, range(2)))
    assert payment.entries.filter(kind="reversed").count() == 1
    assert "reversed" in results
    assert ("AlreadyReversed" in results) or not is_locked
