"""Our own kind of message, and those that accounts, which stands below us, has written down for us."""

from django.utils.translation import gettext_lazy as _

from apps.accounts import notifications as accounts_notifications

from . import catalogue
from .catalogue import Kind

ANNOUNCEMENT = catalogue.register(
    Kind(
        name="notifications.announcement",
        group="announcements",
        label=_("Announcements"),
        subject="%(title)s",
        summary="%(body)s",
    )
)

for accounts_kind in accounts_notifications.KINDS:
    catalogue.register(Kind(**accounts_kind))
