"""What is Stripe's own: its way of counting, its signatures, its fields; and that the test gateway speaks like it."""

import json
import time
from dataclasses import replace
from datetime import timedelta

import pytest
import stripe
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from stripe import params

from apps.billing import gateways
from apps.billing.gateways import stripe_units
from apps.billing.gateways.base import Stage
from apps.billing.gateways.stripe_units import UNITS
from apps.common import ids
from apps.common.money import Money, exponent
from medivoy.fake_gateway import stripe_shapes
from medivoy.fake_gateway.messages import Answer
from tests.billing.orders import CANARY_EMAIL, CANARY_NAME, money, order, refund_order

# --- amounts ---

UNITS_OF = [
    ("120.50", "USD", 12050),
    ("500", "JPY", 500),
    ("5.120", "KWD", 5120),
    ("5", "ISK", 500),
    ("5", "UGX", 500),
    ("1045.25", "HUF", 104525),
    ("800.45", "TWD", 80045),
    ("12", "RSD", 1200),  # CLDR gives it no decimals, Stripe two
    ("7", "MGA", 7),
]


@pytest.mark.parametrize(("amount", "currency", "units"), UNITS_OF)
def test_amounts_are_said_in_stripes_units_and_read_back(amount, currency, units):
    assert UNITS.of(money(amount, currency)) == units
    assert UNITS.money(units, currency.lower()) == money(amount, currency)


@given(st.sampled_from(sorted(stripe_units.CURRENCIES)), st.integers(min_value=1, max_value=10**8))
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
        ("0.50", "USD", True),
        ("0.49", "USD", False),
        ("999999.99", "USD", True),
        ("1000000.00", "USD", False),
        ("9999999999.99", "IDR", True),
        ("50", "JPY", True),
        ("49", "JPY", False),
        ("5.120", "KWD", True),
        ("5.124", "KWD", False),  # the last digit is 0
        ("174.99", "HUF", False),
        ("0.01", "BDT", True),  # no minimum of its own; Stripe's own answer decides
        ("10.00", "SYP", False),
        ("0.00", "BDT", False),
    ],
)
def test_it_is_offered_for_what_stripe_takes(amount, currency, taken, fake_gateway):
    assert gateways.get("stripe").takes(money(amount, currency)) is taken
    assert ("stripe" in gateways.offered(money(amount, currency))) is taken


def test_an_amount_that_stripe_has_no_place_for_is_refused_and_never_rounded(fake_gateway):
    with pytest.raises(gateways.Refused) as refused:
        gateways.get("stripe").open_checkout(order("5.124", "KWD"))
    assert refused.value.code == "amount_cannot_be_expressed"
    assert fake_gateway.server.books.checkouts == {}


@pytest.mark.parametrize(("amount", "currency"), [("500", "JPY"), ("5.120", "KWD"), ("5", "ISK"), ("1045.25", "HUF")])
def test_a_payment_in_a_currency_of_its_own_kind_comes_back_as_it_was_asked(amount, currency, fake_gateway):
    wanted = order(amount, currency)
    gateway = gateways.get("stripe")
    checkout = gateway.open_checkout(wanted)
    fake_gateway.pay(checkout.url)
    facts = gateway.look_up(wanted.key, checkout=checkout.reference, reference="")
    assert facts.captured == wanted.amount
    refund = gateway.refund(refund_order(wanted, facts.reference, amount, currency))
    assert refund.amount == wanted.amount


# --- webhooks ---

SECRET = "whsec_of_the_tests"


def signed(body, secret=SECRET, at=None):
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, int(at or time.time()))
    return {"Stripe-Signature": header}


@pytest.fixture
def body(fake_gateway):
    checkout = gateways.get("stripe").open_checkout(order())
    fake_gateway.pay(checkout.url)
    return fake_gateway.take()[0][1]


def read(body, headers):
    return gateways.get("stripe").read_notice(body, headers, now=timezone.now())


def test_a_webhook_is_read_that_stripe_signed_within_five_minutes(body):
    now = time.time()
    assert read(body, signed(body, at=now - 299)).facts.stage == Stage.CAPTURED
    assert read(body, signed(body)) == gateways.get("stripe").reread(body)


def test_a_webhook_that_stripe_did_not_sign_is_not_read(body):
    now = time.time()
    good = signed(body)["Stripe-Signature"]
    bad = [
        (body, {}),
        (body, {"Stripe-Signature": ""}),
        (body, {"Stripe-Signature": "t=now,v1=00"}),
        (body, {"Stripe-Signature": good.replace("v1=", "v0=")}),
        (body, signed(body, secret="whsec_of_another")),
        (body, signed(body, at=now - 301)),
        (body, signed(body, at=now + 310)),
        (body.replace(b"12050", b"12051"), signed(body)),
        (b"\xff" + body, signed(body)),
    ]
    for altered, headers in bad:
        with pytest.raises(gateways.BadSignature):
            read(altered, headers)


def test_several_signatures_are_tried_while_the_secret_is_changed(body):
    old, new = signed(body, secret="whsec_old")["Stripe-Signature"], signed(body)["Stripe-Signature"]
    header = f"{new.split(',')[0]},{old.split(',')[1]},{new.split(',')[1]}"
    assert read(body, {"Stripe-Signature": header}).event_id


@pytest.mark.parametrize("text", [b"[]", b"{}", b'{"id": "evt_1", "type": "charge.refunded", "data": {}}', b"null"])
def test_a_webhook_that_is_signed_and_makes_no_sense_says_so(text, fake_gateway):
    with pytest.raises(gateways.BadNotice):
        read(text, signed(text))


def test_kinds_that_say_nothing_to_us_are_read_without_facts(fake_gateway):
    event = {"id": "evt_1", "type": "customer.created", "created": 1_700_000_000, "data": {"object": {"id": "cus_1"}}}
    text = json.dumps(event).encode()
    assert read(text, signed(text)).facts is None


@pytest.mark.parametrize(
    ("status", "stage"),
    [
        ("warning_needs_response", None),
        ("warning_closed", None),
        ("needs_response", "open"),
        ("under_review", "open"),
        ("won", "won"),
        ("lost", "lost"),
    ],
)
def test_a_bank_that_only_asks_withholds_nothing_until_it_disputes(status, stage, fake_gateway):
    gateway = gateways.get("stripe")
    wanted = order()
    checkout = gateway.open_checkout(wanted)
    fake_gateway.pay(checkout.url)
    fake_gateway.forget()
    fake_gateway.dispute(wanted.key)
    [payment] = fake_gateway.server.books.payments.values()
    payment.disputes[0].status = status
    known = gateway.look_up(wanted.key, checkout=checkout.reference, reference="").disputes
    assert [each.stage for each in known] == ([stage] if stage else [])
    [(_code, body, _headers)] = fake_gateway.take()
    text = body.replace(b'"status":"needs_response"', f'"status":"{status}"'.encode())
    facts = read(text, signed(text)).facts
    assert [each.stage for each in facts.disputes] == [stage] if stage else facts is None


# --- what is said to Stripe ---


def asked_of(fake_gateway, monkeypatch, **changes):
    """The fields of our call, as the server read them."""
    seen = []
    monkeypatch.setattr(
        fake_gateway.server.dialects["stripe"], "_open", lambda said: seen.append(said) or {"id": "cs", "url": "u"}
    )
    with pytest.raises(gateways.Unknown):  # the answer lacks when it expires
        gateways.get("stripe").open_checkout(order(**changes))
    return seen[0]


def test_stripe_is_told_no_name_and_nothing_of_what_is_paid_for(fake_gateway, monkeypatch):
    said = asked_of(fake_gateway, monkeypatch)
    assert CANARY_NAME not in json.dumps(said)
    assert said.pop("customer_email") == CANARY_EMAIL  # for the receipt, and nowhere else
    assert CANARY_EMAIL not in json.dumps(said)


@pytest.mark.parametrize(("language", "locale"), [("en", "en"), ("hi", "hi-IN"), ("fr", "fr"), ("ar", "auto")])
def test_the_page_is_in_the_payers_language_where_stripe_speaks_it(fake_gateway, monkeypatch, language, locale):
    said = asked_of(fake_gateway, monkeypatch, language=language)
    assert said["locale"] == locale
    assert f"'{locale}'" in str(params.checkout.SessionCreateParams.__annotations__["locale"])


def test_every_field_that_we_send_is_one_that_stripe_documents(fake_gateway, monkeypatch):
    said = asked_of(fake_gateway, monkeypatch, keep_method=True)
    assert set(said) <= set(params.checkout.SessionCreateParams.__annotations__)
    intent = params.checkout.SessionCreateParamsPaymentIntentData.__annotations__
    assert set(said["payment_intent_data"]) <= set(intent)


def test_an_address_that_stripe_takes_for_none_keeps_nobody_from_paying(fake_gateway):
    checkout = gateways.get("stripe").open_checkout(order(payer_email="पता@उदाहरण.भारत"))
    assert fake_gateway.server.books.checkouts[checkout.reference].extra["email"] is None


def test_a_page_is_found_again_though_the_payer_reads_another_language_now(fake_gateway):
    gateway, asked = gateways.get("stripe"), order()
    fake_gateway.lose(path="checkout/sessions")
    with pytest.raises(gateways.Unknown):
        gateway.open_checkout(asked)
    changed = replace(asked, language="fr", payer_email="another@example.com")
    found = gateway.open_checkout(changed)
    assert list(fake_gateway.server.books.checkouts) == [found.reference]
    assert found.url
    with pytest.raises(gateways.Unknown):  # a page for another amount is not it
        gateway.open_checkout(replace(changed, amount=money("1.00", "USD")))
    gateway.close_checkout(found.reference)
    with pytest.raises(gateways.Unknown):  # nor one that is closed
        gateway.open_checkout(changed)


def test_no_telemetry_is_sent():
    assert stripe.enable_telemetry is False


# --- what the test gateway says ---


def test_every_field_that_the_test_gateway_sends_is_one_that_stripe_documents(fake_gateway):
    """Held against the SDK's classes, which Stripe makes from its own OpenAPI document."""
    gateway = gateways.get("stripe")
    wanted = order(keep_method=True)
    checkout = gateway.open_checkout(wanted)
    fake_gateway.pay(checkout.url)
    fake_gateway.refund_at_gateway(wanted.key, 500)
    fake_gateway.dispute(wanted.key)
    books = fake_gateway.server.books
    [payment] = books.payments.values()
    said = {
        stripe.checkout.Session: stripe_shapes.session(books.checkouts[checkout.reference], books, ""),
        stripe.PaymentIntent: stripe_shapes.intent(payment),
        stripe.Charge: stripe_shapes.charge(payment),
        stripe.Refund: stripe_shapes.refund(payment, payment.refunds[0]),
        stripe.Dispute: stripe_shapes.dispute(payment, payment.disputes[0]),
    }
    for kind, fields in said.items():
        assert set(fields) <= set(kind.__annotations__) | {"id", "object"}, kind
    for _code, body, _headers in fake_gateway.take():
        assert set(json.loads(body)) <= set(stripe.Event.__annotations__)
    assert stripe.api_version == stripe_shapes.API_VERSION


def test_the_test_gateway_tells_a_key_with_another_body_from_one_that_is_repeated(fake_gateway, settings):
    http = stripe.RequestsClient()
    client = stripe.StripeClient(
        settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE}, http_client=http
    )
    gateway = gateways.get("stripe")
    wanted = order()
    checkout = gateway.open_checkout(wanted)
    fake_gateway.pay(checkout.url)
    [payment] = fake_gateway.server.books.payments
    asked = {"payment_intent": payment, "amount": 100}
    first = client.v1.refunds.create(asked, {"idempotency_key": "one"})
    again = client.v1.refunds.create(asked, {"idempotency_key": "one"})
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError) as refused:
        client.v1.refunds.create(asked | {"amount": 200}, {"idempotency_key": "one"})
    assert refused.value.http_status == 400
    http.close()


def test_a_page_is_refused_that_would_close_too_soon_or_too_late(fake_gateway):
    for wait in (timedelta(minutes=29), timedelta(hours=25)):
        with pytest.raises(gateways.Refused):
            gateways.get("stripe").open_checkout(order(expires_at=timezone.now() + wait))


def test_lists_are_turned_over_to_the_end(fake_gateway):
    gateway = gateways.get("stripe")
    wanted = order("150.00")
    checkout = gateway.open_checkout(wanted)
    fake_gateway.pay(checkout.url)
    for _each in range(130):
        fake_gateway.refund_at_gateway(wanted.key, 100)
    facts = gateway.look_up(wanted.key, checkout=checkout.reference, reference="")
    assert len(facts.refunds) == 130


def test_a_page_of_a_lost_answer_is_found_behind_a_hundred_others(fake_gateway):
    gateway = gateways.get("stripe")
    wanted = order()
    fake_gateway.lose(method="POST")
    with pytest.raises(gateways.Unknown):
        gateway.open_checkout(wanted)
    books = fake_gateway.server.books
    [mine] = books.checkouts.values()
    for _each in range(120):
        books.open_checkout(
            "stripe", "cs_test_", amount=100, currency="USD", expires=mine.expires, extra=dict(mine.extra) | {
                "client_reference_id": str(ids.uuid7())
            },
        )  # fmt: skip
    assert gateway.look_up(wanted.key, checkout="", reference="").checkout == mine.id


def test_search_lags_so_that_nothing_found_at_once_proves_nothing(fake_gateway, time_machine):
    key = ids.uuid7()
    with pytest.raises(gateways.Unknown) as unknown:
        gateways.get("stripe").look_up(key, checkout="", reference="")
    assert unknown.value.code == "search_lags"
    time_machine.move_to(timezone.now() + timedelta(minutes=3))
    assert gateways.get("stripe").look_up(key, checkout="", reference="") is None


def test_what_stripe_writes_never_gets_into_an_exception(fake_gateway, monkeypatch):
    dialect = fake_gateway.server.dialects["stripe"]
    message = {"type": "invalid_request_error", "code": None, "message": f"Invalid email: {CANARY_EMAIL}"}
    monkeypatch.setattr(dialect, "answer", lambda request: Answer(400, {"error": message}))
    with pytest.raises(gateways.Refused) as refused:
        gateways.get("stripe").open_checkout(order())
    assert refused.value.code == "http_400"
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
