"""Reviews: what waits to be verified, the moves as buttons, and the hospital's answer."""

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.bookings import rules, services
from apps.bookings.models import Review
from apps.bookings.workflow import REVIEW, ReviewStatus
from apps.common.admin import TransitionAdmin
from apps.common.exceptions import DomainError, Text


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)


@admin.register(Review)
class ReviewAdmin(TransitionAdmin):
    """What patients say. The text is never changed here: it is published or rejected, and answered."""

    workflow = REVIEW
    events_relation = ""
    note_required_for = frozenset({ReviewStatus.REJECTED})
    danger_statuses = frozenset({ReviewStatus.REJECTED})
    status_colours: ClassVar = {
        ReviewStatus.PENDING: "warning",
        ReviewStatus.PUBLISHED: "success",
        ReviewStatus.REJECTED: "danger",
    }
    list_display = ("doctor", "hospital", "rating", "beginning", "language", "created_at", "status_badge")
    list_select_related = ("doctor__user", "hospital")
    list_filter = ("status", "rating", "language", "hospital", "doctor")
    ordering = ("-created_at", "id")
    fieldsets = (
        (None, {"fields": (("doctor", "hospital"), ("appointment", "created_at"))}),
        (_("Review"), {"fields": (("rating", "language"), "text")}),
        (_("Answer"), {"fields": ("reply", ("replied_by", "replied_at"))}),
        (_("Verification"), {"fields": (("published_at",), "rejection_reason")}),
    )

    @admin.display(description=_("text"))
    def beginning(self, review: Review) -> str:
        return review.text if len(review.text) <= 80 else f"{review.text[:79]}…"

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A hospital reads of which consultation it was as the public does: not at all."""
        if rules.may_see_reviewer(_user(request).role):
            return self.fieldsets
        return [
            (title, {**options, "fields": [field for field in options["fields"] if "appointment" not in field]})
            for title, options in self.fieldsets
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Only the answer is written, by the hospital, once."""
        names = [field.name for field in self.opts.fields]
        if obj is not None and rules.may_reply(obj.status, role=_user(request).role, is_answered=bool(obj.reply)):
            names.remove("reply")
        return names

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was said stays; it is taken down by rejecting it."""
        return False

    def save_model(self, request: HttpRequest, obj: Review, form: Any, change: bool) -> None:
        if "reply" in form.changed_data:
            services.reply_to_review(obj.pk, by=_user(request), text=obj.reply)

    def why_not(self, obj: Review, to_status: str, user: Any) -> DomainError | None:
        return REVIEW.why_not_move(obj.status, to_status, user.role)

    def perform(self, obj: Review, to_status: str, user: Any, note: str) -> None:
        services.moderate_review(obj.pk, to_status, by=user, reason=note)

    def preview(self, obj: Review, to_status: str, user: Any) -> Sequence[Text]:
        if to_status == ReviewStatus.PUBLISHED:
            return [_("Everybody can read it, and it counts in the ratings of the doctor and the hospital.")]
        return [_("Nobody reads it, and it counts in no rating.")]
