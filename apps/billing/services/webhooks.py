"""What gateways and providers send us: kept once, answered at once, applied by a worker.

The signature is checked before anything is kept; what was kept is applied until it is, or until a person must look.
"""

import hashlib
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import parse_qsl
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from apps.accounts.models import User
from apps.billing import exceptions, gateways, rules
from apps.billing.models import WebhookEvent
from apps.billing.workflow import Source, WebhookStatus
from apps.common import audit
from apps.common.exceptions import DomainError, NotFound, raise_if

from . import applying

log = structlog.get_logger(__name__)

TWILIO = WebhookEvent.Sender.TWILIO
#: Said of what was signed and cannot be read.
UNREADABLE, NO_CHANNEL, UNKNOWN_OBJECT = "unreadable", "no_sms_channel", "unknown_object"
#: How long what a webhook said is kept: it may hold a payer's name.
BODY_KEPT_FOR = timedelta(days=90)
#: Rows that one statement empties.
_ROWS_AT_ONCE = 1_000


def receive_webhook(
    sender: str, body: bytes, headers: Mapping[str, str], *, now: datetime | None = None
) -> WebhookEvent:
    """The webhook is kept, once however often it is sent, and will be applied within seconds.

    Raises BadSignature, and keeps nothing, where the gateway has not signed it, or is not set up.
    """
    now = now or timezone.now()
    try:
        notice = gateways.get(sender).read_notice(body, headers, now=now)
    except (gateways.BadSignature, gateways.NotConfigured, KeyError):
        raise exceptions.BadSignature() from None
    except gateways.BadNotice:
        return _keep(
            sender, f"sha256:{hashlib.sha256(body).hexdigest()}", kind="", body=body, occurred_at=None,
            status=WebhookStatus.FAILED, reason=UNREADABLE, now=now,
        )  # fmt: skip
    is_news = notice.facts is not None
    return _keep(
        sender, notice.event_id, kind=notice.kind, body=body, occurred_at=notice.occurred_at, reason="", now=now,
        status=WebhookStatus.RECEIVED if is_news else WebhookStatus.IGNORED,
    )  # fmt: skip


def receive_receipt(body: bytes, *, path: str, signature: str, now: datetime | None = None) -> WebhookEvent:
    """A receipt of Twilio's is kept, once for a message and status. There is no channel yet that sends by it, so that
    none of our messages is meant. Raises BadSignature."""
    now = now or timezone.now()
    told = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    address = f"{settings.PUBLIC_URL.rstrip('/')}{path}"
    if not settings.TWILIO_AUTH_TOKEN or not RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(
        address, told, signature
    ):
        raise exceptions.BadSignature()
    status = told.get("MessageStatus") or told.get("SmsStatus") or ""
    event = f"{told.get('MessageSid') or told.get('SmsSid') or ''}:{status}"
    return _keep(
        TWILIO, event, kind=f"message.{status}", body=body, occurred_at=None, status=WebhookStatus.PARKED,
        reason=NO_CHANNEL, now=now,
    )  # fmt: skip


def _keep(
    sender: str, event_id: str, *, kind: str, body: bytes, occurred_at: datetime | None, status: str, reason: str,
    now: datetime,
) -> WebhookEvent:  # fmt: skip
    event_id = event_id[:120]
    same = WebhookEvent.objects.filter(sender=sender, event_id=event_id)
    if not same.update(times_sent=F("times_sent") + 1):
        row = WebhookEvent(
            sender=sender, event_id=event_id, kind=kind[:60], occurred_at=occurred_at, received_at=now, status=status,
            body=body.decode("utf-8", "replace").replace("\x00", ""), reason=reason,
            next_attempt_at=now if status == WebhookStatus.RECEIVED else None,
        )  # fmt: skip
        # Of two at once one is kept, and the other counted.
        WebhookEvent.objects.bulk_create([row], ignore_conflicts=True)
        if not same.filter(pk=row.pk).exists():
            same.update(times_sent=F("times_sent") + 1)
    return same.get()


def apply_webhooks(*, for_seconds: float | None = None) -> int:
    """All that is due is applied, each in a transaction of its own, past those that other workers are at; how many.
    `for_seconds` ends it early, between two. One that fails stops no other."""
    ends = None if for_seconds is None else time.monotonic() + for_seconds
    done = 0
    while _apply_next(timezone.now()):
        done += 1
        if ends is not None and time.monotonic() >= ends:
            break
    return done


def _apply_next(now: datetime) -> bool:
    """False when none is due."""
    webhook_id = None
    try:
        with transaction.atomic():
            due = WebhookEvent.objects.filter(next_attempt_at__lte=now).order_by("next_attempt_at", "id")
            webhook = due.select_for_update(of=("self",), no_key=True, skip_locked=True).first()
            if webhook is None:
                return False
            webhook_id = webhook.pk
            _apply(webhook, now)
    except Exception as error:
        if webhook_id is None:
            raise
        _try_later(webhook_id, error, now)
    return True


def _apply(webhook: WebhookEvent, now: datetime) -> None:
    webhook.attempts += 1
    webhook.next_attempt_at, webhook.reason = None, ""
    try:
        facts = gateways.get(webhook.sender).reread(webhook.body.encode()).facts
        if facts is None:
            webhook.status = WebhookStatus.IGNORED
        elif applying.apply_facts(webhook.sender, facts, source=Source.WEBHOOK, webhook=webhook, now=now):
            webhook.status, webhook.applied_at = WebhookStatus.APPLIED, now
        else:
            _park(webhook, UNKNOWN_OBJECT, now)
    except exceptions.TooEarly as early:
        _park(webhook, early.code, now)
    except exceptions.Mismatch as contradiction:
        webhook.status, webhook.reason = WebhookStatus.QUARANTINED, contradiction.text[:200]
    except gateways.BadNotice:
        webhook.status, webhook.reason = WebhookStatus.FAILED, UNREADABLE
    webhook.save()


def _park(webhook: WebhookEvent, reason: str, now: datetime) -> None:
    """It is tried again while what it is about may yet become known."""
    webhook.status, webhook.reason = WebhookStatus.PARKED, reason
    webhook.next_attempt_at = rules.parked_until(webhook.attempts, received_at=webhook.received_at, now=now)


@transaction.atomic
def _try_later(webhook_id: UUID, error: Exception, now: datetime) -> None:
    """Nothing of what the webhook or the exception says is logged or kept: there may be a name in it."""
    reason = error.code if isinstance(error, DomainError) else type(error).__name__
    webhook = WebhookEvent.objects.lock(webhook_id)
    webhook.attempts += 1
    webhook.reason = reason[:200]
    webhook.next_attempt_at = rules.retried_at(webhook.attempts, now)
    if webhook.next_attempt_at is None:
        webhook.status = WebhookStatus.FAILED
    webhook.save(update_fields=["attempts", "reason", "next_attempt_at", "status", "updated_at"])
    log.warning("webhook_failed", sender=webhook.sender, kind=webhook.kind, attempts=webhook.attempts, error=reason)


@transaction.atomic
def replay_webhook(webhook_id: UUID, *, by: User, now: datetime | None = None) -> WebhookEvent:
    """It is applied once more, within seconds; what stands already stays as it is. Raises NotFound, Forbidden,
    NotReplayable."""
    now = now or timezone.now()
    raise_if(rules.why_not_record(role=by.role))
    try:
        webhook: WebhookEvent = WebhookEvent.objects.visible_to(by).lock(webhook_id)
    except WebhookEvent.DoesNotExist:
        raise NotFound() from None
    raise_if(rules.why_not_replay(sender=webhook.sender, has_body=bool(webhook.body)))
    webhook.status, webhook.attempts, webhook.reason, webhook.next_attempt_at = WebhookStatus.RECEIVED, 0, "", now
    webhook.save()
    audit.record("webhook.replayed", webhook, actor=by)
    return webhook


def empty_old_webhooks(*, now: datetime | None = None) -> int:
    """What webhooks said so long ago is gone; that they came, and what became of them, stays. How many there were."""
    emptied, before = 0, (now or timezone.now()) - BODY_KEPT_FOR
    old = WebhookEvent.objects.filter(received_at__lt=before).exclude(body="")
    while some := list(old.order_by("received_at").values_list("pk", flat=True)[:_ROWS_AT_ONCE]):
        emptied += WebhookEvent.objects.filter(pk__in=some).update(body="", next_attempt_at=None)
    return emptied
