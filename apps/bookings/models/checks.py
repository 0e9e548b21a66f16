"""When a doctor's next free time is looked for anew, and the triggers that notice what it hangs on."""

from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.common.querysets import ScopedQuerySet
from apps.hospitals.models import Affiliation, Doctor, Hospital

_WRITE = "INSERT INTO bookings_calendarcheck (doctor_id, due_at)"
_OF_HOSPITAL = "SELECT doctor_id, now() FROM bookings_doctorschedule WHERE hospital_id = NEW.id"
_CLOSED = (
    "SELECT doctor_id, now() FROM bookings_doctorschedule WHERE hospital_id IN (NEW.hospital_id, OLD.hospital_id)"
    " AND doctor_id = COALESCE(NEW.doctor_id, OLD.doctor_id, doctor_id)"
)
_ON_HOLIDAY = (
    "SELECT schedule.doctor_id, now() FROM bookings_doctorschedule schedule JOIN hospitals_hospital hospital"
    " ON hospital.id = schedule.hospital_id WHERE hospital.country IN (NEW.country, OLD.country)"
)


class CalendarCheck(models.Model):
    """A doctor's calendar is to be looked at again at `due_at`. Rows are only added, by whoever changes a calendar, and
    removed by the job: nobody waits for anybody."""

    id = models.BigAutoField(primary_key=True)
    # No constraint: what is removed with a doctor asks for a check of the doctor who is gone.
    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    due_at = models.DateTimeField(_("due at"), db_index=True)

    #: Nobody's to see: the base scope denies everyone.
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar check")
        verbose_name_plural = _("calendar checks")

    def __str__(self) -> str:
        return f"{self.doctor_id} {self.due_at:%Y-%m-%d %H:%M}"


def wanted(*columns: str) -> pgtrigger.Trigger:
    """The row's doctor is checked when it comes, goes, or changes (in one of these columns, where any are named)."""
    update = pgtrigger.UpdateOf(*columns) if columns else pgtrigger.Update
    return _trigger(f"{_WRITE} VALUES (COALESCE(NEW.doctor_id, OLD.doctor_id), now())", update)


def wanted_by_schedule() -> pgtrigger.Trigger:
    """The doctor of the row's schedule is checked when the row comes, goes or changes."""
    rows = "SELECT doctor_id, now() FROM bookings_doctorschedule WHERE id = COALESCE(NEW.schedule_id, OLD.schedule_id)"
    return _trigger(f"{_WRITE} {rows}", pgtrigger.Update)


def wanted_by_closure() -> pgtrigger.Trigger:
    """The doctors whom a closure keeps from working are checked: one, or all of the hospital's."""
    return _trigger(f"{_WRITE} {_CLOSED}", pgtrigger.Update)


def wanted_by_holiday() -> pgtrigger.Trigger:
    """The doctors of every hospital in the holiday's country are checked."""
    return _trigger(f"{_WRITE} {_ON_HOLIDAY}", pgtrigger.Update)


def _trigger(statement: str, update: Any) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="want_check",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | update | pgtrigger.Delete,
        func=f"{statement}; RETURN NULL;",
    )


class DoctorBooked(Doctor):
    """The doctor as a calendar's owner. It exists to carry one trigger: who is approved, active or licensed is checked
    when that changes, whoever writes it."""

    class Meta:
        proxy = True
        verbose_name = _("doctor's standing")
        verbose_name_plural = _("doctors' standing")
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="want_check",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.verification, OLD.is_active, OLD.is_account_active, OLD.licensed_until)"
                    " IS DISTINCT FROM (NEW.verification, NEW.is_active, NEW.is_account_active, NEW.licensed_until))"
                ),
                func=f"{_WRITE} VALUES (NEW.id, now()); RETURN NULL;",
            )
        ]


class AffiliationBooked(Affiliation):
    """Where a doctor can be booked. It exists to carry one trigger, as `DoctorBooked` does."""

    class Meta:
        proxy = True
        verbose_name = _("place of booking")
        verbose_name_plural = _("places of booking")
        triggers: ClassVar = [wanted("doctor_id", "hospital_id", "status", "starts_on", "ends_on")]


class HospitalBooked(Hospital):
    """The hospital by whose clock and listing one books. It exists to carry one trigger, as `DoctorBooked` does."""

    class Meta:
        proxy = True
        verbose_name = _("hospital's standing")
        verbose_name_plural = _("hospitals' standing")
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="want_check",
                level=pgtrigger.Row,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((OLD.verification, OLD.is_active, OLD.time_zone)"
                    " IS DISTINCT FROM (NEW.verification, NEW.is_active, NEW.time_zone))"
                ),
                func=f"{_WRITE} {_OF_HOSPITAL}; RETURN NULL;",
            )
        ]
