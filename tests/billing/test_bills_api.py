"""Bills and coupons over the API."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.billing.models import Coupon
from apps.billing.rules import NewInstalment

from .selling import line, pay, sell

pytestmark = pytest.mark.django_db

BILLS, COUPONS = "/api/v1/bills", "/api/v1/coupons"


@pytest.fixture
def bill(patient, hospital):
    today = timezone.now().date()
    balance = NewInstalment("balance", None, today + timedelta(days=9))
    return sell(
        patient.user, line("90.00", tax_mode="inclusive", tax_name="GST", tax_percent=18), line("10.00"),
        hospital=hospital,
        instalments=[NewInstalment("deposit", Decimal(30), today), balance],
    )  # fmt: skip


def test_a_bill_says_its_lines_what_was_paid_and_what_is_due_next(api, patient, coordinator, bill):
    pay(bill, "30", by=coordinator)

    shown = api(patient.user).get(f"{BILLS}/{bill.pk}").json()["data"]

    assert (shown["total"], shown["paid"], shown["balance"], shown["tax"]) == ("100.00", "30.00", "70.00", "13.73")
    assert shown["next_due"]["kind"] == "balance"
    assert shown["next_due"]["amount"] == "70.00"
    assert [(row["net"], row["tax"], row["total"]) for row in shown["lines"]] == [
        ("76.27", "13.73", "90.00"), ("10.00", "0.00", "10.00"),
    ]  # fmt: skip
    assert [(row["kind"], row["owed"]) for row in shown["instalments"]] == [("deposit", "0.00"), ("balance", "70.00")]
    assert shown["subject"]["label"] == bill.subject_label
    assert shown["shown_in"] is None


def test_amounts_and_days_are_in_the_readers_language(api, patient, bill):
    client = api(patient.user)
    due = client.get(f"{BILLS}/{bill.pk}", headers={"Accept-Language": "fr"}).json()["data"]["next_due"]["text"]
    assert due.startswith("30,00\N{NO-BREAK SPACE}$US, ")


def test_each_sees_the_bills_that_concern_them(
    api, bill, patient, other_patient, hospital_admin, other_hospital_admin, coordinator, support_agent
):
    def seen(user):
        listed = api(user).get(BILLS)
        assert listed.status_code == 200
        one = api(user).get(f"{BILLS}/{bill.pk}").status_code
        return [row["id"] for row in listed.json()["data"]], one

    assert seen(patient.user) == seen(hospital_admin) == seen(coordinator) == ([str(bill.pk)], 200)
    assert seen(other_patient.user) == seen(other_hospital_admin) == ([], 404)
    assert api(support_agent).get(BILLS).status_code == 403


def test_the_list_is_one_query_however_many_bills(api, patient, bill, django_assert_max_num_queries):
    for _each in range(4):
        sell(patient.user)
    client = api(patient.user)
    client.get(BILLS)
    with django_assert_max_num_queries(2):
        assert len(client.get(BILLS).json()["data"]) == 5
    found = client.get(BILLS, {"subject_id": str(bill.subject_id), "is_owing": "true"}).json()["data"]
    assert [row["id"] for row in found] == [str(bill.pk)]


def test_a_coupon_says_whether_it_is_good_and_what_it_takes_off(api, patient):
    Coupon.objects.create(code="WELCOME", kind="percent", percent=10, minimum=50, currency="USD")
    client = api(patient.user)

    def asked(amount, currency="USD"):
        answer = client.get(f"{COUPONS}/welcome", {"amount": amount, "currency": currency}).json()["data"]
        return answer["is_valid"], answer["reason"], answer["discount"], answer["amount"]

    assert asked("99.99") == (True, "", "10.00", "89.99")
    assert asked("49.99") == (False, "billing.coupon_below_minimum", "0.00", "49.99")
    assert asked("99", "JPY") == (False, "billing.coupon_in_other_currency", "0", "99")
    sell(patient.user, coupon_code="WELCOME")
    assert asked("99.99")[1] == "billing.coupon_used_by_you"
    assert client.get(f"{COUPONS}/welcome").json()["errors"].keys() == {"amount", "currency"}


def test_codes_are_not_found_by_trying(api, patient, other_patient):
    Coupon.objects.create(code="WELCOME", kind="percent", percent=10)
    client, price = api(patient.user), {"amount": "10", "currency": "USD"}

    for attempt in range(10):
        assert client.get(f"{COUPONS}/welcome", price).status_code == 200
        assert client.get(f"{COUPONS}/guess-{attempt}", price).json()["code"] == "billing.coupon_unknown"

    refused = client.get(f"{COUPONS}/welcome", price)
    assert refused.status_code == 429
    assert refused["Retry-After"]
    assert api(other_patient.user).get(f"{COUPONS}/welcome", price).status_code == 200


def test_a_platform_admin_makes_changes_and_removes_coupons(api, platform_admin, patient):
    client = api(platform_admin)

    made = client.post(
        COUPONS, {"kind": "fixed", "amount": "12.50", "currency": "USD", "code": "spring"}, format="json"
    )
    assert made.status_code == 201
    coupon = made.json()["data"]
    assert (coupon["code"], coupon["amount"], coupon["user_limit"]) == ("SPRING", "12.50", 1)

    sell(patient.user, coupon_code="SPRING")
    one = f"{COUPONS}/{coupon['id']}"
    assert client.patch(one, {"total_limit": 3}, format="json").json()["data"]["held"] == 1
    assert client.patch(one, {"amount": "15"}, format="json").json()["code"] == "billing.coupon_in_use"
    assert client.delete(one).status_code == 204
    assert client.get(COUPONS, {"is_active": "false"}).json()["data"][0]["code"] == "SPRING"


def test_nobody_else_keeps_coupons(api, coordinator, hospital_admin):
    kept = Coupon.objects.create(code="WELCOME", kind="percent", percent=10)
    body = {"kind": "percent", "percent": "10"}

    for user in (coordinator, hospital_admin):
        client = api(user)
        assert client.post(COUPONS, body, format="json").status_code == 403
        assert client.patch(f"{COUPONS}/{kept.pk}", body, format="json").status_code == 403
        assert client.delete(f"{COUPONS}/{kept.pk}").status_code == 403
    assert api(coordinator).get(COUPONS).status_code == 200
    assert api(hospital_admin).get(COUPONS).status_code == 403
