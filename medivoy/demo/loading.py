"""Loads the demo world room by room. What is loaded stays; what a killed run left half done is done again."""

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from apps.accounts.models import User
from apps.common import audit
from apps.common.models import AuditEntry
from apps.notifications.models import Channel, Message

from . import (
    appointments,
    catalogue,
    closures,
    consents,
    decoration,
    doctors,
    dues,
    farewells,
    fees,
    health,
    hospitals,
    issuers,
    laboratories,
    leave,
    patients,
    payments,
    prescriptions,
    readings,
    records,
    reference,
    reviews,
    staff,
    subscriptions,
    translations,
    verification_queue,
)

SIGN_INS = Path(settings.BASE_DIR) / "var" / "demo.json"
#: The audit trail's act that says a room is loaded. One room is one transaction, and this its last row.
LOADED = "demo.room_loaded"
#: But for these: they store files or ask for a password, which no transaction may do, and pass over what a killed run
#: has left.
BY_STEPS = {"verification queue", "the shown record", "farewells", "records", "pictures", "papers"}
#: What was told so long ago has been read.
READ_AFTER = timedelta(days=5)
LEFT_FOR_THE_WORKER = timedelta(days=21)
_LOCK = 5_319_046_271
WAIT_SECONDS = 2

#: Whose sign-ins are shown, in the order in which they are shown.
SHOWN = (
    staff.ADMIN,
    staff.COORDINATOR,
    staff.SUPPORT,
    staff.TRANSLATOR,
    *hospitals.SHOWN_STAFF.values(),
    doctors.SHOWN,
    patients.SHOWN,
)

Tell = Callable[[str], None]


def rooms(tell: Tell) -> dict[str, Callable[[datetime], int]]:
    """Each room by its name, in the order in which they need one another."""
    return {
        "reference data": reference.load,
        "exchange rates": catalogue.load_rates,
        "staff": staff.load,
        "hospitals": hospitals.load,
        "issuers of invoices": issuers.load,
        "treatments": catalogue.load_treatments,
        "offers": catalogue.load_offers,
        "packages": catalogue.load_packages,
        "translations": translations.load,
        "public holidays": closures.load_holidays,
        "doctors": doctors.load,
        "closures": closures.load,
        "patients": patients.load,
        "appointments": lambda now: appointments.load(now, tell),
        "reviews": reviews.load,
        "health": health.load,
        "consents": consents.load,
        "prescriptions": prescriptions.load,
        "laboratories": laboratories.load,
        "payments": payments.load,
        "fees": fees.load,
        "subscriptions": subscriptions.load,
        "the shown record": records.load,
        "read log": readings.load,
        "farewells": farewells.load,
        "verification queue": verification_queue.load,
        "leave": leave.load,
        "what is due": dues.load,
    }


def later_rooms(tell: Tell) -> dict[str, Callable[[], int]]:
    """Rooms that the site can do without for the minutes that they take, and that may be loaded while it runs."""
    return {
        "records": lambda: records.load_later(tell),
        "pictures": lambda: decoration.load_pictures(tell),
        "papers": lambda: decoration.load_papers(tell),
    }


def load(tell: Tell, *, pictures: bool = True) -> list[str]:
    """The demo world is there, and `var/demo.json` says who can sign in; the rooms that were loaded just now. Without
    `pictures` it has none yet, and only the papers by which someone is to be verified.

    Of two runs at once the second waits, and then finds everything done.
    """
    now = timezone.now()
    with _alone(tell):
        done = loaded_rooms()
        missing = {name: room for name, room in rooms(tell).items() if name not in done}
        for name, room in missing.items():
            _load_room(name, partial(_fill, room, now), tell)
        _write_sign_ins()
        later = {name: room for name, room in later_rooms(tell).items() if pictures and name not in done}
        for name, late_room in later.items():
            _load_room(name, late_room, tell)
    return [*missing, *later]


def loaded_rooms() -> set[str]:
    return set(AuditEntry.objects.filter(action=LOADED).values_list("changes__room", flat=True))


@contextlib.contextmanager
def _alone(tell: Tell) -> Iterator[None]:
    """Holds the lock of the loading. Asked for again and again: waiting in the database ends at its lock timeout."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            if cursor.fetchone()[0]:
                break
            tell("the demo is being loaded by another process: waiting")
            time.sleep(WAIT_SECONDS)
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _load_room(name: str, room: Callable[[], int], tell: Tell) -> None:
    began = time.monotonic()
    with contextlib.nullcontext() if name in BY_STEPS else transaction.atomic():
        count = room()
        audit.record(LOADED, room=name, count=count)
    tell(f"{name}: {count} in {time.monotonic() - began:.1f} s")


def _fill(room: Callable[[datetime], int], now: datetime) -> int:
    count = room(now)
    _settle_messages(now)
    return count


def _settle_messages(now: datetime) -> None:
    """What people were told in the demo's past was sent then, and what is old was read. Only the shown people's last
    mail is left for the worker, which delivers it where it can be read: else it would begin with hundreds."""
    ours = Message.objects.filter(recipient__email__endswith=".example.com")
    is_left = Q(recipient__email__in=SHOWN, due_at__gte=now - LEFT_FOR_THE_WORKER)
    waiting = ours.filter(~is_left, status=Message.Status.PENDING)
    waiting.update(status=Message.Status.SENT, sent_at=F("due_at"))
    unread = ours.filter(channel=Channel.IN_APP, read_at=None, due_at__lt=now - READ_AFTER)
    unread.update(read_at=F("due_at") + READ_AFTER)


def _write_sign_ins() -> None:
    people = {user.email: user for user in User.objects.filter(email__in=SHOWN)}
    rows = [
        {"role": people[email].role, "email": email, "password": staff.PASSWORD, "name": people[email].full_name}
        for email in SHOWN
    ]
    SIGN_INS.parent.mkdir(parents=True, exist_ok=True)
    SIGN_INS.write_text(json.dumps(rows, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
