"""What is refused to those who ask for their data, or for its end."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class ExportedToday(exceptions.TooMany):
    """A copy a day; `retry_after` says when the next may be asked for."""

    code = "data_rights.exported_today"
    message = _("Your data was exported within the last 24 hours. Please use that copy, or come back later.")


class StandsInTheWay(exceptions.Conflict):
    """What is still to come; `data` names it."""

    code = "data_rights.something_to_come"
    message = _("Please cancel your appointments and requests that are still to come first.")


class ClosedAlready(exceptions.Conflict):
    code = "data_rights.closed_already"
    message = _("This account is closed already.")


class NotToReopen(exceptions.Conflict):
    """Erasing has begun or is over, or the account was reopened before."""

    code = "data_rights.not_to_reopen"
    message = _("This closure can no longer be undone.")


class OnHold(exceptions.Conflict):
    code = "data_rights.on_hold"
    message = _("There is a hold on this patient's data already.")


class HoldIsLifted(exceptions.Conflict):
    code = "data_rights.hold_is_lifted"
    message = _("This hold was lifted before.")
