"""Public holidays: those that a library works out for the countries of the hospitals, and what staff say of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pgtrigger
import structlog
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.bookings import public_holidays, rules
from apps.bookings.models import PublicHoliday
from apps.common.exceptions import NotFound, raise_if
from apps.hospitals.models import Hospital

log = structlog.get_logger(__name__)

#: One run at a time: a second one leaves it to the first.
_ALONE = "SELECT pg_try_advisory_xact_lock(hashtextextended('bookings.load_holidays', 0))"
#: Every doctor of these countries once, where the row's trigger would ask for each of them at every holiday.
_WANT_CHECKS = """
    INSERT INTO bookings_calendarcheck (doctor_id, due_at)
    SELECT DISTINCT schedule.doctor_id, now() FROM bookings_doctorschedule schedule
    JOIN hospitals_hospital hospital ON hospital.id = schedule.hospital_id WHERE hospital.country = ANY(%s)
"""


@transaction.atomic
def load_holidays(*, today: date | None = None) -> int:
    """Every country with a hospital has its public holidays of this year and the next two, as the library works them
    out. What staff entered or corrected stays as it is. Gives how many days came, went or got another name.

    Where nothing has changed it costs two queries. Of two runs at once the second does nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ALONE)
        if not cursor.fetchone()[0]:
            return 0
    this_year = (today or timezone.now().date()).year
    years = range(this_year, this_year + public_holidays.YEARS_AHEAD + 1)
    countries = sorted({str(code) for code in Hospital.objects.order_by().values_list("country", flat=True).distinct()})
    in_years = PublicHoliday.objects.filter(day__gte=date(years[0], 1, 1), day__lte=date(years[-1], 12, 31))
    stored: dict[str, dict[date, Any]] = {country: {} for country in countries}
    for row in in_years.filter(country__in=countries).order_by():
        stored[str(row.country)][row.day] = row
    changes = {
        country: change
        for country in countries
        if (change := _change(country, stored[country], public_holidays.computed(country, years)))
    }
    if changes:
        # The row's trigger asks for every doctor at each of some ninety days; once is enough.
        with pgtrigger.ignore("bookings.PublicHoliday:want_check"):
            for change in changes.values():
                change.write()
        with connection.cursor() as cursor:
            cursor.execute(_WANT_CHECKS, [list(changes)])
        log.info("holidays_loaded", countries=list(changes), days=sum(map(len, changes.values())))
    return sum(map(len, changes.values()))


@dataclass(frozen=True)
class _Change:
    """What is to be done so that a country's untouched days are the library's."""

    country: str
    new: list[PublicHoliday]
    gone: list[date]
    renamed: dict[date, str]

    def __len__(self) -> int:
        return len(self.new) + len(self.gone) + len(self.renamed)

    def write(self) -> None:
        """Staff who correct a day at this very moment are not overruled: each statement looks at it again."""
        PublicHoliday.objects.bulk_create(self.new, ignore_conflicts=True)
        untouched = PublicHoliday.objects.filter(country=self.country, is_corrected=False)
        if self.gone:
            untouched.filter(day__in=self.gone).delete()
        for day, name in self.renamed.items():
            untouched.filter(day=day).update(name=name, updated_at=timezone.now())


def _change(country: str, stored: Mapping[date, PublicHoliday], wanted: Mapping[date, str]) -> _Change:
    untouched = {day: row for day, row in stored.items() if not row.is_corrected}
    return _Change(
        country,
        new=[
            PublicHoliday(country=country, day=day, name=wanted[day]) for day in sorted(wanted.keys() - stored.keys())
        ],
        gone=sorted(untouched.keys() - wanted.keys()),
        renamed={day: wanted[day] for day, row in untouched.items() if day in wanted and row.name != wanted[day]},
    )


@transaction.atomic
def enter_holiday(*, by: User, country: str, day: date, name: str, is_observed: bool = True) -> PublicHoliday:
    """The country has this public holiday, whatever the library says. Raises Forbidden, Invalid; a day that the country
    already has is an IntegrityError, which the forms refuse first."""
    raise_if(rules.why_not_keep_holidays(by.role))
    raise_if(rules.why_not_holiday(day))
    return PublicHoliday.objects.create(country=country, day=day, name=name, is_observed=is_observed, is_corrected=True)


@transaction.atomic
def correct_holiday(holiday_id: Any, *, by: User, name: str, is_observed: bool) -> PublicHoliday:
    """The holiday has this name, and doctors rest on it or do not; the job leaves it alone from now on.

    Raises Forbidden, NotFound.
    """
    raise_if(rules.why_not_keep_holidays(by.role))
    holiday = PublicHoliday.objects.select_for_update().filter(pk=holiday_id).first()
    if holiday is None:
        raise NotFound()
    if (holiday.name, holiday.is_observed) != (name, is_observed):
        holiday.name, holiday.is_observed, holiday.is_corrected = name, is_observed, True
        holiday.save(update_fields=["name", "is_observed", "is_corrected", "updated_at"])
    return holiday


@transaction.atomic
def remove_holiday(holiday_id: Any, *, by: User) -> None:
    """The holiday that staff entered is gone. One that the library works out would come back, so it is switched off
    instead. Raises Forbidden, NotFound, ComputedHoliday."""
    raise_if(rules.why_not_keep_holidays(by.role))
    holiday = PublicHoliday.objects.select_for_update().filter(pk=holiday_id).first()
    if holiday is None:
        raise NotFound()
    raise_if(rules.why_not_remove_holiday(is_computed=public_holidays.is_computed(str(holiday.country), holiday.day)))
    holiday.delete()
