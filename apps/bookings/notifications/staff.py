"""Telling those who work here: the same event to several people, each in their own language."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import translation

from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.bookings.models import Appointment
from apps.notifications import services
from apps.notifications.catalogue import Kind


def coordinators() -> QuerySet[User]:
    return User.objects.filter(role=Role.COORDINATOR, is_active=True)


def page_of(appointment: Appointment) -> str:
    """Where staff find it in the admin."""
    return reverse("admin:bookings_appointment_change", args=[appointment.pk])


def tell_each(kind: Kind, readers: Iterable[User], *, event: str, context: Callable[[User], Mapping[str, Any]]) -> None:
    """Each reader is told once per event; the context is made while their language is the active one."""
    letters = []
    for reader in readers:
        with translation.override(reader.language):
            letters.append(services.Letter(reader, event, context(reader)))
    services.notify_each(kind=kind, letters=letters)
