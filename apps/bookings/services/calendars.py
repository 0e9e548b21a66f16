"""The guard of all that takes time from a calendar: locks first, and the database's refusals read as ours."""

import hashlib
from uuid import UUID

import psycopg
from django.db import Error, connection

from apps.bookings import exceptions
from apps.common.exceptions import DomainError

_DOCTOR_OVERLAP = "appointment_no_doctor_overlap"
_PATIENT_OVERLAP = "appointment_no_patient_overlap"
_SECOND_HOLD = "appointment_one_hold_of_a_patient"
#: So many are locked by one statement: a select list is bounded, and a hospital may have more doctors.
_AT_ONCE = 500


def lock(*owners: UUID) -> None:
    """Until the transaction ends nobody else changes the calendars of these doctors and patients.

    Taken before any row is read or locked, in one order for everybody, so that two bookings wait for one another
    instead of dying in a deadlock, which the exclusion constraint alone brings about now and then.
    """
    keys = sorted(_key(owner) for owner in set(owners))
    with connection.cursor() as cursor:
        for start in range(0, len(keys), _AT_ONCE):
            some = keys[start : start + _AT_ONCE]
            cursor.execute(f"SELECT {', '.join(['pg_advisory_xact_lock(%s)'] * len(some))}", some)


def refusal_of(error: Error) -> DomainError | None:
    """What an exclusion constraint or a deadlock's victim means to the person who books; None for any other error."""
    cause = error.__cause__
    if isinstance(cause, psycopg.errors.ExclusionViolation):
        if cause.diag.constraint_name == _PATIENT_OVERLAP:
            return exceptions.PatientBusy()
        return exceptions.SlotTaken() if cause.diag.constraint_name == _DOCTOR_OVERLAP else None
    if isinstance(cause, psycopg.errors.UniqueViolation) and cause.diag.constraint_name == _SECOND_HOLD:
        return exceptions.PatientBusy()
    if isinstance(cause, psycopg.errors.DeadlockDetected):
        return exceptions.SlotTaken()
    return None


def _key(owner: UUID) -> int:
    """A signed 64-bit lock number of our own: two ids with one number would only wait for each other."""
    return int.from_bytes(hashlib.blake2b(b"calendar:" + owner.bytes, digest_size=8).digest(), signed=True)
