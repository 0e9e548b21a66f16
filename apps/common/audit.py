"""The audit trail: who did what to which object, from where, when; written by the database for every changed row.

`tracked()` gives a model its trigger. `acting()` and `actor_is()` say who is acting; the request middleware, the token
authentication and the sign-in call them. A task acts for nobody: its entries name no actor. `record()` adds acts that
change no row.
"""

import contextlib
import json
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

import pgtrigger
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

MAX_USER_AGENT = 200
#: What stands in the trail instead of a value that must not be read there.
MASK = "•••"

_context: ContextVar[dict[str, str] | None] = ContextVar("medivoy_audit_context", default=None)

_DIFFERENCE = """
    SELECT jsonb_object_agg(key, CASE WHEN key = ANY(ARRAY[{masked}]::text[]) THEN to_jsonb('{mask}'::text)
                                      ELSE jsonb_build_array(before -> key, after -> key) END)
      INTO difference
      FROM (SELECT jsonb_object_keys(before) AS key UNION SELECT jsonb_object_keys(after)) AS keys
     WHERE COALESCE(before -> key, 'null'::jsonb) <> COALESCE(after -> key, 'null'::jsonb);
    IF difference IS NULL AND TG_OP = 'UPDATE' THEN RETURN NULL; END IF;
    INSERT INTO common_auditentry (at, actor_id, action, object_type, object_id, changes, address, user_agent, request_id)
    VALUES (clock_timestamp(), NULLIF(context ->> 'actor', '')::uuid,
            CASE TG_OP WHEN 'INSERT' THEN 'created' WHEN 'UPDATE' THEN 'changed' ELSE 'deleted' END,
            regexp_replace(TG_TABLE_NAME, '_', '.'),
            CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ->> 'id' ELSE to_jsonb(NEW) ->> 'id' END,
            COALESCE(difference, '{{}}'::jsonb), COALESCE(context ->> 'address', ''),
            COALESCE(context ->> 'user_agent', ''), COALESCE(context ->> 'request_id', ''));
    RETURN NULL;
"""  # noqa: E501


def _array(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def tracked(*, masked: Sequence[str] = (), ignored: Sequence[str] = ()) -> pgtrigger.Trigger:
    """The trigger that writes an audit entry for every inserted, changed and deleted row of a model.

    `masked` columns are named as changed without their values (secrets, medical text); `ignored` ones do not count as a
    change (counters, last-seen times). Names are column names: `doctor_id`, not `doctor`.
    """
    without = f"- ARRAY[{_array(['updated_at', *ignored])}]::text[]"
    return pgtrigger.Trigger(
        name="audit",
        level=pgtrigger.Row,
        when=pgtrigger.After,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[
            ("context", "jsonb := COALESCE(NULLIF(current_setting('medivoy.audit', true), ''), '{}')::jsonb"),
            ("before", f"jsonb := CASE TG_OP WHEN 'INSERT' THEN '{{}}'::jsonb ELSE to_jsonb(OLD) {without} END"),
            ("after", f"jsonb := CASE TG_OP WHEN 'DELETE' THEN '{{}}'::jsonb ELSE to_jsonb(NEW) {without} END"),
            ("difference", "jsonb"),
        ],
        func=_DIFFERENCE.format(masked=_array(masked), mask=MASK),
    )


def _with_context(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Set `medivoy.audit` for the transaction in the same round trip as the write that needs it."""
    current = _context.get()
    if current is None or many or not isinstance(sql, str) or sql[:6].upper() not in {"INSERT", "UPDATE", "DELETE"}:
        return execute(sql, params, many, context)
    prefixed = f"SELECT set_config('medivoy.audit', %s, true); {sql}"
    result = execute(prefixed, (json.dumps(current), *(params or ())), many, context)
    while context["cursor"].nextset():
        pass
    return result


@contextlib.contextmanager
def acting(*, actor: Any = None, address: str = "", user_agent: str = "", request_id: str = "") -> Iterator[None]:
    """Everything written inside is put down to `actor` (a user or None), coming from `address`."""
    token = _context.set(
        {
            "actor": str(actor.pk) if actor is not None else "",
            "address": address,
            "user_agent": user_agent[:MAX_USER_AGENT],
            "request_id": request_id,
        }
    )
    try:
        with connection.execute_wrapper(_with_context):
            yield
    finally:
        _context.reset(token)


def actor_is(user: Any) -> None:
    """From here on, the one acting is `user` (who became known after the request began)."""
    current = _context.get()
    if current is not None:
        current["actor"] = str(user.pk)


def current() -> dict[str, str]:
    """Who is acting and from where, as far as it is known: actor (an id), address, user_agent, request_id."""
    return {"actor": "", "address": "", "user_agent": "", "request_id": ""} | (_context.get() or {})


def record(action: str, obj: models.Model | None = None, *, actor: Any = None, **details: Any) -> None:
    """Append an act that changes no tracked row: `record("sign_in.failed", user, reason="password")`."""
    acting_now = current()
    apps.get_model("common", "AuditEntry").objects.create(
        at=timezone.now(),
        actor_id=actor.pk if actor is not None else acting_now["actor"] or None,
        action=action,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        changes=details,
        address=acting_now["address"],
        user_agent=acting_now["user_agent"],
        request_id=acting_now["request_id"],
    )
