"""Bills as they are answered."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from apps.billing.models import BillLine, Instalment
from apps.billing.workflow import BillStatus
from apps.common import wall_time
from apps.common.money import Money

_AMOUNT = "Decimal in the currency's own places."


class NextDue(serializers.Serializer):
    """The earliest instalment of which something is owed."""

    kind = serializers.ChoiceField(choices=Instalment.Kind.choices)
    amount = serializers.CharField(help_text=f"What is still owed of it. {_AMOUNT}")
    due_on = serializers.DateField(help_text="A day of the payer's calendar.")
    text = serializers.CharField(help_text="Amount and day as the reader writes them.")


class BillSubject(serializers.Serializer):
    """What the bill is for."""

    type = serializers.CharField(help_text="appointment, booking, subscription.")
    id = serializers.UUIDField()
    label = serializers.CharField()


class BillSummary(serializers.Serializer):
    """What somebody owes for one thing."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    status = serializers.ChoiceField(choices=BillStatus.choices)
    status_label = serializers.CharField(help_text="The status in the reader's language.")
    subject = BillSubject()
    currency = serializers.CharField(help_text="ISO 4217 code of every amount here.")
    total = serializers.CharField(help_text=_AMOUNT)
    credited = serializers.CharField(help_text=f"What is not owed any more. {_AMOUNT}")
    paid = serializers.CharField(help_text=f"What came in and was not given back. {_AMOUNT}")
    balance = serializers.CharField(help_text="What is owed yet; below zero where too much was paid.")
    next_due = NextDue(allow_null=True)
    created_at = serializers.DateTimeField()


class BillLineShown(serializers.Serializer):
    """One thing on a bill. `net` is without tax and after `discount`; `total` = `net` + `tax`."""

    description = serializers.CharField()
    quantity = serializers.CharField()
    unit_price = serializers.CharField(help_text=_AMOUNT)
    discount = serializers.CharField(help_text=f"With its share of a coupon's. {_AMOUNT}")
    tax_mode = serializers.ChoiceField(choices=BillLine.TaxMode.choices)
    tax_name = serializers.CharField(allow_blank=True)
    tax_percent = serializers.CharField()
    net = serializers.CharField(help_text=_AMOUNT)
    tax = serializers.CharField(help_text=_AMOUNT)
    total = serializers.CharField(help_text=_AMOUNT)


class InstalmentShown(serializers.Serializer):
    """A part of the bill with its own day."""

    kind = serializers.ChoiceField(choices=Instalment.Kind.choices)
    kind_label = serializers.CharField(help_text="The kind in the reader's language.")
    due_on = serializers.DateField()
    amount = serializers.CharField(help_text=_AMOUNT)
    owed = serializers.CharField(help_text=f"What is still owed of it. {_AMOUNT}")


class ShownIn(serializers.Serializer):
    """The total in the currency in which the payer was shown the price, at the rate of that day."""

    currency = serializers.CharField()
    total = serializers.CharField()
    rate = serializers.CharField(help_text="What one unit of the bill's currency was worth.")
    rate_on = serializers.DateField()
    rate_source = serializers.CharField()


class BillDetail(BillSummary):
    """A bill with its lines and instalments."""

    net = serializers.CharField(help_text=_AMOUNT)
    discount = serializers.CharField(help_text=_AMOUNT)
    tax = serializers.CharField(help_text=_AMOUNT)
    coupon = serializers.CharField(allow_blank=True, help_text="The code that took something off.")
    lines = BillLineShown(many=True)
    instalments = InstalmentShown(many=True)
    shown_in = ShownIn(allow_null=True)


#: The columns of `bill`, and what `bill_detail` needs beside them.
BILL_ROW = (
    "id", "number", "status", "subject_type", "subject_id", "subject_label", "currency", "total", "credited", "paid",
    "due_kind", "due_amount", "due_day", "created_at",
)  # fmt: skip
BILL_DETAIL_ROW = (
    *BILL_ROW, "net", "discount", "tax", "shown_currency", "shown_rate", "rate_on", "rate_source",
    "redemption__coupon__code",
)  # fmt: skip
LINE_ROW = (
    "description", "quantity", "unit_price", "discount", "tax_mode", "tax_name", "tax_percent", "net", "tax", "total",
)  # fmt: skip
INSTALMENT_ROW = ("kind", "due_on", "amount", "owed")


def _written(row: Mapping[str, Any], currency: str, *columns: str) -> dict[str, str]:
    return {column: str(Money(row[column], currency).amount) for column in columns}


def _plain(number: Decimal) -> str:
    """Without zeros at the end: 1, 2.5, 18."""
    return f"{number.normalize():f}"


def bill(row: Mapping[str, Any], language: str) -> dict[str, Any]:
    """The answer of BillSummary, from a row with the columns of BILL_ROW."""
    currency = row["currency"]
    due = None
    if row["due_amount"] is not None:
        amount = Money(row["due_amount"], currency)
        due = {
            "kind": row["due_kind"],
            "amount": str(amount.amount),
            "due_on": row["due_day"],
            "text": f"{amount.format(language)}, {wall_time.day(row['due_day'], language)}",
        }
    return {
        "id": row["id"],
        "number": row["number"],
        "status": row["status"],
        "status_label": str(BillStatus(row["status"]).label),
        "subject": {"type": row["subject_type"], "id": row["subject_id"], "label": row["subject_label"]},
        "currency": currency,
        **_written(row, currency, "total", "credited", "paid"),
        "balance": str(Money(row["total"] - row["credited"] - row["paid"], currency).amount),
        "next_due": due,
        "created_at": row["created_at"],
    }


def bill_detail(
    row: Mapping[str, Any], lines: Iterable[Mapping[str, Any]], parts: Iterable[Mapping[str, Any]], language: str
) -> dict[str, Any]:
    """The answer of BillDetail, from rows with the columns of BILL_DETAIL_ROW, LINE_ROW and INSTALMENT_ROW."""
    currency = row["currency"]
    return {
        **bill(row, language),
        **_written(row, currency, "net", "discount", "tax"),
        "coupon": row["redemption__coupon__code"] or "",
        "lines": [
            {
                **{name: line[name] for name in ("description", "tax_mode", "tax_name")},
                **{name: _plain(line[name]) for name in ("quantity", "tax_percent")},
                **_written(line, currency, "unit_price", "discount", "net", "tax", "total"),
            }
            for line in lines
        ],
        "instalments": [
            {
                "kind": part["kind"],
                "kind_label": str(Instalment.Kind(part["kind"]).label),
                "due_on": part["due_on"],
                **_written(part, currency, "amount", "owed"),
            }
            for part in parts
        ],
        "shown_in": _shown_in(row),
    }


def _shown_in(row: Mapping[str, Any]) -> dict[str, Any] | None:
    if not row["shown_currency"]:
        return None
    return {
        "currency": row["shown_currency"],
        "total": str(Money(row["total"] * row["shown_rate"], row["shown_currency"]).amount),
        "rate": _plain(row["shown_rate"]),
        "rate_on": row["rate_on"],
        "rate_source": row["rate_source"],
    }
