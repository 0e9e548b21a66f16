"""Treatments over the API, and what hospitals offer of them."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import IsPlatformAdmin
from apps.common.api import answer
from apps.common.exceptions import Invalid
from apps.common.idempotency import idempotent
from apps.hospitals import filters, selectors, serializers, services
from apps.hospitals.models import Hospital, Offer, Treatment
from apps.media import selectors as media_selectors

from .base import KEEPERS, RATES, DirectoryViewSet

CURRENCY = OpenApiParameter(
    "currency", description="Show prices in this currency too (ISO 4217).", pattern="^[A-Z]{3}$"
)


class CatalogueViewSet(DirectoryViewSet):
    """Lists with prices."""

    extra_meta = RATES

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What the query asks of the answer is looked at before anything is written."""
        super().initial(request, *args, **kwargs)
        if self.action in {"create", "partial_update"}:
            self.read_query()

    def read_query(self) -> None:
        """Raises Invalid for what the answer could not be made by."""
        self.prices()

    def with_picture(self, given: dict[str, Any]) -> dict[str, Any]:
        """What came in, with the picture itself instead of its id. Raises Invalid."""
        if "picture_id" in given:
            picture = media_selectors.picture(given.pop("picture_id"), by=self.request.user, field="picture_id")
            given["picture"] = picture
        return given


class TreatmentViewSet(CatalogueViewSet):
    queryset = Treatment.objects.none()
    parameters = filters.TREATMENT_PARAMETERS
    sort_fields: ClassVar = {
        "name": "sort_name", "price": "lowest_in_order", "offers": "offer_count", "relevance": "relevance",
    }  # fmt: skip
    nullable_sorts = ("lowest_in_order",)
    default_sort = ("sort_name",)
    writers: ClassVar = {"create": IsPlatformAdmin, "partial_update": IsPlatformAdmin, "destroy": IsPlatformAdmin}

    def page(self, pk: UUID) -> dict[str, Any]:
        """The treatment as the caller may read it. Raises DoesNotExist, Invalid."""
        language, user, today = get_language(), self.request.user, timezone.now().date()
        row = selectors.treatment_row(pk, user=user, language=language)
        managed = selectors.managed_treatment(pk, user)
        return serializers.TreatmentDetail.of(row, language, self.prices(), today, managed=managed)

    def kept(self, pk: UUID) -> Treatment:
        return Treatment.objects.visible_to(self.request.user).get(pk=pk)

    @extend_schema(
        tags=["Directory"],
        summary="List and search treatments",
        description="With a range of prices: those that a hospital offers within it.",
        responses=serializers.TreatmentSummary(many=True),
    )
    def list(self, request: Request) -> Response:
        language, prices, today = get_language(), self.prices(), timezone.now().date()
        rows = selectors.treatment_rows(
            language,
            prices,
            user=request.user,
            every=self.asked("is_active") is not None,
            country=self.asked("country"),
        )
        page = self.found(rows)
        return self.get_paginated_response(
            [serializers.TreatmentSummary.of(row, language, prices, today) for row in page]
        )

    @extend_schema(
        tags=["Directory"],
        summary="Read a treatment's page",
        parameters=[CURRENCY],
        responses=serializers.TreatmentDetail,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        return answer(self.page(pk))

    @extend_schema(
        tags=["Directory"],
        summary="Add a treatment to the catalogue",
        request=serializers.TreatmentInput,
        responses={201: serializers.TreatmentDetail},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        given = self.with_picture(self.read(serializers.TreatmentInput))
        treatment = services.create_treatment(by=request.user, **given)
        return answer(self.page(treatment.pk), message=_("The treatment has been added."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Change a treatment",
        request=serializers.TreatmentChanges,
        responses=serializers.TreatmentDetail,
    )
    def partial_update(self, request: Request, pk: UUID) -> Response:
        treatment = self.kept(pk)
        changes = self.with_picture(self.read(serializers.TreatmentChanges, partial=True))
        services.update_treatment(treatment, by=request.user, **changes)
        return answer(self.page(pk), message=_("The changes have been saved."))

    @extend_schema(
        tags=["Directory"],
        summary="Take a treatment out of the catalogue",
        description="Its offers and the packages that it is part of are no longer listed either; all stay.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID) -> Response:
        services.deactivate_treatment(self.kept(pk), by=request.user)
        return answer(status=204)


class TreatmentHospitalViewSet(CatalogueViewSet):
    """The hospitals of a treatment."""

    queryset = Offer.objects.none()
    parameters = filters.TREATMENT_OFFER_PARAMETERS
    sort_fields: ClassVar = {"price": "price_in_euro", "rating": "hospital__rating"}
    default_sort = ("price_in_euro",)

    @extend_schema(
        tags=["Directory"],
        summary="List what hospitals offer of a treatment",
        responses=serializers.TreatmentOffer(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        language, prices, today = get_language(), self.prices(), timezone.now().date()
        treatment = Treatment.objects.readable_by(request.user).only("pk").get(pk=pk)
        page = self.found(selectors.treatment_offer_rows(treatment.pk, language, prices, today))
        return self.get_paginated_response(
            [serializers.TreatmentOffer.of(row, language, prices, today) for row in page]
        )


class HospitalTreatmentViewSet(CatalogueViewSet):
    """The treatments of a hospital."""

    queryset = Offer.objects.none()
    parameters = filters.HOSPITAL_OFFER_PARAMETERS
    sort_fields: ClassVar = {"price": "price_in_euro", "name": "treatment__name_en"}
    default_sort = ("treatment__name_en",)
    writers: ClassVar = {"create": KEEPERS, "partial_update": KEEPERS, "destroy": KEEPERS}

    def page(self, pk: UUID, treatment_id: UUID) -> dict[str, Any]:
        """The offer as the caller may read it. Raises DoesNotExist, Invalid."""
        language, user, today = get_language(), self.request.user, timezone.now().date()
        row = selectors.hospital_offer_row(pk, treatment_id, user=user, language=language)
        managed = selectors.managed_offer(row["id"], user)
        return serializers.HospitalOfferDetail.of(row, language, self.prices(), today, managed=managed)

    def kept(self, pk: UUID, treatment_id: UUID) -> Offer:
        return Offer.objects.visible_to(self.request.user).get(hospital=pk, treatment=treatment_id)

    @extend_schema(
        tags=["Directory"],
        summary="List what a hospital offers",
        responses=serializers.HospitalOffer(many=True),
    )
    def list(self, request: Request, pk: UUID) -> Response:
        language, prices, today = get_language(), self.prices(), timezone.now().date()
        hospital = Hospital.objects.readable_by(request.user).only("pk").get(pk=pk)
        every = self.asked("is_active") is not None
        rows = selectors.hospital_offer_rows(hospital.pk, language, prices, user=request.user, every=every)
        page = self.found(rows)
        return self.get_paginated_response([serializers.HospitalOffer.of(row, language, prices, today) for row in page])

    @extend_schema(
        tags=["Directory"],
        summary="Read one offer of a hospital",
        parameters=[CURRENCY],
        responses=serializers.HospitalOfferDetail,
    )
    def retrieve(self, request: Request, pk: UUID, treatment_id: UUID) -> Response:
        return answer(self.page(pk, treatment_id))

    @extend_schema(
        tags=["Directory"],
        summary="Offer a treatment at a hospital",
        request=serializers.OfferInput,
        responses={201: serializers.HospitalOfferDetail},
    )
    @idempotent
    def create(self, request: Request, pk: UUID) -> Response:
        hospital = Hospital.objects.visible_to(request.user).get(pk=pk)
        given = self.read(serializers.OfferInput)
        treatment = Treatment.objects.readable_by(request.user).filter(pk=given.pop("treatment_id")).first()
        if treatment is None:
            raise Invalid(errors={"treatment_id": [_("There is no such treatment.")]})
        services.create_offer(hospital, treatment, by=request.user, **given)
        return answer(self.page(pk, treatment.pk), message=_("The offer has been added."), status=201)

    @extend_schema(
        tags=["Directory"],
        summary="Change an offer of a hospital",
        request=serializers.OfferChanges,
        responses=serializers.HospitalOfferDetail,
    )
    def partial_update(self, request: Request, pk: UUID, treatment_id: UUID) -> Response:
        offer = self.kept(pk, treatment_id)
        services.update_offer(offer, by=request.user, **self.read(serializers.OfferChanges, partial=True))
        return answer(self.page(pk, treatment_id), message=_("The changes have been saved."))

    @extend_schema(
        tags=["Directory"],
        summary="Withdraw an offer of a hospital",
        description="It is no longer listed, and stays: `is_active` brings it back.",
        responses={204: None},
    )
    def destroy(self, request: Request, pk: UUID, treatment_id: UUID) -> Response:
        services.withdraw_offer(self.kept(pk, treatment_id), by=request.user)
        return answer(status=204)
