"""Payments that are really captured at the test gateway, and what the ledger says of them."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from apps.billing import gateways, rules, services
from apps.billing.models import LedgerKind, Payment
from apps.billing.services import ledger
from apps.common.money import Money
from tests.billing.orders import order
from tests.factories.accounts import UserFactory
from tests.factories.billing import PaymentFactory

USD = "USD"
TERMS = [
    {"actor": "patient", "hours_before": 24, "percent": 100},
    {"actor": "patient", "hours_before": 0, "percent": 50},
]


def usd(amount) -> Money:
    return Money(Decimal(amount), USD)


class Terms:
    """As a version of a policy gives them."""

    def __init__(self, tiers=TERMS) -> None:
        self.tiers = tiers

    def snapshot(self):
        return self.tiers, "Terms 1"


def bill_of(payer=None, total="100.00", *, currency=USD, begins_in=timedelta(hours=48), terms=TERMS, now=None):
    """A bill whose terms are the patient's: everything until a day before, then half."""
    now = now or timezone.now()
    payer = payer or UserFactory(role="patient")
    return services.open_bill(
        payer=payer, currency=currency, lines=[rules.NewLine("Consultation", Decimal(total))],
        subject_type="appointment", subject_id=payer.pk, subject_label="Consultation",
        begins_at=now + begins_in if begins_in is not None else None, policy_version=Terms(terms), by=None, now=now,
    )  # fmt: skip


def captured(amount="100.00", currency=USD, *, fake=None, gateway="sandbox", bill=None, payer=None) -> Payment:
    """A payment through the gateway, captured; with `fake` it is in the gateway's books too."""
    payment = PaymentFactory(
        payer=bill.payer if bill else payer or UserFactory(role="patient"), amount=Decimal(amount), currency=currency,
        gateway=gateway, method="card", received_on=None, recorded_by=None, bill=bill, stage="open", status="pending",
        captured=Decimal(0),
    )  # fmt: skip
    payment.stage = "captured"
    if fake is not None:
        wanted = order(amount, currency, key=payment.pk)
        page = gateways.get(gateway).open_checkout(wanted)
        fake.pay(page.url)
        fake.forget()
        known = gateways.get(gateway).look_up(payment.pk, checkout=page.reference, reference="")
        payment.checkout_reference, payment.gateway_reference = page.reference, known.reference
    else:
        payment.gateway_reference = f"gw_{payment.pk.hex}"
    now = timezone.now()
    ledger.enter(LedgerKind.CAPTURED, payment.value, key=f"payment:{payment.pk}:captured", payment=payment, now=now)
    return ledger.settle_payment(payment, code="captured", source="call", now=now)


def offline(amount="100.00", *, bill=None, by=None) -> Payment:
    """Cash that staff entered."""
    payer = bill.payer if bill else UserFactory(role="patient")
    payment = PaymentFactory(
        payer=payer, amount=Decimal(amount), currency=USD, method="cash", bill=bill, captured=Decimal(0),
        status="pending",
    )  # fmt: skip
    now = timezone.now()
    ledger.enter(LedgerKind.CAPTURED, payment.value, key=f"payment:{payment.pk}:captured", payment=payment, now=now)
    return ledger.settle_payment(payment, code="recorded", source="staff", now=now)


def figures(payment) -> dict[str, Decimal]:
    """The columns, which must be what the ledger's entries add up to."""
    payment.refresh_from_db()
    columns = {name: getattr(payment, name) for name in ("captured", "refunded", "withheld", "lost")}
    assert columns == ledger.sums_of(payment), "the columns are not the ledger's sums"
    flying = sum(refund.amount for refund in payment.refunds.filter(status__in=["requested", "sent"]))
    assert payment.refunding == flying, "what is on its way is not the refunds under way"
    return columns | {"refunding": payment.refunding}
