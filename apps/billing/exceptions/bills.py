"""What bills refuse, each with its stable code."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class BillDiffers(exceptions.Conflict):
    """A bill for this stands already, with other figures: it is cancelled first, or credited."""

    code = "billing.bill_differs"
    message = _("There is a bill for this already, with other figures.")


class BillCancelled(exceptions.Conflict):
    code = "billing.bill_cancelled"
    message = _("This bill is cancelled.")


class NothingToCredit(exceptions.Conflict):
    code = "billing.nothing_to_credit"
    message = _("All of this bill has been credited.")
