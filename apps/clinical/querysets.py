"""Who sees which patient, and which part of the record: by being the patient, by consent together with care, in an
emergency, or as custodian of the register.

The ground on which rows are seen is worked out once, in `Sight`, and read by lists, details, files, searches and the
log of readings alike. Revoking a consent, the end of a care relationship and the end of an emergency take effect with
the next query.
"""

from datetime import datetime
from typing import Any, Self

from django.db.models import CharField, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from apps.accounts.roles import Role
from apps.common.querysets import ScopedQuerySet
from apps.hospitals.models import Doctor

#: Platform staff who find every patient. What they find in the record is another matter.
REGISTER = frozenset({Role.ADMIN, Role.COORDINATOR})
#: The scope of the medical information on the patient's page.
PROFILE = "profile"


def _doctor(user: Any) -> Subquery:
    """The one id by a subquery of its own, so that rows are read by their index."""
    return Subquery(Doctor.objects.filter(user=user).order_by().values("pk")[:1])


def _sibling(queryset: QuerySet, name: str) -> Any:
    """Another model's rows, where an import would be a cycle: this module is below the models."""
    return queryset.model._meta.apps.get_model("clinical", name)._default_manager.all()


class PatientQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Admins and coordinators see every patient's page, a patient themself; a doctor and a hospital's staff those
        in their care, and a doctor the one of an emergency. The page's medical information is `Sight`'s matter."""
        if not user.is_authenticated:
            return self.none()
        if user.role in REGISTER:
            return self
        if user.role == Role.PATIENT:
            return self.filter(user=user)
        if user.role in {Role.DOCTOR, Role.HOSPITAL_ADMIN}:
            now = timezone.now()
            care = Exists(_sibling(self, "CareRelationship").of_carer(user).live(now).filter(patient=OuterRef("pk")))
            emergency = Exists(_sibling(self, "EmergencyAccess").live(now, by=user).filter(patient=OuterRef("pk")))
            return self.filter(care | emergency if user.role == Role.DOCTOR else care)
        return self.none()


class OfPatientQuerySet(ScopedQuerySet):
    """Identifiers and contacts of a patient: the patient, and the platform's admins and coordinators."""

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role in REGISTER:
            return self
        return self.filter(patient__user=user) if user.role == Role.PATIENT else self.none()


class CareRelationshipQuerySet(ScopedQuerySet):
    def live(self, now: datetime) -> Self:
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)

    def of_carer(self, user: Any) -> Self:
        """Where this person is the doctor, or works for the hospital."""
        if user.role == Role.DOCTOR:
            return self.filter(doctor=_doctor(user))
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(hospital__in=user.hospital_links.values("hospital"))
        return self.none()

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role in REGISTER:
            return self
        return self.filter(patient__user=user) if user.role == Role.PATIENT else self.of_carer(user)


class EmergencyAccessQuerySet(ScopedQuerySet):
    def live(self, now: datetime, *, by: Any) -> Self:
        """Those that open the record to this doctor now."""
        doctor = _doctor(by)
        return self.filter(doctor=doctor, starts_at__lte=now, ends_at__gt=now)

    def visible_to(self, user: Any) -> Self:
        """Platform admins review them, the patient reads those of their record, a doctor their own."""
        if not user.is_authenticated:
            return self.none()
        if user.is_platform_admin:
            return self
        if user.role == Role.PATIENT:
            return self.filter(patient__user=user)
        return self.filter(doctor__user=user) if user.role == Role.DOCTOR else self.none()

    def to_review(self) -> Self:
        return self.filter(verdict="")


class ConsentTextQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Everyone reads what is published; platform admins also what they are preparing."""
        if user.is_authenticated and user.is_platform_admin:
            return self
        return self.filter(published_at__isnull=False)


class ConsentGrantQuerySet(ScopedQuerySet):
    def live(self, now: datetime) -> Self:
        """Given, begun, not over, not revoked; one for the care of an appointment or booking lasts as long as that."""
        care = _sibling(self, "CareRelationship").live(now)
        cared_for = Exists(care.filter(subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id")))
        return self.filter(
            Q(ends_at=None) | Q(ends_at__gt=now), Q(subject_id=None) | cared_for, starts_at__lte=now, revoked_at=None
        )

    def that_open_to(self, user: Any, now: datetime) -> Self:
        """The live ones by which this person sees a patient's records now, care included."""
        live = self.live(now)
        if user.role == Role.COORDINATOR:
            return live.filter(Q(coordinator=user) | Q(grantee="coordination"))
        care = _sibling(self, "CareRelationship").of_carer(user).live(now).filter(patient=OuterRef("patient"))
        at_the_hospital = Exists(care.filter(hospital=OuterRef("hospital")))
        if user.role == Role.HOSPITAL_ADMIN:
            return live.filter(at_the_hospital, grantee="hospital")
        if user.role == Role.DOCTOR:
            me = _doctor(user)
            return live.filter(Q(Exists(care), doctor=me) | Q(at_the_hospital, grantee="hospital"))
        return self.none()

    def visible_to(self, user: Any) -> Self:
        """The patient and the register's keepers see all; others those that were given to them."""
        if not user.is_authenticated:
            return self.none()
        if user.role in REGISTER:
            return self
        if user.role == Role.PATIENT:
            return self.filter(patient__user=user)
        if user.role == Role.DOCTOR:
            return self.filter(doctor__user=user)
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(hospital__in=user.hospital_links.values("hospital"))
        return self.none()


class Sight:
    """On what ground a person sees rows of a patient's record now.

    `patient` is the path to the patient from the row; `scope` what a consent must name: a fixed word, or an `F` of the
    row's own column.
    """

    def __init__(self, rows: QuerySet, user: Any, now: datetime, *, patient: str = "patient", scope: Any) -> None:
        self._rows, self._user, self._now, self._patient = rows, user, now, patient
        self._wanted = Cast(OuterRef(scope.name) if isinstance(scope, F) else Value(scope), CharField())

    def consents(self) -> QuerySet:
        """For each row, the consents that open it."""
        grants = _sibling(self._rows, "ConsentGrant").that_open_to(self._user, self._now)
        place = Func(F("scopes"), self._wanted, function="array_position", output_field=IntegerField())
        return grants.filter(patient=OuterRef(self._patient)).alias(place=place).filter(place__isnull=False).order_by()

    def emergencies(self) -> QuerySet:
        """For each row, the emergency that opens it."""
        opened = _sibling(self._rows, "EmergencyAccess").live(self._now, by=self._user)
        return opened.filter(patient=OuterRef(self._patient)).order_by()

    def by_consent(self) -> Exists:
        return Exists(self.consents())

    def by_emergency(self) -> Exists:
        return Exists(self.emergencies())

    def ground_id(self) -> Any:
        """Which consent, or else which emergency, opens the row: what the log of readings names."""
        consent = Subquery(self.consents().values("pk")[:1])
        if self._user.role != Role.DOCTOR:
            return consent
        return Coalesce(consent, Subquery(self.emergencies().values("pk")[:1]))


class RecordedQuerySet(ScopedQuerySet):
    """Rows of a patient's record: the patient's own, everything for platform admins (who keep the register, and are
    logged), and for others what consent together with care opens, or an emergency."""

    #: Path to the patient, and what a consent must name to open the row.
    patient_path = "patient"
    scope: Any = PROFILE

    def sight(self, user: Any, now: datetime) -> Sight:
        return Sight(self, user, now, patient=self.patient_path, scope=self.scope)

    def of_record(self, user: Any) -> Self:
        """What may be read of other people's records. Overridden where something is never shared."""
        return self

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.is_platform_admin:
            return self
        if user.role == Role.PATIENT:
            return self.own(user)
        if user.role not in {Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR}:
            return self.none()
        sight = self.sight(user, timezone.now())
        opened: Any = sight.by_consent()
        if user.role == Role.DOCTOR:
            opened = opened | sight.by_emergency()
        return self.of_record(user).filter(opened)

    def own(self, user: Any) -> Self:
        return self.filter(**{f"{self.patient_path}__user": user})

    def open_for_writing(self, user: Any) -> Self:
        """As `visible_to`, without what an emergency opens: that is for reading only."""
        if user.is_authenticated and user.role == Role.DOCTOR:
            return self.of_record(user).filter(self.sight(user, timezone.now()).by_consent())
        return self.visible_to(user)


class MedicalInformationQuerySet(RecordedQuerySet):
    """Allergies, conditions and medicines: the scope `profile`. What was struck out is kept and no longer counts."""

    def standing(self) -> Self:
        return self.filter(struck_out_at=None)


class MedicalRecordQuerySet(RecordedQuerySet):
    scope = F("type")

    def current(self) -> Self:
        return self.filter(status="current")

    def of_record(self, user: Any) -> Self:
        """What the patient keeps to themself no consent opens; in an emergency everything is there."""
        if user.role != Role.DOCTOR:
            return self.filter(is_shared=True)
        return self.filter(Q(is_shared=True) | self.sight(user, timezone.now()).by_emergency())


class RecordFileQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        records = self.model._meta.get_field("record").related_model.objects
        return self.filter(record__in=records.visible_to(user).order_by().values("pk"))


class PrescriptionQuerySet(RecordedQuerySet):
    scope = "prescription"

    def written_by(self, user: Any) -> Self:
        return self.filter(doctor=_doctor(user))

    def signed(self) -> Self:
        """Everything that was a prescription once: drafts are their doctor's own."""
        return self.filter(signed_at__isnull=False)

    def own(self, user: Any) -> Self:
        return super().own(user).signed()

    def of_record(self, user: Any) -> Self:
        return self.signed()

    def visible_to(self, user: Any) -> Self:
        """A doctor sees what they wrote, whatever has become of care and consent: they answer for it."""
        if user.is_authenticated and user.role == Role.DOCTOR:
            sight = self.sight(user, timezone.now())
            mine = Q(doctor=_doctor(user))
            return self.filter(mine | Q(sight.by_consent() | sight.by_emergency(), signed_at__isnull=False))
        return super().visible_to(user)


class PrescribedMedicationQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        prescriptions = self.model._meta.get_field("prescription").related_model.objects
        return self.filter(prescription__in=prescriptions.visible_to(user).order_by().values("pk"))


class PrescriptionEventQuerySet(PrescribedMedicationQuerySet):
    """Moves are seen by whoever sees the prescription."""


class LaboratoryQuerySet(ScopedQuerySet):
    def listed(self) -> Self:
        """What the public directory shows: active ones of listed hospitals."""
        return self.filter(is_active=True, hospital__verification="approved", hospital__is_active=True)

    def visible_to(self, user: Any) -> Self:
        """Platform staff see all, hospital staff their own."""
        if not user.is_authenticated:
            return self.none()
        if user.role in {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT, Role.TRANSLATOR}:
            return self
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(hospital__in=user.hospital_links.values("hospital"))
        return self.none()


class LabTestQuerySet(RecordedQuerySet):
    scope = "lab_report"

    def of_laboratory(self, user: Any) -> Self:
        """Those that this person's laboratories make."""
        return self.filter(laboratory__hospital__in=user.hospital_links.values("hospital"))

    def visible_to(self, user: Any) -> Self:
        """Besides by consent: a laboratory's staff its own tests, a doctor those they asked for."""
        if user.is_authenticated and user.role == Role.HOSPITAL_ADMIN:
            return self.filter(
                Q(laboratory__hospital__in=user.hospital_links.values("hospital"))
                | Q(self.sight(user, timezone.now()).by_consent(), released_at__isnull=False)
            )
        if user.is_authenticated and user.role == Role.DOCTOR:
            sight = self.sight(user, timezone.now())
            mine = Q(doctor=_doctor(user))
            return self.filter(mine | Q(sight.by_consent() | sight.by_emergency()))
        return super().visible_to(user)


class OfLabTestQuerySet(ScopedQuerySet):
    """Results and moves are seen by whoever sees the test; a result by the patient once it is released."""

    def visible_to(self, user: Any) -> Self:
        tests = self.model._meta.get_field("lab_test").related_model.objects
        rows = self.filter(lab_test__in=tests.visible_to(user).order_by().values("pk"))
        if user.is_authenticated and user.role == Role.PATIENT:
            return rows.filter(lab_test__released_at__isnull=False)
        return rows


class LabValueQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        results = self.model._meta.get_field("result").related_model.objects
        return self.filter(result__in=results.visible_to(user).order_by().values("pk"))


class ReadSealQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        return self if user.is_authenticated and user.is_platform_admin else self.none()


class ReadEntryQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Platform admins read the whole log, a patient what was read of their own record."""
        if not user.is_authenticated:
            return self.none()
        if user.is_platform_admin:
            return self
        return self.filter(patient__user=user) if user.role == Role.PATIENT else self.none()

    def unsealed(self) -> Self:
        return self.filter(seal=None)
