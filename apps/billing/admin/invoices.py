"""Invoices: read, looked at, sent, credited, and issued from a bill after a look at what it will say."""

import base64
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminTextareaWidget

from apps.accounts.models import User
from apps.billing import documents, rules, selectors, services
from apps.billing.models import (
    Bill,
    Invoice,
    InvoiceIssuer,
    InvoiceKind,
    InvoiceSending,
    InvoiceSeries,
    InvoicingNews,
    Payment,
)
from apps.common import money
from apps.common.admin import BaseModelAdmin, ReadOnlyAdminMixin, ReadOnlyTabularInline, money_display, money_html
from apps.common.admin.base import REFUSALS
from apps.common.money import Money

#: So many people whose address begins as searched are looked for at most.
MOST_PEOPLE = 100


class CreditForm(forms.Form):
    """How much of an invoice is credited, and why."""

    amount = forms.DecimalField(
        label=gettext_lazy("Amount, with tax"), max_digits=money.MAX_DIGITS, decimal_places=money.DECIMAL_PLACES,
        widget=UnfoldAdminDecimalFieldWidget,
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=gettext_lazy("It is printed on the credit note: nothing medical."),
    )  # fmt: skip


class SendingInline(ReadOnlyTabularInline):
    """When it was sent, and by whom."""

    model = InvoiceSending
    fields = ("at", "to", "by")
    readonly_fields = fields
    ordering = ("-at", "-id")


@admin.register(Invoice)
class InvoiceAdmin(ReadOnlyAdminMixin, BaseModelAdmin):
    """What was issued. It never changes: what is wrong is credited."""

    list_display = ("number", "kind", "issued_on", "recipient", "issuer", "bill", "price")
    list_select_related = ("recipient", "issuer", "bill")
    list_filter = ("kind", "issuer")
    extra_lookups = frozenset({"bill", "recipient"})
    search_fields = ("number",)
    search_help_text = gettext_lazy(
        "The number of an invoice, a bill or a payment, or the beginning of the recipient's e-mail address."
    )
    ordering = ("-issued_at", "-id")
    price = money_display(gettext_lazy("total"), "total")
    net_price = money_display(gettext_lazy("net"), "net")
    tax_price = money_display(gettext_lazy("tax"), "tax")
    fieldsets = (
        (None, {"fields": (("number", "kind"), ("recipient", "issuer"), ("issued_on", "due_on"))}),
        (None, {"fields": (("net_price", "tax_price", "price"), ("bill", "payment", "corrects"), "reason", "papers")}),
        (gettext_lazy("Issued"), {"fields": (("issued_by", "issued_at", "language"),)}),
    )
    inlines = (SendingInline,)
    change_form_outer_before_template = "billing/admin/invoice_acts.html"

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        for word in search_term.split():
            people = User.objects.visible_to(request.user).filter(email__startswith=word.lower())
            bills = Bill.objects.visible_to(request.user).filter(number=word.upper())
            payments = Payment.objects.visible_to(request.user).filter(number=word.upper())
            # Lists, not subqueries: each is then looked up in an index of its own.
            queryset = queryset.filter(
                Q(number=word.upper())
                | Q(recipient__in=list(people.values_list("pk", flat=True)[:MOST_PEOPLE]))
                | Q(bill__in=list(bills.values_list("pk", flat=True)))
                | Q(payment__in=list(payments.values_list("pk", flat=True)))
            )
        return queryset, False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*(field.name for field in self.opts.fields), "price", "net_price", "tax_price", "papers"]

    @admin.display(description=gettext_lazy("credit notes"))
    def papers(self, invoice: Invoice) -> str:
        if invoice.kind == InvoiceKind.CREDIT_NOTE:
            return "–"
        notes = [
            {"number": note.number, "address": self.page_of(note.pk), "amount": money_html(note.figure("total"))}
            for note in invoice.credit_notes.order_by("issued_at")
        ]
        shown = {"notes": notes, "left": money_html(services.left_of(invoice))}
        return render_to_string("billing/admin/credit_notes.html", shown)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        invoice = kwargs.get("obj")
        if invoice is not None:
            may = self._may_issue(request)
            context |= {
                "pdf": self._address("pdf", invoice.pk),
                "languages": settings.LANGUAGES,
                "send": self._address("send", invoice.pk) if may else "",
                "credit": self._address("credit", invoice.pk)
                if may and invoice.kind != InvoiceKind.CREDIT_NOTE and services.left_of(invoice)
                else "",
            }
        return super().render_change_form(request, context, *args, **kwargs)

    # --- acts ---

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/pdf/", wrap(self.pdf_view), name="billing_invoice_pdf"),
            path("<uuid:pk>/send/", wrap(self.send_view), name="billing_invoice_send"),
            path("<uuid:pk>/credit/", wrap(self.credit_view), name="billing_invoice_credit"),
            path("of-bill/<uuid:pk>/", wrap(self.issue_view), name="billing_invoice_issue"),
            *super().get_urls(),
        ]

    def pdf_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """As its recipient has it, or in the language asked for."""
        invoice = self._invoice(request, pk)
        asked = request.GET.get("lang", "")
        language = asked if asked in dict(settings.LANGUAGES) else ""
        response = HttpResponse(documents.invoice_pdf(invoice, language), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{invoice.number}.pdf"'
        return response

    def send_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Once more to its recipient."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        invoice = self._invoice(request, pk)
        by: Any = request.user
        try:
            services.send_invoice(invoice.pk, by=by)
        except REFUSALS as error:
            messages.error(request, self._refusal(error).text)
        else:
            messages.success(request, _("%(number)s is on its way to %(person)s.") % _named(invoice))
        return HttpResponseRedirect(self.page_of(invoice.pk))

    def issue_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """What the bill's invoice will say; then it is issued."""
        if not self.has_view_permission(request) or not self._may_issue(request):
            raise PermissionDenied
        bill = Bill.objects.visible_to(request.user).filter(pk=pk).first()
        if bill is None:
            raise Http404
        by: Any = request.user
        issued = Invoice.objects.visible_to(by).filter(bill=bill, kind=InvoiceKind.INVOICE).first()
        if issued is not None:
            messages.info(request, _("%(number)s was issued for this bill already.") % {"number": issued.number})
            return HttpResponseRedirect(self.page_of(issued.pk))
        pictures: list[str] = []
        refusal = seen = ""
        try:
            draft = services.preview_invoice(bill.pk, by=by)
            seen = f"{draft.total} {draft.document['due']}"
            if request.method == "POST" and request.POST.get("seen") == seen:
                return self._done(request, services.issue_invoice(bill.pk, by=by))
            pictures = _pictures(draft)
        except REFUSALS as error:
            refusal = self._refusal(error).text
        title = _("Invoice of bill %(number)s") % {"number": bill.number}
        back = reverse(f"{self.admin_site.name}:billing_invoice_changelist")
        return self._look(request, title, pictures, seen=seen, refusal=refusal, back=back)

    def credit_view(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """How much, what the credit note will say, then it is issued: just what was looked at."""
        invoice = self._invoice(request, pk)
        if not self._may_issue(request):
            raise PermissionDenied
        by: Any = request.user
        left = services.left_of(invoice)
        form = CreditForm(request.POST or None, initial={"amount": left.amount})
        pictures: list[str] = []
        refusal = seen = ""
        if request.method == "POST" and form.is_valid():
            seen = f"{form.cleaned_data['amount']} {form.cleaned_data['reason']} {left}"
            value = Money(form.cleaned_data["amount"], invoice.currency)
            said: Any = {"by": by, "reason": form.cleaned_data["reason"]}
            try:
                if wrong := rules.why_wrong_amount(form.cleaned_data["amount"], invoice.currency):
                    raise wrong
                if request.POST.get("step") == "issue" and request.POST.get("seen") == seen:
                    return self._done(request, services.issue_credit_note(invoice.pk, value, left=left, **said))
                pictures = _pictures(services.preview_credit_note(invoice.pk, value, **said))
            except REFUSALS as error:
                refusal = self._refusal(error).text
        title = _("Credit note on %(number)s") % {"number": invoice.number}
        return self._look(
            request, title, pictures, form=form, seen=seen, refusal=refusal, back=self.page_of(invoice.pk)
        )

    def _look(self, request: HttpRequest, title: str, pictures: list[str], **more: Any) -> HttpResponse:
        request.current_app = self.admin_site.name  # type: ignore[attr-defined]
        shown = {"title": title, "opts": self.opts, "pictures": pictures, "media": self.media, "form": None}
        context = {**self.admin_site.each_context(request), **shown, **more}
        return TemplateResponse(request, "billing/admin/invoice_preview.html", context)

    def _done(self, request: HttpRequest, invoice: Invoice) -> HttpResponse:
        messages.success(request, _("%(number)s is issued and on its way to %(person)s.") % _named(invoice))
        return HttpResponseRedirect(self.page_of(invoice.pk))

    def _invoice(self, request: HttpRequest, pk: UUID) -> Invoice:
        found: Any = self.get_queryset(request).select_related("recipient", "issuer").filter(pk=pk).first()
        if found is None or not self.has_view_permission(request, found):
            raise Http404
        return found  # type: ignore[no-any-return]

    def _may_issue(self, request: HttpRequest) -> bool:
        user: Any = request.user
        return rules.why_not_issue(role=user.role) is None

    def _address(self, act: str, pk: UUID) -> str:
        return reverse(f"{self.admin_site.name}:billing_invoice_{act}", args=(pk,))


def _named(invoice: Invoice) -> dict[str, str]:
    return {"number": invoice.number, "person": str(invoice.recipient)}


def _pictures(draft: Invoice) -> list[str]:
    """A preview's pages, as addresses of pictures that hold them."""
    pages = documents.invoice_pictures(draft)
    return [f"data:image/png;base64,{base64.b64encode(page).decode()}" for page in pages]


@admin.register(InvoiceIssuer)
class InvoiceIssuerAdmin(BaseModelAdmin):
    """In whose name invoices are issued: Medivoy, and hospitals that invoice under their own."""

    list_display = ("legal_name", "hospital", "series_prefix", "time_zone")
    list_select_related = ("hospital",)
    ordering = ("legal_name",)
    autocomplete_fields = ("hospital",)
    fieldsets = (
        (None, {"fields": ("hospital", ("legal_name", "tax_number"), "address", ("email", "phone"))}),
        (gettext_lazy("Numbers"), {"fields": (("series_prefix", "time_zone"),)}),
        (gettext_lazy("At the end of each invoice"), {"fields": ("footer",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("hospital",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: InvoiceIssuer, form: Any, change: bool) -> None:
        by: Any = request.user
        services.save_issuer(obj, by=by)


@admin.register(InvoiceSeries)
class InvoiceSeriesAdmin(ReadOnlyAdminMixin, BaseModelAdmin):
    """The last number of each series; its page says whether every number up to it is there."""

    list_display = ("__str__", "issuer", "kind", "year", "last_number")
    list_select_related = ("issuer",)
    list_filter = ("kind", "year")
    ordering = ("-year", "prefix")
    fields = (("issuer", "kind"), ("year", "prefix"), "last_number", "wholeness")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*(field.name for field in self.opts.fields), "wholeness"]

    @admin.display(description=gettext_lazy("looked through just now"))
    def wholeness(self, series: InvoiceSeries) -> str:
        return render_to_string("billing/admin/series_check.html", {"found": selectors.check_series(series)})


@admin.register(InvoicingNews)
class InvoicingNewsAdmin(ReadOnlyAdminMixin, BaseModelAdmin):
    """What the job has still to look at, and what it could not issue and why."""

    list_display = ("look_at", "bill", "payment", "attempts", "failure")
    list_select_related = ("bill", "payment")
    ordering = ("look_at", "id")
