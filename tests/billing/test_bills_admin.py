"""Bills and coupons in the admin: what is due and overdue, a credit and a cancellation in two steps, coupons kept."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.billing.models import Bill, Coupon
from apps.billing.rules import NewInstalment

from .selling import line, pay, sell

pytestmark = pytest.mark.django_db

LIST = "admin:billing_bill_changelist"


@pytest.fixture
def desk(client, coordinator):
    client.force_login(coordinator)
    return client


def due_in(payer, days, price="100.00", currency="USD"):
    """A bill that is due so many days from now, or was."""
    day = timezone.now().date() + timedelta(days=days)
    opened = timezone.now() - timedelta(days=40)
    return sell(payer, line(price), currency=currency, instalments=[NewInstalment("whole", None, day)], now=opened)


def numbers(response):
    return [bill.number for bill in response.context["cl"].result_list]


def test_what_is_overdue_longest_comes_first_with_its_age_and_sums_by_currency(desk, patient):
    late, later = due_in(patient.user, -12), due_in(patient.user, -3, "20", "KWD")
    soon = due_in(patient.user, 5)
    sell(patient.user, line("0"))

    page = desk.get(reverse(LIST), {"due": "all"})

    assert numbers(page) == [late.number, later.number, soon.number]
    shown = page.content.decode()
    assert all(age in shown for age in ("12 days overdue", "3 days overdue", "due in 5 days"))
    assert '<span class="mv-money"><bdi>KWD\N{NO-BREAK SPACE}20.000</bdi><bdi>$100.00</bdi></span>' in shown
    assert numbers(desk.get(reverse(LIST), {"due": "overdue"})) == [late.number, later.number]
    assert numbers(desk.get(reverse(LIST), {"due": "week"})) == [soon.number]


def test_the_list_is_found_by_number_and_by_the_payers_address(desk, patient, other_patient):
    mine, other = due_in(patient.user, 3), due_in(other_patient.user, 3)
    assert numbers(desk.get(reverse(LIST), {"q": other.number.lower()})) == [other.number]
    assert numbers(desk.get(reverse(LIST), {"q": patient.user.email[:12]})) == [mine.number]


def test_the_page_shows_lines_instalments_and_the_way_to_the_ledger(desk, patient):
    bill = due_in(patient.user, 3)

    page = desk.get(reverse("admin:billing_bill_change", args=[bill.pk])).content.decode()

    assert "Consultation" in page
    assert reverse("admin:billing_bill_story", args=[bill.pk]) in page
    assert reverse("admin:billing_bill_act", args=[bill.pk, "credit"]) in page


def hidden(page):
    return {name: field.value() for name in page.context["form"].fields for field in [page.context["form"][name]]}


def test_a_credit_is_shown_first_and_made_on_the_second_step(desk, patient, coordinator):
    bill = due_in(patient.user, 3)
    url = reverse("admin:billing_bill_act", args=[bill.pk, "credit"])

    shown = desk.post(url, {"step": "preview", "amount": "30", "reason": "A shorter stay"})
    bill.refresh_from_db()
    assert bill.credited == 0
    assert "$70.00" in shown.content.decode()

    desk.post(url, {"step": "confirm", **hidden(shown)})
    bill.refresh_from_db()
    assert (bill.credited, bill.events.get().note, bill.events.get().by) == (30, "A shorter stay", coordinator)


def test_what_changed_between_the_two_steps_is_shown_again(desk, patient, coordinator):
    bill = due_in(patient.user, 3)
    url = reverse("admin:billing_bill_act", args=[bill.pk, "cancel"])
    shown = desk.post(url, {"step": "preview", "reason": "Not wanted"})
    pay(bill, "40", by=coordinator)

    again = desk.post(url, {"step": "confirm", **hidden(shown)})

    bill.refresh_from_db()
    assert bill.status == "partly_paid"
    assert "refund the payment" in again.content.decode()
    desk.post(url, {"step": "confirm", **hidden(again)})
    bill.refresh_from_db()
    assert (bill.status, bill.balance.amount) == ("cancelled", Decimal(-40))


def test_more_than_the_bill_says_is_not_credited(desk, patient):
    bill = due_in(patient.user, 3)
    url = reverse("admin:billing_bill_act", args=[bill.pk, "credit"])
    shown = desk.post(url, {"step": "preview", "amount": "100.01", "reason": "Too much"})
    assert shown.context["form"].errors.keys() == {"amount"}


def test_a_cancelled_bill_is_not_touched_again(desk, patient):
    bill = due_in(patient.user, 3)
    Bill.objects.filter(pk=bill.pk).update(status="cancelled")
    assert desk.get(reverse("admin:billing_bill_act", args=[bill.pk, "credit"])).status_code == 302


def test_hospital_staff_do_not_reach_the_pages(client, hospital_admin, patient, hospital):
    bill = sell(patient.user, hospital=hospital)
    client.force_login(hospital_admin)
    for name, args in ((LIST, []), ("admin:billing_bill_act", [bill.pk, "cancel"])):
        assert client.get(reverse(name, args=args)).status_code in {302, 403}
    bill.refresh_from_db()
    assert bill.status == "open"


def test_a_platform_admin_makes_and_changes_a_coupon(client, platform_admin, patient):
    client.force_login(platform_admin)
    given = {
        "code": "spring", "is_active": "on", "kind": "fixed", "amount": "12.50", "currency": "USD", "user_limit": "1",
        "applies_to": "booking, appointment",
    }  # fmt: skip

    made = client.post(reverse("admin:billing_coupon_add"), given)

    assert made.status_code == 302
    coupon = Coupon.objects.get(code="SPRING")
    assert (coupon.amount, coupon.applies_to) == (Decimal("12.5"), ["booking", "appointment"])

    sell(patient.user, coupon_code="SPRING")
    page = client.get(reverse("admin:billing_coupon_changelist")).content.decode()
    assert "0 (1) / ∞" in page
    url = reverse("admin:billing_coupon_change", args=[coupon.pk])
    form = client.get(url).context["adminform"].form
    unchanged = {name: form[name].value() for name in form.fields if form[name].value() not in (None, "", False)}
    edited = getattr(form, "edited_from", None)
    refused = client.post(url, {**unchanged, "code": "SPRING", "amount": "20", "_edited_from": edited or ""})
    assert refused.status_code == 200
    coupon.refresh_from_db()
    assert coupon.amount == Decimal("12.5")
