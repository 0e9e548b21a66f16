"""Reviews: who writes, verifies and answers them."""

from django.utils.translation import gettext_lazy as _

from apps.accounts.roles import Role
from apps.bookings import exceptions, workflow
from apps.bookings.workflow import AppointmentStatus, ReviewStatus
from apps.common.exceptions import DomainError, Forbidden, Invalid

#: The longest review, and the longest answer to one.
MAX_REVIEW = 4_000
HIGHEST_RATING = 5


def why_not_review(status: str, *, role: str, is_reviewed: bool) -> DomainError | None:
    """A patient reviews their own consultation after it was completed, once."""
    if role != Role.PATIENT:
        return Forbidden()
    if status != AppointmentStatus.COMPLETED:
        return exceptions.NotCompleted()
    return exceptions.AlreadyReviewed() if is_reviewed else None


def why_wrong_review(rating: int, text: str) -> DomainError | None:
    """A rating is a whole number from 1 to 5; a text is not endless."""
    if not 1 <= rating <= HIGHEST_RATING:
        return Invalid(errors={"rating": [_("Give a whole number from 1 to 5.")]})
    return _why_too_long("text", text)


def why_not_moderate(status: str, to: str, *, reason: str, role: str | None) -> DomainError | None:
    """Platform admins and support agents verify a review before it is published; who rejects one says why."""
    refusal = workflow.REVIEW.why_not_move(status, to, role)
    if refusal is None and to == ReviewStatus.REJECTED and not reason.strip():
        return exceptions.ReviewReasonRequired(errors={"reason": [exceptions.ReviewReasonRequired.message]})
    return refusal


def may_moderate(role: str) -> bool:
    """Whether reviews wait for someone of this role."""
    return bool(workflow.REVIEW.moves_from(ReviewStatus.PENDING, role))


def may_see_reviewer(role: str) -> bool:
    """Of which consultation a review is, and so whose it is, is known to Medivoy's staff alone."""
    return role in {Role.ADMIN, Role.COORDINATOR, Role.SUPPORT}


def may_reply(status: str, *, role: str, is_answered: bool) -> bool:
    """Whether there is an answer to write for someone of this role."""
    return why_not_reply(status, "-", role=role, is_answered=is_answered) is None


def why_not_reply(status: str, text: str, *, role: str, is_answered: bool) -> DomainError | None:
    """The reviewed doctor or the hospital answers a published review, once; neither removes one."""
    if role not in {Role.DOCTOR, Role.HOSPITAL_ADMIN}:
        return Forbidden()
    if status != ReviewStatus.PUBLISHED:
        return exceptions.NotPublished()
    if is_answered:
        return exceptions.AlreadyReplied()
    if not text.strip():
        return Invalid(errors={"reply": [_("This is missing.")]})
    return _why_too_long("reply", text)


def _why_too_long(field: str, text: str) -> DomainError | None:
    if len(text) > MAX_REVIEW:
        return Invalid(errors={field: [_("At most %(count)d characters.") % {"count": MAX_REVIEW}]})
    return None
