"""Forgetting a patient, rule by rule of `retention`: begun again at any time, it does what is left to do.

Each batch is a transaction of its own: its rows go, and what the audit trail says of them is masked in the same breath,
as the trail would otherwise keep what went. The account comes last: until then it is known whom all this is about.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any

import orjson
import pgtrigger
import structlog
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.clinical.models import ConsentGrant, Patient
from apps.common import audit
from apps.interop import retention, rules
from apps.interop.models import Closure, DataExport, SealedIdentity
from apps.interop.retention import Kept
from apps.interop.selectors import people
from apps.interop.workflow import ClosureStatus, ExportStatus
from apps.media import exceptions as media_exceptions
from apps.media import services as media_services
from apps.media.models import StoredFile
from apps.notifications.models import CaughtEmail, Message

log = structlog.get_logger(__name__)

BATCH = 500

#: The one place that may mask what the trail says: a row's old values are what was to be forgotten.
_TRAIL_GUARD = "common.AuditEntry:append_only"
_MASK_TRAIL = """
    UPDATE common_auditentry SET changes = (
        SELECT COALESCE(jsonb_object_agg(key, to_jsonb(%s::text)), '{}'::jsonb) FROM jsonb_object_keys(changes) AS key
    ) WHERE object_type = %s AND object_id = ANY(%s) AND changes <> '{}'::jsonb
"""


def erase_due(now: datetime) -> int:
    """Every closure whose time has come is worked off; how many. One that is held is passed over, one that another
    worker is at as well; one whose account an admin has activated again counts as reopened."""
    erased = 0
    while (closure := _claim(now)) is not None:
        if closure.status == ClosureStatus.WAITING and closure.patient.user.is_active:
            _was_reopened(closure, now)
            continue
        try:
            erase(closure, now=now)
            erased += 1
        except Exception as error:  # noqa: BLE001  one that fails waits for the next run, and stops no other
            log.error("erasure_failed", closure_id=str(closure.pk), error=type(error).__name__)
    return erased


@transaction.atomic
def _claim(now: datetime) -> Closure | None:
    due = Closure.objects.to_erase(now).select_for_update(skip_locked=True, of=("self",))
    closure = due.select_related("patient__user").first()
    if closure is not None:
        closure.claimed_until = now + rules.CLAIMED_FOR
        closure.save(update_fields=["claimed_until", "updated_at"])
    return closure


@transaction.atomic
def _was_reopened(closure: Closure, now: datetime) -> None:
    closure.reopened_at = now
    closure.claimed_until = None
    closure.move_to(ClosureStatus.REOPENED, by=None, at=now, fields=["reopened_at", "claimed_until"])


def erase(closure: Closure, *, now: datetime) -> Closure:
    """What may go of this patient has gone, what must stay is there without a name. The caller has claimed it."""
    patient, today = closure.patient, now.date()
    until = people.kept_until_of(closure)
    _begin(closure, patient, until, now=now)
    counts: dict[str, list[int]] = {}
    for number, kept in enumerate(retention.TABLE, start=1):
        if rules.is_kept(kept.until, until, today=today):
            rows = kept.rows(patient).count() if kept.patient or kept.user else 0
            counts[_name(kept, "keep")] = [rows]
        else:
            act = "empty" if kept.scrub else "erase"
            counts[_name(kept, act)] = [_work_off(closure, kept)]
        _advance(closure, number)
    return _end(closure, {name: sum(rows) for name, rows in counts.items() if sum(rows)}, until, now=now)


def _name(kept: Kept, act: str) -> str:
    return f"{act} {kept.label}"


@transaction.atomic
def _begin(closure: Closure, patient: Patient, until: Any, *, now: datetime) -> None:
    if closure.status != ClosureStatus.ERASING:
        closure.move_to(ClosureStatus.ERASING, by=None, at=now)
    closure.total = len(retention.TABLE)
    closure.report = {"until": {name: day.isoformat() for name, day in until.items()}, **closure.report}
    closure.save(update_fields=["total", "report", "updated_at"])
    person = patient.user
    # What the law has kept is kept for the law, and opens to nobody by what the person once agreed to.
    standing = ConsentGrant.objects.filter(patient=patient, revoked_at=None)
    standing.update(revoked_at=now, revoked_by=person, updated_at=now)
    known = person.full_name and not SealedIdentity.objects.filter(patient=patient).exists()
    if known and rules.is_kept(retention.MEDICAL, until, today=now.date()):
        identity = {
            "name": person.full_name,
            "birth_date": patient.birth_date,
            "gender": patient.gender,
            "country": str(patient.country),
        }
        SealedIdentity.objects.create(patient=patient, identity=orjson.dumps(identity).decode())


def _advance(closure: Closure, number: int) -> None:
    """The claim is renewed with every part that is done: a worker that hangs loses it, one that works does not."""
    closure.done, closure.claimed_until = number, timezone.now() + rules.CLAIMED_FOR
    closure.save(update_fields=["done", "claimed_until", "updated_at"])


@transaction.atomic
def _end(closure: Closure, counts: dict[str, int], until: Any, *, now: datetime) -> Closure:
    Patient.objects.filter(pk=closure.patient_id).update(erased_at=now)
    closure.keep_until = rules.next_end(until, today=now.date())
    closure.erased_at = closure.erased_at or now
    closure.report = {**closure.report, now.date().isoformat(): counts}
    closure.claimed_until = None
    to_status = ClosureStatus.RETAINED if closure.keep_until else ClosureStatus.ERASED
    closure.move_to(to_status, by=None, at=now, fields=["keep_until", "erased_at", "report", "claimed_until"])
    audit.record("patient.erased", closure, **counts)
    log.info(
        "patient_erased", closure_id=str(closure.pk), kept_until=str(closure.keep_until), rows=sum(counts.values())
    )
    return closure


# --- rule by rule ----------------------------------------------------------------------------------------------------


def _work_off(closure: Closure, kept: Kept) -> int:
    special = SPECIAL.get(kept.special)
    if special is not None:
        return special(closure.patient)
    return sum(_scrub(kept, pks) if kept.scrub else _remove(kept, pks) for pks in _batches(kept, closure.patient))


def _batches(kept: Kept, patient: Patient) -> Iterator[list[Any]]:
    """Ids, a batch at a time, the newest first: what replaces something goes before it, and nothing is seen twice."""
    rows, last = kept.rows(patient).order_by("-pk"), None
    while True:
        left = rows.filter(pk__lt=last) if last is not None else rows
        pks = list(left.values_list("pk", flat=True)[:BATCH])
        if not pks:
            return
        yield pks
        last = pks[-1]


def _past(kept: Kept) -> AbstractContextManager[Any]:
    """Past the triggers that refuse everyone else, as far as the rule names them."""
    return pgtrigger.ignore(*(f"{kept.label}:{name}" for name in kept.guards)) if kept.guards else nullcontext()


@transaction.atomic
def _remove(kept: Kept, pks: Sequence[Any]) -> int:
    rows = kept.model._base_manager.filter(pk__in=pks)
    files = {pk for path in kept.files for pk in rows.values_list(path, flat=True) if pk is not None}
    with _past(kept):
        rows._raw_delete(rows.db)
    _mask_trail(kept.model, pks)
    for file in StoredFile.objects.filter(pk__in=files):
        _remove_file(file)
    return len(pks)


@transaction.atomic
def _scrub(kept: Kept, pks: Sequence[Any]) -> int:
    with _past(kept):
        kept.model._base_manager.filter(pk__in=pks).update(**kept.scrub)
    _mask_trail(kept.model, pks)
    return len(pks)


def _mask_trail(model: Any, pks: Sequence[Any]) -> None:
    kind = model._meta.db_table.replace("_", ".", 1)  # as the trigger writes it
    with pgtrigger.ignore(_TRAIL_GUARD), connection.cursor() as cursor:
        for name in {kind, model._meta.label_lower}:
            cursor.execute(_MASK_TRAIL, [audit.MASK, name, [str(pk) for pk in pks]])


def _remove_file(file: StoredFile) -> bool:
    """The file goes unless a row that stays refers to it; then only the name that a person gave it goes."""
    try:
        media_services.take_back(file)
    except media_exceptions.FileInUse:
        StoredFile.objects.filter(pk=file.pk).update(original_name="")
        _mask_trail(StoredFile, [file.pk])
        return False
    _mask_trail(StoredFile, [file.pk])
    return True


# --- what has a way of its own ---------------------------------------------------------------------------------------


def _messages(patient: Patient) -> int:
    """Those to the patient go; from those to others the name goes, were it a namesake's in an old message."""
    own = next(kept for kept in retention.TABLE if kept.model is Message)
    count = sum(_remove(own, pks) for pks in _batches(own, patient))
    name = patient.user.full_name
    if name:
        about = Message.objects.exclude(recipient=patient.user_id).filter(context__icontains=name).order_by("pk")
        for message in about.iterator(chunk_size=BATCH):
            context = {key: _without(value, name) for key, value in message.context.items()}
            count += Message.objects.filter(pk=message.pk).update(context=context)
    return count


def _without(value: Any, name: str) -> Any:
    return value.replace(name, audit.MASK) if isinstance(value, str) else value


def _caught_emails(patient: Patient) -> int:
    """The demo's mailbox: what was sent to the patient goes, and the name from what was sent to others."""
    person = patient.user
    with transaction.atomic():
        count: int = CaughtEmail.objects.filter(to__icontains=person.email).delete()[0]
        if person.full_name:
            said = Q(text__contains=person.full_name) | Q(subject__contains=person.full_name)
            for mail in CaughtEmail.objects.filter(said | Q(html__contains=person.full_name)):
                texts = {part: _without(getattr(mail, part), person.full_name) for part in ("subject", "text", "html")}
                count += CaughtEmail.objects.filter(pk=mail.pk).update(**texts)
    return count


def _exports(patient: Patient) -> int:
    count = 0
    for export in DataExport.objects.filter(patient=patient).select_related("file"):
        with transaction.atomic():
            file = export.file
            DataExport.objects.filter(pk=export.pk).update(file=None, status=ExportStatus.EXPIRED)
            DataExport.objects.filter(pk=export.pk).delete()
            _mask_trail(DataExport, [export.pk])
            if file is not None:
                _remove_file(file)
        count += 1
    return count


def _files(patient: Patient) -> int:
    """What the patient uploaded: what no kept row refers to goes, objects and all; of the rest the name goes. The
    picture of the account is let go of first."""
    with transaction.atomic():
        User.objects.filter(pk=patient.user_id).update(picture=None)
        _mask_trail(User, [patient.user_id])
    own = next(kept for kept in retention.TABLE if kept.model is StoredFile)
    count = 0
    for pks in _batches(own, patient):
        for file in StoredFile.objects.filter(pk__in=pks):
            count += _remove_file(file)
    return count


def _trail(patient: Patient) -> int:
    """What the patient did stays, by id, without the addresses from which it was done."""
    rows = retention.TABLE[-1].rows(patient).exclude(address="", user_agent="")
    with transaction.atomic(), pgtrigger.ignore(_TRAIL_GUARD):
        return rows.update(address="", user_agent="")


def _nothing(patient: Patient) -> int:
    return 0


SPECIAL: dict[str, Callable[[Patient], int]] = {
    "messages": _messages,
    "caught_emails": _caught_emails,
    "exports": _exports,
    "files": _files,
    "trail": _trail,
    "kept": _nothing,
}
