"""Subscribing, changing the plan, cancelling; with payments at the test gateway."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone

from apps.billing import exceptions, services
from apps.billing.models import Bill, Mandate, MoneyTask, Subscription
from apps.billing.services import limits, subscribing
from apps.common.exceptions import Forbidden, Invalid, MoveNotAllowed, NotFound
from apps.notifications.models import Message
from tests.factories.hospitals import HospitalFactory, HospitalStaffFactory
from tests.factories.subscriptions import PlanFactory, SubscriptionFactory

from .subscribing import captured, days_of, heard, pay, subscribe

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(db):
    return PlanFactory(code="plus", price=Decimal("149.00"), max_doctors=10, max_appointments_per_month=500)


@pytest.fixture
def larger(db):
    return PlanFactory(code="max", price=Decimal("449.00"), max_doctors=None, max_appointments_per_month=None)


@pytest.fixture
def smaller(db):
    return PlanFactory(code="basic", price=Decimal("49.00"), max_doctors=2, max_appointments_per_month=50)


@pytest.fixture
def paid(fake_gateway, hospital_admin, plan):
    """An active subscription whose payer has left their method with the gateway."""
    subscription = subscribe(hospital_admin, plan)
    pay(fake_gateway, subscription, hospital_admin)
    subscription.refresh_from_db()
    return subscription


def limits_of(hospital):
    hospital.refresh_from_db()
    return hospital.max_doctors, hospital.max_appointments_per_month


def messages(kind):
    return Message.objects.filter(kind=f"billing.subscription_{kind}", channel="email")


def test_a_first_period_is_in_force_once_it_is_paid(fake_gateway, hospital_admin, hospital, plan):
    subscription = subscribe(hospital_admin, plan)
    assert (subscription.status, subscription.starts_on) == ("pending", None)
    assert limits_of(hospital) == (None, None)
    bill = Bill.objects.get()
    assert (str(bill.figure("total")), bill.payer, bill.hospital) == ("149.00 USD", hospital_admin, None)

    payment = services.collect(subscription.pk, by=hospital_admin, gateway="sandbox")
    assert payment.checkout_url
    assert payment.keeps_method
    subscription.refresh_from_db()
    assert subscription.status == "pending"

    fake_gateway.pay(payment.checkout_url)
    heard(payment)
    subscription.refresh_from_db()
    today = timezone.now().date()
    assert (subscription.status, subscription.starts_on, subscription.anchor_day) == ("active", today, today.day)
    assert subscription.mandate == Mandate.objects.get(payer=hospital_admin)
    assert limits_of(hospital) == (10, 500)
    assert captured(fake_gateway) == 14900
    assert [message.recipient for message in messages("started")] == [hospital_admin]


def test_news_of_the_same_payment_again_change_nothing(fake_gateway, paid):
    payment = Bill.objects.get().payments.get()
    version = paid.version
    heard(payment)
    paid.refresh_from_db()
    assert (paid.version, messages("started").count()) == (version, 1)


def test_a_trial_is_in_force_at_once_and_costs_nothing(hospital_admin, hospital):
    plan = PlanFactory(trial_days=14, max_doctors=3)
    subscription = subscribe(hospital_admin, plan)
    today = timezone.now().date()
    assert (subscription.status, subscription.ends_on) == ("trialing", today + timedelta(days=13))
    assert limits_of(hospital) == (3, 500)
    assert not Bill.objects.exists()
    assert days_of(subscription) == [(0, str(today), str(today + timedelta(days=13)))]


def test_nobody_has_a_second_trial(hospital_admin, platform_admin):
    plan = PlanFactory(trial_days=14)
    first = subscribe(hospital_admin, plan)
    services.end_subscription(first.pk, by=platform_admin)
    assert subscribe(hospital_admin, plan).status == "pending"


def test_a_plan_that_costs_nothing_is_in_force_at_once(hospital_admin, hospital):
    subscription = subscribe(hospital_admin, PlanFactory(price=0, max_doctors=1))
    assert (subscription.status, limits_of(hospital)) == ("active", (1, 500))
    assert not Bill.objects.exists()


def test_who_subscribes_again_before_paying_goes_on_with_the_same(hospital_admin, plan, larger):
    first = subscribe(hospital_admin, plan)
    assert subscribe(hospital_admin, plan) == first
    other = subscribe(hospital_admin, larger)
    first.refresh_from_db()
    assert (first.status, other.status) == ("ended", "pending")
    assert [bill.status for bill in Bill.objects.order_by("pk")] == ["cancelled", "open"]


def test_a_hospital_has_one_subscription_at_a_time(paid, hospital_admin, larger):
    with pytest.raises(exceptions.AlreadySubscribed):
        subscribe(hospital_admin, larger)
    with pytest.raises(IntegrityError):
        SubscriptionFactory(staff=hospital_admin.hospital_links.get(), plan=larger)


def test_hospital_staff_subscribe_for_their_own_hospital_only(hospital_admin, other_hospital, plan):
    with pytest.raises(NotFound):
        subscribe(hospital_admin, plan, hospital_id=other_hospital.pk)
    assert not Subscription.objects.exists()


def test_a_doctor_subscribes_to_plans_for_doctors(doctor, plan):
    with pytest.raises(exceptions.PlanNotOffered):
        subscribe(doctor.user, plan)
    mine = PlanFactory(audience="doctor", max_doctors=None, price=0, max_appointments_per_month=40)
    subscription = subscribe(doctor.user, mine)
    doctor.refresh_from_db()
    assert (subscription.doctor, subscription.payer, doctor.max_appointments_per_month) == (doctor, doctor.user, 40)


def test_an_admin_subscribes_for_a_hospital_whose_staff_pays(platform_admin, hospital, hospital_admin, plan):
    assert subscribe(platform_admin, plan, hospital_id=hospital.pk).payer == hospital_admin
    with pytest.raises(exceptions.NoPayer):
        subscribe(platform_admin, plan, hospital_id=HospitalFactory().pk)
    with pytest.raises(Invalid):
        subscribe(platform_admin, plan)


@pytest.mark.parametrize("who", ["coordinator", "support_agent", "translator"])
def test_nobody_else_subscribes(who, request, plan, hospital):
    with pytest.raises(Forbidden):
        subscribe(request.getfixturevalue(who), plan, hospital_id=hospital.pk)


def test_a_plan_that_is_not_offered_is_not_taken(hospital_admin):
    with pytest.raises(exceptions.PlanNotOffered):
        subscribe(hospital_admin, PlanFactory(is_active=False))


# --- another plan ---


def test_a_dearer_plan_is_in_force_once_the_difference_is_paid(fake_gateway, paid, hospital_admin, hospital, larger):
    preview = services.preview_change(paid.pk, by=hospital_admin, plan="max")[2]
    changed = services.change_plan(paid.pk, by=hospital_admin, plan="max")
    assert changed.plan.code == "plus"
    assert limits_of(hospital) == (10, 500)
    bill = Bill.objects.latest("pk")
    assert (bill.figure("total"), str(bill.figure("total"))) == (preview.due, "300.00 USD")

    services.collect(paid.pk, by=hospital_admin)  # by the leave that the payer has given
    paid.refresh_from_db()
    assert (paid.plan.code, paid.status) == ("max", "active")
    assert limits_of(hospital) == (None, None)
    assert captured(fake_gateway) == 44900
    assert paid.periods.get(number=1).replaced_on == timezone.now().date()
    assert messages("changed").count() == 1


def test_a_dearer_plan_that_is_not_paid_within_a_day_does_not_come(paid, hospital_admin, larger):
    services.change_plan(paid.pk, by=hospital_admin, plan="max")
    with pytest.raises(exceptions.PaymentOutstanding):
        services.change_plan(paid.pk, by=hospital_admin, plan="max")
    services.renew_subscriptions(timezone.now() + timedelta(hours=23))
    assert subscribing.waiting_period(paid)
    services.renew_subscriptions(timezone.now() + timedelta(hours=25))
    assert not subscribing.waiting_period(paid)
    paid.refresh_from_db()
    assert (paid.plan.code, paid.status) == ("plus", "active")
    assert Bill.objects.latest("pk").status == "cancelled"


def test_a_cheaper_plan_waits_for_the_next_period(fake_gateway, paid, hospital_admin, hospital, smaller):
    services.change_plan(paid.pk, by=hospital_admin, plan="basic")
    paid.refresh_from_db()
    assert (paid.plan.code, paid.next_plan.code) == ("plus", "basic")
    assert limits_of(hospital) == (10, 500)
    services.renew_subscriptions(timezone.now() + timedelta(days=32))
    paid.refresh_from_db()
    assert (paid.plan.code, paid.next_plan, limits_of(hospital)) == ("basic", None, (2, 50))
    assert captured(fake_gateway) == 14900 + 4900


def test_a_planned_change_is_withdrawn_by_asking_for_the_present_plan(paid, hospital_admin, smaller):
    services.change_plan(paid.pk, by=hospital_admin, plan="basic")
    services.change_plan(paid.pk, by=hospital_admin, plan="plus")
    paid.refresh_from_db()
    assert paid.next_plan is None
    with pytest.raises(exceptions.SamePlan):
        services.change_plan(paid.pk, by=hospital_admin, plan="plus")


def test_in_a_trial_the_plan_changes_at_once(hospital_admin, hospital, larger):
    subscription = subscribe(hospital_admin, PlanFactory(trial_days=14))
    services.change_plan(subscription.pk, by=hospital_admin, plan="max")
    subscription.refresh_from_db()
    assert (subscription.plan.code, subscription.status, limits_of(hospital)) == ("max", "trialing", (None, None))


def test_who_saw_an_older_version_changes_nothing(paid, hospital_admin, smaller):
    with pytest.raises(exceptions.SubscriptionChanged):
        services.change_plan(paid.pk, by=hospital_admin, plan="basic", version=paid.version - 1)
    paid.refresh_from_db()
    assert paid.next_plan is None


def test_another_hospitals_staff_find_no_such_subscription(paid, other_hospital_admin, larger):
    with pytest.raises(NotFound):
        services.change_plan(paid.pk, by=other_hospital_admin, plan="max")
    with pytest.raises(NotFound):
        services.cancel_subscription(paid.pk, by=other_hospital_admin)


# --- its end ---


def test_what_is_cancelled_ends_with_its_period(fake_gateway, paid, hospital_admin, hospital):
    services.cancel_subscription(paid.pk, by=hospital_admin)
    services.cancel_subscription(paid.pk, by=hospital_admin)
    paid.refresh_from_db()
    assert (paid.status, paid.auto_renew) == ("active", False)
    assert messages("cancelled").count() == 1
    services.renew_subscriptions(timezone.now() + timedelta(days=32))
    paid.refresh_from_db()
    assert (paid.status, limits_of(hospital)) == ("ended", (None, None))
    assert captured(fake_gateway) == 14900


def test_what_is_cancelled_may_be_kept(fake_gateway, paid, hospital_admin):
    services.cancel_subscription(paid.pk, by=hospital_admin)
    with pytest.raises(exceptions.SubscriptionEnding):
        services.change_plan(paid.pk, by=hospital_admin, plan=PlanFactory(price=900).code)
    services.set_auto_renew(paid.pk, True, by=hospital_admin)
    paid.refresh_from_db()
    assert (paid.auto_renew, paid.cancelled_at) == (True, None)
    services.renew_subscriptions(timezone.now() + timedelta(days=32))
    assert captured(fake_gateway) == 2 * 14900


def test_what_waits_for_its_first_payment_ends_at_once_when_it_is_cancelled(hospital_admin, plan):
    subscription = subscribe(hospital_admin, plan)
    services.cancel_subscription(subscription.pk, by=hospital_admin)
    subscription.refresh_from_db()
    assert (subscription.status, Bill.objects.get().status) == ("ended", "cancelled")


def test_a_first_payment_that_does_not_come_within_a_day_ends_it(hospital_admin, plan):
    subscription = subscribe(hospital_admin, plan)
    services.renew_subscriptions(timezone.now() + timedelta(hours=25))
    subscription.refresh_from_db()
    assert (subscription.status, Bill.objects.get().status) == ("ended", "cancelled")


def test_money_that_comes_after_that_is_a_task_and_no_subscription(fake_gateway, hospital_admin, plan):
    subscription = subscribe(hospital_admin, plan)
    payment = services.collect(subscription.pk, by=hospital_admin, gateway="sandbox")
    services.cancel_subscription(subscription.pk, by=hospital_admin)
    fake_gateway.pay(payment.checkout_url)
    heard(payment)
    subscription.refresh_from_db()
    assert subscription.status == "ended"
    assert MoneyTask.objects.get().kind == "late_payment"


def test_an_admin_ends_one_now_and_nobody_else_does(paid, hospital_admin, platform_admin, hospital):
    with pytest.raises(Forbidden):
        services.end_subscription(paid.pk, by=hospital_admin)
    services.end_subscription(paid.pk, by=platform_admin, note="The hospital has closed.")
    paid.refresh_from_db()
    assert (paid.status, limits_of(hospital)) == ("ended", (None, None))
    with pytest.raises(MoveNotAllowed):
        services.end_subscription(paid.pk, by=platform_admin)


# --- limits ---


def test_without_a_subscription_the_settings_say_what_is_allowed(settings, hospital, paid, platform_admin):
    settings.UNSUBSCRIBED_HOSPITAL_MAX_DOCTORS = 1
    without = HospitalFactory()
    assert limits.level_limits() == 1
    assert (limits_of(without)[0], limits_of(hospital)[0]) == (1, 10)
    services.end_subscription(paid.pk, by=platform_admin)
    assert limits_of(hospital)[0] == 1
    assert limits.level_limits() == 0


def test_a_changed_plan_is_in_force_for_all_who_have_it_with_the_next_run(paid, plan, hospital):
    plan.max_doctors = None
    plan.save()
    services.renew_subscriptions(timezone.now())
    assert limits_of(hospital) == (None, 500)


def test_plans_are_loaded_once_and_keep_what_people_changed(db):
    row = {
        "code": "one", "audience": "hospital", "name": {"en": "One"}, "description": {"en": "First"},
        "interval": "month", "price": Decimal(10), "currency": "USD", "trial_days": 0, "max_doctors": 1,
        "max_appointments_per_month": None,
    }  # fmt: skip
    services.save_plans([row])
    services.save_plans([row | {"price": Decimal(20)}])
    assert PlanFactory._meta.model.objects.get(code="one").price == 10


def test_a_staff_member_of_two_hospitals_says_for_which(hospital_admin, other_hospital, plan):
    HospitalStaffFactory(hospital=other_hospital, user=hospital_admin)
    assert subscribe(hospital_admin, plan, hospital_id=other_hospital.pk).hospital == other_hospital


def test_the_first_period_begins_on_the_day_on_which_it_is_paid(fake_gateway, hospital_admin, plan):
    yesterday = timezone.now() - timedelta(hours=23)
    subscription = subscribe(hospital_admin, plan, now=yesterday)
    pay(fake_gateway, subscription, hospital_admin)
    subscription.refresh_from_db()
    assert subscription.starts_on == timezone.now().date() != date.min
