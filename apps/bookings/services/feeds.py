"""The private address under which a doctor's calendar program reads the doctor's appointments."""

import hashlib
import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.bookings import selectors
from apps.bookings.models import CalendarFeed
from apps.bookings.querysets import CalendarFeedQuerySet
from apps.common.exceptions import Forbidden, NotFound
from apps.hospitals.models import Doctor

#: How often it is written down that a calendar has read a feed.
NOTED_EVERY = timedelta(hours=1)
_OCTETS = 32


@transaction.atomic
def renew_calendar_feed(doctor_id: UUID, *, by: User, now: datetime | None = None) -> tuple[CalendarFeed, str]:
    """The doctor's feed has a new address, and the earlier one leads nowhere. Gives the feed, and the token that is the
    secret part of the address: it is kept nowhere, so it can be shown this once. Raises Forbidden, NotFound."""
    now = now or timezone.now()
    doctor = _own_doctor(by, doctor_id)
    _alive(doctor.pk).update(revoked_at=now, updated_at=now)
    token = secrets.token_urlsafe(_OCTETS)
    return CalendarFeed.objects.create(doctor=doctor, token_hash=hash_of(token)), token


@transaction.atomic
def revoke_calendar_feed(doctor_id: UUID, *, by: User, now: datetime | None = None) -> None:
    """No address leads to the doctor's appointments any more; by the doctor, or by a platform admin. Raises Forbidden,
    NotFound, also where none did."""
    now = now or timezone.now()
    doctor = _locked(by, doctor_id) if by.role == Role.ADMIN else _own_doctor(by, doctor_id)
    if not _alive(doctor.pk).update(revoked_at=now, updated_at=now):
        raise NotFound()


def read_calendar_feed(token: str, *, now: datetime) -> selectors.Feed:
    """The feed at this address; that it was read is noted once an hour. Raises NotFound for an address that is not
    there, or no more.

    It is looked up by a hash of 256 random bits: how long that takes tells nothing about any token.
    """
    feed = selectors.live_feed(hash_of(token))
    if feed is None:
        raise NotFound()
    if feed.last_read_at is None or feed.last_read_at <= now - NOTED_EVERY:
        # Of many readers at once one notes it.
        unnoted = Q(last_read_at=None) | Q(last_read_at__lte=now - NOTED_EVERY)
        CalendarFeed.objects.filter(unnoted, pk=feed.id).update(last_read_at=now)
    return feed


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _alive(doctor_id: UUID) -> CalendarFeedQuerySet:
    return CalendarFeed.objects.filter(doctor=doctor_id, revoked_at=None)


def _own_doctor(by: User, doctor_id: UUID) -> Doctor:
    """The doctor who asks."""
    if by.role != Role.DOCTOR:
        raise Forbidden()
    return _locked(by, doctor_id)


def _locked(by: User, doctor_id: UUID) -> Doctor:
    """Two new addresses at once are one after the other."""
    try:
        doctor: Doctor = Doctor.objects.visible_to(by).lock(doctor_id)
    except Doctor.DoesNotExist:
        raise NotFound() from None
    return doctor
