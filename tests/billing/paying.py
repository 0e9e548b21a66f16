"""What tests of paying need: bills, and what becomes of a payment, asked of every table."""

from decimal import Decimal

from django.utils import timezone

from apps.billing import services
from apps.billing.models import Dispute, LedgerEntry, Payment, Refund
from apps.billing.rules import NewLine
from apps.common import ids


def bill_for(payer, amount="120.50", currency="USD", **more):
    given = {
        "payer": payer, "currency": currency, "lines": [NewLine("Consultation", Decimal(amount))],
        "subject_type": "test", "subject_id": ids.uuid7(), "subject_label": "Consultation", "by": None,
    }  # fmt: skip
    return services.open_bill(**given | more)


def start(bill, by=None, gateway="sandbox", **more):
    return services.start_payment(by=by or bill.payer, gateway=gateway, bill_id=bill.pk, **more)


def work():
    """What the jobs do until nothing is left to do now."""
    while services.apply_webhooks() + services.ask_gateways():
        pass


def due_now(*, at=None):
    """The sweep's next turn for every payment, and the worker's for every webhook that waits, is now."""
    Payment.objects.exclude(look_up_at=None).update(look_up_at=at or timezone.now())


def standing(payment):
    """All that a payment, its bill, its refunds and disputes say, but for times and random numbers."""
    payment = Payment.objects.get(pk=payment.pk)
    bill = payment.bill
    columns = (
        "status", "stage", "captured", "refunded", "refunding", "withheld", "lost", "failure_code", "method",
        "checkout_reference", "gateway_reference", "is_unknown",
    )  # fmt: skip
    return {
        "payment": {name: getattr(payment, name) for name in columns},
        "bill": {name: getattr(bill, name) for name in ("status", "paid", "credited", "due_on")},
        "instalments": list(bill.instalments.values_list("position", "owed")),
        "refunds": sorted(
            Refund.objects.filter(payment=payment).values_list(
                "gateway_reference", "status", "amount", "cause", "failure_code"
            )
        ),
        "disputes": sorted(
            Dispute.objects.filter(payment=payment).values_list("gateway_reference", "status", "amount", "reason")
        ),
        "ledger": balances(payment),
    }


def sums(payment):
    found = {}
    for kind, amount in LedgerEntry.objects.filter(payment=payment).values_list("kind", "amount"):
        found[kind] = found.get(kind, 0) + amount
    return found


def balances(payment):
    """What each account has of this payment: what went back and came again is as if it had not gone."""
    found = {}
    for debit, credit, amount in LedgerEntry.objects.filter(payment=payment).values_list("debit", "credit", "amount"):
        found[debit] = found.get(debit, 0) + amount
        found[credit] = found.get(credit, 0) - amount
    return {account: amount for account, amount in found.items() if amount}
