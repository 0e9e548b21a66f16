"""Abstract models, the one append-only audit table, and the daily exchange rates."""

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from . import ids, money, querysets


class BaseModel(models.Model):
    """A row with a time-ordered UUID, and the UTC instants of its creation and last change."""

    #: The field that names the row which this one is part of, and under whose lock it is changed.
    part_of: ClassVar[str | None] = None

    id = models.UUIDField(_("id"), primary_key=True, default=ids.uuid7, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        abstract = True

    def lock_whole(self) -> None:
        """Lock the row that this one is part of, if it is part of any: before the row itself, as every verb does."""
        if self.part_of and (pk := getattr(self, f"{self.part_of}_id")):
            whole: Any = self._meta.get_field(self.part_of).related_model
            whole.objects.lock(pk)


class TextStatusField(models.JSONField):
    """Statuses of texts, which the database keeps. `save()` never writes them back: an instance read a while ago would
    undo what a trigger or a reviewer has set meanwhile. `QuerySet.update` writes them."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        return getattr(model_instance, self.attname) if add else models.F(self.attname)


class TranslatedModel(BaseModel):
    """A row with texts in five languages, and how far each text has come:

    `{"description": {"ar": {"status": "machine", "by": null, "at": "2026-11-23T09:30:00Z"}, "en": ...}}`, with an entry
    for all languages of each field that has a text in any. What was outdated by a new English text also says what it
    `was` before. The Meta needs `texts.kept(...)` among its triggers and `audit.tracked(ignored=["text_status"])`, and
    `texts.status_index(...)` where rows are looked up by status.
    """

    text_status = TextStatusField(_("status of the texts"), default=dict, editable=False)

    class Meta:
        abstract = True


class AuditEntry(models.Model):
    """One act: who did what to which object, what changed, from where, when. Append-only (a trigger refuses the rest).

    Row changes are written by database triggers (see `audit.tracked`), so a bulk update of 49 rows leaves 49 entries;
    acts that change no row (a sign-in, a refused attempt, an export) by `audit.record`.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(_("at"), db_index=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    action = models.CharField(_("action"), max_length=60)
    object_type = models.CharField(_("object type"), max_length=60)
    object_id = models.CharField(_("object id"), max_length=64)
    changes = models.JSONField(_("changes"), default=dict)
    address = models.CharField(_("address"), max_length=45)
    user_agent = models.CharField(_("user agent"), max_length=200)
    request_id = models.CharField(_("request id"), max_length=64)

    objects = querysets.AuditEntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["actor", "-id"], name="audit_by_actor"),
            models.Index(fields=["object_type", "object_id", "-id"], name="audit_by_object"),
            models.Index(fields=["action", "-id"], name="audit_by_action"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="no_truncate",
                level=pgtrigger.Statement,
                when=pgtrigger.Before,
                operation=pgtrigger.Truncate,
                func="RAISE EXCEPTION 'the audit trail is append-only';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class IdempotencyKey(models.Model):
    """The answer to a POST that carried `Idempotency-Key`, kept so that a retry gets the same object and no second one.

    Written in the transaction of the effect itself. Unique per caller and key; `fingerprint` tells another body apart.
    """

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.CASCADE, related_name="+")
    key = models.CharField(_("key"), max_length=100)
    fingerprint = models.CharField(_("fingerprint"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), default=0)
    body = models.JSONField(_("body"), null=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True, db_index=True)

    #: Nobody's to see: the base scope denies everyone.
    objects = querysets.ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_per_user")]

    def __str__(self) -> str:
        return self.key


class ExchangeRate(BaseModel):
    """What one euro costs in a currency on a day, as `source` said. A stored rate never changes.

    One that jumps too far is kept out: it is seen in the admin and used for nothing (`exchange.rates.is_plausible`).
    """

    MAX_DIGITS, DECIMAL_PLACES = 18, 8

    currency = models.CharField(_("currency"), max_length=3, validators=[money.validate_currency])
    on = models.DateField(_("day"))
    per_euro = models.DecimalField(_("for one euro"), max_digits=MAX_DIGITS, decimal_places=DECIMAL_PLACES)
    source = models.CharField(_("source"), max_length=20)
    is_kept_out = models.BooleanField(
        _("kept out"), default=False, help_text=_("Too far from the rate before, and not used.")
    )

    objects = querysets.ExchangeRateQuerySet.as_manager()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        ordering: ClassVar = ["-on", "currency"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["currency", "on"], name="exchange_rate_once_a_day"),
            models.CheckConstraint(condition=models.Q(per_euro__gt=0), name="exchange_rate_is_positive"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-on", "currency"], name="exchange_rate_by_day"),
            models.Index(
                fields=["currency", "-on"], name="exchange_rate_newest", condition=models.Q(is_kept_out=False)
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="unchangeable", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.per_euro} {self.currency}, {self.on}"
