"""Plans and subscriptions in the admin."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from apps.billing import services
from apps.billing.models import Bill, Subscription, SubscriptionPlan
from tests.factories.subscriptions import PlanFactory, SubscriptionFactory

from .subscribing import pay, subscribe

pytestmark = pytest.mark.django_db
LIST = "/admin/billing/subscription/"
PLANS = "/admin/billing/subscriptionplan/"


@pytest.fixture
def mine(hospital_admin):
    return SubscriptionFactory(staff=hospital_admin.hospital_links.get(), plan=PlanFactory(code="plus"))


def page(subscription, act=""):
    return f"{LIST}{subscription.pk}/" + (f"move/{act}/" if act else "change/")


def make(client, subscription, act, **data):
    return client.post(page(subscription, act), {"seen": subscription.status, **data}, follow=True)


@pytest.fixture
def as_admin(client, platform_admin):
    client.force_login(platform_admin)
    return client


@pytest.fixture
def as_staff(client, hospital_admin):
    client.force_login(hospital_admin)
    return client


def test_the_list_shows_whose_it_is_until_when_and_how_it_stands(as_admin, mine):
    shown = as_admin.get(LIST).content.decode()
    assert mine.number in shown
    assert str(mine.hospital) in shown
    assert "$149.00" in shown
    assert as_admin.get(f"{LIST}?status__exact=past_due").content.decode().count(mine.number) == 0


def test_the_page_tells_the_periods_the_bills_and_the_next_renewal(fake_gateway, as_admin, hospital_admin):
    plan = PlanFactory(name="Hospital Plus")
    subscription = subscribe(hospital_admin, plan)
    shown = as_admin.get(page(subscription)).content.decode()
    assert "/pay/subscription/" in shown
    pay(fake_gateway, subscription, hospital_admin)
    shown = as_admin.get(page(subscription)).content.decode()
    assert "/pay/subscription/" not in shown
    assert Bill.objects.get().number in shown
    assert "Hospital Plus for $149.00" in shown


def test_changing_the_plan_shows_first_what_each_plan_would_cost_now(as_admin, mine):
    PlanFactory(code="max", name="Max", price=Decimal("449.00"))
    PlanFactory(code="basic", name="Basic", price=Decimal("49.00"))
    shown = as_admin.get(page(mine, "plan")).content.decode()
    assert "Max: at once, for $300.00 ($449.00 less $149.00)." in shown
    assert f"Basic: from {(mine.ends_on + timedelta(days=1)):%B} " in shown
    make(as_admin, mine, "plan", plan="basic")
    mine.refresh_from_db()
    assert mine.next_plan.code == "basic"


def test_what_is_cancelled_and_kept_again_stands_in_its_history(as_staff, mine):
    make(as_staff, mine, "cancel")
    mine.refresh_from_db()
    assert mine.cancelled_at
    make(as_staff, mine, "keep")
    mine.refresh_from_db()
    assert (mine.cancelled_at, mine.auto_renew) == (None, True)
    shown = as_staff.get(page(mine)).content.decode()
    assert "To end with its period" in shown
    assert "To be renewed after all" in shown


def test_only_an_admin_ends_one_at_once(client, as_staff, mine, platform_admin):
    make(as_staff, mine, "ended")
    mine.refresh_from_db()
    assert mine.status == "active"
    client.force_login(platform_admin)
    make(client, mine, "ended", note="Closed")
    mine.refresh_from_db()
    assert mine.status == "ended"


def test_an_overdue_one_is_charged_or_asked_from_its_page(as_admin, hospital_admin):
    subscription = subscribe(hospital_admin, PlanFactory(trial_days=1))
    services.renew_subscriptions(timezone.now() + timedelta(days=2))
    subscription.refresh_from_db()
    assert (subscription.status, subscription.attempts) == ("past_due", 1)
    assert "$149.00 is charged" in as_admin.get(page(subscription, "charge")).content.decode()
    make(as_admin, subscription, "charge")
    subscription.refresh_from_db()
    assert subscription.attempts == 2


def test_another_hospitals_staff_see_nothing_of_it(as_staff):
    other = SubscriptionFactory()
    assert other.number not in as_staff.get(LIST).content.decode()
    assert as_staff.get(page(other), follow=True).redirect_chain


def test_an_admin_subscribes_a_hospital(as_admin, hospital, hospital_admin):
    plan = PlanFactory()
    as_admin.post(f"{LIST}add/", {"plan": plan.pk, "hospital": hospital.pk, "doctor": ""})
    made = Subscription.objects.get()
    assert (made.hospital, made.payer, made.status) == (hospital, hospital_admin, "pending")


def test_new_limits_of_a_plan_hold_at_once(as_admin, mine):
    plan = mine.plan
    shown = as_admin.get(f"{PLANS}{plan.pk}/change/")
    form = shown.context["adminform"].form
    data = {name: form.initial.get(name) if form.initial.get(name) is not None else "" for name in form.fields}
    as_admin.post(f"{PLANS}{plan.pk}/change/", {**data, "max_doctors": 3, "is_active": "on"})
    mine.hospital.refresh_from_db()
    assert mine.hospital.max_doctors == 3


def test_four_plans_come_with_the_reference_data_in_five_languages(db):
    call_command("load_reference_data", verbosity=0)
    plans = SubscriptionPlan.objects.order_by("position")
    assert [(plan.code, plan.audience, str(plan.value)) for plan in plans] == [
        ("hospital-start", "hospital", "149.00 USD"),
        ("hospital-unlimited", "hospital", "4900.00 USD"),
        ("doctor-start", "doctor", "19.00 USD"),
        ("doctor-unlimited", "doctor", "59.00 USD"),
    ]
    for plan in plans:
        texts = {
            getattr(plan, f"{name}_{code}")
            for name in ("name", "description")
            for code in ["en", "ar", "hi", "es", "fr"]
        }
        assert len(texts) == 10
