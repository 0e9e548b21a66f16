"""Two of everything, with a canary in every text: an answer that holds another's canary has leaked.

The world has a side A and a side B: a hospital with its staff, a doctor, a patient, an appointment, and everything that
hangs on them. Every text column of every row gets a canary of its own; only columns named in `PUBLIC` may be read by
everyone. A column that a later change adds is private until it is named there.
"""

import itertools
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from apps.accounts.models import Authenticator, OneTimeSecret, Session
from apps.accounts.roles import Role
from apps.bookings.models import AppointmentEvent, Closure, ExtraHours, PublicHoliday, TimeOff
from apps.common.models import AuditEntry
from apps.hospitals.models import HospitalStaff
from apps.notifications.models import CaughtEmail, Channel, Message, Preference
from tests.factories.accounts import UserFactory
from tests.factories.bookings import AppointmentFactory, DoctorScheduleFactory
from tests.factories.clinical import PatientFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, HospitalStaffFactory

from . import coupons, directory, displaced, feeds, invoiced, paid, record, refunded, rights, settled, subscribed, video

PLATFORM = frozenset({"admin", "other_admin"})
DESK = PLATFORM | {"coordinator", "other_coordinator"}
FRONT = DESK | {"support", "other_support"}
EVERYONE = "everyone"
#: What `World.canary` makes.
CANARY = re.compile(r"kanari\d{4,}x")

#: Text columns that anybody may read, of rows that are listed.
PUBLIC = frozenset(
    {
        "hospitals.specialty.name", "hospitals.specialty.practitioner", "hospitals.specialty.code",
        "hospitals.hospital.name", "hospitals.hospital.description", "hospitals.hospital.city",
        "hospitals.hospital.address", "hospitals.hospital.website", "hospitals.hospital.email",
        "hospitals.hospital.phone", "hospitals.hospital.time_zone", "hospitals.hospital.currency",
        "hospitals.doctor.title", "hospitals.doctor.bio", "hospitals.doctor.currency",
        "hospitals.affiliation.department", "hospitals.affiliation.position",
    }
    | directory.PUBLIC
    | record.PUBLIC
    | subscribed.PUBLIC
)  # fmt: skip
#: Columns whose text is a key or a technical value, not something a person wrote.
TECHNICAL = frozenset(
    {
        "password", "email", "language", "languages", "time_zone", "digest", "currency", "country", "licence_country",
        "number", "code", "phone", "website", "kind", "event", "message_id", "channel", "sent_to",
        "countries", "key", "sha256", "content_type", "extension",
    }
    | record.TECHNICAL
)  # fmt: skip


@dataclass
class World:
    """The rows by name, the actors by name, and for every canary who may read it."""

    rows: dict[str, Any] = field(default_factory=dict)
    actors: dict[str, Any] = field(default_factory=dict)
    audience: dict[str, Any] = field(default_factory=dict)
    _serial: Any = field(default_factory=lambda: itertools.count(1))

    def canary(self, audience: Any) -> str:
        """A text found nowhere else, short enough for any column."""
        text = f"kanari{next(self._serial):04d}x"
        self.audience[text] = audience
        return text

    def texts(self, model: type[models.Model], audience: Any) -> dict[str, str]:
        """A canary for every text column of a model; what the database never lets change is created with them."""
        made = {}
        for column in model._meta.concrete_fields:
            if (
                not isinstance(column, models.CharField | models.TextField)
                or column.choices
                or column.name in TECHNICAL
            ):
                continue
            name = column.name
            base = next(
                (name.removesuffix(f"_{code}") for code in ("en", "ar", "hi", "es", "fr") if name.endswith(f"_{code}")),
                name,
            )
            label = f"{model._meta.label_lower}.{base}"
            made[column.attname] = self.canary(EVERYONE if label in PUBLIC else audience)
        return made

    def mark(self, row: models.Model, audience: Any) -> None:
        """Put a canary into every text column of a row, and save it past every rule."""
        changed = self.texts(type(row), audience)
        if changed:
            type(row)._base_manager.filter(pk=row.pk).update(**changed)
            row.refresh_from_db()

    def audience_of_appointment(self, side: str) -> frozenset[str]:
        return FRONT | {f"patient_{side}", f"doctor_{side}", f"hospital_admin_{side}"}

    def foreign(self, actor: str, text: str) -> set[str]:
        """The canaries in a text that this actor may not read."""
        seen = set(CANARY.findall(text))
        seen |= {canary for canary in self.audience if not CANARY.fullmatch(canary) and canary in text}
        return {
            canary
            for canary in seen & self.audience.keys()
            if self.audience[canary] != EVERYONE and actor not in self.audience[canary]
        }


def build() -> World:
    world = World()
    now = timezone.now()
    for role in (Role.ADMIN, Role.COORDINATOR, Role.SUPPORT, Role.TRANSLATOR):
        world.actors[role.value] = UserFactory(role=role)
        world.actors[f"other_{role.value}"] = UserFactory(role=role)
    directory.build_shared(world, PLATFORM)
    record.build_shared(world, now=now)
    subscribed.build_shared(world)
    for side in "ab":
        _build_side(world, side, now)
        directory.build_side(world, side, front=FRONT, platform=PLATFORM)
        record.build_side(world, side, platform=PLATFORM, desk=DESK, now=now)
        rights.build_side(world, side, platform=PLATFORM, now=now)
        video.build_side(world, side, front=FRONT, now=now)
        feeds.build_side(world, side)
        displaced.build_side(world, side, now=now)
        paid.build_side(world, side, platform=PLATFORM, desk=DESK, now=now)
        refunded.build_side(world, side, desk=DESK, now=now)
        invoiced.build_side(world, side, desk=DESK, everyone=EVERYONE, now=now)
        settled.build_side(world, side, desk=DESK, now=now)
        subscribed.build_side(world, side, platform=PLATFORM, now=now)
    directory.build_package(world, PLATFORM)
    rights.build_shared(world, platform=PLATFORM)
    coupons.build_shared(world, desk=DESK)
    for name, user in world.actors.items():
        _belongings(world, name, user, now)
        world.mark(user, _who_reads_names(name))
    PublicHoliday.objects.create(country="IN", day=date(2020, 1, 26), name=world.canary(EVERYONE))
    caught = CaughtEmail.objects.create(message_id="<1@test>", to="x@example.com", subject="s", text="t")
    world.mark(caught, PLATFORM)
    world.rows["caught_email"] = caught
    world.rows["audit_entry"] = AuditEntry.objects.create(
        at=now,
        action=world.canary(PLATFORM),
        object_type="x",
        object_id="1",
        changes={},
        address="",
        user_agent="",
        request_id="",
    )
    return world


def _who_reads_names(name: str) -> Any:
    """Names of patients and staff are for themselves, the desk, and who shares an appointment; doctors' are public."""
    if name.startswith("doctor_"):
        return EVERYONE
    if name.startswith("patient_"):
        side = name[-1]
        return FRONT | {name, f"doctor_{side}", f"hospital_admin_{side}"}
    return FRONT | {name}


def _build_side(world: World, side: str, now: datetime) -> None:
    hospital = HospitalFactory()
    staff = HospitalStaffFactory(hospital=hospital)
    doctor = DoctorFactory(licence__expires_on=date(2040, 1, 1))
    affiliation = AffiliationFactory(doctor=doctor, hospital=hospital)
    schedule = DoctorScheduleFactory(affiliation=affiliation)
    patient = PatientFactory()
    parties = {f"patient_{side}", f"doctor_{side}", f"hospital_admin_{side}"}
    starts_at = datetime(2031, 1, 6 if side == "a" else 7, 3, 30, tzinfo=UTC)
    appointment = AppointmentFactory(
        affiliation=affiliation, patient=patient, starts_at=starts_at, booked_by=patient.user, fee=1500, currency="INR"
    )
    event = AppointmentEvent.objects.create(
        appointment=appointment, to_status="requested", by=patient.user, at=now, note=world.canary(FRONT | parties)
    )
    time_off = TimeOff.objects.create(
        doctor=doctor, starts_at=now + timedelta(days=300), ends_at=now + timedelta(days=301)
    )
    closure = Closure.objects.create(
        hospital=hospital, starts_on=date(2032, 3, 1), ends_on=date(2032, 3, 2),
        reason=world.canary(FRONT | {f"hospital_admin_{side}", f"doctor_{side}"}),
    )  # fmt: skip
    ExtraHours.objects.create(schedule=schedule, day=date(2032, 3, 8), starts=time(18), ends=time(19))
    pending = DoctorFactory(verification="pending", user__role=Role.DOCTOR)
    pending_affiliation = AffiliationFactory(doctor=pending, hospital=hospital, status="pending", is_primary=False)

    world.actors |= {
        f"patient_{side}": patient.user,
        f"doctor_{side}": doctor.user,
        f"hospital_admin_{side}": staff.user,
    }
    rows = {
        "hospital": hospital, "doctor": doctor, "patient": patient, "affiliation": affiliation,
        "appointment": appointment, "schedule": schedule, "weekly_hours": schedule.weekly_hours.first(),
        "time_off": time_off, "closure": closure, "event": event,
        "staff_link": HospitalStaff.objects.get(user=staff.user), "pending_doctor": pending,
    }  # fmt: skip
    world.rows |= {f"{name}_{side}": row for name, row in rows.items()}
    working_at = {f"doctor_{side}", f"hospital_admin_{side}"}
    world.mark(hospital, FRONT | {f"hospital_admin_{side}"} | {"translator", "other_translator"})
    world.mark(doctor, FRONT | working_at)
    world.mark(affiliation, FRONT | working_at)
    world.mark(patient, FRONT | parties)
    world.mark(schedule, FRONT | working_at)
    world.mark(time_off, FRONT | working_at)
    world.mark(closure, FRONT | working_at)
    world.mark(appointment, FRONT | parties)
    world.mark(pending, FRONT | {f"hospital_admin_{side}"})
    world.mark(pending_affiliation, FRONT | {f"hospital_admin_{side}"})
    world.mark(pending.user, FRONT | {f"hospital_admin_{side}"})


def _belongings(world: World, name: str, user: Any, now: datetime) -> None:
    """What everybody has: a session, a secret, a message in the app and one by e-mail, a preference."""
    session = Session.objects.create(user=user, rotated_at=now, last_seen_at=now, expires_at=now + timedelta(days=7))
    world.mark(session, PLATFORM | {name})
    OneTimeSecret.objects.create(
        user=user, purpose="verify_email", sent_to=user.email, digest="0" * 64, expires_at=now + timedelta(minutes=10)
    )
    for channel in (Channel.IN_APP, Channel.EMAIL):
        text = world.canary(FRONT | {name})
        message = Message.objects.create(
            recipient=user, channel=channel, kind="announcement", event=f"world:{name}:{channel}", due_at=now,
            context={"title": text, "body": text},
        )  # fmt: skip
        world.rows[f"message_{channel}_{name}"] = message
    world.mark(Authenticator.objects.create(user=user, confirmed=False), frozenset())
    Preference.objects.create(user=user, kind="announcement", channel=Channel.EMAIL, is_wanted=True)
    world.rows[f"session_{name}"] = session
    world.rows[f"user_{name}"] = user


def text_models() -> set[str]:
    """Every model of ours that holds text: the world must hold a row of each, or canaries prove nothing."""
    return {
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith("apps.")
        and any(isinstance(column, models.CharField | models.TextField) for column in model._meta.concrete_fields)
    }
