"""Payments over the API: who sees which, paying once however often one asks, and the page to come back to."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.billing import services
from apps.billing.models import Payment
from apps.billing.services import paying
from tests.billing.paying import bill_for, due_now, start, work
from tests.factories.hospitals import HospitalFactory, HospitalStaffFactory

pytestmark = pytest.mark.django_db
PAYMENTS = "/api/v1/payments"


@pytest.fixture
def bill(patient, fake_gateway):
    return bill_for(patient.user)


def pay(client, bill, key=None, **more):
    given = {"bill_id": str(bill.pk), "gateway": "sandbox"} | more
    return client.post(PAYMENTS, given, format="json", headers={"Idempotency-Key": key} if key else {})


def test_paying_answers_with_the_page_and_how_it_stands(api, bill, patient, fake_gateway):
    answer = pay(api(patient.user), bill)
    assert answer.status_code == 201
    said = answer.json()["data"]
    assert (said["status"], said["amount"], said["currency"], said["is_final"]) == ("pending", "120.50", "USD", False)
    fake_gateway.pay(said["checkout_url"])
    status = api(patient.user).get(f"{PAYMENTS}/{said['id']}/status").json()["data"]
    assert (status["status"], status["is_final"]) == ("completed", True)
    assert Payment.objects.get().events.get(code="captured").source == "return"


def test_the_same_key_and_body_is_the_same_payment_and_page_and_another_body_is_refused(api, bill, patient):
    client = api(patient.user)
    first, again = pay(client, bill, "k1"), pay(client, bill, "k1")
    assert again["Idempotent-Replayed"] == "true"
    assert first.json()["data"] == again.json()["data"]
    other = pay(client, bill, "k1", amount="10.00")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
    assert Payment.objects.count() == 1


def test_what_died_between_row_and_call_goes_on_with_the_same_row(api, bill, patient, monkeypatch, fake_gateway):
    """As a process killed after its first commit: the key is kept with the row, and the page is still to come."""

    class Killed(BaseException):
        pass

    def dies(_payment_id):
        raise Killed

    opened = services.open_page
    monkeypatch.setattr(services, "open_page", dies)
    with pytest.raises(Killed):
        pay(api(patient.user), bill, "k1")
    row = Payment.objects.get()
    assert (row.status, row.checkout_url) == ("pending", "")
    assert row.look_up_at is not None
    monkeypatch.setattr(services, "open_page", opened)
    said = pay(api(patient.user), bill, "k1").json()["data"]
    assert (said["id"], bool(said["checkout_url"])) == (str(row.pk), True)
    assert (Payment.objects.count(), len(fake_gateway.server.books.checkouts)) == (1, 1)


def test_while_the_first_request_is_at_the_gateway_another_is_told_to_wait(api, bill, patient, monkeypatch):
    monkeypatch.setattr(paying, "_ask_for_page", lambda payment: payment)  # the first never ends
    row = start(bill)
    with paying.calling(row.pk):
        pass
    held = []

    def busy(_payment_id):
        held.append(1)
        raise paying.Busy(retry_after=1)

    monkeypatch.setattr(services, "open_page", busy)
    answer = pay(api(patient.user), bill, "k1")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (409, "conflict.busy", "1")


def test_a_gateway_that_does_not_answer_gives_no_address_yet_and_the_same_request_one(api, bill, patient, fake_gateway):
    fake_gateway.lose(path="checkouts")
    first = pay(api(patient.user), bill, "k1").json()["data"]
    assert (first["checkout_url"], first["status"]) == (None, "pending")
    assert pay(api(patient.user), bill, "k1").json()["data"]["checkout_url"]


def test_a_gateway_that_refuses_is_a_conflict_with_the_payments_id(api, bill, patient, fake_gateway):
    fake_gateway.answer(400, path="checkouts")
    answer = pay(api(patient.user), bill, "k1")
    assert (answer.status_code, answer.json()["code"]) == (409, "billing.gateway_refused")
    assert Payment.objects.get().status == "failed"


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"bill_id": None, "booking_id": None}, 400, "bill_id"),
        ({"appointment_id": "019364f0-0000-7000-8000-000000000001"}, 400, "bill_id"),
        ({"gateway": "cash"}, 400, "gateway"),
        ({"amount": "120.51"}, 400, "amount"),
        ({"return_url": "https://evil.example.net/"}, 400, "return_url"),
    ],
)
def test_what_is_wrong_is_said_by_its_field(api, bill, patient, changes, status, field):
    given = {"bill_id": str(bill.pk), "gateway": "sandbox"} | changes
    answer = api(patient.user).post(
        PAYMENTS, {name: value for name, value in given.items() if value is not None}, format="json"
    )
    assert answer.status_code == status
    assert field in answer.json()["errors"]
    assert not Payment.objects.exists()


def test_staff_enter_what_they_saw_arrive_and_payers_do_not(api, bill, patient, coordinator):
    given = {
        "gateway": "offline", "amount": "20.50", "method": "cash", "received_on": timezone.now().date().isoformat(),
        "reference": "R-1",
    }  # fmt: skip
    assert pay(api(patient.user), bill, **given).status_code == 403
    answer = pay(api(coordinator), bill, "k1", **given)
    assert (answer.status_code, answer.json()["data"]["status"]) == (201, "completed")
    assert answer.json()["data"]["checkout_url"] is None
    assert pay(api(coordinator), bill, "k1", **given).json()["data"]["id"] == answer.json()["data"]["id"]
    assert Payment.objects.get().amount == Decimal("20.50")


def test_each_sees_their_own_and_a_hospitals_staff_their_hospitals(api, patient, other_patient, fake_gateway):
    hospital, other = HospitalFactory(), HospitalFactory()
    mine, theirs = start(bill_for(patient.user, hospital=hospital)), start(bill_for(other_patient.user, hospital=other))
    staff = HospitalStaffFactory(hospital=hospital).user
    for user in (patient.user, staff):
        listed = api(user).get(PAYMENTS).json()["data"]
        assert [row["id"] for row in listed] == [str(mine.pk)]
        assert api(user).get(f"{PAYMENTS}/{mine.pk}").status_code == 200
        for path in ("", "/status"):
            assert api(user).get(f"{PAYMENTS}/{theirs.pk}{path}").status_code == 404
    assert pay(api(staff), mine.bill).status_code == 403


def test_a_payment_tells_what_happened_and_its_refunds(api, bill, patient, fake_gateway):
    payment = start(bill)
    fake_gateway.pay(payment.checkout_url)
    fake_gateway.refund_at_gateway(payment.pk, 2050)
    due_now()
    work()
    shown = api(patient.user).get(f"{PAYMENTS}/{payment.pk}").json()["data"]
    assert [event["code"] for event in shown["events"]][:2] == ["created", "page_opened"]
    assert (shown["status"], shown["captured"], shown["refunded"]) == ("partially_refunded", "120.50", "20.50")
    assert [refund["amount"] for refund in shown["refunds"]] == ["20.50"]


def test_a_list_is_narrowed_by_status_gateway_days_and_bill(api, patient, coordinator, fake_gateway):
    bills = [bill_for(patient.user) for _number in range(2)]
    started = start(bills[0])
    entered = services.enter_payment(
        by=coordinator, bill_id=bills[1].pk, amount=Decimal(1), method="cash", received_on=timezone.now().date()
    )
    today = timezone.now().date().isoformat()
    for query, found in (
        ("status=pending", [started]),
        ("gateway=offline", [entered]),
        (f"bill={bills[0].pk}", [started]),
        (f"from={today}&to={today}&sort_by=created_at", [started, entered]),
        ("to=2020-01-01", []),
    ):
        rows = api(coordinator).get(f"{PAYMENTS}?{query}").json()["data"]
        assert [row["id"] for row in rows] == [str(payment.pk) for payment in found], query
    assert api(coordinator).get(f"{PAYMENTS}?status=lost").status_code == 400


def test_only_ways_that_take_the_amount_are_offered(api, patient, fake_gateway, settings):
    client = api(patient.user)
    codes = [row["code"] for row in client.get(f"{PAYMENTS}/gateways?currency=USD&amount=10").json()["data"]]
    assert "sandbox" in codes
    assert "offline" not in codes
    settings.SANDBOX_GATEWAY_URL = ""
    codes = [row["code"] for row in client.get(f"{PAYMENTS}/gateways?currency=USD&amount=10").json()["data"]]
    assert "sandbox" not in codes
    assert client.get(f"{PAYMENTS}/gateways?currency=XXQ&amount=10").status_code == 400


@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
def test_the_page_to_come_back_to_says_how_it_stands_and_not_for_what(client, bill, fake_gateway, language):
    payment = start(bill)
    address = f"/pay/return/{payment.pk}"
    waiting = client.get(f"{address}?lang={language}")
    assert (waiting.status_code, waiting["Content-Language"]) == (200, language)
    assert f"{address}/status" in waiting.content.decode()
    fake_gateway.pay(payment.checkout_url)
    assert client.get(f"{address}/status").json() in (
        {"status": "completed", "is_final": True}, {"status": "pending", "is_final": False},
    )  # fmt: skip
    due_now()
    work()
    arrived = client.get(f"{address}?lang={language}").content.decode()
    assert payment.number in arrived
    assert "Consultation" not in arrived
    assert "data-pay-status" not in arrived
    assert client.get(f"/pay/return/{bill.pk}").status_code == 404


@pytest.mark.parametrize(
    ("status", "says"), [("partially_refunded", "has arrived"), ("refunded", "was refunded"), ("failed", "not made")]
)
def test_a_payment_of_which_a_part_went_back_is_not_said_to_be_refunded(client, bill, fake_gateway, status, says):
    payment = start(bill)
    Payment.objects.filter(pk=payment.pk).update(status=status, stage="captured", captured=payment.amount)
    assert says in client.get(f"/pay/return/{payment.pk}").content.decode()
