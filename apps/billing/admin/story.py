"""“Explain this balance”: the ledger of one bill, or of all that one person owes and pays, as sentences; and the ledger
itself, which nobody changes."""

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import User
from apps.billing import selectors
from apps.billing.models import Bill, LedgerEntry, LedgerKind, Payment
from apps.common.admin import BaseModelAdmin, ReadOnlyAdminMixin, money_display, money_html
from apps.common.exceptions import Text
from apps.common.money import Money

from .reconciliation import ReconciliationMixin

#: What each kind of entry says.
SENTENCES: dict[str, Text] = {
    LedgerKind.BILLED: gettext_lazy("Bill %(bill)s was opened: so much became owed."),
    LedgerKind.CREDITED: gettext_lazy("So much of bill %(bill)s is owed no more."),
    LedgerKind.CAPTURED: gettext_lazy("Payment %(payment)s came in (%(gateway)s)."),
    LedgerKind.REVERSED: gettext_lazy("Payment %(payment)s had been entered by mistake, and was taken back."),
    LedgerKind.REFUNDED: gettext_lazy("Refund %(refund)s of payment %(payment)s was given back."),
    LedgerKind.REFUND_RETURNED: gettext_lazy("Refund %(refund)s of payment %(payment)s came back: it did not arrive."),
    LedgerKind.DISPUTED: gettext_lazy(
        "The payer's bank withholds so much of payment %(payment)s until dispute %(dispute)s is decided."
    ),
    LedgerKind.DISPUTE_WON: gettext_lazy("Dispute %(dispute)s was won: the money of payment %(payment)s is back."),
    LedgerKind.DISPUTE_LOST: gettext_lazy("Dispute %(dispute)s was lost: so much of payment %(payment)s is gone."),
    LedgerKind.COMMISSION: gettext_lazy("Kept as Medivoy's commission."),
    LedgerKind.SETTLED: gettext_lazy("Became due to the hospital."),
    LedgerKind.PAID_OUT: gettext_lazy("Was paid to the hospital."),
}
#: What the figures of bills and payments are called.
COLUMNS: dict[str, Text] = {
    "total": gettext_lazy("billed"),
    "credited": gettext_lazy("credited"),
    "paid": gettext_lazy("paid"),
    "owed": gettext_lazy("owed"),
    "captured": gettext_lazy("captured"),
    "refunded": gettext_lazy("refunded"),
    "withheld": gettext_lazy("withheld by a dispute"),
    "lost": gettext_lazy("lost in a dispute"),
}
#: How wide the picture is drawn, in units of its own.
WIDTH = 1000


@admin.register(LedgerEntry)
class LedgerAdmin(ReconciliationMixin, ReadOnlyAdminMixin, BaseModelAdmin):
    """Every fact about money, the newest first."""

    list_display = ("at", "kind", "price", "credit", "debit", "bill", "payment", "hospital", "by")
    list_select_related = ("bill", "payment", "hospital", "by")
    list_filter = ("kind", "hospital")
    extra_lookups = frozenset({"bill", "payment"})
    search_fields = ("key",)
    search_help_text = gettext_lazy("The number of a bill or of a payment.")
    ordering = ("-at", "-id")
    price = money_display(gettext_lazy("amount"), "value")

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            bills = Bill.objects.visible_to(request.user).filter(number=word.upper()).values("pk")
            payments = Payment.objects.visible_to(request.user).filter(number=word.upper()).values("pk")
            queryset = queryset.filter(Q(bill__in=bills) | Q(payment__in=payments))
        return queryset, False

    # --- a balance explained ---

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("bill/<uuid:pk>/", wrap(self.bill_story), name="billing_bill_story"),
            path("payer/<uuid:pk>/", wrap(self.payer_story), name="billing_payer_story"),
            *super().get_urls(),
        ]

    def bill_story(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Of one bill."""
        self._guard(request)
        bill = Bill.objects.visible_to(request.user).select_related("payer", "hospital").filter(pk=pk).first()
        if bill is None:
            raise Http404
        story = selectors.story_of_bill(bill)
        bar = picture(bill)
        title = _("Bill %(number)s explained") % {"number": bill.number}
        return self._page(request, title, story, bill=bill, bar=bar, payer=bill.payer)

    def payer_story(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Of all that one person owes and pays, by currency."""
        self._guard(request)
        payer = User.objects.visible_to(request.user).filter(pk=pk).first()
        story = selectors.story_of_payer(payer) if payer else None
        if story is None or not (story.steps or story.bills or story.payments):
            raise Http404
        title = _("Everything that %(payer)s owes and pays") % {"payer": payer}
        return self._page(request, title, story, payer=payer)

    def _guard(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, title: str, story: selectors.Story, **more: Any) -> HttpResponse:
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "opts": self.opts,
            "story": story,
            "steps": [self._told(step) for step in story.steps],
            "figures": [self._figure(each) for each in story.figures if each.shown or each.entered or each.differs],
            "differing": [self._figure(each) for each in story.differing],
            "balances": money_html(story.balances),
            "payments": [(row, self._link(row), money_html(row.value)) for row in story.payments],
            "bills": [(row, self._link(row), money_html(row.balance)) for row in story.bills],
            **more,
        }
        return TemplateResponse(request, "billing/admin/story.html", context)

    def _told(self, step: selectors.Step) -> dict[str, Any]:
        entry = step.entry
        names = {
            "bill": entry.bill, "payment": entry.payment, "refund": entry.refund,
            "dispute": entry.dispute.gateway_reference if entry.dispute else "",
            "gateway": entry.payment.get_gateway_display() if entry.payment else "",
        }  # fmt: skip
        linked = [entry.bill, entry.payment, entry.refund, *step.webhooks]
        return {
            "at": entry.at,
            "by": entry.by,
            "kind": entry.get_kind_display(),
            "sentence": SENTENCES[entry.kind] % names,
            "amount": money_html(entry.value),
            "change": money_html(step.change) if step.change else None,
            "is_less": step.change < Money.zero(entry.currency),
            "balance": money_html(step.balance),
            "links": [(str(row), link) for row in linked if row is not None and (link := self._link(row))],
        }

    def _figure(self, figure: selectors.Figure) -> dict[str, Any]:
        return {
            "of": figure.of,
            "link": self._link(figure.of),
            "column": COLUMNS[figure.column],
            "shown": money_html(figure.shown),
            "entered": money_html(figure.entered),
            "differs": figure.differs,
        }

    def _link(self, row: Any) -> str:
        """The row's own page in the admin, for models that have one."""
        try:
            return reverse(f"{self.admin_site.name}:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        except NoReverseMatch:
            return ""


def picture(bill: Bill) -> dict[str, Any]:
    """A bar: what was billed is what was paid, what is owed, and what was credited. Where more was paid than is owed,
    the rest is to be given back, and stands out beyond the bill's end."""
    nothing = Money.zero(bill.currency)
    credited, paid, balance = bill.figure("credited"), bill.figure("paid"), bill.balance
    surplus = max(-balance, nothing)
    amounts = (
        ("paid", _("Paid"), paid - surplus),
        ("owed", _("Owed"), max(balance, nothing)),
        ("credited", _("Credited"), credited),
        ("surplus", _("To be given back"), surplus),
    )
    shown = [(name, title, amount) for name, title, amount in amounts if amount > nothing]
    whole = Money.total((amount for _name, _title, amount in shown), bill.currency)
    start, parts = 0, []
    for name, title, amount in shown:
        width = round(WIDTH * amount.amount / whole.amount)
        parts.append({"name": name, "title": title, "amount": money_html(amount), "x": str(start), "w": str(width)})
        start += width
    return {"parts": parts, "width": str(WIDTH), "total": money_html(bill.figure("total"))}
