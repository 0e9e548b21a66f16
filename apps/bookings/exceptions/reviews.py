"""What speaks against a review, or an answer to one."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class NotCompleted(exceptions.Conflict):
    code = "review.not_completed"
    message = _("A consultation can be reviewed only after it was completed.")


class AlreadyReviewed(exceptions.Conflict):
    code = "review.exists"
    message = _("You have reviewed this consultation already.")


class ReviewReasonRequired(exceptions.Invalid):
    """Who rejects a review, or takes it down, says why."""

    code = "review.reason_required"
    message = _("Please give a reason for rejecting the review.")


class NotPublished(exceptions.Conflict):
    code = "review.not_published"
    message = _("Only a published review can be answered.")


class AlreadyReplied(exceptions.Conflict):
    """A review has one answer, of the doctor or of the hospital."""

    code = "review.replied"
    message = _("This review has been answered already.")
