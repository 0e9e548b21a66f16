"""A settlement on paper: each bill's line, and how they add up to what was paid out."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from apps.billing.models import Settlement, SettlementLine
from apps.common import documents, texts, wall_time
from apps.common.money import Money

TEMPLATE = "billing/documents/settlement.typ"


def settlement_pdf(settlement: Settlement, language: str) -> bytes:
    """The statement in one of the five languages. The same settlement gives the same bytes, but for how far it has
    come. Not to be called in a transaction. Raises DocumentError."""
    with translation.override(language):
        data = _data(settlement, language)
    return documents.render(TEMPLATE, data, language, at=settlement.created_at)


def _data(settlement: Settlement, language: str) -> dict[str, Any]:
    hospital = texts.chosen(settlement.hospital, "name", language).text
    lines = settlement.lines.select_related("bill").order_by("position")
    return {
        "labels": _labels(),
        "number": settlement.number,
        "head": {"name": "Medivoy", "lines": [hospital]},
        "foot": [settlement.number, hospital, "Medivoy"],
        "facts": [
            [_("Hospital"), hospital],
            [_("Payments until the end of"), wall_time.day(settlement.until_on, language)],
            [_("Status"), str(settlement.get_status_display())],
            [_("Paid out on"), wall_time.day(settlement.paid_on, language) if settlement.paid_on else ""],
            [_("Reference at the bank"), settlement.reference],
        ],
        "lines": [_line(line, language) for line in lines],
        "sums": sums(settlement, language),
    }


def sums(settlement: Settlement, language: str) -> list[list[str]]:
    """How the total comes about, in words and figures, for the page and the paper."""
    given_back = settlement.commission < 0
    return [
        [_("Collected from payers"), settlement.figure("collected").format(language)],
        [_("less returned to payers"), (-settlement.figure("returned")).format(language)],
        [
            _("and commission given back") if given_back else _("less commission"),
            (-settlement.figure("commission")).format(language),
        ],
        [_("Owed to the hospital"), settlement.figure("total").format(language)],
    ]


def _line(line: SettlementLine, language: str) -> list[str]:
    def amount(value: Any) -> str:
        return Money(value, line.currency).format(language)

    percent = f"{documents.number(line.percent.normalize(), language)} %"
    return [
        line.bill.number, amount(line.collected), amount(-line.returned), percent, amount(-line.commission),
        amount(line.total),
    ]  # fmt: skip


def _labels() -> dict[str, str]:
    return {
        "title": _("Settlement"),
        "bill": _("Bill"),
        "collected": _("Collected"),
        "returned": _("Returned"),
        "percent": _("Rate"),
        "commission": _("Commission"),
        "total": _("Owed"),
        "lines": _("Bills"),
        "explained": _("How it adds up"),
    }
