"""Plans and subscriptions over the API."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.billing.models import Bill, Payment, Subscription
from tests.factories.subscriptions import PlanFactory, SubscriptionFactory

from .subscribing import captured, heard, pay, subscribe

pytestmark = pytest.mark.django_db
PLANS = "/api/v1/subscription-plans"
LIST = "/api/v1/subscriptions"


@pytest.fixture
def plan(db):
    return PlanFactory(code="plus", name="Hospital Plus", name_fr="Hôpital Plus", price=Decimal("149.00"))


@pytest.fixture
def staff(api, hospital_admin):
    return api(hospital_admin)


def test_everybody_reads_the_plans_that_are_offered_in_their_language(api, plan):
    PlanFactory(is_active=False)
    PlanFactory(code="mine", audience="doctor", max_doctors=None, price=Decimal(1900), currency="JPY")
    answer = api().get(PLANS, headers={"Accept-Language": "fr"}).json()
    assert [row["code"] for row in answer["data"]] == ["plus", "mine"]
    assert answer["data"][0]["name"] == "Hôpital Plus"
    assert (answer["data"][0]["price"], answer["data"][1]["price"]) == ("149.00", "1900")
    assert (answer["data"][0]["max_doctors"], answer["data"][1]["max_doctors"]) == (10, None)
    assert [row["code"] for row in api().get(PLANS, {"audience": "doctor"}).json()["data"]] == ["mine"]
    assert api().get(PLANS, {"audience": "patient"}).status_code == 400


def test_who_subscribes_is_led_to_the_page_to_pay_on(fake_gateway, staff, hospital_admin, hospital, plan):
    answer = staff.post(LIST, {"plan": "plus", "gateway": "sandbox"})
    data = answer.json()["data"]
    assert (answer.status_code, data["status"], data["due"]) == (201, "pending", "149.00")
    assert data["subscriber"] == {"type": "hospital", "id": str(hospital.pk), "name": hospital.name}
    payment = Payment.objects.get(pk=data["payment_id"])
    assert data["checkout_url"] == payment.checkout_url
    fake_gateway.pay(data["checkout_url"])
    heard(payment)
    shown = staff.get(f"{LIST}/{data['id']}").json()["data"]
    assert (shown["status"], shown["due"], shown["max_doctors"]) == ("active", "0.00", 10)
    assert [(each["number"], each["is_in_force"], each["bill"]["status"]) for each in shown["periods"]] == [
        (1, True, "paid")
    ]


def test_the_same_request_again_gives_the_same_subscription_and_the_same_page(fake_gateway, staff, plan):
    sent = [
        staff.post(LIST, {"plan": "plus", "gateway": "sandbox"}, headers={"Idempotency-Key": "k"}).json()["data"]
        for _time in range(3)
    ]
    assert len({(each["id"], each["checkout_url"], each["payment_id"]) for each in sent}) == 1
    assert (Subscription.objects.count(), Bill.objects.count(), Payment.objects.count()) == (1, 1, 1)
    other = staff.post(LIST, {"plan": "other"}, headers={"Idempotency-Key": "k"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")


def test_without_a_gateway_it_waits_for_money_that_comes_otherwise(staff, plan):
    data = staff.post(LIST, {"plan": "plus"}).json()["data"]
    assert (data["status"], data["due"], data["checkout_url"]) == ("pending", "149.00", None)
    refused = staff.post(f"{LIST}/{data['id']}/pay")
    assert (refused.status_code, refused.json()["code"]) == (409, "subscription.no_gateway")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"plan": "unknown"}, 400, "subscription.plan_not_offered"),
        ({}, 400, "request.invalid"),
        ({"plan": "plus", "doctor_id": "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e61"}, 404, "not_found"),
        ({"plan": "plus", "gateway": "offline"}, 400, "request.invalid"),
    ],
)
def test_what_is_wrong_is_refused_by_name(staff, plan, body, status, code):
    answer = staff.post(LIST, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Subscription.objects.exists()


def test_a_preview_says_what_a_change_costs_and_changes_nothing(staff, hospital_admin, plan):
    mine = SubscriptionFactory(staff=hospital_admin.hospital_links.get(), plan=plan)
    PlanFactory(code="max", price=Decimal("449.00"))
    answer = staff.patch(f"{LIST}/{mine.pk}?preview=true", {"plan": "max"}).json()["data"]
    today = timezone.now().date()
    assert answer["change"] == {
        "plan": "max", "begins_on": str(today), "is_now": True, "currency": "USD", "credit": "149.00",
        "charge": answer["change"]["charge"], "due": answer["change"]["due"], "ends_on": str(mine.ends_on),
    }  # fmt: skip
    due = Decimal(answer["change"]["charge"]) - Decimal(149)
    assert (Decimal(answer["change"]["due"]), answer["plan"]["code"]) == (due, "plus")
    assert not Bill.objects.exists()


def test_a_change_is_charged_by_the_leave_that_was_given(fake_gateway, staff, hospital_admin, plan):
    subscription = subscribe(hospital_admin, plan)
    pay(fake_gateway, subscription, hospital_admin)
    PlanFactory(code="max", name="Max", price=Decimal("449.00"))
    data = staff.patch(f"{LIST}/{subscription.pk}", {"plan": "max"}).json()["data"]
    assert (data["plan"], data["checkout_url"], data["due"]) == ({"code": "max", "name": "Max"}, None, "0.00")
    assert captured(fake_gateway) == 44900


def test_a_change_without_leave_leads_to_the_page_to_pay_on(fake_gateway, staff, hospital_admin, plan):
    mine = SubscriptionFactory(staff=hospital_admin.hospital_links.get(), plan=plan)
    PlanFactory(code="max", price=Decimal("449.00"))
    data = staff.patch(f"{LIST}/{mine.pk}", {"plan": "max", "gateway": "sandbox"}).json()["data"]
    assert (data["plan"]["code"], data["status"]) == ("plus", "active")
    assert data["checkout_url"]
    assert [(each["plan"], each["is_in_force"]) for each in data["periods"]] == [("max", False), ("plus", True)]


def test_renewal_is_switched_off_and_on_and_cancelling_is_no_content(staff, hospital_admin, plan):
    mine = SubscriptionFactory(staff=hospital_admin.hospital_links.get(), plan=plan)
    assert staff.patch(f"{LIST}/{mine.pk}", {"auto_renew": False}).json()["data"]["auto_renew"] is False
    assert staff.patch(f"{LIST}/{mine.pk}", {"auto_renew": True}).json()["data"]["auto_renew"] is True
    gone = staff.delete(f"{LIST}/{mine.pk}")
    assert (gone.status_code, gone.content) == (204, b"")
    assert staff.get(f"{LIST}/{mine.pk}").json()["data"]["cancelled_at"]


def test_a_stale_version_changes_nothing(staff, hospital_admin, plan):
    mine = SubscriptionFactory(staff=hospital_admin.hospital_links.get(), plan=plan, version=3)
    answer = staff.patch(f"{LIST}/{mine.pk}", {"auto_renew": False, "version": 2})
    assert (answer.status_code, answer.json()["code"]) == (409, "subscription.stale_version")
    assert staff.patch(f"{LIST}/{mine.pk}", {"plan": "plus", "auto_renew": True}).status_code == 400


def test_the_list_is_narrowed_by_status_and_plan(api, platform_admin, plan):
    SubscriptionFactory(plan=plan)
    SubscriptionFactory(status="trialing", starts_on=timezone.now().date() - timedelta(days=2))
    client = api(platform_admin)
    assert client.get(LIST).json()["meta"]["pagination"]["total_items"] == 2
    assert [row["status"] for row in client.get(LIST, {"status": "trialing"}).json()["data"]] == ["trialing"]
    assert [row["plan"]["code"] for row in client.get(LIST, {"plan": "plus"}).json()["data"]] == ["plus"]
    assert client.get(LIST, {"status": "asleep"}).status_code == 400
