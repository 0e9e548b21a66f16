"""Row scopes of the directory: the public sees what is approved, hospital staff their hospital, staff everything."""

from datetime import date
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q

from apps.accounts.roles import Role
from apps.common.querysets import ScopedQuerySet

#: Roles that see every hospital, approved or not.
WHOLE_DIRECTORY = frozenset({Role.ADMIN, Role.COORDINATOR, Role.SUPPORT, Role.TRANSLATOR})
#: Roles that see every doctor and what hangs on them, and every hospital's workings.
FRONT_DESK = frozenset({Role.ADMIN, Role.COORDINATOR, Role.SUPPORT})
LISTED_HOSPITAL = {"hospital__verification": "approved", "hospital__is_active": True}


class ReferenceQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Reference data: everyone's."""
        return self


class HospitalQuerySet(ScopedQuerySet):
    def listed(self) -> Self:
        """What the public directory shows."""
        return self.filter(verification="approved", is_active=True)

    def readable_by(self, user: Any) -> Self:
        """What a person may look at by its id: what is listed, and beyond it what `visible_to` gives."""
        if user.is_authenticated and user.role in WHOLE_DIRECTORY:
            return self
        listed = Q(verification="approved", is_active=True)
        if user.is_authenticated and user.role == Role.HOSPITAL_ADMIN:
            return self.filter(listed | Q(pk__in=self._staff_hospitals(user)))
        return self.filter(listed)

    def staffed_by(self, user: Any) -> Self:
        return self.filter(staff_links__user=user)

    def visible_to(self, user: Any) -> Self:
        """Staff of the platform see all; a hospital's staff see theirs (the directory's public pages are `listed`)."""
        if not user.is_authenticated:
            return self.none()
        if user.role in WHOLE_DIRECTORY:
            return self
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(pk__in=self._staff_hospitals(user))
        return self.none()

    def _staff_hospitals(self, user: Any) -> Any:
        return self.model.staff.through.objects.filter(user=user).values("hospital_id")


class DoctorQuerySet(ScopedQuerySet):
    def listed(self, today: date) -> Self:
        """What the public directory shows: approved, active as is the account, licensed on `today` (UTC)."""
        return self.filter(self._listed(today))

    def _listed(self, today: date) -> Q:
        return Q(licensed_until__gte=today, verification="approved", is_active=True, is_account_active=True)

    def readable_by(self, user: Any, today: date) -> Self:
        """What a person may look at by its id: what is listed, and beyond it what `visible_to` gives."""
        if not user.is_authenticated or user.role in {Role.PATIENT, Role.TRANSLATOR}:
            return self.listed(today)
        if user.role in FRONT_DESK:
            return self
        return self.filter(self._listed(today) | Q(pk__in=self.model.objects.visible_to(user).order_by().values("pk")))

    def visible_to(self, user: Any) -> Self:
        """Staff of the platform see all, a doctor themself, hospital staff the doctors who practise at their hospital
        or would like to. Asking a doctor to join opens nothing of theirs."""
        if not user.is_authenticated:
            return self.none()
        if user.role in FRONT_DESK:
            return self
        if user.role == Role.DOCTOR:
            return self.filter(user=user)
        if user.role == Role.HOSPITAL_ADMIN:
            affiliations = self.model._meta.get_field("affiliations").related_model.objects
            return self.filter(Exists(affiliations.visible_to(user).agreed().filter(doctor=OuterRef("pk"))))
        return self.none()


class OfHospitalQuerySet(ScopedQuerySet):
    """Rows with a `hospital`: the platform's staff see all, hospital staff their own hospital's, nobody else any."""

    platform = FRONT_DESK

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role in self.platform:
            return self
        if user.role == Role.HOSPITAL_ADMIN:
            return self.filter(hospital__staff_links__user=user)
        return self.none()


class BankAccountQuerySet(OfHospitalQuerySet):
    """Where a hospital is paid: platform admins see all, hospital staff their own hospital's."""

    platform = frozenset({Role.ADMIN})


class HospitalTextQuerySet(OfHospitalQuerySet):
    """Rows of a hospital with public texts: translators see all of them too."""

    platform = WHOLE_DIRECTORY


class PracticeQuerySet(OfHospitalQuerySet):
    """Rows of a doctor at a hospital: as of the hospital, and a doctor their own."""

    doctor_path = "doctor__user"

    def visible_to(self, user: Any) -> Self:
        if user.is_authenticated and user.role == Role.DOCTOR:
            return self.filter(**{self.doctor_path: user})
        return super().visible_to(user)


class AffiliationQuerySet(PracticeQuerySet):
    platform = WHOLE_DIRECTORY

    def active(self) -> Self:
        return self.filter(status="active")

    def pending(self) -> Self:
        return self.filter(status="pending")

    def live(self) -> Self:
        """Waiting or active: at most one for each doctor and hospital."""
        return self.filter(status__in=["pending", "active"])

    def agreed(self) -> Self:
        """Active, or waiting with the doctor's own word."""
        return self.filter(Q(status="active") | Q(status="pending", doctor_agreed_at__isnull=False))


class OfDoctorQuerySet(ScopedQuerySet):
    """Rows of a doctor: the platform's staff see all, a doctor their own, hospital staff those of the doctors who
    practise at their hospital or are proposed for it."""

    platform = WHOLE_DIRECTORY

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role in self.platform:
            return self
        if user.role == Role.DOCTOR:
            return self.filter(doctor__user=user)
        if user.role == Role.HOSPITAL_ADMIN:
            doctors = self.model._meta.get_field("doctor").related_model.objects
            return self.filter(doctor__in=doctors.visible_to(user).order_by().values("pk"))
        return self.none()


class LicenceQuerySet(OfDoctorQuerySet):
    platform = FRONT_DESK

    def approved(self) -> Self:
        return self.filter(verification="approved")


class PapersQuerySet(ScopedQuerySet):
    """A doctor's private papers: platform admins, and the doctor."""

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        return self if user.is_platform_admin else self.filter(doctor__user=user)


class CatalogueQuerySet(ScopedQuerySet):
    """Treatments: everyone who works here sees all, the public what is active."""

    def listed(self) -> Self:
        return self.filter(is_active=True)

    def visible_to(self, user: Any) -> Self:
        if not user.is_authenticated:
            return self.none()
        if user.role in WHOLE_DIRECTORY:
            return self
        return self.listed() if user.role == Role.HOSPITAL_ADMIN else self.none()

    def readable_by(self, user: Any) -> Self:
        """What a person may look at by its id."""
        return self if user.is_authenticated and user.role in WHOLE_DIRECTORY else self.listed()


class PackageQuerySet(CatalogueQuerySet):
    """Packages: hospital staff see in the admin those that their hospital is part of."""

    def listed(self) -> Self:
        """What the public sees: active, all its treatments in the catalogue, one of its hospitals listed at least."""
        parts, places = self.model.treatments.through.objects, self.model.hospitals.through.objects
        return self.filter(
            Exists(places.filter(package=OuterRef("pk"), **LISTED_HOSPITAL)),
            ~Exists(parts.filter(package=OuterRef("pk"), treatment__is_active=False)),
            is_active=True,
        )

    def visible_to(self, user: Any) -> Self:
        if user.is_authenticated and user.role == Role.HOSPITAL_ADMIN:
            own = self.model.hospitals.through.objects.filter(hospital__staff_links__user=user)
            return self.filter(pk__in=own.values("package_id"))
        return super().visible_to(user)


class SeasonQuerySet(ScopedQuerySet):
    """Seasons are seen with their package."""

    def visible_to(self, user: Any) -> Self:
        packages = self.model._meta.get_field("package").related_model.objects
        return self.filter(package__in=packages.visible_to(user).order_by().values("pk"))


class OfferQuerySet(HospitalTextQuerySet):
    def listed(self) -> Self:
        """What the public catalogue shows: active, of an active treatment, at a listed hospital."""
        return self.filter(self._listed())

    def _listed(self) -> Q:
        return Q(is_active=True, treatment__is_active=True, **LISTED_HOSPITAL)

    def readable_by(self, user: Any) -> Self:
        """What a person may look at: what is listed, and beyond it what `visible_to` gives."""
        if not user.is_authenticated or user.role not in {*WHOLE_DIRECTORY, Role.HOSPITAL_ADMIN}:
            return self.listed()
        if user.role in WHOLE_DIRECTORY:
            return self
        own = self.model.objects.visible_to(user).order_by().values("pk")
        return self.filter(self._listed() | Q(pk__in=own))


class HospitalStaffQuerySet(ScopedQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Only platform admins say who works for which hospital."""
        return self if user.is_authenticated and user.is_platform_admin else self.none()
