"""Private addresses under which a doctor's own calendar reads the appointments."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.bookings import querysets
from apps.common import audit
from apps.common.models import BaseModel
from apps.hospitals.models import Doctor


class CalendarFeed(BaseModel):
    """Whoever knows the address reads the doctor's times, and no patient's name. Kept as the token's hash; one lives at
    a time, and a revoked one is gone at once."""

    doctor = models.ForeignKey(
        Doctor, verbose_name=_("doctor"), on_delete=models.CASCADE, related_name="calendar_feeds", db_index=False
    )
    token_hash = models.CharField(_("address"), max_length=64, unique=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_read_at = models.DateTimeField(_("last read at"), null=True, blank=True)

    objects = querysets.CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["doctor"], name="calendar_feed_one_alive", condition=models.Q(revoked_at=None)
            )
        ]
        indexes: ClassVar = [models.Index(fields=["doctor", "-created_at"], name="calendar_feed_by_doctor")]
        triggers: ClassVar = [audit.tracked(masked=["token_hash"], ignored=["last_read_at"])]

    def __str__(self) -> str:
        return str(self.doctor)
