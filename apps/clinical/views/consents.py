"""Consent and the log of readings over the API, and the record opened in an emergency."""

from typing import Any
from uuid import UUID

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.permissions import role_permission
from apps.accounts.roles import Role
from apps.clinical import filters, selectors, services
from apps.clinical.models import ConsentGrant, EmergencyAccess, ReadEntry
from apps.clinical.serializers import consents as shapes
from apps.common.api import answer
from apps.common.idempotency import idempotent, keyed

from . import base

Everyone = role_permission(*Role.values)
Patients = role_permission(Role.PATIENT)
Keepers = role_permission(Role.PATIENT, Role.ADMIN)
Readers = role_permission(Role.PATIENT, Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN)
Doctors = role_permission(Role.DOCTOR)
OfEmergencies = role_permission(Role.PATIENT, Role.DOCTOR, Role.ADMIN)

CONSENT = OpenApiExample(
    "X-rays and medical information for a doctor",
    value={
        "grantee": "doctor",
        "doctor_id": "019364f0-0000-7000-8000-000000000001",
        "scopes": ["profile", "xray"],
        "until": "2027-03-01T00:00:00Z",
        "text_version": 1,
    },
    request_only=True,
)
EMERGENCY = OpenApiExample(
    "Unconscious in the emergency department",
    value={
        "email": "amina.bello@example.com",
        "birth_date": "1984-05-17",
        "reason": "Brought in unconscious after an accident; allergies must be known before anaesthesia.",
    },
    request_only=True,
)


class ConsentTextView(base.Signed):
    permission_classes = [Everyone]

    @extend_schema(summary="What people are asked to agree to", responses=shapes.ConsentTextShown)
    def retrieve(self, request: Request) -> Response:
        """The newest version, in the language asked for. Show it before `POST /patients/{id}/consents`."""
        text = selectors.current_consent_text(timezone.now())
        return answer(shapes.consent_text(text, translation.get_language() or "en"))


@extend_schema(tags=["patients"])
class PatientConsentsViewSet(base.Signed):
    """Who may see what of a patient's record."""

    queryset = ConsentGrant.objects.none()
    serializer_class = shapes.ConsentShown
    filterset_class = filters.ConsentFilter
    sort_fields = {"given_at": "given_at"}
    default_sort = ("-given_at",)

    def get_permissions(self) -> list[Any]:
        return [{"create": Patients, "revoke": Keepers}.get(self.action, Readers)()]

    def _show(self, patient_id: UUID, grant_id: UUID, *, message: Any = "", status: int = 200) -> Response:
        now = timezone.now()
        row, text = selectors.consent_row(patient_id, grant_id, reader=self.caller, now=now)
        return answer(shapes.consent(row, now=now, text=text), message=message, status=status)

    @extend_schema(summary="A patient's consents", responses=shapes.ConsentShown(many=True))
    def list(self, request: Request, pk: UUID) -> Response:
        """Those in force and those that are over. The patient and the register's keepers see all of them, a doctor and
        a hospital's staff those that were given to them."""
        selectors.raise_unless_seen(pk, reader=self.caller)
        now = timezone.now()
        rows = selectors.consent_rows(reader=self.caller, now=now).filter(patient=pk)
        page = self.paginate_queryset(self.filter_queryset(rows)) or []
        return self.get_paginated_response([shapes.consent(row, now=now) for row in page])

    @extend_schema(summary="One consent, with its text", responses=shapes.ConsentDetail)
    def retrieve(self, request: Request, pk: UUID, consent_id: UUID) -> Response:
        return self._show(pk, consent_id)

    @extend_schema(
        summary="Give a consent",
        description="The patient alone gives it; for a patient under 18 it names the guardian who consents. It opens "
        "nothing to a doctor or a hospital while the patient is not in their care. `text_version` is the newest "
        "version, which the patient has read: otherwise 409 `consent.text_outdated`. Also 409 "
        "`consent.guardian_needed`, `consent.not_in_care`, `consent.too_many`; 503 `consent.no_text`.",
        request=shapes.GiveConsentInput,
        responses={201: shapes.ConsentDetail},
        examples=[CONSENT],
    )
    @keyed
    def create(self, request: Request, pk: UUID) -> Response:
        kept = self._give(request, pk)
        response = self._show(pk, kept.data["id"], message=_("Your consent has been recorded."), status=201)
        if "Idempotent-Replayed" in kept:
            response["Idempotent-Replayed"] = kept["Idempotent-Replayed"]
        return response

    @idempotent
    def _give(self, request: Request, pk: UUID) -> Response:
        """What is kept for repetitions is the id alone: the kinds of record say something of an illness."""
        given = base.read(shapes.GiveConsentInput, request.data)
        language = translation.get_language() or "en"
        return answer({"id": services.give_consent(pk, by=self.caller, language=language, **given).pk}, status=201)

    @extend_schema(summary="Withdraw a consent", request=None, responses=shapes.ConsentDetail)
    def revoke(self, request: Request, pk: UUID, consent_id: UUID) -> Response:
        """At once: from the next request on it opens nothing. A link to a file that was made before ends within five
        minutes. Withdrawn already, it stays as it is."""
        services.revoke_consent(pk, consent_id, by=self.caller)
        return self._show(pk, consent_id, message=_("The consent has been withdrawn."))


@extend_schema(tags=["patients"])
class ReadLogViewSet(base.Signed):
    """Who read what of a patient's record."""

    permission_classes = [Keepers]
    queryset = ReadEntry.objects.none()
    serializer_class = shapes.ReadingShown
    filterset_class = filters.ReadingFilter

    @extend_schema(summary="Who read a patient's record", responses=shapes.ReadingShown(many=True))
    def list(self, request: Request, pk: UUID) -> Response:
        """Newest first; every reading over the API, in the admin and by jobs, with its ground. The patient's own are
        left out unless `include_own` asks for them."""
        rows = selectors.reading_rows(pk, reader=self.caller).order_by("-id")
        page = self.paginate_queryset(self.filter_queryset(rows)) or []
        titles = selectors.titles_of(page, reader=self.caller)
        institutions = selectors.institutions_of(row["reader_id"] for row in page)
        return self.get_paginated_response(
            [shapes.reading(row, self.caller, titles=titles, institutions=institutions) for row in page]
        )


class EmergencyAccessViewSet(base.Signed):
    """Records that were opened without consent in an emergency."""

    queryset = EmergencyAccess.objects.none()
    serializer_class = shapes.EmergencyShown
    sort_fields = {"starts_at": "starts_at"}
    default_sort = ("-starts_at",)

    def get_permissions(self) -> list[Any]:
        return [{"create": Doctors}.get(self.action, OfEmergencies)()]

    @extend_schema(summary="Emergency accesses", responses=shapes.EmergencyShown(many=True))
    def list(self, request: Request) -> Response:
        """A doctor's own, those of the patient's record, or all of them for platform admins."""
        page = self.paginate_queryset(self.filter_queryset(selectors.emergency_rows(reader=self.caller))) or []
        return self.get_paginated_response([shapes.emergency(row) for row in page])

    @extend_schema(
        summary="Open a record in an emergency",
        description="For two hours, one patient, to read only; three times within 24 hours at most (429 "
        "`emergency.too_many`). The patient and Medivoy's privacy reviewers are alerted at once, everything that is "
        "read is logged with this as its ground, and each access is reviewed. While one is live, asking again gives "
        "the same one back with 200. 403 `emergency.not_licensed`.",
        request=shapes.EmergencyInput,
        responses={201: shapes.EmergencyShown, 200: shapes.EmergencyShown},
        examples=[EMERGENCY],
    )
    @keyed
    def create(self, request: Request) -> Response:
        kept = self._open(request)
        row = selectors.emergency_rows(reader=self.caller).get(pk=kept.data["id"])
        message = _("The record is open to you for two hours. Everything you read is logged and reviewed.")
        response = answer(shapes.emergency(row), message=message, status=kept.status_code)
        if "Idempotent-Replayed" in kept:
            response["Idempotent-Replayed"] = kept["Idempotent-Replayed"]
        return response

    @idempotent
    def _open(self, request: Request) -> Response:
        """What is kept for repetitions is the id alone: the reason is medical."""
        given = base.read(shapes.EmergencyInput, request.data)
        emergency, is_new = services.open_in_emergency(by=self.caller, **given)
        return answer({"id": emergency.pk}, status=201 if is_new else 200)
