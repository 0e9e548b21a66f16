"""Giving money back over the API, and what a cancellation would give back."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import IsCoordinatorOrAdmin, role_permission
from apps.accounts.roles import Role
from apps.accounts.views.base import Signed, read
from apps.billing import exceptions, selectors, services
from apps.billing import serializers as shapes
from apps.billing.models import Bill, Payment, Refund
from apps.common.api import answer
from apps.common.api.filters import SortBackend
from apps.common.exceptions import NotFound
from apps.common.idempotency import idempotent


@extend_schema(tags=["payments"])
class PaymentRefundsViewSet(Signed):
    """What was given back of a payment, and giving back more."""

    queryset = Refund.objects.none()
    serializer_class = shapes.RefundShown
    filter_backends = (SortBackend,)
    sort_fields = {"created_at": "created_at"}
    default_sort = ("-created_at",)
    extra_failures = (409,)

    def get_permissions(self) -> list[Any]:
        if self.action == "create":
            return [IsCoordinatorOrAdmin()]
        return [role_permission(Role.PATIENT, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)()]

    def _payment(self, pk: UUID) -> Payment:
        payment: Payment | None = Payment.objects.visible_to(self.caller).filter(pk=pk).first()
        if payment is None:
            raise NotFound()
        return payment

    @extend_schema(
        summary="A payment's refunds",
        operation_id="payments_refunds_list",
        responses=shapes.RefundShown(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        """For whoever sees the payment; those made at the gateway's own page too."""
        rows = selectors.refunds_of(self._payment(pk)).values(*shapes.REFUND_ROW)
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response([shapes.refund(row) for row in page or ()])

    @extend_schema(
        summary="Refund a payment",
        operation_id="payments_refund",
        request=shapes.AskRefund,
        responses={201: shapes.RefundShown},
    )
    @idempotent
    def create(self, request: Request, pk: UUID) -> Response:
        """Some of it, or all that is left: it is sent to the gateway within seconds, or paid out by staff where the
        payment came outside any gateway. 409 `billing.refund_too_large` says what is left (`errors`: none; `data`:
        `left`, `currency`), 409 `billing.payment_disputed` while a bank withholds the money. The payer is told."""
        given = read(shapes.AskRefund, request.data)
        made = services.refund_payment(
            self._payment(pk).pk, given["amount"], by=self.caller, reason=given["reason"], now=timezone.now()
        )
        [row] = selectors.refunds_of(made.payment).filter(pk=made.pk).values(*shapes.REFUND_ROW)
        return answer(shapes.refund(row), message=_("The refund is on its way."), status=201)


@extend_schema(tags=["bills"])
class BillCancellationViewSet(Signed):
    """For the payer, coordinators and admins."""

    permission_classes = [role_permission(Role.PATIENT, Role.COORDINATOR, Role.ADMIN)]
    queryset = Bill.objects.none()
    serializer_class = shapes.CancellationShown
    filter_backends = ()
    pagination_class = None
    extra_failures = (404, 409)

    @extend_schema(
        summary="What a cancellation now would give back",
        operation_id="bills_cancellation",
        parameters=[shapes.CancellationAsked],
        responses=shapes.CancellationShown,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """By the terms that were frozen when it was bought, and when that becomes less. Who cancels picks the terms:
        `actor`. 409 `billing.bill_cancelled` once it was cancelled. Nothing is changed by asking."""
        actor = read(shapes.CancellationAsked, request.query_params)["actor"]
        bill: Bill | None = Bill.objects.visible_to(self.caller).filter(pk=pk).first()
        if bill is None:
            raise NotFound()
        if bill.cancelled_at or bill.status == "cancelled":
            raise exceptions.BillCancelled()
        return answer(shapes.cancellation(selectors.cancellation_preview(bill, actor, timezone.now()), bill, actor))
