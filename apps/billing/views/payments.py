"""Payments: what was paid, paying, and the page to which payers come back."""

from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.accounts.views.base import Signed, read
from apps.billing import exceptions, filters, gateways, selectors, services
from apps.billing import serializers as shapes
from apps.billing.models import GatewayCode, Payment
from apps.billing.workflow import PaymentStage
from apps.common import idempotency, requests
from apps.common.api import answer
from apps.common.exceptions import NotFound, TooMany
from apps.common.money import Money
from apps.common.redis import RedisUnavailable
from apps.common.throttling import RoughLimit

from . import coupons

Readers = role_permission(Role.PATIENT, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)
Payers = role_permission(Role.PATIENT, Role.COORDINATOR, Role.ADMIN)
#: What may have no bill yet, as it is known to whoever sells it.
_SUBJECTS = {"appointment_id": "appointment", "booking_id": "booking"}
_KEY = OpenApiParameter(
    idempotency.HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Up to 100 visible characters of your own; sent again with the same body it is the same payment and "
    "page, and goes on with one that was broken off.",
)
#: Of one address: the page asks every few seconds.
RETURN_LIMIT = RoughLimit("billing.return", attempts=240, seconds=60, batch=5)


@extend_schema(tags=["payments"])
class PaymentViewSet(Signed):
    """Payments that the caller has sight of: their own, their hospital's; platform staff see all."""

    queryset = Payment.objects.none()
    serializer_class = shapes.PaymentShown
    filterset_class = filters.PaymentFilter
    sort_fields = {"created_at": "created_at"}
    default_sort = ("-created_at",)

    def get_permissions(self) -> list[Any]:
        return [Payers()] if self.action in {"create", "offered"} else [Readers()]

    @extend_schema(summary="Payments", operation_id="payments_list", responses=shapes.PaymentShown(many=True))
    def list(self, request: Request) -> Response:
        """Newest first. What was begun and never paid is there, too, as `pending` or `cancelled`."""
        rows = Payment.objects.visible_to(self.caller).values(*shapes.ROW)
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response([shapes.payment(row) for row in page or ()])

    @extend_schema(summary="One payment", operation_id="payments_retrieve", responses=shapes.PaymentDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """With all that happened to it, the first thing first, and its refunds."""
        row = Payment.objects.visible_to(self.caller).filter(pk=pk).values(*shapes.DETAIL_ROW).first()
        if row is None:
            raise NotFound()
        payment = Payment(pk=pk)
        refunds = selectors.refunds_of(payment).order_by("created_at", "pk").values(*shapes.REFUND_ROW)
        events = [shapes.event(each) for each in payment.events.order_by("at", "id")]
        return answer(shapes.payment_detail(row, events=events, refunds=[shapes.refund(each) for each in refunds]))

    @extend_schema(summary="How a payment stands", operation_id="payments_status", responses=shapes.PaymentStanding)
    def status(self, request: Request, pk: UUID) -> Response:
        """For an app that waits for it: while it is not settled the gateway is asked, once in some seconds however
        often this is called. Ask every few seconds until `is_final`."""
        payment = Payment.objects.visible_to(self.caller).filter(pk=pk).first()
        if payment is None:
            raise NotFound()
        return answer(shapes.standing(services.look_again(payment)))

    @extend_schema(
        summary="Ways to pay an amount",
        operation_id="payments_gateways",
        parameters=[shapes.GatewaysAsked],
        responses=shapes.GatewayShown(many=True),
        filters=False,
    )
    def offered(self, request: Request) -> Response:
        """Those that are set up and take this currency, and so much or little of it, in the order to show them."""
        asked = read(shapes.GatewaysAsked, request.query_params)
        codes = gateways.offered(Money(asked["amount"], asked["currency"]))
        return answer([{"code": code, "name": GatewayCode(code).label} for code in codes])

    @extend_schema(
        summary="Pay",
        operation_id="payments_create",
        description="Send the payer to `checkout_url`. What has no bill yet gets it. While a page for the same amount "
        "of the bill is open, it is that page again; one for another amount is closed first: nobody pays twice by "
        "clicking twice. `checkout_url` null: the gateway has not answered; send the same request again. 409 "
        "`billing.nothing_owed`, `billing.payment_under_way`, `billing.gateway_not_offered`, "
        "`billing.gateway_refused`; with `coupon_code` a coupon's own and "
        "`billing.bill_differs`. Coordinators and admins enter what they saw arrive with `gateway` offline: "
        "`amount`, `method`, `received_on`, `reference`.",
        parameters=[_KEY],
        request=shapes.StartPaymentInput,
        responses={201: shapes.PaymentStarted},
        examples=[
            OpenApiExample(
                "Pay what is due now",
                value={"appointment_id": "019364f0-0000-7000-8000-000000000001", "gateway": "stripe"},
                request_only=True,
            )
        ],
    )
    @idempotency.keyed
    def create(self, request: Request) -> Response:
        kept = services.clear_the_way(lambda: self._begun(request))
        payment = Payment.objects.get(pk=kept.data["id"])
        if payment.gateway != gateways.OFFLINE:
            payment = services.open_page(payment.pk)
        if payment.stage == PaymentStage.FAILED and not payment.checkout_url:
            raise exceptions.GatewayRefused(data={"id": str(payment.pk)})
        if payment.gateway == gateways.OFFLINE:
            message = _("The payment has been entered.")
        elif payment.is_unknown:
            message = _("The payment provider has not answered yet. Please try again in a moment.")
        else:
            message = _("Please go on to the payment page.")
        return idempotency.again(kept, answer(shapes.started(payment), message=message, status=201))

    @idempotency.idempotent
    def _begun(self, request: Request) -> Response:
        """What is kept for repetitions is the id alone: whoever has the address of the page can pay there."""
        given = read(shapes.StartPaymentInput, request.data)
        subject = next(((kind, given[name]) for name, kind in _SUBJECTS.items() if name in given), None)
        with coupons.counting_guesses(self.caller) if given["coupon_code"] else nullcontext():
            if given["gateway"] == gateways.OFFLINE:
                payment = services.enter_payment(
                    by=self.caller, bill_id=given.get("bill_id"), subject=subject, amount=given["amount"],
                    method=given["method"], received_on=given["received_on"], reference=given["reference"],
                    coupon_code=given["coupon_code"],
                )  # fmt: skip
            else:
                payment = services.begin_payment(
                    by=self.caller, gateway=given["gateway"], bill_id=given.get("bill_id"), subject=subject,
                    amount=given.get("amount"), return_url=given["return_url"], coupon_code=given["coupon_code"],
                )  # fmt: skip
        return answer({"id": payment.pk}, status=201)


@require_safe
def payment_returned(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Where payers come back to from the gateway's page, without signing in: how the payment stands, and nothing of
    what it was for. Whoever has the address sees no more than that."""
    asked = request.GET.get("lang", "")
    language = asked if asked in dict(settings.LANGUAGES) else translation.get_language() or "en"
    payment = _returned(request, pk)
    with translation.override(language):
        shown = {
            "payment": payment, "amount": payment.value.format(language) if payment else "",
            "standing": shapes.standing(payment) if payment else None,
            "language": language, "languages": settings.LANGUAGES, "app_url": settings.APP_URL,
        }  # fmt: skip
        response = render(request, "billing/returned.html", shown, status=200 if payment else 404)
    response["Content-Language"] = language
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    add_never_cache_headers(response)
    return response


@require_safe
def returned_status(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the page above asks for while it waits."""
    payment = _returned(request, pk)
    found = {"status": payment.status, "is_final": shapes.standing(payment)["is_final"]} if payment else {}
    response = JsonResponse(found, status=200 if payment else 404)
    add_never_cache_headers(response)
    return response


def _returned(request: HttpRequest, pk: UUID) -> Payment | None:
    """The payment, asked about at its gateway; where somebody asks far too often, as we know it."""
    payment = Payment.objects.exclude(gateway=GatewayCode.OFFLINE).filter(pk=pk).first()
    if payment is None:
        return None
    try:
        RETURN_LIMIT.take(requests.client_network(request))
    except (TooMany, RedisUnavailable):
        return payment
    return services.look_again(payment)
