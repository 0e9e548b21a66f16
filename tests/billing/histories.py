"""Random histories of payments at the test gateway: the same seed makes the same history of another payment."""

import random
from dataclasses import dataclass
from typing import Any

from apps.billing.models import Payment
from tests.billing.paying import bill_for, standing, start

GATEWAYS = ("sandbox", "stripe", "razorpay")
AMOUNTS = {
    "sandbox": (("120.50", "USD"), ("12050", "JPY"), ("99.995", "KWD")),
    "stripe": (("120.50", "USD"), ("12050", "JPY"), ("99.990", "KWD")),
    "razorpay": (("1500.00", "INR"), ("120.50", "USD")),
}


@dataclass
class Lived:
    """One payment after its history, and the webhooks about it that nobody has received yet."""

    payment: Payment
    webhooks: list[tuple[str, bytes, dict[str, str]]]


def live(fake: Any, payer: Any, seed: int) -> Lived:
    chance = random.Random(seed)
    gateway = GATEWAYS[seed % len(GATEWAYS)]
    amount, currency = chance.choice(AMOUNTS[gateway])
    payment = start(bill_for(payer, amount, currency), gateway=gateway)
    fake.forget()
    if _comes_in(fake, payment, chance):
        _goes_back(fake, payment, chance)
    return Lived(payment, fake.take())


def _comes_in(fake: Any, payment: Payment, chance: random.Random) -> bool:
    """Whether the money was captured in the end."""
    way = chance.choice(
        ["pay", "pay", "decline, pay", "decline", "later", "later, fails", "later, fails, late", "leave"]
    )
    if way.startswith("decline"):
        fake.decline(payment.checkout_url)
    if way.endswith("pay"):
        fake.pay(payment.checkout_url)
    if way.startswith("later"):
        fake.pay_later(payment.checkout_url)
        if way == "later":
            fake.settle(payment.pk)
        else:
            fake.fail(payment.pk)
        if way.endswith("late"):
            fake.capture_late(payment.pk)
    return way in {"pay", "decline, pay", "later", "later, fails, late"}


def _goes_back(fake: Any, payment: Payment, chance: random.Random) -> None:
    """Parts are refunded at the gateway's page, and arrive, wait, or fail; what is left may be disputed."""
    units = max(row["captured"] for key, row in fake.books().items() if key == str(payment.pk))
    part = units // 4 // 10 * 10  # Stripe takes three decimals in steps of ten
    for _number in range(chance.choice([0, 0, 1, 2])):
        fake.refunds_become(chance.choice(["succeeded", "succeeded", "pending"]))
        fake.refund_at_gateway(payment.pk, part)
        match chance.choice(["stays", "stays", "settles", "fails"]):
            case "settles":
                fake.settle_refunds(payment.pk)
            case "fails":
                fake.fail_refunds(payment.pk)
    fake.refunds_become("succeeded")
    end = chance.choice(["none", "none", "open", "won", "lost"])
    if end != "none":
        fake.dispute(payment.pk, part)
    if end == "won":
        fake.win_disputes(payment.pk)
    if end == "lost":
        fake.lose_disputes(payment.pk)


def story(payment: Payment) -> dict[str, Any]:
    """All that our tables say of it, but for the gateway's own references, of which only whether they are there."""
    told = standing(payment)
    for column in ("checkout_reference", "gateway_reference"):
        told["payment"][column] = bool(told["payment"][column])
    for name in ("refunds", "disputes"):
        told[name] = sorted((bool(reference), *rest) for reference, *rest in told[name])
    return told


def differences_from_books(fake: Any, payments: list[Payment]) -> dict[str, Any]:
    """Where the ledger's sums are not the gateway's own, in the currency's smallest units."""
    books, wrong = fake.books(), {}
    for payment in Payment.objects.filter(pk__in=[each.pk for each in payments]):
        theirs = books.get(str(payment.pk), {"captured": 0, "refunded": 0, "disputed": 0})
        ours = {column: payment.figure(column).minor for column in ("captured", "refunded")}
        ours["disputed"] = (payment.figure("withheld") + payment.figure("lost")).minor
        if ours != {name: theirs[name] for name in ours}:
            wrong[payment.number] = (payment.gateway, ours, theirs)
    return wrong
