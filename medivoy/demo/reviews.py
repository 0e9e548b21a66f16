"""Room: what patients say of completed appointments, verified by support, and answered by the doctors."""

import random
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import User
from apps.bookings import services as booking_services
from apps.bookings.models import Appointment, Review
from apps.bookings.workflow import AppointmentStatus, ReviewStatus

from . import casting, clock, sources, staff

#: Of those who were asked so many answer; of these so many write nothing beside the stars.
SHARE_REVIEWED = 0.75
SHARE_WITHOUT_TEXT = 0.15
#: Stars without a text, and how often each is given (in hundredths).
STARS = {5: 58, 4: 30, 3: 8, 2: 3, 1: 1}
WRITTEN_AFTER_HOURS = (3, 90)
VERIFIED_AFTER_HOURS = (2, 30)
ANSWERED_AFTER_HOURS = (5, 70)
#: The newest so many wait to be verified; the next is one that support has refused.
WAITING = 6
REFUSED_BECAUSE = "It names another patient. We have asked the writer to send it again without the name."


def load(now: datetime) -> int:
    chance = casting.dice("reviews")
    unused = _texts_by_language(chance)
    support = User.objects.by_email(staff.SUPPORT).get()
    # From the newest on: those that wait, and those that are read first, are the ones with texts.
    written = [_write(appointment, at, unused, chance) for appointment, at in _reviewed(now, chance)]
    for number, (review, at, reply) in enumerate(written):
        if number < WAITING:
            continue
        verified = at + _hours(VERIFIED_AFTER_HOURS, chance)
        _verify(review, support, min(verified, now), refused=number == WAITING)
        answered = verified + _hours(ANSWERED_AFTER_HOURS, chance)
        if reply and number > WAITING and answered < now:
            doctor = review.doctor.user
            with clock.acting(doctor, answered):
                booking_services.reply_to_review(review.pk, by=doctor, text=reply)
    return len(written)


def _reviewed(now: datetime, chance: random.Random) -> list[tuple[Appointment, datetime]]:
    """The appointments that are reviewed and when, the newest first."""
    completed = Appointment.objects.filter(status=AppointmentStatus.COMPLETED).select_related("patient__user")
    found = []
    for appointment in completed.order_by("starts_at", "number"):
        at = appointment.ends_at + _hours(WRITTEN_AFTER_HOURS, chance)
        if chance.random() < SHARE_REVIEWED and at < now:
            found.append((appointment, at))
    return sorted(found, key=lambda pair: pair[1], reverse=True)


def _write(
    appointment: Appointment, at: datetime, unused: dict[str, list[dict[str, Any]]], chance: random.Random
) -> tuple[Review, datetime, str]:
    """The review, when it was written, and what the doctor will answer."""
    by = appointment.patient.user
    texts = unused.get(by.language, [])
    if texts and chance.random() >= SHARE_WITHOUT_TEXT:
        said = texts.pop()
    else:
        said = {"rating": chance.choices(list(STARS), weights=list(STARS.values()))[0], "text": "", "reply": ""}
    with clock.acting(by, at):
        review = booking_services.submit_review(appointment.pk, by=by, rating=said["rating"], text=said["text"])
    return review, at, said["reply"]


def _verify(review: Review, by: User, at: datetime, *, refused: bool) -> None:
    status, reason = (ReviewStatus.REJECTED, REFUSED_BECAUSE) if refused else (ReviewStatus.PUBLISHED, "")
    with clock.acting(by, at):
        booking_services.moderate_review(review.pk, status, by=by, reason=reason)


def _texts_by_language(chance: random.Random) -> dict[str, list[dict[str, Any]]]:
    texts: dict[str, list[dict[str, Any]]] = {}
    for row in sources.reviews():
        texts.setdefault(row["language"], []).append(row)
    for rows in texts.values():
        chance.shuffle(rows)
    return texts


def _hours(bounds: tuple[int, int], chance: random.Random) -> timedelta:
    return timedelta(minutes=chance.randint(bounds[0] * 60, bounds[1] * 60))
