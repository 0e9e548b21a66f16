"""Plans, and subscriptions of hospitals and doctors."""

from typing import Any, ClassVar
from uuid import UUID

import django_filters
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.views.base import Signed, read
from apps.billing import services
from apps.billing.models import Payment, Subscription, SubscriptionPlan
from apps.billing.rules import subscriptions as rules
from apps.billing.selectors import subscriptions as selectors
from apps.billing.serializers import subscriptions as shapes
from apps.billing.workflow import SubscriptionStatus
from apps.common.api import answer
from apps.common.api.filters import ChoicesFilter
from apps.common.exceptions import NotFound
from apps.common.idempotency import again, idempotent, keyed
from apps.hospitals.filters import parameters
from apps.hospitals.views import base as directory


def _audience(value: str) -> str:
    if value not in SubscriptionPlan.Audience.values:
        names = ", ".join(SubscriptionPlan.Audience.values)
        raise parameters.WrongValueError(_("Choose one of: %(names)s.") % {"names": names})
    return value


def _for_audience(rows: QuerySet, value: str) -> QuerySet:
    return rows.filter(audience=value)


@extend_schema(tags=["subscription-plans"])
class SubscriptionPlanViewSet(directory.DirectoryViewSet):
    """Public to read; platform admins keep them in the admin."""

    queryset = SubscriptionPlan.objects.none()
    parameters: ClassVar = {
        "audience": parameters.Parameter(
            _audience, _for_audience, "For whom.", {"type": "string", "enum": SubscriptionPlan.Audience.values}
        )
    }
    sort_fields: ClassVar = {"position": "position"}
    default_sort = ("position",)

    @extend_schema(summary="Plans that can be subscribed to", responses=shapes.PlanShown(many=True))
    def list(self, request: Request) -> Response:
        """Those that are offered, with price and limits, in the caller's language."""
        language = get_language()
        rows = self.found(selectors.plan_rows(language))
        return self.get_paginated_response([shapes.PlanShown.of(row, language) for row in rows])


class SubscriptionFilter(django_filters.FilterSet):
    status = ChoicesFilter(SubscriptionStatus.choices)
    plan = django_filters.CharFilter(field_name="plan__code")

    class Meta:
        model = Subscription
        fields = ()


@extend_schema(tags=["subscriptions"])
class SubscriptionViewSet(Signed):
    """Hospital staff see and keep their hospital's, doctors their own, platform admins all."""

    permission_classes = [role_permission(*rules.SUBSCRIBERS)]
    queryset = Subscription.objects.none()
    serializer_class = shapes.SubscriptionShown
    filterset_class = SubscriptionFilter
    sort_fields: ClassVar = {"created_at": "created_at"}
    default_sort = ("-created_at", "-pk")

    def shown(self, pk: UUID) -> dict[str, Any]:
        row = selectors.subscription_rows(self.caller, get_language()).filter(pk=pk).first()
        if row is None:
            raise NotFound()
        return shapes.detail(row, selectors.period_rows(pk), get_language())

    def answered(self, pk: UUID, payment: Payment | None, **said: Any) -> Response:
        return answer(shapes.with_payment(self.shown(pk), payment), **said)

    @extend_schema(summary="Subscriptions", responses=shapes.SubscriptionShown(many=True))
    def list(self, request: Request) -> Response:
        """Newest first, those that have ended too."""
        language = get_language()
        page = self.paginate_queryset(self.filter_queryset(selectors.subscription_rows(self.caller, language))) or ()
        return self.get_paginated_response([shapes.subscription(row, language) for row in page])

    @extend_schema(summary="One subscription", responses=shapes.SubscriptionDetail)
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """With the periods that it was billed for, and what is due."""
        return answer(self.shown(pk))

    @extend_schema(
        summary="Subscribe to a plan",
        description="Hospital staff for their hospital, doctors for themselves, platform admins for whom they name. "
        "Where something is to be paid, `checkout_url` is the page for it, and the plan is in force once it is paid "
        "(within a day); the payment method is kept for the periods that follow. A trial, and a plan that costs "
        "nothing, begin at once. 400 `subscription.plan_not_offered`, 409 `subscription.exists`, "
        "`subscription.no_payer`, `subscription.no_gateway`.",
        request=shapes.SubscribeInput,
        responses={201: shapes.SubscriptionAnswer},
    )
    @keyed
    def create(self, request: Request) -> Response:
        given = read(shapes.SubscribeInput, request.data)
        kept = self._subscribe(request)
        pk = UUID(str(kept.data["id"]))
        payment = services.collect(pk, by=self.caller, **_way(given))
        return again(kept, self.answered(pk, payment, message=_("Thank you."), status=201))

    @idempotent
    def _subscribe(self, request: Request) -> Response:
        """What is kept for repetitions is the id alone: the page to pay on is asked for each time."""
        given = read(shapes.SubscribeInput, request.data)
        wanted = {name: given[name] for name in ("plan", "hospital_id", "doctor_id") if name in given}
        return answer({"id": services.subscribe(by=self.caller, **wanted).pk}, status=201)

    @extend_schema(
        summary="Change the plan, or whether it is renewed",
        description="A plan that costs more is charged at once for the days to come, less what was paid for them; any "
        "other takes effect with the next period. `?preview=true` says which, and what it costs, in `change`, and "
        "changes nothing. `auto_renew` true takes back a cancellation. 409 `subscription.same_plan`, "
        "`subscription.payment_outstanding`, `subscription.ending`, `subscription.ended`, "
        "`subscription.stale_version`.",
        parameters=[OpenApiParameter("preview", bool, description="Say what it would bring, and change nothing.")],
        request=shapes.ChangeSubscriptionInput,
        responses=shapes.SubscriptionAnswer,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        given = read(shapes.ChangeSubscriptionInput, request.data)
        is_preview = read(shapes.PreviewInput, request.query_params.dict())["preview"]
        if is_preview and "plan" in given:
            _subscription, plan, brings = services.preview_change(pk, by=self.caller, plan=given["plan"])
            shown = shapes.with_payment(self.shown(pk), None)
            return answer({**shown, "change": shapes.change(plan.code, brings)})
        if is_preview:
            return self.answered(pk, None)
        seen = given.get("version")
        if "auto_renew" in given:
            services.set_auto_renew(pk, given["auto_renew"], by=self.caller, version=seen)
            return self.answered(pk, None, message=_("The changes have been saved."))
        services.change_plan(pk, by=self.caller, plan=given["plan"], version=seen)
        payment = services.collect(pk, by=self.caller, **_way(given))
        return self.answered(pk, payment, message=_("The changes have been saved."))

    @extend_schema(
        summary="Cancel at the end of the period",
        description="Until then the plan is in force, and `auto_renew` takes it back. What waits for its payment is "
        "given up; what is overdue ends at once.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.cancel_subscription(pk, by=self.caller)
        return answer(status=204)

    @extend_schema(
        summary="Pay what is due",
        description="A page on which what is owed can be paid; the payment method is kept for the next periods. The "
        "same page while it is open. 409 `subscription.nothing_to_pay`, `subscription.no_gateway`.",
        operation_id="subscriptions_pay",
        request=shapes.PayInput,
        responses={201: shapes.SubscriptionAnswer},
    )
    def pay(self, request: Request, pk: UUID) -> Response:
        payment = services.pay(pk, by=self.caller, **_way(read(shapes.PayInput, request.data)))
        return self.answered(pk, payment, message=_("The page is open."), status=201)


def _way(given: dict[str, Any]) -> dict[str, str]:
    """How the caller wants to pay."""
    return {name: given[name] for name in ("gateway", "return_url") if name in given}
