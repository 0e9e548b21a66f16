"""What refunds and cancellations refuse, each with its stable code."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class RefundTooLarge(exceptions.Conflict):
    """`data` says what is left: {"left", "currency"}."""

    code = "billing.refund_too_large"
    message = _("Only %(amount)s of this payment is left to give back.")


class PaymentDisputed(exceptions.Conflict):
    """While a bank withholds the money, nothing is given back beside it: the payer would get it twice."""

    code = "billing.payment_disputed"
    message = _("This payment is disputed. Nothing can be refunded until the dispute is decided.")


class NotPaidOutByStaff(exceptions.Conflict):
    """Only what no gateway gives back is paid out, and confirmed, by staff."""

    code = "billing.not_paid_out_by_staff"
    message = _("The gateway gives this refund back by itself.")


class PreviewStale(exceptions.Conflict):
    """Something moved between what was shown and its confirmation."""

    code = "billing.preview_stale"
    message = _("Something has changed since you looked. Please look at the figures again.")


class TaskDone(exceptions.Conflict):
    code = "billing.task_done"
    message = _("Somebody has dealt with this already.")


class TermsPublished(exceptions.Conflict):
    """Published terms never change: the next version does."""

    code = "billing.terms_published"
    message = _("Published terms never change. Please make a new version.")


class TermsIncomplete(exceptions.Conflict):
    """Terms without steps for the patient, or that give back more the later one cancels."""

    code = "billing.terms_incomplete"
    message = _("These terms cannot be published.")
