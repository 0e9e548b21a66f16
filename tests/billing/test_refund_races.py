"""Refunds at once, and beside disputes and refunds at the gateway's own page: never more than was captured.

With real commits. Each guard has a control: without it the test would see more go back than came in.
"""

from collections import Counter
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.billing import exceptions, rules, services
from apps.billing.gateways import DisputeFacts, DisputeStage, RefundFacts, RefundStage
from apps.billing.models import Payment, Refund
from apps.billing.services import ledger, refund_sending
from tests.billing.refunding import bill_of, captured, figures, usd
from tests.bookings.racing import at_once, rounds

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 20
REFUSED = (exceptions.RefundTooLarge, exceptions.PaymentDisputed, IntegrityError)
CAP = "payment_refunded_is_at_most_captured"


def one(payment, coordinator, amount):
    def run():
        try:
            services.request_refund(payment.pk, usd(amount), by=coordinator, cause="staff", reason="At once")
        except REFUSED as error:
            return type(error).__name__
        return "asked"

    return run


def asked_of(payment):
    return sum(Refund.objects.filter(payment=payment).values_list("amount", flat=True))


def test_twenty_refunds_at_once_take_exactly_what_was_captured(coordinator):
    """Of twenty times 15.00 six fit into 100.00."""
    for _round in range(rounds(2)):
        payment = captured(bill=bill_of())
        results = Counter(at_once(*[one(payment, coordinator, "15.00")] * AT_ONCE))
        assert results == {"asked": 6, "RefundTooLarge": AT_ONCE - 6}
        assert figures(payment)["refunding"] == 90
        assert asked_of(payment) == 90


def test_without_the_lock_more_would_be_promised_than_there_is(coordinator, monkeypatch):
    monkeypatch.setattr(type(Payment.objects.all()), "lock", lambda rows, pk: rows.get(pk=pk))
    payment = captured()
    at_once(*[one(payment, coordinator, "15.00")] * AT_ONCE)
    assert asked_of(payment) > 100


@pytest.mark.parametrize("is_checked", [True, False])
def test_the_database_stops_what_the_rule_forgets(coordinator, monkeypatch, is_checked):
    """With the rule off the CHECK refuses the seventh; with the CHECK off too there is nothing left that does."""
    monkeypatch.setattr(rules, "why_not_refund", lambda payment, amount: None)
    payment = captured()
    constraint = next(each for each in Payment._meta.constraints if each.name == CAP)
    if not is_checked:
        with connection.schema_editor() as editor:
            editor.remove_constraint(Payment, constraint)
    try:
        results = Counter(at_once(*[one(payment, coordinator, "15.00")] * AT_ONCE))
        assert results == ({"asked": 6, "IntegrityError": 14} if is_checked else {"asked": AT_ONCE})
        assert (asked_of(payment) <= 100) is is_checked
    finally:
        if not is_checked:
            Refund.objects.filter(payment=payment).update(amount=Decimal("0.01"))
            Payment.objects.filter(pk=payment.pk).update(refunding=0)
            with connection.schema_editor() as editor:
                editor.add_constraint(Payment, constraint)


def applied(payment, refund=None, dispute=None):
    def run():
        with transaction.atomic():
            locked = services.refunds.locked_payment(payment.pk)
            if refund:
                services.apply_refund_facts(locked, refund, timezone.now())
            if dispute:
                services.apply_dispute_facts(locked, dispute, timezone.now())
            ledger.settle_payment(locked, code="news", source="webhook", now=timezone.now())
        return "applied"

    return run


def sent():
    return services.send_refunds()


def test_the_same_news_eight_times_at_once_is_entered_once(coordinator):
    payment = captured(bill=bill_of())
    made = services.request_refund(payment.pk, usd("30"), by=coordinator, cause="staff", reason="Why")
    ours = RefundFacts("re_1", made.pk, usd("30"), RefundStage.SUCCEEDED)
    page = RefundFacts("re_2", None, usd("20"), RefundStage.SUCCEEDED)
    at_once(*[applied(payment, ours), applied(payment, page)] * 4)
    assert figures(payment)["refunded"] == 50
    assert payment.entries.filter(kind="refunded").count() == 2


def test_refunds_a_dispute_and_the_gateways_page_at_once_never_exceed_what_was_captured(coordinator):
    """The gateway gave 40 back itself and the bank takes 60: whatever of ours was asked for gives way."""
    for _round in range(rounds(3)):
        payment = captured(bill=bill_of())
        page = RefundFacts(f"re_{payment.pk}", None, usd("40"), RefundStage.SUCCEEDED)
        opened = DisputeFacts(f"dp_{payment.pk}", usd("60"), DisputeStage.OPEN)
        lost = DisputeFacts(f"dp_{payment.pk}", usd("60"), DisputeStage.LOST)
        at_once(
            *[one(payment, coordinator, "25.00")] * 4, applied(payment, page), applied(payment, dispute=opened),
            applied(payment, dispute=lost), lambda: len(refund_sending.claim(timezone.now())),
        )  # fmt: skip
        assert figures(payment) == {"captured": 100, "refunded": 40, "withheld": 0, "lost": 60, "refunding": 0}


def test_several_workers_send_each_refund_once(fake_gateway, coordinator):
    payment = captured(fake=fake_gateway, bill=bill_of())
    for _part in range(10):
        services.request_refund(payment.pk, usd("10"), by=coordinator, cause="staff", reason="Part")
    at_once(sent, sent, sent)
    assert figures(payment)["refunded"] == 100
    assert fake_gateway.books()[str(payment.pk)]["refunded"] == 10000
    assert set(payment.refunds.values_list("attempts", flat=True)) == {1}


def test_a_cancellation_said_twice_at_once_refunds_once():
    bill = bill_of()
    captured(bill=bill)

    def cancel():
        return services.cancel_and_refund(bill.pk, actor="patient", by=bill.payer)

    first, second = at_once(cancel, cancel)
    assert [refund.pk for refund in first] == [refund.pk for refund in second]
    assert asked_of(Payment.objects.get(bill=bill)) == 100
