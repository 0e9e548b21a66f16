"""What becomes of an appointment that leave stands in the way of: over the API, and on a page behind a link."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.accounts.permissions import role_permission
from apps.bookings import rules, selectors, services, slots
from apps.bookings.models import Displacement
from apps.bookings.serializers import displacement as shapes
from apps.common import audit, requests, throttling, wall_time
from apps.common.api import answer
from apps.common.exceptions import DomainError, NotFound, TooMany
from apps.common.redis import RedisUnavailable

from . import base

Choosers = role_permission(*rules.CHOOSERS)
#: Guessing a token is hopeless; this keeps a machine from trying.
PUBLIC_LIMIT = throttling.Limit("bookings.displaced", attempts=60, seconds=60)


@extend_schema(tags=["appointments"])
class AppointmentDisplacementViewSet(base.Signed):
    """An appointment that its doctor cannot keep, and the choice that its patient has."""

    permission_classes = [Choosers]
    serializer_class = shapes.DisplacementShown

    @extend_schema(
        summary="What is offered for an appointment that cannot take place",
        operation_id="appointments_displacement_retrieve",
        responses=shapes.DisplacementShown,
    )
    def retrieve(self, request: Request, pk: UUID) -> Response:
        """404 where leave does not stand, and never stood, in the way of the appointment."""
        return self.show(pk)

    @extend_schema(
        summary="Choose what becomes of it",
        operation_id="appointments_displacement_choose",
        description="By the patient until `respond_by`, or by staff for the patient. No limit on moves and no cut-off "
        "counts here. A colleague makes a new appointment, which keeps fee and payment: see `chosen`. "
        "409 `booking.displacement_settled`, `booking.displacement_overdue`; 409 `booking.slot_taken`, "
        "`booking.slot_not_offered` and the like with what is free now in `data.offers`.",
        request=shapes.ChooseInput,
        responses=shapes.DisplacementShown,
        examples=[
            OpenApiExample(
                "Another time", value={"choice": "time", "starts_at": "2026-11-23T04:00:00Z"}, request_only=True
            )
        ],
    )
    def create(self, request: Request, pk: UUID) -> Response:
        services.choose(pk, by=self.caller, **base.read(shapes.ChooseInput, request.data))
        return self.show(pk, message=_("Saved."))

    def show(self, appointment_id: UUID, *, message: Any = "") -> Response:
        found = selectors.displacement_of(appointment_id, reader=self.caller)
        page = selectors.displacement_page(found, role=self.caller.role, now=timezone.now())
        return answer(shapes.displacement(page, self.caller), message=message)


@require_http_methods(["GET", "HEAD", "POST"])
def displaced(request: HttpRequest, token: str) -> HttpResponse:
    """Whoever has the link sees what is offered and chooses, in the patient's language unless `?lang=` says otherwise.
    Opening the page changes nothing. Nothing medical is shown, and not who the patient is."""
    try:
        PUBLIC_LIMIT.take(requests.client_network(request))
    except TooMany as refusal:
        response = render(request, "error.html", {"status": 429, "message": refusal.text}, status=429)
        response["Retry-After"] = str(refusal.retry_after)
        return _for_nobody_else(response)
    except RedisUnavailable:
        pass  # nothing is guarded but our own work
    try:
        found = selectors.displacement_by(rules.hash_of(token))
    except NotFound:
        language = _language(request, translation.get_language() or settings.LANGUAGE_CODE)
        with translation.override(language):
            shown = {"language": language, "languages": settings.LANGUAGES}
            return _for_nobody_else(render(request, "bookings/displaced.html", shown, status=404), language)
    patient = found.appointment.patient.user
    language = _language(request, patient.language)
    with translation.override(language):
        refused: DomainError | None = None
        if request.method == "POST":
            refused = _chosen(request, found, by=patient)
            if refused is None:
                return _for_nobody_else(HttpResponseRedirect(request.get_full_path()))
            found = selectors.displacement_by(rules.hash_of(token))
        page = selectors.displacement_page(found, role=patient.role, now=timezone.now())
        shown = _shown(page, patient.time_zone, language) | {"refusal": refused}
        status = refused.status if refused else 200
        return _for_nobody_else(render(request, "bookings/displaced.html", shown, status=status), language)


def _chosen(request: HttpRequest, found: Displacement, *, by: User) -> DomainError | None:
    """What was pressed on the page is done in the patient's name; what stands against it, if anything does. An old
    link chooses nothing of what was displaced later."""
    over = rules.why_not_choose(found.status, found.respond_by, role=by.role, now=timezone.now())
    if over:
        return over
    choice, _space, rest = request.POST.get("choice", "").partition(" ")
    starts_at, _space, doctor_id = rest.partition(" ")
    given = {name: value for name, value in (("starts_at", starts_at), ("doctor_id", doctor_id)) if value}
    audit.actor_is(by)
    try:
        services.choose(found.appointment_id, by=by, **base.read(shapes.ChooseInput, {"choice": choice, **given}))
    except ValidationError:
        return DomainError(_("Please choose one of these."))
    except DomainError as refusal:
        return refusal
    return None


def _shown(page: selectors.DisplacementPage, zone: str, language: str) -> dict[str, Any]:
    appointment = page.displacement.appointment

    def times(at: Any) -> dict[str, Any]:
        there = appointment.hospital.time_zone
        return {
            "at_hospital": str(wall_time.read(at, there, language)),
            "at_reader": str(wall_time.read(at, zone, language)) if zone != there else "",
        }

    def offer(slot: slots.Slot, **more: Any) -> dict[str, Any]:
        return {"starts_at": slot.starts_at.isoformat().replace("+00:00", "Z"), **times(slot.starts_at), **more}

    return {
        "displacement": page.displacement,
        "appointment": appointment,
        "was": times(appointment.starts_at),
        "respond_by": times(page.displacement.respond_by),
        "times": [offer(slot) for slot in page.offers.times],
        "colleagues": [offer(each.slot, doctor=each.name, doctor_id=each.doctor_id) for each in page.offers.colleagues],
        "chosen": page.chosen,
        "chosen_times": times(page.chosen.starts_at) if page.chosen else None,
        "is_overdue": page.why_not is not None and page.why_not.code == "booking.displacement_overdue",
        "language": language,
        "languages": settings.LANGUAGES,
    }


def _language(request: HttpRequest, otherwise: str) -> str:
    asked = request.GET.get("lang", "")
    return asked if asked in dict(settings.LANGUAGES) else otherwise


def _for_nobody_else(response: HttpResponse, language: str = "") -> HttpResponse:
    if language:
        response["Content-Language"] = language
    response["X-Robots-Tag"] = "noindex, nofollow"
    # Not "no-referrer": a browser would then send the form without the origin that the CSRF check asks for.
    response["Referrer-Policy"] = "same-origin"
    add_never_cache_headers(response)
    return response
