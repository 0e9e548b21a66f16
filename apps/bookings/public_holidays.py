"""The public holidays of countries, as a library works them out: without asking anyone, and no row is read."""

from collections.abc import Collection
from datetime import date

import holidays
import structlog

log = structlog.get_logger(__name__)

#: Names are kept in the source language; where the library has no English it falls back on what the country speaks.
LANGUAGE = "en_US"
LONGEST_NAME = 200
#: This year's and those of so many after it are kept: no horizon is longer than a year.
YEARS_AHEAD = 2


def computed(country: str, years: Collection[int]) -> dict[date, str]:
    """The public holidays of a whole country in these years, by day; none for a country that the library does not know.

    Those of a region only are not among them, as a hospital has no region. A day that follows the moon says so, where
    it is an estimate: “Eid al-Fitr (estimated)”.
    """
    try:
        found = holidays.country_holidays(country, years=years, language=LANGUAGE)
    except NotImplementedError:
        log.warning("holidays_not_known", country=country)
        return {}
    return {day: name[:LONGEST_NAME] for day, name in found.items() if day.year in years}


def is_computed(country: str, day: date) -> bool:
    """Whether the library says that the country has a holiday on this day."""
    return day in computed(country, [day.year])
