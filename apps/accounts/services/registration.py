"""How a person comes in: registering, being added by an admin, proving the address and the phone."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.accounts import exceptions, notifications, rules, signals
from apps.accounts.models import Session, User
from apps.accounts.roles import SELF_REGISTERED_ROLES
from apps.common import audit
from apps.common.api import errors
from apps.common.exceptions import Invalid, raise_if
from apps.common.throttling import Limit

from . import passwords, secrets, sessions
from .secrets import Purpose
from .sessions import Origin

#: Codes are asked for this often for one account, and tried this often from one address.
CODE_REQUEST_LIMIT = Limit("code.request", attempts=5, seconds=60 * 60)
CODE_ADDRESS_LIMIT = Limit("code.address", attempts=50, seconds=15 * 60)

CODE_MINUTES = int(rules.CODE_LIFETIME.total_seconds() // 60)


def register(
    *,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    role: str,
    phone: str = "",
    language: str = settings.LANGUAGE_CODE,
    time_zone: str = "UTC",
    details: Mapping[str, Any] | None = None,
    origin: Origin,
) -> Session:
    """A patient or doctor has an account with a profile, is signed in, and gets a welcome with a code for the address.

    All of it or nothing. `details` go to the profile. Raises CannotRegisterAs, Invalid for a weak password, EmailTaken.
    """
    now = timezone.now()
    refusal = rules.why_not_register_as(role)
    if refusal:
        raise refusal
    person = User(email=email.strip().lower(), first_name=first_name, last_name=last_name)
    passwords.check_strength(password, user=person)
    password_hash = make_password(password)  # a tenth of a second: before the transaction, not in it
    with transaction.atomic():
        user = create_user(
            email=email,
            first_name=first_name,
            last_name=last_name,
            role=role,
            phone=phone,
            language=language,
            time_zone=time_zone,
            details=details,
            password_hash=password_hash,
        )
        _secret, code = secrets.issue_code(user, Purpose.VERIFY_EMAIL, sent_to=user.email, now=now)
        notifications.welcome(user, code=code, minutes=CODE_MINUTES)
        session = sessions.open_session(user, origin=origin, now=now)
        audit.record("registered", user, actor=user)
    return session


@transaction.atomic
def create_user(
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    phone: str = "",
    language: str = settings.LANGUAGE_CODE,
    time_zone: str = "UTC",
    details: Mapping[str, Any] | None = None,
    password_hash: str | None = None,
    is_email_verified: bool = False,
) -> User:
    """There is an account with the profile of its role; nobody is told.

    Without `password_hash` (from `make_password`) it cannot be signed in to until a password is set by a link. Raises
    EmailTaken, and what the profile's app refuses in `details`.
    """
    now = timezone.now()
    email = email.strip().lower()
    user = User(
        email=email,
        first_name=first_name,
        last_name=last_name,
        role=role,
        phone=phone,
        language=language,
        time_zone=time_zone,
        password=password_hash if password_hash is not None else make_password(None),
        email_verified_at=now if is_email_verified else None,
    )
    try:
        with transaction.atomic():  # of two at once the second waits here for the first, and is refused
            user.save(force_insert=True)
    except IntegrityError as error:
        if User.objects.by_email(email).exists():
            raise exceptions.EmailTaken(errors={"email": [exceptions.EmailTaken.message]}) from error
        raise
    _make_profile(user, details or {})
    return user


def _make_profile(user: User, details: Mapping[str, Any]) -> None:
    """Raises Invalid, its errors named `details.…`, and ProfileMissing."""
    try:
        answers = signals.user_registered.send(sender=User, user=user, details=dict(details))
    except (Invalid, ValidationError) as error:
        refusal = errors.as_refusal(error) or Invalid()
        raise Invalid(
            errors={f"{rules.DETAILS_PREFIX}{name}": texts for name, texts in refusal.errors.items()}
        ) from error
    made = [profile for _receiver, profile in answers if profile is not None]
    if user.role in SELF_REGISTERED_ROLES and not made:
        raise exceptions.ProfileMissing(f"no app makes a profile for the role {user.role}")


@transaction.atomic
def invite_user(
    *,
    email: str,
    first_name: str,
    last_name: str,
    role: str,
    by: User,
    phone: str = "",
    language: str = settings.LANGUAGE_CODE,
    time_zone: str = "UTC",
    details: Mapping[str, Any] | None = None,
) -> User:
    """There is an account without a password, and its person gets a link, good for 72 hours, to set one.

    Platform admins invite, and coordinators patients. Raises Forbidden, EmailTaken, and what the profile's app refuses
    in `details`.
    """
    raise_if(rules.why_not_invite_as(role, by=by))
    user = create_user(
        email=email,
        first_name=first_name,
        last_name=last_name,
        role=role,
        phone=phone,
        language=language,
        time_zone=time_zone,
        details=details,
    )
    send_invitation(user, by=by)
    return user


@transaction.atomic
def send_invitation(user: User, *, by: User) -> None:
    """The person gets a link, good for 72 hours, to set a first password; earlier links no longer work.

    Raises Forbidden, AlreadySetUp.
    """
    now = timezone.now()
    refusal = rules.why_not_invite(user, by=by)
    if refusal:
        raise refusal
    lifetime = rules.INVITATION_LIFETIME
    secret, token = secrets.issue_link(user, Purpose.ACCEPT_INVITATION, lifetime=lifetime, now=now)
    notifications.invitation(
        user,
        secret_id=secret.pk,
        link=passwords.link_for(user, token),
        hours=int(lifetime.total_seconds() // 3600),
        invited_by=by.full_name,
    )
    audit.record("invited", user, actor=by)


def verify_email(*, email: str, code: str, address: str) -> User:
    """The e-mail address is the person's: they typed the code sent to it.

    Five wrong tries use a code up. Raises CodeInvalid, for an unknown address too.
    """
    now = timezone.now()
    CODE_ADDRESS_LIMIT.take(rules.network_of(address))
    with transaction.atomic():
        user = User.objects.by_email(email).select_for_update(no_key=True).first()
        is_right = user is not None and secrets.try_code(
            user, Purpose.VERIFY_EMAIL, sent_to=user.email, code=code, now=now
        )
        if user is not None and is_right:
            user.email_verified_at = user.email_verified_at or now
            user.save(update_fields=["email_verified_at", "updated_at"])
    # Raised after the block, so that the try stays counted.
    if user is None or not is_right:
        raise exceptions.CodeInvalid()
    return user


def resend_verification(*, email: str, address: str) -> None:
    """Whoever has an account with this address that is not verified gets a new code; the caller learns nothing."""
    now = timezone.now()
    email = email.strip().lower()
    CODE_ADDRESS_LIMIT.take(rules.network_of(address))
    CODE_REQUEST_LIMIT.take(f"email:{email}")
    unverified = User.objects.by_email(email).filter(is_active=True, email_verified_at=None)
    with passwords.one_or_nobody(unverified) as user:
        secret, code = secrets.issue_code(user, Purpose.VERIFY_EMAIL, sent_to=user.email, now=now)
        notifications.verification_code(user, secret_id=secret.pk, code=code, minutes=CODE_MINUTES)


def send_phone_code(user: User) -> None:
    """A code goes to the phone of the profile.

    Raises NoPhone, PhoneAlreadyVerified, and ChannelUnavailable where no SMS provider is set up.
    """
    now = timezone.now()
    if not user.phone:
        raise exceptions.NoPhone()
    if user.phone_verified_at is not None:
        raise exceptions.PhoneAlreadyVerified()
    CODE_REQUEST_LIMIT.take(f"phone:{user.pk}")
    with transaction.atomic():
        secret, code = secrets.issue_code(user, Purpose.VERIFY_PHONE, sent_to=str(user.phone), now=now)
        notifications.phone_code(user, secret_id=secret.pk, code=code, minutes=CODE_MINUTES)


def verify_phone(user: User, *, code: str, address: str) -> User:
    """The phone number is the person's: they typed the code sent to it. Raises CodeInvalid."""
    now = timezone.now()
    CODE_ADDRESS_LIMIT.take(rules.network_of(address))
    with transaction.atomic():
        user = User.objects.lock(user.pk)
        is_right = secrets.try_code(user, Purpose.VERIFY_PHONE, sent_to=str(user.phone), code=code, now=now)
        if is_right:
            user.phone_verified_at = now
            user.save(update_fields=["phone_verified_at", "updated_at"])
    if not is_right:
        raise exceptions.CodeInvalid()
    return user
