"""What an invoice says, as plain data that are kept with it: amounts as decimal texts, days as ISO 8601.

Nothing here is in any language but names, addresses and the lines as they were billed: what a template says around
them is said anew in the language that it is printed in.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from apps.accounts.models import User
from apps.billing import recipients, rules
from apps.billing.models import Bill, BillLine, Invoice, InvoiceIssuer, Payment
from apps.billing.rules import TaxGroup
from apps.common import money, texts
from apps.common.money import Money

#: What was received by then: the payment, its day, and how much of it is here.
Received = tuple[Payment, date, Money]


def issuer_data(issuer: InvoiceIssuer) -> dict[str, str]:
    return {name: getattr(issuer, name) for name in ("legal_name", "address", "tax_number", "email", "phone", "footer")}


def recipient_of(bill: Bill | None, payer: User, language: str) -> dict[str, Any]:
    """The payer; what a hospital buys of Medivoy is for the hospital, and the payer stands for it."""
    if bill is not None and bill.hospital is not None and rules.is_medivoys(bill.subject_type):
        hospital = bill.hospital
        shown = [texts.chosen(hospital, name, language).text for name in ("address", "city")]
        return {
            "name": texts.chosen(hospital, "name", language).text,
            "lines": [payer.full_name, *(line for line in shown if line)],
            "country": str(hospital.country),
        }
    address = recipients.address_of(payer)
    return {"name": payer.full_name, "lines": list(address.lines), "country": address.country}


def final_invoice(
    bill: Bill, lines: Iterable[BillLine], groups: Sequence[TaxGroup], received: Iterable[Received],
    receipts: Iterable[Invoice], *, total: Money,
) -> dict[str, Any]:  # fmt: skip
    """The lines as billed, what was credited before, the taxes of what is left, what was paid, and the receipts that
    were issued for it."""
    payments = [_payment(*one) for one in received]
    paid = Money.total((amount for _payment_, _day, amount in received), bill.currency)
    return {
        "subject": _subject(bill),
        "lines": [_line(line) for line in lines],
        "credited": _text(bill.figure("credited")),
        "taxes": _taxes(groups),
        "payments": payments,
        "receipts": [_named(one) | {"tax": _text(one.figure("tax"))} for one in receipts],
        "paid": _text(paid),
        "due": _text(max(total - paid, Money.zero(bill.currency))),
    }


def receipt(bill: Bill | None, payment: Payment, day: date, groups: Sequence[TaxGroup]) -> dict[str, Any]:
    """That this payment is here, and the tax in it."""
    return {
        "subject": _subject(bill) if bill else {"number": "", "label": payment.subject_label},
        "taxes": _taxes(groups),
        "payments": [_payment(payment, day, payment.figure("captured"))],
        "bill_total": _text(bill.figure("total") - bill.figure("credited")) if bill else "",
    }


def credit_note(invoice: Invoice, groups: Sequence[TaxGroup], *, left: Money) -> dict[str, Any]:
    """How much less than that invoice, and what is `left` of it."""
    return {
        "subject": invoice.document["subject"],
        "taxes": _taxes(groups),
        "corrects": _named(invoice) | {"kind": invoice.kind},
        "left": _text(left),
    }


def _subject(bill: Bill) -> dict[str, str]:
    return {"number": bill.number, "label": bill.subject_label}


def _line(line: BillLine) -> dict[str, Any]:
    return {
        "description": line.description,
        "quantity": str(line.quantity.normalize()),
        "tax_mode": line.tax_mode,
        "tax_name": line.tax_name,
        "tax_percent": str(line.tax_percent.normalize()),
        **{
            name: _text(Money(getattr(line, name), line.currency))
            for name in ("unit_price", "discount", "net", "tax", "total")
        },
    }


def _taxes(groups: Iterable[TaxGroup]) -> list[dict[str, str]]:
    return [
        {
            "name": group.name,
            "percent": str(group.percent.normalize()),
            "net": _text(group.net),
            "tax": _text(group.tax),
        }
        for group in groups
    ]


def _payment(payment: Payment, day: date, amount: Money) -> dict[str, str]:
    return {
        "number": payment.number,
        "on": day.isoformat(),
        "gateway": payment.gateway,
        "method": payment.method,
        "amount": _text(amount),
    }


def _named(invoice: Invoice) -> dict[str, str]:
    return {"number": invoice.number, "on": invoice.issued_on.isoformat(), "total": _text(invoice.figure("total"))}


def _text(amount: Money) -> str:
    return str(money.quantize(amount.amount, amount.currency))
