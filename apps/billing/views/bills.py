"""Bills over the API."""

from typing import ClassVar
from uuid import UUID

from django.utils.translation import get_language
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.accounts.views.base import Signed
from apps.billing import filters, selectors
from apps.billing import serializers as shapes
from apps.billing.models import Bill, BillLine, Instalment
from apps.common.api import answer
from apps.common.api.filters import FilterBackend, SortBackend
from apps.common.exceptions import NotFound

_EXAMPLE = {
    "id": "019ab2c4-6f00-7d52-8a7e-3c1b2f4d5e60",
    "number": "BL-7K3Q9F2M",
    "status": "partly_paid",
    "status_label": "Partly paid",
    "subject": {"type": "booking", "id": "019ab2c4-7a10-7c3e-9d41-5b8f0c2e7a11", "label": "BK-4W9D2K7H"},
    "currency": "USD",
    "total": "5400.00",
    "credited": "0.00",
    "paid": "1080.00",
    "balance": "4320.00",
    "next_due": {
        "kind": "balance", "amount": "4320.00", "due_on": "2026-12-14", "text": "$4,320.00, December 14, 2026",
    },
    "created_at": "2026-11-23T09:30:00Z",
}  # fmt: skip


@extend_schema(tags=["bills"])
class BillViewSet(Signed):
    """One's own bills; a hospital's for its staff; all for coordinators and admins."""

    permission_classes = [role_permission(Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)]
    queryset = Bill.objects.none()
    serializer_class = shapes.BillSummary
    filter_backends = (FilterBackend, SortBackend)
    filterset_class = filters.BillFilter
    sort_fields: ClassVar = {"created_at": "created_at"}
    default_sort = ("-created_at",)

    @extend_schema(
        summary="Bills: what is owed, and what is due next",
        operation_id="bills_list",
        responses=shapes.BillSummary(many=True),
        examples=[OpenApiExample("A deposit was paid", value=_EXAMPLE, response_only=True)],
    )
    def list(self, request: Request) -> Response:
        """Newest first."""
        rows = self.filter_queryset(selectors.bill_rows(self.caller)).values(*shapes.BILL_ROW)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response([shapes.bill(row, get_language() or "en") for row in page])

    @extend_schema(
        summary="One bill, with its lines and instalments",
        operation_id="bills_retrieve",
        responses=shapes.BillDetail,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        row = selectors.bill_rows(self.caller).filter(pk=pk).values(*shapes.BILL_DETAIL_ROW).first()
        if row is None:
            raise NotFound()
        lines = BillLine.objects.filter(bill=pk).order_by("position").values(*shapes.LINE_ROW)
        parts = Instalment.objects.filter(bill=pk).order_by("position").values(*shapes.INSTALMENT_ROW)
        return answer(shapes.bill_detail(row, lines, parts, get_language() or "en"))
