"""Room: the platform's own people, one of each role and some coordinators more."""

import functools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from apps.accounts import services as account_services
from apps.accounts.models import User
from apps.accounts.roles import Role
from apps.hospitals.models import Hospital

from . import casting, clock

#: Public on purpose: the demo prints it, and is refused in production.
PASSWORD = "Medivoy-demo-26!"  # noqa: S105

ADMIN = f"admin@{casting.DOMAIN}"
COORDINATOR = f"coordinator@{casting.DOMAIN}"
SUPPORT = f"support@{casting.DOMAIN}"
TRANSLATOR = f"translator@{casting.DOMAIN}"


@dataclass(frozen=True)
class Post:
    """A desk of the platform: its role, its address (None: the person's own), and where its person comes from."""

    role: Role
    country: str
    email: str | None = None


POSTS = (
    Post(Role.ADMIN, "GB", ADMIN),
    Post(Role.COORDINATOR, "IN", COORDINATOR),
    Post(Role.COORDINATOR, "TR"),
    Post(Role.COORDINATOR, "EG"),
    Post(Role.SUPPORT, "KE", SUPPORT),
    Post(Role.TRANSLATOR, "JO", TRANSLATOR),
)


@functools.cache
def password_hash() -> str:
    """The demo's one password, hashed once: a tenth of a second, not half a minute for everybody."""
    return make_password(PASSWORD)


def account(
    person: casting.Person,
    role: Role,
    *,
    at: datetime,
    email: str | None = None,
    verified: bool = True,
    birth_date: date | None = None,
    hospital: Hospital | None = None,
) -> User:
    """The person has had an account since `at`, with the profile of the role."""
    details: dict[str, Any] = {}
    if role == Role.PATIENT:
        details = {"gender": person.gender, "country": person.country, "city": person.city, "birth_date": birth_date}
    elif hospital is not None:
        details = {"hospital_id": hospital.pk}
    with clock.standing_at(at):
        return account_services.create_user(
            email=email or person.email,
            first_name=person.first_name,
            last_name=person.last_name,
            role=role,
            phone=person.phone,
            language=person.language,
            time_zone=person.time_zone,
            details=details,
            password_hash=password_hash(),
            is_email_verified=verified,
        )


def load(now: datetime) -> int:
    """The platform's people have worked here since before the first hospital came."""
    cast = casting.Cast(casting.dice("staff"), casting.DOMAIN)
    for number, post in enumerate(POSTS):
        since = now - timedelta(days=430 - number)
        account(cast.person(post.country), post.role, at=since, email=post.email)
    return len(POSTS)


def admin() -> User:
    return User.objects.by_email(ADMIN).get()


def coordinators() -> list[User]:
    return list(User.objects.filter(role=Role.COORDINATOR).order_by("email"))
