"""Names and days as a reader reads them: contexts are written in the reader's language."""

from datetime import date
from functools import cache

from babel import Locale
from django.utils import translation

from apps.accounts.models import User
from apps.common import wall_time
from apps.hospitals.models import Doctor, Hospital


def hospital_name(hospital: Hospital, reader: User) -> str:
    with translation.override(reader.language):
        return hospital.name


def doctor_name(doctor: Doctor, reader: User) -> str:
    with translation.override(reader.language):
        return str(doctor)


@cache
def country_name(code: str, language: str) -> str:
    """As Unicode CLDR has it."""
    return Locale.parse(language).territories.get(code, code)


def day(date: date, reader: User) -> str:
    return wall_time.day(date, reader.language)
