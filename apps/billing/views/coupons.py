"""Coupons over the API."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.accounts.permissions import IsCoordinatorOrAdmin, IsPlatformAdmin, IsSignedIn
from apps.accounts.views.base import Signed, read
from apps.billing import exceptions, filters, selectors, services
from apps.billing import serializers as shapes
from apps.billing.models import Coupon
from apps.common.api import answer
from apps.common.api.filters import FilterBackend, SortBackend
from apps.common.exceptions import NotFound
from apps.common.idempotency import idempotent
from apps.common.money import Money
from apps.common.throttling import Limit

#: Codes that there are none of, by one person.
GUESS_LIMIT = Limit("coupon.unknown", attempts=10, seconds=15 * 60)
_WHICH = OpenApiParameter(
    "coupon", str, OpenApiParameter.PATH, description="To look one up its code; to change or remove one its id."
)
_OFFER = {
    "code": "WELCOME10", "is_valid": True, "reason": "", "message": "", "currency": "USD", "discount": "25.00",
    "amount": "225.00",
}  # fmt: skip
_EXPIRED = _OFFER | {
    "is_valid": False, "reason": "billing.coupon_expired", "message": "This coupon has expired.", "discount": "0.00",
    "amount": "250.00",
}  # fmt: skip


@contextmanager
def counting_guesses(who: User) -> Iterator[None]:
    """A code that there is none of counts; whatever else comes of it gives the attempt back. Raises TooMany."""
    GUESS_LIMIT.take(str(who.pk))
    is_guess = False
    try:
        yield
    except exceptions.CouponUnknown:
        is_guess = True
        raise
    finally:
        if not is_guess:
            GUESS_LIMIT.give_back(str(who.pk))


@extend_schema(tags=["coupons"])
class CouponViewSet(Signed):
    """Kept by platform admins, read by coordinators, tried by everyone who is signed in."""

    queryset = Coupon.objects.none()
    serializer_class = shapes.CouponShown
    filter_backends = (FilterBackend, SortBackend)
    filterset_class = filters.CouponFilter
    sort_fields: ClassVar = {"created_at": "created_at", "code": "code"}
    default_sort = ("-created_at",)
    _permissions: ClassVar[dict[str, type[BasePermission]]] = {"list": IsCoordinatorOrAdmin, "retrieve": IsSignedIn}

    def get_permissions(self) -> list[BasePermission]:
        return [self._permissions.get(self.action, IsPlatformAdmin)()]

    def _shown(self, pk: Any) -> dict[str, Any]:
        return shapes.coupon(selectors.coupon_rows(self.caller).values(*shapes.COUPON_ROW).get(pk=pk))

    @extend_schema(summary="Coupons", operation_id="coupons_list", responses=shapes.CouponShown(many=True))
    def list(self, request: Request) -> Response:
        """Newest first."""
        rows = self.filter_queryset(selectors.coupon_rows(self.caller)).values(*shapes.COUPON_ROW)
        return self.get_paginated_response([shapes.coupon(row) for row in self.paginate_queryset(rows) or []])

    @extend_schema(
        summary="Whether a coupon is good for me and a price, and what it takes off",
        description="A code that there is none of is 404; after ten of those in a quarter of an hour, 429.",
        operation_id="coupons_retrieve",
        parameters=[_WHICH, shapes.CouponAsked],
        responses=shapes.CouponOffer,
        examples=[
            OpenApiExample("Ten percent off", value=_OFFER, response_only=True),
            OpenApiExample("Expired", value=_EXPIRED, response_only=True),
        ],
    )
    def retrieve(self, request: Request, coupon: str) -> Response:
        asked = read(shapes.CouponAsked, request.query_params)
        price = Money(asked["amount"], asked["currency"])
        with counting_guesses(self.caller):
            found, off, refusal = selectors.coupon_offer(
                coupon, price, subject_type=asked["applies_to"], payer=self.caller, now=timezone.now()
            )
            if found is None:
                raise exceptions.CouponUnknown()
        return answer(shapes.coupon_offer(found.code, price, off, refusal))

    @extend_schema(
        summary="Make a coupon",
        operation_id="coupons_create",
        request=shapes.CouponInput,
        responses={201: shapes.CouponShown},
        examples=[
            OpenApiExample(
                "Ten percent, at most 100 US dollars, for 500 people",
                value={
                    "code": "WELCOME10", "kind": "percent", "percent": "10", "cap": "100", "currency": "USD",
                    "valid_until": "2027-01-01T00:00:00Z", "total_limit": 500, "user_limit": 1,
                    "applies_to": ["booking"],
                },
                request_only=True,
            )
        ],
    )  # fmt: skip
    @idempotent
    def create(self, request: Request) -> Response:
        made = services.create_coupon(by=self.caller, **read(shapes.CouponInput, request.data))
        return answer(self._shown(made.pk), message=_("The coupon has been made."), status=201)

    @extend_schema(
        summary="Change a coupon",
        description="Of one that was used, only when and how often it is good, and whether it is active.",
        operation_id="coupons_partial_update",
        parameters=[_WHICH],
        request=shapes.CouponChanges,
        responses=shapes.CouponShown,
    )
    def partial_update(self, request: Request, coupon: str) -> Response:
        pk = _id(coupon)
        services.update_coupon(pk, by=self.caller, **read(shapes.CouponChanges, request.data, partial=True))
        return answer(self._shown(pk), message=_("The changes have been saved."))

    @extend_schema(
        summary="Remove a coupon",
        description="One that was used stays and is active no more.",
        operation_id="coupons_destroy",
        parameters=[_WHICH],
        responses={204: None},
    )
    def destroy(self, request: Request, coupon: str) -> Response:
        services.remove_coupon(_id(coupon), by=self.caller)
        return answer(status=204)


def _id(text: str) -> UUID:
    """Raises NotFound for what is no id."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound() from None
