"""The reconciliation report: our ledger a gateway and day, what contradicts it, and asking the gateways anew."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminDateWidget

from apps.billing import rules, services
from apps.billing.models import GatewayCode, MoneyTask
from apps.billing.selectors import reconciliation as selectors
from apps.billing.workflow import WebhookStatus
from apps.common.admin import money_html
from apps.common.admin.base import REFUSALS
from apps.common.exceptions import Text

#: The report tells of so many days unless it is asked for others.
DAYS = 14
#: Each kind of thing that is wrong: the list where it stands.
_LISTS = {
    "webhook": ("billing_webhookevent_changelist", "status__exact"),
    "task": ("billing_moneytask_changelist", "kind__exact"),
    "payment": ("billing_payment_changelist", ""),
}
_OF_PAYMENTS: dict[str, Text] = {
    "unknown": gettext_lazy("Payments of which the gateway has not said what happened"),
    "not_asked": gettext_lazy("Payments that should have been asked about an hour ago"),
}


def reads_ledger(user: Any) -> bool:
    """Whoever sees the ledger sees what it is compared with."""
    return bool(user.has_perm("billing.view_ledgerentry"))


class PeriodForm(forms.Form):
    """From which day to which, both included (UTC)."""

    first = forms.DateField(label=gettext_lazy("From"), widget=UnfoldAdminDateWidget)
    last = forms.DateField(label=gettext_lazy("To"), widget=UnfoldAdminDateWidget)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if {"first", "last"} <= set(given) and not 0 <= (given["last"] - given["first"]).days < selectors.MOST_DAYS:
            raise forms.ValidationError(_("Give a period of at most 92 days."))
        return given


class ReconciliationMixin:
    """For the ledger's pages, before `BaseModelAdmin`."""

    admin_site: Any
    opts: Any
    media: Any
    has_view_permission: Callable[..., bool]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.reconciliation)
        urls: list[URLPattern] = super().get_urls()  # type: ignore[misc]
        return [path("reconciliation/", view, name="billing_reconciliation"), *urls]

    def reconciliation(self, request: HttpRequest) -> HttpResponse:
        """The report; posted, the gateways are asked about every payment of the period, and the page says how far that
        has come."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        user: Any = request.user
        today = timezone.now().date()
        default = {"first": today - timedelta(days=DAYS - 1), "last": today}
        form = PeriodForm(request.POST or request.GET or None, initial=default)
        is_given = form.is_bound and form.is_valid()
        period = form.cleaned_data if is_given else default
        if request.method == "POST" and is_given:
            return self._ask(request, period)
        now = timezone.now()
        asking = selectors.asking(**period, now=now)
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Our books and the gateways'"),
            "opts": self.opts,
            "media": self.media,
            "form": form,
            "days": [self._day(day) for day in selectors.days_of(**period)],
            "asking": asking,
            "asked": str(asking.payments - asking.waiting),
            "wrong": [self._wrong(each) for each in selectors.wrong(now=now)],
            "may_ask": rules.why_not_record(role=user.role) is None,
            "period": {name: day.isoformat() for name, day in period.items()},
        }
        return TemplateResponse(request, "billing/admin/reconciliation.html", context)

    def _ask(self, request: HttpRequest, period: dict[str, date]) -> HttpResponse:
        user: Any = request.user
        try:
            count = services.ask_about(**period, by=user)
        except REFUSALS as refusal:
            messages.error(request, getattr(refusal, "text", str(refusal)))
        else:
            said = ngettext(
                "The gateways are being asked about %(count)s payment. Load this page again to see how far that is.",
                "The gateways are being asked about %(count)s payments. Load this page again to see how far that is.",
                count,
            )
            messages.success(request, said % {"count": count})
        query = urlencode({name: day.isoformat() for name, day in period.items()})
        return HttpResponseRedirect(f"{reverse(f'{self.admin_site.name}:billing_reconciliation')}?{query}")

    @staticmethod
    def _day(day: selectors.Day) -> dict[str, Any]:
        return {
            "on": day.on,
            "gateway": GatewayCode(day.gateway).label,
            "figures": [money_html(amount) if amount else None for amount in day.figures.values()],
        }

    def _wrong(self, found: selectors.Wrong) -> dict[str, Any]:
        name, filtered_by = _LISTS[found.what]
        titles: dict[str, Callable[[str], Text]] = {
            "webhook": lambda kind: _("Webhooks: %(status)s") % {"status": WebhookStatus(kind).label},
            "task": lambda kind: MoneyTask.Kind(kind).label,
            "payment": lambda kind: _OF_PAYMENTS[kind],
        }
        try:
            link = reverse(f"{self.admin_site.name}:{name}")
        except NoReverseMatch:
            link = ""
        query = f"?{urlencode({filtered_by: found.kind})}" if filtered_by else ""
        is_cut = found.count >= selectors.MOST_COUNTED
        return {
            "title": titles[found.what](found.kind),
            "count": f"{selectors.MOST_COUNTED}+" if is_cut else str(found.count),
            "link": f"{link}{query}",
        }
