"""Room: the state that translators find the catalogue in. Most texts were written by people; some a machine wrote, some
nobody has yet, and of some the English has been changed since."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import User
from apps.common import texts
from apps.common.texts import TextStatus
from apps.hospitals import services as hospital_services
from apps.hospitals.models import Package, Treatment

from . import clock, sources, staff

MACHINE_DAYS_AGO, AMENDED_DAYS_AGO, APPROVED_DAYS_AGO = 60, 12, 40
#: Of every so many treatments one has names that an admin has approved.
APPROVED_ONE_IN = 2


@dataclass(frozen=True)
class Fate:
    """Of every so many rows, from one on, what becomes of one text in one language."""

    status: TextStatus
    field: str
    language: str
    one_in: int
    start: int

    def meets(self, number: int) -> bool:
        return number % self.one_in == self.start


TREATMENTS = (
    Fate(TextStatus.MACHINE, "description", "ar", 6, 1),
    Fate(TextStatus.MACHINE, "recovery", "ar", 6, 1),
    Fate(TextStatus.MACHINE, "description", "fr", 9, 3),
    Fate(TextStatus.MISSING, "recovery", "fr", 9, 3),
    Fate(TextStatus.MISSING, "recovery", "hi", 7, 2),
    Fate(TextStatus.OUTDATED, "recovery", "en", 8, 5),
)
PACKAGES = (
    Fate(TextStatus.MACHINE, "description", "es", 5, 1),
    Fate(TextStatus.MISSING, "description", "fr", 6, 2),
    Fate(TextStatus.OUTDATED, "description", "en", 6, 4),
)


def first(row: dict[str, Any], number: int, fates: Iterable[Fate]) -> dict[str, Any]:
    """The row as a person has entered it: without what a machine or nobody writes, and with the English of then."""
    row = dict(row)
    for fate in fates:
        if not fate.meets(number):
            continue
        given = dict(row[fate.field])
        if fate.status == TextStatus.OUTDATED:
            given[fate.language] = without_last_sentence(given[fate.language])
        else:
            del given[fate.language]
        row[fate.field] = given
    return row


def without_last_sentence(text: str) -> str:
    return text[: text.rstrip(".").rindex(". ") + 1]


def load(now: datetime) -> int:
    """What came after the first texts; to how many rows."""
    admin = staff.admin()
    treatments = {treatment.code: treatment for treatment in Treatment.objects.all()}
    packages = {package.code: package for package in Package.objects.all()}
    count = _later(treatments, sources.treatments(), TREATMENTS, admin, now)
    count += _later(packages, sources.packages(), PACKAGES, admin, now)
    with clock.acting(admin, now - timedelta(days=APPROVED_DAYS_AGO)):
        for row in sources.treatments()[::APPROVED_ONE_IN]:
            for language in sources.LANGUAGES:
                texts.set_status(treatments[row["code"]], "name", language, TextStatus.APPROVED, by=admin)
    return count


def _later(found: dict[str, Any], rows: list[dict[str, Any]], fates: Iterable[Fate], admin: User, now: datetime) -> int:
    changed = set()
    for fate in fates:
        if fate.status == TextStatus.MISSING:
            continue
        for row in (row for number, row in enumerate(rows) if fate.meets(number)):
            changes = {fate.field: {fate.language: row[fate.field][fate.language]}}
            if fate.status == TextStatus.MACHINE:
                with clock.standing_at(now - timedelta(days=MACHINE_DAYS_AGO)), texts.by_machine():
                    hospital_services.translate(found[row["code"]], by=None, **changes)
            else:
                with clock.acting(admin, now - timedelta(days=AMENDED_DAYS_AGO)):
                    hospital_services.translate(found[row["code"]], by=admin, **changes)
            changed.add(row["code"])
    return len(changed)
