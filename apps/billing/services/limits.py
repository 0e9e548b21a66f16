"""What plans allow, written onto the hospitals and doctors that have them, and what is allowed without a plan."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from apps.billing.models import Subscription
from apps.billing.workflow import IN_FORCE
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Doctor, Hospital

#: No limit, in comparisons.
_NONE = -1
_COLUMNS = ("max_doctors", "max_appointments_per_month")


def apply_plan(subscription: Subscription) -> None:
    """The subscriber may do what the plan allows."""
    plan = subscription.plan
    if subscription.hospital_id:
        _limit_hospital(subscription.hospital_id, plan.max_doctors, plan.max_appointments_per_month)
    elif subscription.doctor_id:
        _limit_doctor(subscription.doctor_id, plan.max_appointments_per_month)


def fall_back(subscription: Subscription) -> None:
    """The subscriber may do what anybody may without a subscription: everything, unless the settings say otherwise."""
    if subscription.hospital_id:
        _limit_hospital(subscription.hospital_id, *_of_hospitals())
    elif subscription.doctor_id:
        _limit_doctor(subscription.doctor_id, settings.UNSUBSCRIBED_DOCTOR_MAX_APPOINTMENTS)


def level_limits() -> int:
    """Every hospital and doctor has the limits of its plan, or those of the settings: after a plan or the settings were
    changed, and for who is new. How many had others."""
    plans: Any = dict(zip(_COLUMNS, (F("plan__max_doctors"), F("plan__max_appointments_per_month")), strict=True))
    changed = 0
    in_force = Subscription.objects.filter(status__in=IN_FORCE).select_related("plan")
    hospitals = _differing(in_force.filter(hospital__isnull=False), plans, "hospital__")
    doctors = _differing(in_force.filter(doctor__isnull=False), {_COLUMNS[1]: plans[_COLUMNS[1]]}, "doctor__")
    for subscription in [*hospitals, *doctors]:
        apply_plan(subscription)
        changed += 1
    for model, owner in ((Hospital, "hospital"), (Doctor, "doctor")):
        without = ~Exists(in_force.filter(**{owner: OuterRef("pk")}))
        free = _of_hospitals() if model is Hospital else (None, settings.UNSUBSCRIBED_DOCTOR_MAX_APPOINTMENTS)
        wanted = dict(zip(_COLUMNS, map(Value, free), strict=True))
        if model is Doctor:
            del wanted[_COLUMNS[0]]
        for pk in _differing(model._default_manager.filter(without), wanted, "").values_list("pk", flat=True):
            if model is Hospital:
                _limit_hospital(pk, *free)
            else:
                _limit_doctor(pk, free[1])
            changed += 1
    return changed


def _differing(rows: QuerySet, wanted: dict[str, Any], relation: str) -> QuerySet:
    """Those whose columns do not say what is wanted."""
    differs = Q()
    for column, value in wanted.items():
        is_null = isinstance(value, Value) and value.value is None
        given = Value(_NONE) if is_null else Coalesce(value, Value(_NONE))
        rows = rows.alias(**{f"has_{column}": Coalesce(F(f"{relation}{column}"), Value(_NONE))})
        differs |= ~Q(**{f"has_{column}": given})
    return rows.filter(differs).order_by("pk")


def _of_hospitals() -> tuple[int | None, int | None]:
    return settings.UNSUBSCRIBED_HOSPITAL_MAX_DOCTORS, settings.UNSUBSCRIBED_HOSPITAL_MAX_APPOINTMENTS


def _limit_hospital(hospital_id: UUID, max_doctors: int | None, max_appointments: int | None) -> None:
    hospital_services.limit_hospital(hospital_id, max_doctors=max_doctors, max_appointments_per_month=max_appointments)


def _limit_doctor(doctor_id: UUID, max_appointments: int | None) -> None:
    hospital_services.limit_doctor(doctor_id, max_appointments_per_month=max_appointments)
