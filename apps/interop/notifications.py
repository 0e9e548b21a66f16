"""What people are told of their requests about their data: one function a message. No name, nothing medical."""

from django.utils.translation import gettext_lazy as _

from apps.common import wall_time
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

from . import rules
from .models import Closure, DataExport

GROUP = "account"

EXPORT_READY = catalogue.register(
    Kind(
        name="interop.export_ready",
        group=GROUP,
        label=_("Copy of your data is ready"),
        subject=_("The copy of your data is ready"),
        summary=_("You can download it in the app for %(days)d days."),
        transactional=True,
        example={"days": 7},
    )
)
EXPORT_FAILED = catalogue.register(
    Kind(
        name="interop.export_failed",
        group=GROUP,
        label=_("Copy of your data could not be made"),
        subject=_("The copy of your data could not be made"),
        summary=_("Something went wrong on our side. Please ask for it again."),
        transactional=True,
        example={},
    )
)
ACCOUNT_CLOSED = catalogue.register(
    Kind(
        name="interop.account_closed",
        group=GROUP,
        label=_("Your account is closed"),
        subject=_("Your Medivoy account is closed"),
        summary=_("Until %(day)s you can ask us to reopen it. Then we erase what we need not keep by law."),
        transactional=True,
        reaches_closed=True,
        example={"day": "6 January 2031"},
    )
)
ACCOUNT_REOPENED = catalogue.register(
    Kind(
        name="interop.account_reopened",
        group=GROUP,
        label=_("Your account is open again"),
        subject=_("Your Medivoy account is open again"),
        summary=_("You can sign in as before. Nothing was erased."),
        transactional=True,
        example={},
    )
)


def export_ready(export: DataExport) -> None:
    services.notify(
        kind=EXPORT_READY,
        recipient=export.asked_by,
        event=f"{EXPORT_READY.name}:{export.pk}",
        context={"days": rules.EXPORT_KEPT_FOR.days},
    )


def export_failed(export: DataExport) -> None:
    services.notify(
        kind=EXPORT_FAILED, recipient=export.asked_by, event=f"{EXPORT_FAILED.name}:{export.pk}", context={}
    )


def account_closed(closure: Closure) -> None:
    reader = closure.patient.user
    day = wall_time.day(closure.erase_at.date(), reader.language)
    services.notify(
        kind=ACCOUNT_CLOSED, recipient=reader, event=f"{ACCOUNT_CLOSED.name}:{closure.pk}", context={"day": day}
    )


def account_reopened(closure: Closure) -> None:
    services.notify(
        kind=ACCOUNT_REOPENED,
        recipient=closure.patient.user,
        event=f"{ACCOUNT_REOPENED.name}:{closure.pk}",
        context={},
    )
