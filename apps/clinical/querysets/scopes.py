"""Who sees which patient, and which part of the record: by being the patient, by consent together with care, in an
emergency, or as custodian of the register.

Revoking a consent, the end of a care relationship and the end of an emergency take effect with the next query. `Sight`
says what opens rows; `with_ground` adds to each row why its reader sees it, for the log of readings.
"""

from datetime import datetime
from typing import Any, Self

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from apps.accounts.roles import Role
from apps.clinical.sight import CONSENTED_TO, PROFILE, Sight, among, doctor_of, sibling
from apps.common.querysets import ScopedQuerySet

#: Platform staff who find every patient. What they find in the record is another matter.
REGISTER = frozenset({Role.ADMIN, Role.COORDINATOR})
_LISTED = {"is_active": True, "hospital__verification": "approved", "hospital__is_active": True}


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
            opened = Q(among("pk", sibling(self, "CareRelationship").of_carer(user).live(now).values("patient")))
            if user.role == Role.DOCTOR:
                opened |= Q(among("pk", sibling(self, "EmergencyAccess").live(now, by=user).values("patient")))
            return self.filter(opened)
        return self.none()

    def with_ground(self, user: Any) -> Self:
        """Why this person sees the medical information of each patient; `ground` is empty where they do not, and see
        the rest of the page only."""
        return Sight(self, user, timezone.now(), patient="pk", scope=PROFILE).with_ground(otherwise="")


class OfPatientQuerySet(ScopedQuerySet):
    """Identifiers and contacts of a patient: the patient, and the platform's admins and coordinators."""

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role in REGISTER:
            return self
        return self.filter(patient__user=user) if user.role == Role.PATIENT else self.none()

    def standing(self) -> Self:
        """Those that the patient's page lists."""
        return self


class CareRelationshipQuerySet(ScopedQuerySet):
    def live(self, now: datetime) -> Self:
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)

    def of_carer(self, user: Any) -> Self:
        """Where this person is the doctor, or works for the hospital."""
        if user.role == Role.DOCTOR:
            return self.filter(doctor=doctor_of(user))
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
        doctor = doctor_of(by)
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
        """Whoever is signed in reads what is published; platform admins also what they are preparing."""
        if not user.is_authenticated:
            return self.none()
        if user.is_platform_admin:
            return self
        return self.filter(published_at__isnull=False)

    def newest(self, now: datetime) -> Any:
        """The one that people are asked to agree to; None before there is any."""
        return self.filter(published_at__lte=now).order_by("-version").first()


class ConsentGrantQuerySet(ScopedQuerySet):
    def live(self, now: datetime) -> Self:
        """Given, begun, not over, not revoked; one for the care of an appointment or booking lasts as long as that."""
        care = sibling(self, "CareRelationship").live(now)
        cared_for = Exists(care.filter(subject_type=OuterRef("subject_type"), subject_id=OuterRef("subject_id")))
        return self.filter(
            Q(ends_at=None) | Q(ends_at__gt=now), Q(subject_id=None) | cared_for, starts_at__lte=now, revoked_at=None
        )

    def with_liveness(self, now: datetime) -> Self:
        """Each with `is_live`, as `live` has it."""
        return self.annotate(is_live=Exists(self.model.objects.live(now).filter(pk=OuterRef("pk")).order_by()))

    def that_open_to(self, user: Any, now: datetime) -> Self:
        """The live ones by which this person sees a patient's records now, care included."""
        live = self.live(now)
        if user.role == Role.COORDINATOR:
            return live.filter(Q(coordinator=user) | Q(grantee="coordination"))
        care = sibling(self, "CareRelationship").of_carer(user).live(now).filter(patient=OuterRef("patient"))
        at_the_hospital = Exists(care.filter(hospital=OuterRef("hospital")))
        if user.role == Role.HOSPITAL_ADMIN:
            return live.filter(at_the_hospital, grantee="hospital")
        if user.role == Role.DOCTOR:
            me = doctor_of(user)
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


class RecordedQuerySet(ScopedQuerySet):
    """Rows of a patient's record: the patient's own, everything for platform admins (who keep the register, and are
    logged), and for others what consent together with care opens, or an emergency."""

    #: Path to the patient, and what a consent must name to open the row.
    patient_path = "patient"
    scope: Any = PROFILE

    def sight(self, user: Any, now: datetime) -> Sight:
        return Sight(self, user, now, patient=self.patient_path, scope=self.scope)

    def shareable(self, user: Any) -> Q:
        """What a consent may open to this person. Overridden where something is never shared."""
        return Q()

    def in_emergency(self) -> Q:
        """What an emergency may open."""
        return Q()

    def own_work(self, user: Any) -> tuple[Q, str] | None:
        """What this person sees without any consent, and the ground of it."""
        return None

    def own(self, user: Any) -> Self:
        return self.filter(**{f"{self.patient_path}__user": user})

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.is_platform_admin:
            return self
        if user.role == Role.PATIENT:
            return self.own(user)
        if user.role not in CONSENTED_TO:
            return self.none()
        sight = self.sight(user, timezone.now())
        opened = sight.opened() & self.shareable(user)
        if user.role == Role.DOCTOR:
            opened |= sight.in_emergency() & self.in_emergency()
        own_work = self.own_work(user)
        return self.filter(opened | own_work[0] if own_work is not None else opened)

    def open_for_writing(self, user: Any) -> Self:
        """As `visible_to`, without what an emergency opens: that is for reading only."""
        if user.is_authenticated and user.role == Role.DOCTOR:
            return self.filter(self.sight(user, timezone.now()).opened() & self.shareable(user))
        return self.visible_to(user)

    def with_ground(self, user: Any) -> Self:
        """To each row, why this person sees it: `ground` and `ground_id`, as the log of readings wants them."""
        return self.sight(user, timezone.now()).with_ground(
            shareable=self.shareable(user), in_emergency=self.in_emergency(), own_work=self.own_work(user)
        )


class MedicalInformationQuerySet(RecordedQuerySet):
    """Allergies, conditions and medicines: the scope `profile`. What was struck out is kept and no longer counts."""

    def standing(self) -> Self:
        return self.filter(struck_out_at=None)


class MedicalRecordQuerySet(RecordedQuerySet):
    scope = F("type")

    def current(self) -> Self:
        return self.filter(status="current")

    def shareable(self, user: Any) -> Q:
        """What the patient keeps to themself no consent opens; in an emergency everything is there."""
        return Q(is_shared=True)


class RecordFileQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        records = self.model._meta.get_field("record").related_model.objects
        return self.filter(record__in=records.visible_to(user).order_by().values("pk"))


class PrescriptionQuerySet(RecordedQuerySet):
    scope = "prescription"

    def written_by(self, user: Any) -> Self:
        return self.filter(doctor=doctor_of(user))

    def signed(self) -> Self:
        """Everything that was a prescription once: drafts are their doctor's own."""
        return self.filter(signed_at__isnull=False)

    def own(self, user: Any) -> Self:
        return super().own(user).signed()

    def shareable(self, user: Any) -> Q:
        return Q(signed_at__isnull=False)

    def in_emergency(self) -> Q:
        return Q(signed_at__isnull=False)

    def own_work(self, user: Any) -> tuple[Q, str] | None:
        """A doctor sees what they wrote, whatever has become of care and consent: they answer for it."""
        return (Q(doctor=doctor_of(user)), "author") if user.role == Role.DOCTOR else None


class PrescribedMedicationQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        prescriptions = self.model._meta.get_field("prescription").related_model.objects
        return self.filter(prescription__in=prescriptions.visible_to(user).order_by().values("pk"))


class PrescriptionEventQuerySet(PrescribedMedicationQuerySet):
    """Moves are seen by whoever sees the prescription."""


class LaboratoryQuerySet(ScopedQuerySet):
    def listed(self) -> Self:
        """What the public directory shows: active ones of listed hospitals."""
        return self.filter(**_LISTED)

    def readable_by(self, user: Any) -> Self:
        """What a person may look at by its id: what is listed, and beyond it what `visible_to` gives."""
        own = self.model.objects.visible_to(user).order_by().values("pk")
        return self.filter(Q(**_LISTED) | Q(pk__in=own))

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
        return self.filter(laboratory__in=self._laboratories(user))

    def shareable(self, user: Any) -> Q:
        return Q(released_at__isnull=False) if user.role == Role.HOSPITAL_ADMIN else Q()

    def own_work(self, user: Any) -> tuple[Q, str] | None:
        """Besides by consent: a laboratory's staff its own tests, a doctor those they asked for."""
        if user.role == Role.DOCTOR:
            return Q(doctor=doctor_of(user)), "author"
        if user.role == Role.HOSPITAL_ADMIN:
            return Q(among("laboratory", self._laboratories(user))), "care"
        return None

    def open_for_writing(self, user: Any) -> Self:
        """A doctor: what they asked for, and what consent opens; a laboratory's staff its own; platform admins all."""
        if user.is_authenticated and user.role == Role.DOCTOR:
            opened = self.sight(user, timezone.now()).opened()
            return self.filter(opened | Q(doctor=doctor_of(user)))
        if user.is_authenticated and user.role == Role.HOSPITAL_ADMIN:
            return self.of_laboratory(user)
        return self if user.is_authenticated and user.is_platform_admin else self.none()

    def _laboratories(self, user: Any) -> Any:
        hospitals = user.hospital_links.values("hospital")
        return sibling(self, "Laboratory").filter(hospital__in=hospitals).order_by().values("pk")


class LabTestEventQuerySet(ScopedQuerySet):
    """Moves are seen by whoever sees the test."""

    def visible_to(self, user: Any) -> Self:
        tests = self.model._meta.get_field("lab_test").related_model.objects
        return self.filter(lab_test__in=tests.visible_to(user).order_by().values("pk"))


class LabResultQuerySet(LabTestEventQuerySet):
    def visible_to(self, user: Any) -> Self:
        """By whoever sees the test; by patients and coordinators once it is released."""
        rows = super().visible_to(user)
        if user.is_authenticated and user.role in {Role.PATIENT, Role.COORDINATOR}:
            return rows.filter(lab_test__released_at__isnull=False)
        return rows

    def current(self) -> Self:
        return self.filter(is_current=True)

    def unacknowledged(self) -> Self:
        """Critical ones that nobody who treats the patient has said to have seen."""
        return self.current().filter(is_critical=True, acknowledged_at=None)


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
