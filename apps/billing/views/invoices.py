"""Invoices over the API: reading them, issuing and sending them, and their PDF."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import IsCoordinatorOrAdmin, role_permission
from apps.accounts.roles import Role
from apps.accounts.views.base import Signed, read
from apps.billing import documents, filters, selectors, services
from apps.billing.models import Invoice
from apps.billing.serializers import invoices as shapes
from apps.common.api import answer
from apps.common.idempotency import again, idempotent, keyed

_Readers = role_permission(Role.PATIENT, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)


@extend_schema(tags=["invoices"])
class InvoiceViewSet(Signed):
    """The recipient's own, a hospital's, or all for coordinators and admins."""

    queryset = Invoice.objects.none()
    serializer_class = shapes.InvoiceShown
    filterset_class = filters.InvoiceFilter
    sort_fields = {"issued_at": "issued_at"}
    default_sort = ("-issued_at",)

    def get_permissions(self) -> list[Any]:
        return [IsCoordinatorOrAdmin() if self.action in {"create", "send"} else _Readers()]

    @extend_schema(summary="Invoices", responses=shapes.InvoiceShown(many=True))
    def list(self, request: Request) -> Response:
        """Invoices, receipts of advance payments and credit notes, newest first."""
        page = self.paginate_queryset(self.filter_queryset(selectors.invoice_rows(self.caller)))
        return self.get_paginated_response([shapes.invoice(row) for row in page or ()])

    @extend_schema(summary="One invoice", responses=shapes.InvoiceDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """With its lines and taxes, as it was issued."""
        return answer(shapes.invoice_detail(selectors.invoice_row(pk, reader=self.caller)))

    @extend_schema(
        summary="Issue an invoice, a receipt or a credit note",
        description="Of `bill_id` its invoice; with `kind` advance_receipt the receipt of `payment_id`; with `kind` "
        "credit_note a credit note on the bill's invoice, or on the receipt of `payment_id`. What is paid, received in "
        "advance or given back has its paper within a minute without this. It is numbered for good and sent. 409 "
        "`billing.already_invoiced`, `billing.nothing_to_invoice`, `billing.no_issuer`, `billing.credit_too_high`.",
        request=shapes.IssueInvoice,
        responses={201: shapes.InvoiceDetail},
        examples=[
            OpenApiExample(
                "A bill's invoice", value={"bill_id": "019364f0-0000-7000-8000-000000000001"}, request_only=True
            )
        ],
    )
    @keyed
    def create(self, request: Request) -> Response:
        kept = self._issued(request)
        row = selectors.invoice_row(UUID(str(kept.data["id"])), reader=self.caller)
        return again(kept, answer(shapes.invoice_detail(row), message=_("It is issued and sent."), status=201))

    @idempotent
    def _issued(self, request: Request) -> Response:
        given = read(shapes.IssueInvoice, request.data)
        return answer({"id": services.issue(by=self.caller, **given).pk}, status=201)

    @extend_schema(summary="Send an invoice by e-mail", request=None, responses={201: shapes.SentShown})
    def send(self, request: Request, pk: UUID) -> Response:
        """To its recipient once more, in their language, with the PDF."""
        sending = services.send_invoice(pk, by=self.caller)
        shown = {"invoice_id": sending.invoice_id, "sent_at": sending.at}
        return answer(shown, message=_("It is on its way."), status=201)


@extend_schema(tags=["invoices"])
class InvoicePdfView(Signed):
    """A file, not data: whatever the client says that it accepts."""

    permission_classes = [_Readers]
    queryset = Invoice.objects.none()
    filter_backends = ()
    pagination_class = None

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(
        summary="An invoice as PDF",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def retrieve(self, request: Request, pk: UUID) -> HttpResponse:
        """PDF/A, in the language in which it was issued or in `lang`: what is said around the lines as billed."""
        language = read(shapes.PdfLanguage, request.query_params)["lang"]
        found = selectors.invoice_to_read(pk, reader=self.caller)
        response = HttpResponse(documents.invoice_pdf(found, language), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{found.number}.pdf"'
        return response
