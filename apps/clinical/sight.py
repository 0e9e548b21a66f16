"""On what ground a person sees a patient's record: consent together with care, or an emergency.

Worked out once, here, for lists, details, files, searches and the log of readings alike. What can be said for a person
as a whole (the patients in their care who consented) is said without looking at the rows, so that PostgreSQL reads it
once and finds the rows by their patient; what is shown of a page is then asked row by row.
"""

from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Cast

from apps.accounts.roles import Role
from apps.hospitals.models import Doctor

#: Those to whom a patient's consent opens something.
CONSENTED_TO = frozenset({Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR})
_NO_ID = Value(None, output_field=UUIDField())
#: The scope of the medical information on the patient's page.
PROFILE = "profile"


def doctor_of(user: Any) -> Subquery:
    """The one id by a subquery of its own, so that rows are read by their index."""
    return Subquery(Doctor.objects.filter(user=user).order_by().values("pk")[:1])


def sibling(queryset: QuerySet, name: str) -> Any:
    """Another model's rows, where an import would be a cycle: querysets are below the models."""
    return queryset.model._meta.apps.get_model("clinical", name)._default_manager.all()


def among(path: str, patients: QuerySet) -> Func:
    """Whether the column is one of these: an array that is read once, and looked up in the column's index.

    `IN (SELECT …)` below an OR would be tested on every row of the table.
    """
    return Func(
        F(path),
        ArraySubquery(patients.order_by()),
        template="(%(expressions)s))",
        arg_joiner=" = ANY (",
        output_field=BooleanField(),
    )


def one_of(columns: tuple[str, ...], rows: QuerySet) -> Func:
    """Whether the columns are one of these rows, which are read and hashed once.

    `IS TRUE` keeps PostgreSQL from making a join of it, which it may begin at the wrong end.
    """
    both = Func(*map(F, columns), template="(%(expressions)s)", output_field=CharField())
    return Func(
        both,
        Subquery(rows),
        template="((%(expressions)s) IS TRUE)",
        arg_joiner=" IN ",
        output_field=BooleanField(),
    )


class Sight:
    """What opens rows of patients' records to a person now.

    `patient` is the path to the patient from the row; `scope` what a consent must name: a fixed word, or an `F` of the
    row's own column.
    """

    def __init__(self, rows: QuerySet, user: Any, now: datetime, *, patient: str = "patient", scope: Any) -> None:
        self._rows, self._user, self._now, self._patient = rows, user, now, patient
        self._column: str | None = scope.name if isinstance(scope, F) else None  # type: ignore[attr-defined]
        self._word: str = "" if isinstance(scope, F) else scope

    # --- for the person as a whole ---

    def opened(self) -> Q:
        """The rows that consents open."""
        if self._user.role == Role.COORDINATOR:
            # Of three patients or of everybody: PostgreSQL chooses where to begin; what that costs says decision 0021.
            return Q(self.by_consent())
        grants = self._grants_in_care().order_by()
        if self._column is None:
            return Q(among(self._patient, grants.filter(scopes__contains=[self._word]).values("patient")))
        each = Func(F("scopes"), function="unnest", output_field=CharField())
        of_its_kind = Q(one_of((self._patient, self._column), grants.values("patient", scope=each)))
        return Q(among(self._patient, grants.values("patient"))) & of_its_kind

    def in_emergency(self) -> Q:
        """The rows of the patients whose record this doctor has opened in an emergency."""
        return Q(among(self._patient, self._live_emergencies().values("patient")))

    # --- row by row ---

    def consents(self) -> QuerySet:
        """For each row, the consents that open it; the newest first."""
        named: Any = OuterRef(self._column) if self._column else Value(self._word)
        place = Func(F("scopes"), Cast(named, CharField()), function="array_position", output_field=IntegerField())
        grants = self._grants().filter(patient=OuterRef(self._patient))
        return grants.alias(place=place).filter(place__isnull=False).order_by("-given_at")

    def emergencies(self) -> QuerySet:
        """For each row, the emergency that opens it."""
        return self._live_emergencies().filter(patient=OuterRef(self._patient)).order_by()

    def by_consent(self) -> Exists:
        return Exists(self.consents().order_by())

    def by_emergency(self) -> Exists:
        return Exists(self.emergencies())

    def with_ground(
        self,
        *,
        shareable: Q | None = None,
        in_emergency: Q | None = None,
        own_work: tuple[Q, str] | None = None,
        otherwise: str | None = None,
    ) -> Any:
        """The rows with `ground` (a value of ReadEntry.Ground) and `ground_id` (the consent, or the emergency).

        `own_work` are rows that need no consent, and their ground; `otherwise` is what stands for no ground at all.
        """
        if self._user.role == Role.PATIENT or self._user.is_platform_admin:
            word = "administration" if self._user.is_platform_admin else "own"
            return self._rows.annotate(ground=Value(word, output_field=CharField()), ground_id=_NO_ID)
        cases: list[tuple[Any, str, Any]] = []
        if own_work is not None:
            cases.append((own_work[0], own_work[1], _NO_ID))
        if self._user.role in CONSENTED_TO:
            consented = Q(self.by_consent()) & (shareable or Q())
            cases.append((consented, "consent", Subquery(self.consents().values("pk")[:1])))
        if self._user.role == Role.DOCTOR:
            opened = Q(self.by_emergency()) & (in_emergency or Q())
            cases.append((opened, "emergency", Subquery(self.emergencies().values("pk")[:1])))
        return self._rows.annotate(
            ground=Case(
                *(When(condition, then=Value(word)) for condition, word, _id in cases),
                default=Value(otherwise, output_field=CharField()),
                output_field=CharField(),
            ),
            ground_id=Case(
                *(When(condition, then=which) for condition, _word, which in cases),
                default=_NO_ID,
                output_field=UUIDField(),
            ),
        )

    def _grants_in_care(self) -> Any:
        """The same, looked up by the patients in this person's care instead of among everybody's."""
        if self._user.role == Role.COORDINATOR:
            return self._grants()
        care = sibling(self._rows, "CareRelationship").of_carer(self._user).live(self._now)
        return self._grants().filter(among("patient", care.values("patient")))

    def _grants(self) -> Any:
        return sibling(self._rows, "ConsentGrant").that_open_to(self._user, self._now)

    def _live_emergencies(self) -> Any:
        return sibling(self._rows, "EmergencyAccess").live(self._now, by=self._user)
