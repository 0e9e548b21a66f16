"""What billing relies on, of every gateway that is called: the real SDKs against the test gateway, over HTTP."""

from datetime import timedelta

import httpx
import pytest
from django.utils import timezone

from apps.billing import gateways
from apps.billing.gateways import DisputeStage, RefundStage, Stage
from tests.billing.orders import money, order, refund_order

CHARGING = [code for code in gateways.ONLINE if gateways.get(code).charges_later]


@pytest.fixture(params=gateways.ONLINE)
def gateway(request, fake_gateway):
    return gateways.get(request.param)


@pytest.fixture(params=CHARGING)
def charging(request, fake_gateway):
    return gateways.get(request.param)


def found(gateway, wanted, checkout=None):
    """As the job asks: by our key alone where no answer ever told us the page."""
    return gateway.look_up(wanted.key, checkout=checkout.reference if checkout else "", reference="")


def opened(gateway, **changes):
    wanted = order(**changes)
    return wanted, gateway.open_checkout(wanted)


def paid(gateway, fake_gateway, **changes):
    wanted, checkout = opened(gateway, **changes)
    fake_gateway.pay(checkout.url)
    return wanted, checkout, found(gateway, wanted, checkout)


def notices(gateway, fake_gateway):
    return [gateway.read_notice(body, headers, now=timezone.now()) for _code, body, headers in fake_gateway.take()]


def furthest(told):
    return max((notice.facts.stage for notice in told if notice.facts.stage), key=list(Stage).index)


def test_a_page_is_opened_paid_and_looked_up(gateway, fake_gateway):
    wanted, checkout = opened(gateway)
    assert found(gateway, wanted, checkout).stage == Stage.OPEN
    assert fake_gateway.pay(checkout.url).startswith(wanted.return_url)
    facts = found(gateway, wanted, checkout)
    assert (facts.key, facts.checkout) == (wanted.key, checkout.reference)
    assert (facts.stage, facts.captured, facts.method) == (Stage.CAPTURED, wanted.amount, "card")
    assert fake_gateway.books()[str(wanted.key)]["captured"] == 12050


def test_a_payment_is_found_by_its_reference_and_by_our_key_alone(gateway, fake_gateway):
    wanted, _checkout, facts = paid(gateway, fake_gateway)
    for reference in ("", facts.reference):
        again = gateway.look_up(wanted.key, checkout="", reference=reference)
        assert (again.key, again.reference, again.stage, again.captured) == (
            wanted.key, facts.reference, Stage.CAPTURED, wanted.amount,
        )  # fmt: skip


def test_the_webhooks_of_a_payment_say_whose_it_is_and_what_was_captured(gateway, fake_gateway):
    wanted, checkout, facts = paid(gateway, fake_gateway)
    told = notices(gateway, fake_gateway)
    assert furthest(told) == Stage.CAPTURED
    assert {notice.facts.key for notice in told} == {wanted.key}
    assert {notice.facts.captured for notice in told} - {None} == {wanted.amount}
    assert {notice.facts.reference for notice in told} == {facts.reference}
    assert checkout.reference in {notice.facts.checkout for notice in told}
    assert len({notice.event_id for notice in told}) == len(told)


def test_a_page_shows_what_is_paid(gateway, fake_gateway):
    wanted, checkout = opened(gateway, amount="1234.500", currency="KWD")
    page = httpx.get(checkout.url)
    assert "1,234.500 KWD" in page.text
    assert wanted.description in page.text
    assert "no money moves" in page.text


def test_the_same_order_opens_the_same_page(gateway, fake_gateway):
    wanted = order()
    assert gateway.open_checkout(wanted) == gateway.open_checkout(wanted)
    assert len(fake_gateway.server.books.checkouts) == 1


def test_a_decline_leaves_the_page_open(gateway, fake_gateway):
    wanted, checkout = opened(gateway)
    fake_gateway.decline(checkout.url)
    facts = found(gateway, wanted, checkout)
    assert (facts.stage, facts.captured) == (Stage.OPEN, None)
    assert facts.failure_code
    [told] = notices(gateway, fake_gateway)
    assert (told.facts.stage, told.facts.failure_code, told.facts.key) == (Stage.OPEN, facts.failure_code, wanted.key)
    fake_gateway.pay(checkout.url)
    assert found(gateway, wanted, checkout).stage == Stage.CAPTURED


@pytest.mark.parametrize(("act", "stage"), [("settle", Stage.CAPTURED), ("fail", Stage.FAILED)])
def test_what_is_paid_later_is_captured_or_fails(gateway, fake_gateway, act, stage):
    """At Razorpay the page then waits for another attempt."""
    if (gateway.code, act) == ("razorpay", "fail"):
        stage = Stage.OPEN
    wanted, checkout = opened(gateway)
    fake_gateway.pay_later(checkout.url)
    assert furthest(notices(gateway, fake_gateway)) == Stage.PROCESSING
    getattr(fake_gateway, act)(wanted.key)
    assert furthest(notices(gateway, fake_gateway)) == stage
    assert found(gateway, wanted, checkout).stage == stage


def test_nobody_pays_on_a_page_that_was_closed_or_whose_time_is_over(gateway, fake_gateway, time_machine):
    closed, closed_page = opened(gateway)
    late, late_page = opened(gateway)
    gateway.close_checkout(closed_page.reference)
    gateway.close_checkout(closed_page.reference)
    time_machine.move_to(timezone.now() + timedelta(hours=3))
    for page in (closed_page, late_page):
        assert httpx.post(page.url, data={"act": "pay"}).status_code == httpx.codes.CONFLICT
    assert found(gateway, closed, closed_page).stage == Stage.EXPIRED
    assert found(gateway, late, late_page).stage == Stage.EXPIRED
    assert sum(row["captured"] for row in fake_gateway.books().values()) == 0
    assert {notice.facts.stage for notice in notices(gateway, fake_gateway)} == {Stage.EXPIRED}


def test_closing_a_page_that_was_paid_meanwhile_is_no_error_and_takes_nothing_back(gateway, fake_gateway):
    wanted, checkout, _facts = paid(gateway, fake_gateway)
    gateway.close_checkout(checkout.reference)
    assert found(gateway, wanted, checkout).stage == Stage.CAPTURED


def test_a_payment_that_had_failed_may_be_captured_after_all(gateway, fake_gateway):
    wanted, checkout = opened(gateway)
    fake_gateway.pay_later(checkout.url)
    fake_gateway.fail(wanted.key)
    fake_gateway.capture_late(wanted.key)
    facts = found(gateway, wanted, checkout)
    assert (facts.stage, facts.captured) == (Stage.CAPTURED, wanted.amount)


# --- without the payer ---


def test_a_kept_method_is_charged_later_once_for_a_key(charging, fake_gateway):
    _wanted, _checkout, facts = paid(charging, fake_gateway, keep_method=True)
    assert facts.mandate.label.endswith("•••• 4242")
    renewal = order("19.00")
    charged = charging.charge(renewal, facts.mandate)
    assert (charged.stage, charged.captured, charged.key) == (Stage.CAPTURED, renewal.amount, renewal.key)
    assert charging.charge(renewal, facts.mandate) == charged
    assert fake_gateway.books()[str(renewal.key)]["captured"] == 1900
    assert found(charging, renewal).captured == renewal.amount


def test_a_method_is_kept_only_where_the_payer_was_asked(charging, fake_gateway):
    assert paid(charging, fake_gateway)[2].mandate is None


def test_a_card_that_is_declined_later_is_a_refusal(charging, fake_gateway):
    _wanted, _checkout, facts = paid(charging, fake_gateway, keep_method=True)
    fake_gateway.decline_card(facts.mandate.method)
    renewal = order("19.00")
    with pytest.raises(gateways.Refused) as refused:
        charging.charge(renewal, facts.mandate)
    assert "decline" in refused.value.code
    assert found(charging, renewal).stage == Stage.FAILED


def test_a_charge_whose_answer_was_lost_is_made_once(charging, fake_gateway):
    _wanted, _checkout, facts = paid(charging, fake_gateway, keep_method=True)
    renewal = order("19.00")
    fake_gateway.lose(method="POST")
    with pytest.raises(gateways.Unknown):
        charging.charge(renewal, facts.mandate)
    assert charging.charge(renewal, facts.mandate).captured == renewal.amount
    assert fake_gateway.books()[str(renewal.key)]["captured"] == 1900


# --- refunds and disputes ---


def test_parts_are_refunded_until_nothing_is_left(gateway, fake_gateway):
    wanted, checkout, facts = paid(gateway, fake_gateway)
    first = refund_order(wanted, facts.reference, "20.50")
    made = gateway.refund(first)
    assert (made.key, made.amount, made.stage) == (first.key, first.amount, RefundStage.SUCCEEDED)
    assert gateway.refund(first) == made
    gateway.refund(refund_order(wanted, facts.reference, "100.00"))
    with pytest.raises(gateways.Refused):
        gateway.refund(refund_order(wanted, facts.reference, "1.00"))
    assert [each.amount for each in found(gateway, wanted, checkout).refunds] == [money("20.50"), money("100.00")]
    assert fake_gateway.books()[str(wanted.key)]["refunded"] == 12050


def test_a_refund_whose_answer_was_lost_is_made_once(gateway, fake_gateway):
    wanted, _checkout, facts = paid(gateway, fake_gateway)
    asked = refund_order(wanted, facts.reference, "20.50")
    fake_gateway.lose(method="POST")
    with pytest.raises(gateways.Unknown):
        gateway.refund(asked)
    assert gateway.refund(asked).key == asked.key
    assert fake_gateway.books()[str(wanted.key)]["refunded"] == 2050


def test_a_refund_is_made_once_even_when_the_gateway_has_forgotten_the_key(gateway, fake_gateway, time_machine):
    wanted, _checkout, facts = paid(gateway, fake_gateway)
    asked = refund_order(wanted, facts.reference, "20.50")
    made = gateway.refund(asked)
    time_machine.move_to(timezone.now() + timedelta(days=3))
    if gateway.code == "sandbox":  # it keeps no refund twice, but has no list to look into
        with pytest.raises(gateways.Refused):
            gateway.refund(refund_order(wanted, facts.reference, "120.00"))
        return
    assert gateway.refund(asked) == made
    assert fake_gateway.books()[str(wanted.key)]["refunded"] == 2050


def test_a_refund_that_was_made_at_the_gateway_has_no_key_of_ours(gateway, fake_gateway):
    wanted, checkout, _facts = paid(gateway, fake_gateway)
    fake_gateway.forget()
    fake_gateway.refund_at_gateway(wanted.key, 500)
    told = [refund for notice in notices(gateway, fake_gateway) for refund in notice.facts.refunds]
    assert {(refund.key, refund.amount) for refund in told} == {(None, money("5.00"))}
    known = found(gateway, wanted, checkout).refunds
    assert {refund.reference for refund in told} == {refund.reference for refund in known}


def test_the_webhooks_of_a_refund_say_whose_it_is(gateway, fake_gateway):
    wanted, _checkout, facts = paid(gateway, fake_gateway)
    fake_gateway.forget()
    asked = refund_order(wanted, facts.reference, "20.50")
    made = gateway.refund(asked)
    told = notices(gateway, fake_gateway)
    assert {notice.facts.reference for notice in told} == {facts.reference}
    assert made in [refund for notice in told for refund in notice.facts.refunds]


def test_a_pending_refund_arrives_or_fails(gateway, fake_gateway):
    wanted, checkout, facts = paid(gateway, fake_gateway)
    fake_gateway.refunds_become("pending")
    assert gateway.refund(refund_order(wanted, facts.reference, "1.00")).stage == RefundStage.PENDING
    fake_gateway.settle_refunds(wanted.key)
    assert [each.stage for each in found(gateway, wanted, checkout).refunds] == [RefundStage.SUCCEEDED]
    fake_gateway.forget()
    fake_gateway.fail_refunds(wanted.key)
    [refund] = found(gateway, wanted, checkout).refunds
    assert refund.stage == RefundStage.FAILED
    told = [each.stage for notice in notices(gateway, fake_gateway) for each in notice.facts.refunds]
    assert set(told) == {RefundStage.FAILED}
    assert fake_gateway.books()[str(wanted.key)]["refunded"] == 0


@pytest.mark.parametrize(
    ("end", "stage", "withheld"),
    [("win_disputes", DisputeStage.WON, 0), ("lose_disputes", DisputeStage.LOST, 12050)],
)
def test_a_dispute_withholds_the_money_until_it_is_decided(gateway, fake_gateway, end, stage, withheld):
    wanted, checkout, facts = paid(gateway, fake_gateway)
    fake_gateway.forget()
    fake_gateway.dispute(wanted.key)
    [dispute] = found(gateway, wanted, checkout).disputes
    assert (dispute.stage, dispute.amount) == (DisputeStage.OPEN, wanted.amount)
    assert dispute.reason
    assert dispute.evidence_due_at > timezone.now()
    getattr(fake_gateway, end)(wanted.key)
    assert [each.stage for each in found(gateway, wanted, checkout).disputes] == [stage]
    told = notices(gateway, fake_gateway)
    assert {notice.facts.reference for notice in told} == {facts.reference}
    assert [each.stage for notice in told for each in notice.facts.disputes] == [DisputeStage.OPEN, stage]
    assert fake_gateway.books()[str(wanted.key)]["disputed"] == withheld


# --- answers that never came ---


def test_a_page_whose_answer_was_lost_is_found_by_our_key_and_opened_once(gateway, fake_gateway):
    wanted = order()
    fake_gateway.lose(method="POST")
    with pytest.raises(gateways.Unknown):
        gateway.open_checkout(wanted)
    facts = found(gateway, wanted)
    checkout = gateway.open_checkout(wanted)
    assert (facts.stage, facts.checkout) == (Stage.OPEN, checkout.reference)
    assert len(fake_gateway.server.books.checkouts) == 1


def test_a_payment_that_the_gateway_never_heard_of_is_none(gateway, fake_gateway, time_machine):
    wanted = order()
    fake_gateway.cut(method="POST")
    with pytest.raises(gateways.Unknown):
        gateway.open_checkout(wanted)
    time_machine.move_to(timezone.now() + timedelta(minutes=5))
    assert found(gateway, wanted) is None


def test_a_key_that_comes_with_another_amount_is_never_a_second_page(gateway, fake_gateway):
    wanted, _checkout = opened(gateway)
    with pytest.raises(gateways.GatewayError):
        gateway.open_checkout(order(key=wanted.key, amount="1.00", expires_at=wanted.expires_at))
    assert len(fake_gateway.server.books.checkouts) == 1


ANSWERS = [
    (400, gateways.Refused),
    (401, gateways.Unknown),
    (402, gateways.Refused),
    (403, gateways.Unknown),
    (404, gateways.Refused),
    (409, gateways.Unknown),
    (429, gateways.Unknown),
    (500, gateways.Unknown),
    (503, gateways.Unknown),
]


@pytest.mark.parametrize(("status", "expected"), ANSWERS)
def test_every_answer_that_is_no_is_one_of_two_things(gateway, fake_gateway, status, expected):
    """No for good, or nothing that one could build upon."""
    fake_gateway.answer(status)
    with pytest.raises(expected) as raised:
        gateway.open_checkout(order())
    assert type(raised.value) is expected
    assert len(raised.value.code) <= 60


@pytest.mark.parametrize("fault", ["lose", "cut", "nonsense"])
def test_an_answer_that_is_none_is_unknown(gateway, fake_gateway, fault):
    getattr(fake_gateway, fault)(times=10)
    with pytest.raises(gateways.Unknown):
        gateway.open_checkout(order())
    with pytest.raises(gateways.Unknown):
        found(gateway, order())


def test_an_answer_that_is_late_is_unknown(gateway, fake_gateway, settings):
    settings.GATEWAY_TIMEOUTS = (1.0, 0.2)
    fake_gateway.delay(30)
    with pytest.raises(gateways.Unknown):
        gateway.open_checkout(order())


def test_one_that_cannot_be_reached_is_unknown(gateway, fake_gateway):
    fake_gateway.stop()
    with pytest.raises(gateways.Unknown):
        gateway.open_checkout(order())


@pytest.mark.parametrize("status", [401, 404, 500])
def test_what_was_not_found_for_want_of_an_answer_is_never_none(gateway, fake_gateway, status):
    wanted, checkout, facts = paid(gateway, fake_gateway)
    for asked in (wanted.key, order().key):
        fake_gateway.answer(status, times=10)
        with pytest.raises(gateways.Unknown):
            gateway.look_up(asked, checkout=checkout.reference, reference=facts.reference)
        fake_gateway.heal()


def test_no_call_is_made_a_second_time_by_itself(gateway, fake_gateway):
    fake_gateway.answer(500)
    with pytest.raises(gateways.Unknown):
        gateway.open_checkout(order())
    assert fake_gateway.server.books.checkouts == {}


def test_without_keys_it_is_not_offered_and_asks_nobody(gateway, settings):
    assert gateway.code in gateways.offered(money("10.00"))
    for name in ("STRIPE_SECRET_KEY", "RAZORPAY_KEY_SECRET", "SANDBOX_GATEWAY_SECRET"):
        setattr(settings, name, "")
    assert gateway.code not in gateways.offered(money("10.00"))
    wanted = order()
    for call in (
        lambda: gateway.open_checkout(wanted),
        lambda: gateway.look_up(wanted.key, checkout="", reference=""),
        lambda: gateway.refund(refund_order(wanted, "pi_1", "1.00")),
        lambda: gateway.read_notice(b"{}", {}, now=timezone.now()),
    ):
        with pytest.raises(gateways.NotConfigured):
            call()


def test_production_never_offers_the_sandbox(fake_gateway, settings):
    assert "sandbox" in gateways.offered(money("1.00"))
    settings.PRODUCTION = True
    assert "sandbox" not in gateways.offered(money("1.00"))
    with pytest.raises(gateways.NotConfigured):
        gateways.get("sandbox").open_checkout(order())


def test_nothing_is_offered_for_nothing(fake_gateway):
    assert gateways.offered(money("0.00")) == []
