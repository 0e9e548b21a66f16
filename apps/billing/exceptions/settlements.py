"""What is refused about settlements with hospitals."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class NoCommissionRate(exceptions.Conflict):
    code = "settlement.no_rate"
    message = _("There is no rate of commission for the day of a payment. Enter one first: nothing is a rate too.")


class NothingToSettle(exceptions.Conflict):
    """`data.amount` says what the hospital owes instead; it stays unsettled, and the next settlement nets it."""

    code = "settlement.nothing_owed"
    message = _("Nothing is owed to this hospital: what there is is carried over.")


class DayNotOver(exceptions.Conflict):
    code = "settlement.day_not_over"
    message = _("This day is not over yet at the hospital.")


class SettledMeanwhile(exceptions.Conflict):
    """Another settlement has taken an entry of the ledger first; nothing was prepared."""

    code = "settlement.settled_meanwhile"
    message = _("Someone else has just settled this. Please look again.")
