"""The second factor: a code from an authenticator app (TOTP, RFC 6238), or one of ten recovery codes.

Enrolling makes an unconfirmed device; the first right code confirms it and gives the recovery codes, which are shown
once and kept as keyed hashes. Attempts are limited per person, whichever page or app they come from.
"""

import base64
from io import BytesIO
from typing import Any

import segno
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken

from apps.common import audit, ids
from apps.common.throttling import Limit

from . import exceptions
from .models import Authenticator, User

RECOVERY_CODES = 10
RECOVERY_CODE_LENGTH = 10
TOTP_DIGITS = 6
DEVICE_NAME = "authenticator"
#: Five wrong codes within a quarter of an hour close the second factor for a quarter of an hour.
LIMIT = Limit("second_factor", attempts=5, seconds=15 * 60, lock_seconds=15 * 60)


def is_required(user: User) -> bool:
    """Whether this person's role may not work in the admin without a second factor."""
    return user.role in settings.SECOND_FACTOR_REQUIRED_ROLES


def is_enrolled(user: User) -> bool:
    return Authenticator.objects.filter(user=user, confirmed=True).exists()


def recovery_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user, device__confirmed=True).count()


def begin(user: User, *, begun: int | None = None) -> Authenticator:
    """The device that the person is setting up, the one `begun` in the same browser: a reload keeps its secret.

    Anything begun elsewhere is void: whoever else had the password and saw that secret is not to know the one in use.
    """
    with transaction.atomic():
        User.objects.lock(user.pk)
        waiting = Authenticator.objects.filter(user=user, confirmed=False)
        waiting.exclude(pk=begun).delete()
        return waiting.first() or Authenticator.objects.create(user=user, name=DEVICE_NAME, confirmed=False)


def secret_of(device: Authenticator) -> str:
    """The secret as people type it into an app: base 32 in groups of four."""
    text = base64.b32encode(device.bin_key).decode().rstrip("=")
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def qr_code(device: Authenticator) -> str:
    """The device's set-up address as an SVG picture."""
    picture = BytesIO()
    segno.make(device.config_url, error="m").save(
        picture, kind="svg", scale=5, border=3, dark="#0f172a", light="#ffffff", xmldecl=False, svgns=True
    )
    return picture.getvalue().decode()


def confirm(user: User, code: str) -> list[str]:
    """The device that was being set up is the person's second factor from now on; the answer is their recovery codes.

    Raises SecondFactorWrong, TooMany.
    """
    LIMIT.take(str(user.pk))
    with transaction.atomic():
        User.objects.lock(user.pk)
        device = Authenticator.objects.select_for_update().filter(user=user, confirmed=False).first()
        if device is None or not _accepts(device, code):
            codes = None
        else:
            Authenticator.objects.filter(user=user, confirmed=True).delete()
            Authenticator.objects.filter(pk=device.pk).update(confirmed=True)
            codes = _new_recovery_codes(user)
            audit.record("second_factor.enrolled", user, actor=user)
    if codes is None:
        audit.record("second_factor.failed", user, actor=user)
        raise exceptions.SecondFactorWrong()
    LIMIT.forgive(str(user.pk))
    return codes


def verify(user: User, code: str) -> Any:
    """The device that accepts the code: the authenticator, or the recovery codes, of which this one is then used up.

    A code is good once. Raises SecondFactorWrong, and TooMany after five wrong ones.
    """
    LIMIT.take(str(user.pk))
    with transaction.atomic():
        device = _matching_device(user, code)
    if device is None:
        audit.record("second_factor.failed", user, actor=user)
        raise exceptions.SecondFactorWrong()
    LIMIT.forgive(str(user.pk))
    return device


def renew_recovery_codes(user: User, code: str) -> list[str]:
    """Ten new recovery codes; the old ones no longer work. Raises SecondFactorWrong, TooMany."""
    verify(user, code)
    with transaction.atomic():
        User.objects.lock(user.pk)
        codes = _new_recovery_codes(user)
        audit.record("second_factor.recovery_codes_renewed", user, actor=user)
    return codes


def switch_off(user: User, code: str) -> None:
    """The person signs in with the password alone again.

    Raises SecondFactorNeeded, SecondFactorWrong, TooMany.
    """
    if is_required(user):
        raise exceptions.SecondFactorNeeded()
    verify(user, code)
    reset(user, by=user)


def reset(user: User, *, by: User) -> None:
    """All of the person's devices and recovery codes are gone, as after a lost phone; a required role enrols again."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()
        audit.record("second_factor.removed", user, actor=by)


def remove_lost(user: User, *, by: User) -> None:
    """An admin helps another person who lost the phone; one's own is switched off with its code.

    Raises SecondFactorRequired.
    """
    if user.pk == by.pk:
        raise exceptions.SecondFactorRequired()
    reset(user, by=by)


def _matching_device(user: User, code: str) -> Any:
    """Under the devices' row locks, so that one code never lets two parallel requests in."""
    typed = _normalised(code)
    if typed.isdecimal() and len(typed) == TOTP_DIGITS:
        devices = Authenticator.objects.select_for_update().filter(user=user, confirmed=True)
        return next((device for device in devices if _accepts(device, typed)), None)
    devices = StaticDevice.objects.select_for_update().filter(user=user, confirmed=True)
    return next((device for device in devices if device.verify_token(_recovery_digest(user, typed))), None)


def _accepts(device: Authenticator, code: str) -> bool:
    typed = _normalised(code)
    return typed.isascii() and typed.isdecimal() and device.verify_token(typed)


def _normalised(code: str) -> str:
    return "".join(code.split()).replace("-", "").upper()[:64]


def _new_recovery_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery codes", confirmed=True)
    codes = [ids.random_code(RECOVERY_CODE_LENGTH) for _number in range(RECOVERY_CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_recovery_digest(user, code)) for code in codes)
    half = RECOVERY_CODE_LENGTH // 2
    return [f"{code[:half]}-{code[half:]}" for code in codes]


def _recovery_digest(user: User, code: str) -> str:
    """Sixteen characters, the width of django-otp's column: 80 bits of an HMAC under a key made from SECRET_KEY."""
    digest = salted_hmac(f"medivoy.accounts.recovery.{user.pk}", code, algorithm="sha256").digest()
    return base64.b32encode(digest[:10]).decode()
