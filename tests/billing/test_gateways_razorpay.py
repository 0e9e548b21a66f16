"""What is Razorpay's own: its way of counting, references that are used once, its signatures, late captures."""

import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import razorpay
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from apps.billing import gateways
from apps.billing.gateways import razorpay_facts, razorpay_units
from apps.billing.gateways.base import Stage
from apps.billing.gateways.razorpay_units import UNITS
from apps.common import ids
from apps.common.money import Money, exponent
from medivoy.fake_gateway.messages import Answer
from tests.billing.orders import CANARY_EMAIL, CANARY_NAME, money, order, refund_order
from tests.fakes.gateway import KEYS


@pytest.fixture
def gateway(fake_gateway):
    return gateways.get("razorpay")


def found(gateway, wanted, checkout):
    return gateway.look_up(wanted.key, checkout=checkout.reference, reference="")


# --- amounts ---


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [("299.95", "INR", 29995), ("295", "JPY", 295), ("99.990", "KWD", 99990), ("12", "ALL", 1200)],
)
def test_amounts_are_said_in_razorpays_units_and_read_back(amount, currency, units):
    assert UNITS.of(money(amount, currency)) == units
    assert UNITS.money(units, currency) == money(amount, currency)


@given(st.sampled_from(sorted(razorpay_units.CURRENCIES)), st.integers(min_value=1, max_value=10**8))
def test_what_can_be_said_in_units_reads_back_to_the_last_one(currency, minor):
    amount = Money.from_minor(minor, currency)
    units = UNITS.of(amount)
    if units is None:
        assert exponent(currency) == 3
        assert minor % 10
    else:
        assert UNITS.money(units, currency) == amount


@pytest.mark.parametrize(
    ("amount", "currency", "taken"),
    [
        ("1.00", "INR", True),
        ("0.99", "INR", False),
        ("0.01", "USD", True),
        ("99.990", "KWD", True),
        ("99.991", "KWD", False),
        ("5", "ISK", False),
        ("0.00", "USD", False),
    ],
)
def test_it_is_offered_for_what_razorpay_takes(amount, currency, taken, gateway):
    assert gateway.takes(money(amount, currency)) is taken
    assert ("razorpay" in gateways.offered(money(amount, currency))) is taken


@pytest.mark.parametrize(("amount", "currency"), [("500", "JPY"), ("5.120", "KWD"), ("1045.25", "HUF")])
def test_a_payment_in_a_currency_of_its_own_kind_comes_back_as_it_was_asked(amount, currency, gateway, fake_gateway):
    wanted = order(amount, currency)
    checkout = gateway.open_checkout(wanted)
    fake_gateway.pay(checkout.url)
    facts = found(gateway, wanted, checkout)
    assert facts.captured == wanted.amount
    assert gateway.refund(refund_order(wanted, facts.reference, amount, currency)).amount == wanted.amount


# --- one link for a reference ---


def test_a_reference_that_was_used_for_another_amount_is_not_answered_with_that_page(gateway):
    wanted = order()
    gateway.open_checkout(wanted)
    with pytest.raises(gateways.Unknown) as unknown:
        gateway.open_checkout(order(key=wanted.key, amount="1.00"))
    assert unknown.value.code == "reference_exists"


def test_a_reference_that_exists_and_is_not_listed_is_unknown_and_never_refused(gateway, fake_gateway, monkeypatch):
    """Some have seen Razorpay leave out what was asked for by its reference."""
    wanted = order()
    gateway.open_checkout(wanted)
    dialect = fake_gateway.server.dialects["razorpay"]
    listed = dialect._get
    monkeypatch.setattr(
        dialect, "_get", lambda path, said: {"payment_links": []} if path == ["payment_links"] else listed(path, said)
    )
    with pytest.raises(gateways.Unknown) as unknown:
        gateway.open_checkout(wanted)
    assert unknown.value.code == "reference_exists"


def test_other_links_in_the_answer_are_never_taken_for_ours(gateway, fake_gateway, monkeypatch):
    gateway.open_checkout(order())
    dialect = fake_gateway.server.dialects["razorpay"]
    listed = dialect._get
    monkeypatch.setattr(dialect, "_get", lambda path, said: listed(path, {}))
    assert gateway.look_up(order().key, checkout="", reference="") is None


def test_a_link_that_would_close_within_a_quarter_of_an_hour_is_refused(gateway):
    with pytest.raises(gateways.Refused):
        gateway.open_checkout(order(expires_at=timezone.now() + timedelta(minutes=14)))


def test_razorpay_is_told_neither_name_nor_address(gateway, fake_gateway, monkeypatch):
    seen = []
    dialect = fake_gateway.server.dialects["razorpay"]
    opened = dialect._open
    monkeypatch.setattr(dialect, "_open", lambda said: seen.append(said) or opened(said))
    gateway.open_checkout(order())
    assert CANARY_NAME not in json.dumps(seen)
    assert CANARY_EMAIL not in json.dumps(seen)
    assert seen[0]["notify"] == {"sms": False, "email": False}


def test_the_return_says_what_razorpays_own_check_accepts(gateway, fake_gateway):
    wanted = order(return_url="https://medivoy.example.com/paid?of=7")
    checkout = gateway.open_checkout(wanted)
    address = urlsplit(fake_gateway.pay(checkout.url))
    said = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert said["of"] == "7"
    client = razorpay.Client(auth=(KEYS["RAZORPAY_KEY_ID"], KEYS["RAZORPAY_KEY_SECRET"]))
    assert client.utility.verify_payment_link_signature(
        {
            "payment_link_id": said["razorpay_payment_link_id"],
            "payment_link_reference_id": said["razorpay_payment_link_reference_id"],
            "payment_link_status": said["razorpay_payment_link_status"],
            "razorpay_payment_id": said["razorpay_payment_id"],
            "razorpay_signature": said["razorpay_signature"],
        }
    )
    client.session.close()


# --- late captures ---


def test_what_stands_authorised_is_left_to_automatic_capture_for_an_hour_and_captured_then(
    gateway, fake_gateway, time_machine
):
    wanted = order()
    checkout = gateway.open_checkout(wanted)
    fake_gateway.pay_later(checkout.url)
    assert found(gateway, wanted, checkout).stage == Stage.PROCESSING
    time_machine.move_to(timezone.now() + timedelta(hours=1, minutes=1))
    assert found(gateway, wanted, checkout).captured == wanted.amount
    assert fake_gateway.books()[str(wanted.key)]["captured"] == 12050


@pytest.mark.parametrize(("captured", "stage"), [(False, "expired"), (True, "captured")])
def test_what_was_authorised_only_and_given_back_by_razorpay_never_came_in(captured, stage):
    link = {"id": "plink_1", "status": "expired", "reference_id": str(ids.uuid7())}
    attempt = {
        "id": "pay_1",
        "status": "refunded",
        "captured": captured,
        "amount": 5000,
        "currency": "INR",
        "notes": [],
    }
    facts = razorpay_facts.of_link(link, [attempt])
    assert (facts.stage, facts.captured) == (stage, money("50.00", "INR") if captured else None)


def test_several_attempts_on_one_link_are_one_payment(gateway, fake_gateway):
    wanted = order()
    checkout = gateway.open_checkout(wanted)
    fake_gateway.decline(checkout.url)
    fake_gateway.decline(checkout.url)
    fake_gateway.pay(checkout.url)
    facts = found(gateway, wanted, checkout)
    assert (facts.stage, facts.captured, facts.failure_code) == (Stage.CAPTURED, wanted.amount, "")
    assert len(fake_gateway.server.books.payments) == 3


def test_nobody_is_charged_without_being_asked(gateway):
    assert gateway.charges_later is False
    with pytest.raises(gateways.Refused):
        gateway.charge(order(), gateways.Mandate("cust", "token", "Visa"))


# --- refunds ---


def test_a_key_that_comes_with_another_amount_is_unknown_and_refunds_nothing_more(gateway, fake_gateway, monkeypatch):
    """Even where the list of refunds does not show it yet."""
    wanted = order()
    checkout = gateway.open_checkout(wanted)
    fake_gateway.pay(checkout.url)
    reference = found(gateway, wanted, checkout).reference
    asked = refund_order(wanted, reference, "5.00")
    gateway.refund(asked)
    dialect = fake_gateway.server.dialects["razorpay"]
    monkeypatch.setattr(dialect, "_get", lambda path, said: {"entity": "collection", "count": 0, "items": []})
    other = gateways.RefundOrder(asked.key, asked.payment_key, reference, money("6.00"))
    with pytest.raises(gateways.Unknown):
        gateway.refund(other)
    assert gateway.refund(asked).amount == money("5.00")
    assert fake_gateway.books()[str(wanted.key)]["refunded"] == 500


def test_refunds_are_turned_over_to_the_end(gateway, fake_gateway):
    wanted = order("150.00")
    checkout = gateway.open_checkout(wanted)
    fake_gateway.pay(checkout.url)
    for _each in range(130):
        fake_gateway.refund_at_gateway(wanted.key, 100)
    assert len(found(gateway, wanted, checkout).refunds) == 130


def test_an_account_without_a_list_of_disputes_is_looked_up_without_them(gateway, fake_gateway):
    wanted = order()
    checkout = gateway.open_checkout(wanted)
    fake_gateway.pay(checkout.url)
    fake_gateway.dispute(wanted.key)
    assert len(found(gateway, wanted, checkout).disputes) == 1
    fake_gateway.answer(400, path="disputes")
    facts = found(gateway, wanted, checkout)
    assert (facts.captured, facts.disputes) == (wanted.amount, ())


# --- webhooks ---


def signed(body, secret=KEYS["RAZORPAY_WEBHOOK_SECRET"]):
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"X-Razorpay-Signature": signature, "X-Razorpay-Event-Id": "evt_1"}


@pytest.fixture
def body(gateway, fake_gateway):
    fake_gateway.pay(gateway.open_checkout(order()).url)
    return fake_gateway.take()[-1][1]


def test_a_webhook_is_read_that_razorpay_signed_however_old(body, gateway):
    notice = gateway.read_notice(body, signed(body), now=timezone.now() + timedelta(days=3))
    assert (notice.event_id, notice.kind, notice.facts.stage) == ("evt_1", "payment_link.paid", Stage.CAPTURED)
    assert gateway.reread(body).facts == notice.facts


def test_a_webhook_without_an_event_id_is_known_by_its_body(body, gateway):
    signature = {"X-Razorpay-Signature": signed(body)["X-Razorpay-Signature"]}
    first, again = (gateway.read_notice(body, signature, now=timezone.now()).event_id for _each in range(2))
    assert first == again == hashlib.sha256(body).hexdigest()


def test_a_webhook_that_razorpay_did_not_sign_is_not_read(body, gateway):
    bad = [
        (body, {}),
        (body, {"X-Razorpay-Signature": ""}),
        (body, {"X-Razorpay-Signature": "é" * 64}),
        (body, signed(body, secret="webhook-secret-of-another")),
        (body.replace(b"12050", b"12051"), signed(body)),
        (body + b"\n", signed(body)),
        (b"\xff" + body, signed(b"\xff" + body)),
    ]
    for altered, headers in bad:
        with pytest.raises(gateways.BadSignature):
            gateway.read_notice(altered, headers, now=timezone.now())


@pytest.mark.parametrize("text", [b"[]", b"{}", b'{"event": "refund.created", "payload": {}}', b"null"])
def test_a_webhook_that_is_signed_and_makes_no_sense_says_so(text, gateway):
    with pytest.raises(gateways.BadNotice):
        gateway.read_notice(text, signed(text), now=timezone.now())


def test_kinds_that_say_nothing_to_us_are_read_without_facts(gateway):
    text = json.dumps({"event": "settlement.processed", "payload": {}, "created_at": 1_700_000_000}).encode()
    assert gateway.read_notice(text, signed(text), now=timezone.now()).facts is None


def test_a_dispute_is_told_without_its_payment(gateway):
    dispute = {
        "id": "disp_1", "payment_id": "pay_1", "amount": 39000, "currency": "INR", "status": "under_review",
        "reason_code": "goods_not_received", "respond_by": 1_900_000_000,
    }  # fmt: skip
    text = json.dumps(
        {
            "event": "payment.dispute.under_review",
            "payload": {"payment": None, "dispute": {"entity": dispute}},
            "created_at": 1_700_000_000,
        }
    ).encode()
    facts = gateway.read_notice(text, signed(text), now=timezone.now()).facts
    assert (facts.key, facts.reference, facts.disputes[0].amount) == (None, "pay_1", money("390.00", "INR"))


def test_an_event_that_razorpay_published_is_read(gateway):
    """The shape of a `payment_link.paid` as Razorpay sends it, notes and all; made up values."""
    wanted = order("7.00", "INR")
    payment = {
        "id": "pay_NVcLwcbtje3yCH", "entity": "payment", "amount": 700, "amount_refunded": 0, "captured": True,
        "currency": "INR", "description": "#NVcLFj7FEEzhOA", "email": CANARY_EMAIL, "error_code": None,
        "error_reason": None, "method": "upi", "notes": {"payment": str(wanted.key)}, "order_id": "order_1",
        "status": "captured",
    }  # fmt: skip
    link = {
        "id": "plink_NVcLFj7FEEzhOA", "amount": 700, "amount_paid": 700, "currency": "INR", "notes": [],
        "order_id": "order_1", "reference_id": str(wanted.key), "status": "paid",
    }  # fmt: skip
    event = {
        "account_id": "acc_1", "contains": ["payment_link", "order", "payment"], "created_at": 1706790962,
        "entity": "event", "event": "payment_link.paid",
        "payload": {"order": {"entity": {"id": "order_1"}}, "payment": {"entity": payment},
                    "payment_link": {"entity": link}},
    }  # fmt: skip
    facts = gateway.reread(json.dumps(event).encode()).facts
    assert (facts.key, facts.checkout, facts.reference) == (wanted.key, link["id"], payment["id"])
    assert (facts.stage, facts.captured, facts.method) == (Stage.CAPTURED, wanted.amount, "upi")


# --- what is kept quiet ---


def test_what_razorpay_writes_gets_neither_into_an_exception_nor_onto_the_screen(
    gateway, fake_gateway, monkeypatch, capsys
):
    dialect = fake_gateway.server.dialects["razorpay"]
    said = {"error": {"code": "BAD_REQUEST_ERROR", "description": f"{CANARY_EMAIL} is not valid", "reason": "NA"}}
    monkeypatch.setattr(dialect, "answer", lambda request: Answer(400, said))
    with pytest.raises(gateways.Refused) as refused:
        gateway.open_checkout(order())
    assert refused.value.args == ("bad_request_error",)
    assert refused.value.__cause__ is None
    fake_gateway.cut()
    with pytest.raises(gateways.Unknown):
        gateway.open_checkout(order())
    assert capsys.readouterr() == ("", "")


def test_a_failure_of_the_banks_side_is_not_a_no(gateway, fake_gateway, monkeypatch):
    dialect = fake_gateway.server.dialects["razorpay"]
    said = {"error": {"code": "GATEWAY_ERROR", "description": "Payment processing failed", "reason": "gateway_error"}}
    monkeypatch.setattr(dialect, "answer", lambda request: Answer(400, said))
    with pytest.raises(gateways.Unknown):
        gateway.open_checkout(order())
