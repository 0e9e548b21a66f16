"""The reconciliation report: our ledger a gateway and day, what contradicts it, and asking the gateways anew."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.billing import services
from apps.billing.models import LedgerKind, MoneyTask, Payment, WebhookEvent
from apps.billing.selectors import reconciliation as selectors
from apps.billing.services import ledger
from apps.common.exceptions import Forbidden, Invalid
from apps.common.money import Money

pytestmark = pytest.mark.django_db
PAGE = "admin:billing_reconciliation"


@pytest.fixture
def captured(patient):
    """Money came in through a gateway."""

    def captured(amount="100.00", currency="USD", gateway="sandbox", days_ago=0):
        payment = Payment.objects.create(
            payer=patient.user, amount=Decimal(amount), currency=currency, gateway=gateway, stage="captured"
        )
        key = f"payment:{payment.pk}:captured"
        at = timezone.now() - timedelta(days=days_ago)
        ledger.enter(LedgerKind.CAPTURED, payment.value, key=key, payment=payment, now=at)
        ledger.settle_payment(payment, code="captured", source="webhook", now=at)
        return payment

    return captured


@pytest.fixture
def browser(coordinator):
    client = Client()
    client.force_login(coordinator)
    return client


def today():
    return timezone.now().date()


def test_a_day_of_a_gateway_is_what_was_entered_by_currency_and_no_two_are_added(captured):
    first = captured("100.00")
    captured("50.00")
    captured("9000", "JPY")
    captured("7.00", days_ago=1)
    ledger.enter(LedgerKind.REFUNDED, Money(Decimal(30), "USD"), key="r", payment=first, now=timezone.now())
    days = selectors.days_of(today() - timedelta(days=1), today())
    shown = [(day.on, day.gateway, str(day.figures["captured"]), str(day.figures["refunded"])) for day in days]
    assert shown == [
        (today(), "sandbox", "9000 JPY", "0 JPY"),
        (today(), "sandbox", "150.00 USD", "30.00 USD"),
        (today() - timedelta(days=1), "sandbox", "7.00 USD", "0.00 USD"),
    ]


def test_what_a_dispute_took_for_good_is_not_withheld_any_more(captured):
    payment = captured("100.00")
    for kind in (LedgerKind.DISPUTED, LedgerKind.DISPUTE_LOST):
        ledger.enter(kind, payment.value, key=kind, payment=payment, now=timezone.now())
    [day] = selectors.days_of(today(), today())
    assert (str(day.figures["withheld"]), str(day.figures["lost"])) == ("0.00 USD", "100.00 USD")


def test_the_page_says_that_all_is_well(browser, captured):
    captured()
    page = browser.get(reverse(PAGE)).content.decode()
    assert "All is well" in page
    assert "$100.00" in page


@pytest.mark.parametrize("status", ["parked", "quarantined", "failed"])
def test_webhooks_that_could_not_be_applied_are_listed_with_a_link(browser, status):
    WebhookEvent.objects.create(
        sender="sandbox", event_id="e1", kind="payment", received_at=timezone.now(), status=status
    )
    page = browser.get(reverse(PAGE)).content.decode()
    assert "All is well" not in page
    assert f"status__exact={status}" in page


def test_contradictions_and_payments_of_which_nothing_is_known_are_listed(browser, captured):
    now = timezone.now()
    payment = captured()
    MoneyTask.objects.create(kind="mismatch", key="m", payment=payment, opened_at=now)
    MoneyTask.objects.create(kind="unknown", key="u", payment=payment, opened_at=now, done_at=now, outcome="Seen")
    Payment.objects.filter(pk=payment.pk).update(is_unknown=True, look_up_at=now - timedelta(hours=2))
    assert [(each.kind, each.count) for each in selectors.wrong(now=now)] == [
        ("mismatch", 1), ("unknown", 1), ("not_asked", 1),
    ]  # fmt: skip


def test_asking_puts_the_payments_of_the_period_before_the_sweep_and_shows_how_far_that_is(browser, captured):
    asked, before, by_bank = captured(), captured(days_ago=9), captured(gateway="sandbox")
    Payment.objects.filter(pk__in=[asked.pk, before.pk]).update(look_up_at=None)
    Payment.objects.filter(pk=by_bank.pk).update(
        gateway="offline", method="cash", received_on=today(), recorded_by=before.payer, look_up_at=None
    )
    day = today().isoformat()
    page = browser.post(reverse(PAGE), {"first": day, "last": day}, follow=True).content.decode()
    assert set(Payment.objects.filter(look_up_at__isnull=False)) == {asked}
    assert "1 is still to be asked about." in page
    assert selectors.asking(today(), today(), now=timezone.now()) == selectors.Asking(payments=1, waiting=1)


def test_who_asks_and_about_how_long(captured, support_agent, coordinator):
    captured()
    with pytest.raises(Forbidden):
        services.ask_about(today(), today(), by=support_agent)
    with pytest.raises(Invalid):
        services.ask_about(today() - timedelta(days=92), today(), by=coordinator)
    with pytest.raises(Invalid):
        services.ask_about(today(), today() - timedelta(days=1), by=coordinator)
    assert services.ask_about(today() - timedelta(days=91), today(), by=coordinator) == 1


@pytest.mark.parametrize(("role", "status"), [("platform_admin", 200), ("hospital_admin", 403), ("support_agent", 403)])
def test_who_reads_it(request, role, status):
    client = Client()
    client.force_login(request.getfixturevalue(role))
    assert client.get(reverse(PAGE)).status_code == status


def test_it_costs_as_many_queries_for_many_days_as_for_one(browser, captured, django_assert_max_num_queries):
    def count():
        with django_assert_max_num_queries(60) as queries:
            browser.get(reverse(PAGE))
        return len(queries)

    captured()
    few = count()
    for days_ago in range(1, 9):
        captured(days_ago=days_ago)
    assert count() <= few
