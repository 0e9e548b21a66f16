"""The sandbox: the test gateway asked in its own language, over HTTP."""

from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from apps.billing import gateways
from apps.billing.gateways import DisputeStage, RefundStage, Stage
from tests.billing.orders import money, order, refund_order


@pytest.fixture
def sandbox(fake_gateway):
    return gateways.get("sandbox")


def found(sandbox, wanted, checkout=None):
    return sandbox.look_up(wanted.key, checkout=checkout.reference if checkout else "", reference="")


def paid(sandbox, fake_gateway, **changes):
    wanted = order(**changes)
    fake_gateway.pay(sandbox.open_checkout(wanted).url)
    return wanted, found(sandbox, wanted)


def notices(sandbox, fake_gateway):
    return [sandbox.read_notice(body, headers, now=timezone.now()) for _code, body, headers in fake_gateway.take()]


def test_a_page_is_opened_paid_and_looked_up(sandbox, fake_gateway):
    wanted = order()
    checkout = sandbox.open_checkout(wanted)
    assert found(sandbox, wanted, checkout).stage == Stage.OPEN
    assert fake_gateway.pay(checkout.url) == wanted.return_url
    facts = found(sandbox, wanted)
    assert (facts.key, facts.stage, facts.captured, facts.method) == (wanted.key, Stage.CAPTURED, wanted.amount, "card")
    assert facts == found(sandbox, wanted, checkout)
    assert fake_gateway.books()[str(wanted.key)]["captured"] == 12050


def test_a_page_shows_what_is_paid_and_leads_back_without_paying(sandbox, fake_gateway):
    wanted = order("1234.500", "KWD")
    checkout = sandbox.open_checkout(wanted)
    page = httpx.get(checkout.url)
    assert "1,234.500 KWD" in page.text
    assert wanted.description in page.text
    assert "no money moves" in page.text
    assert fake_gateway.leave(checkout.url) == wanted.cancel_url
    assert found(sandbox, wanted).stage == Stage.OPEN


def test_the_same_order_opens_the_same_page(sandbox, fake_gateway):
    wanted = order()
    assert sandbox.open_checkout(wanted) == sandbox.open_checkout(wanted)
    assert len(fake_gateway.books()) == 1


def test_a_decline_leaves_the_page_open(sandbox, fake_gateway):
    wanted = order()
    checkout = sandbox.open_checkout(wanted)
    fake_gateway.decline(checkout.url)
    facts = found(sandbox, wanted)
    assert (facts.stage, facts.failure_code, facts.captured) == (Stage.FAILED, "card_declined", None)
    fake_gateway.pay(checkout.url)
    assert found(sandbox, wanted).stage == Stage.CAPTURED


@pytest.mark.parametrize(("act", "stage"), [("settle", Stage.CAPTURED), ("fail", Stage.FAILED)])
def test_what_is_paid_later_is_captured_or_fails(sandbox, fake_gateway, act, stage):
    wanted = order()
    fake_gateway.pay_later(sandbox.open_checkout(wanted).url)
    assert found(sandbox, wanted).stage == Stage.PROCESSING
    getattr(fake_gateway, act)(wanted.key)
    assert found(sandbox, wanted).stage == stage
    assert [notice.facts.stage for notice in notices(sandbox, fake_gateway)] == [Stage.PROCESSING, stage]


def test_nobody_pays_on_a_page_that_was_closed_or_whose_time_is_over(sandbox, fake_gateway, time_machine):
    closed, late = order(), order()
    pages = [sandbox.open_checkout(closed), sandbox.open_checkout(late)]
    sandbox.close_checkout(pages[0].reference)
    sandbox.close_checkout(pages[0].reference)
    time_machine.move_to(timezone.now() + timedelta(hours=3))
    for page in pages:
        assert httpx.post(page.url, data={"act": "pay"}).status_code == httpx.codes.CONFLICT
    assert {found(sandbox, each).stage for each in (closed, late)} == {Stage.EXPIRED}
    assert sum(row["captured"] for row in fake_gateway.books().values()) == 0


def test_a_kept_method_is_charged_later_once_for_a_key(sandbox, fake_gateway):
    _wanted, facts = paid(sandbox, fake_gateway, keep_method=True)
    assert facts.mandate.label == "Test •••• 4242"
    renewal = order("19.00")
    charged = sandbox.charge(renewal, facts.mandate)
    assert (charged.stage, charged.captured, charged.key) == (Stage.CAPTURED, renewal.amount, renewal.key)
    assert sandbox.charge(renewal, facts.mandate) == charged
    assert fake_gateway.books()[str(renewal.key)]["captured"] == 1900


def test_a_card_that_is_declined_later_is_a_refusal(sandbox, fake_gateway):
    _wanted, facts = paid(sandbox, fake_gateway, keep_method=True)
    fake_gateway.decline_card(facts.mandate.method)
    with pytest.raises(gateways.Refused) as refused:
        sandbox.charge(order("19.00"), facts.mandate)
    assert refused.value.code == "card_declined"


def test_parts_are_refunded_until_nothing_is_left(sandbox, fake_gateway):
    wanted, facts = paid(sandbox, fake_gateway)
    first = refund_order(wanted, facts.reference, "20.50")
    made = sandbox.refund(first)
    assert (made.key, made.amount, made.stage) == (first.key, first.amount, RefundStage.SUCCEEDED)
    assert sandbox.refund(first) == made
    sandbox.refund(refund_order(wanted, facts.reference, "100.00"))
    with pytest.raises(gateways.Refused):
        sandbox.refund(refund_order(wanted, facts.reference, "0.01"))
    assert [refund.amount for refund in found(sandbox, wanted).refunds] == [money("20.50"), money("100.00")]
    assert fake_gateway.books()[str(wanted.key)]["refunded"] == 12050


def test_a_refund_that_was_made_at_the_gateway_has_no_key_of_ours(sandbox, fake_gateway):
    wanted, _facts = paid(sandbox, fake_gateway)
    fake_gateway.forget()
    fake_gateway.refund_at_gateway(wanted.key, 500)
    [notice] = notices(sandbox, fake_gateway)
    assert [(refund.key, refund.amount) for refund in notice.facts.refunds] == [(None, money("5.00"))]


def test_a_pending_refund_arrives_or_fails(sandbox, fake_gateway):
    wanted, facts = paid(sandbox, fake_gateway)
    fake_gateway.refunds_become("pending")
    assert sandbox.refund(refund_order(wanted, facts.reference, "1.00")).stage == RefundStage.PENDING
    fake_gateway.settle_refunds(wanted.key)
    assert [refund.stage for refund in found(sandbox, wanted).refunds] == [RefundStage.SUCCEEDED]
    fake_gateway.fail_refunds(wanted.key)
    [refund] = found(sandbox, wanted).refunds
    assert (refund.stage, refund.failure) == (RefundStage.FAILED, "expired_or_canceled_card")
    assert fake_gateway.books()[str(wanted.key)]["refunded"] == 0


@pytest.mark.parametrize(
    ("end", "stage", "withheld"),
    [("win_disputes", DisputeStage.WON, 0), ("lose_disputes", DisputeStage.LOST, 12050)],
)
def test_a_dispute_withholds_the_money_until_it_is_decided(sandbox, fake_gateway, end, stage, withheld):
    wanted, _facts = paid(sandbox, fake_gateway)
    fake_gateway.dispute(wanted.key)
    [dispute] = found(sandbox, wanted).disputes
    assert (dispute.stage, dispute.amount, dispute.reason) == (DisputeStage.OPEN, wanted.amount, "fraudulent")
    assert dispute.evidence_due_at > timezone.now()
    getattr(fake_gateway, end)(wanted.key)
    assert [each.stage for each in found(sandbox, wanted).disputes] == [stage]
    assert fake_gateway.books()[str(wanted.key)]["disputed"] == withheld


def test_a_lost_answer_is_unknown_and_asking_again_does_nothing_twice(sandbox, fake_gateway):
    wanted = order()
    fake_gateway.lose(path="checkouts")
    with pytest.raises(gateways.Unknown):
        sandbox.open_checkout(wanted)
    checkout = sandbox.open_checkout(wanted)
    assert found(sandbox, wanted).checkout == checkout.reference
    assert len(fake_gateway.server.books.checkouts) == 1


def test_a_payment_that_it_never_heard_of_is_none(sandbox, fake_gateway):
    wanted = order()
    fake_gateway.cut(path="checkouts")
    with pytest.raises(gateways.Unknown):
        sandbox.open_checkout(wanted)
    assert found(sandbox, wanted) is None


def test_webhooks_come_in_any_order_and_number_each_with_the_whole_payment(sandbox, fake_gateway):
    wanted, _facts = paid(sandbox, fake_gateway)
    fake_gateway.refund_at_gateway(wanted.key, 500)
    first, second = notices(sandbox, fake_gateway)
    assert (first.kind, second.kind) == ("payment.captured", "payment.refund_made")
    assert first.event_id != second.event_id
    assert {each.facts.key for each in (first, second)} == {wanted.key}


def test_production_never_offers_it(sandbox, settings):
    assert "sandbox" in gateways.offered(money("1.00"))
    settings.PRODUCTION = True
    assert "sandbox" not in gateways.offered(money("1.00"))
    with pytest.raises(gateways.NotConfigured):
        sandbox.open_checkout(order())
