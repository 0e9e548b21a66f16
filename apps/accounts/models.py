"""People who sign in, their sessions, the secrets sent to them, and their second factor."""

import base64
import time
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device, DeviceManager
from django_otp.oath import TOTP
from django_otp.util import random_hex
from phonenumber_field.modelfields import PhoneNumberField

from apps.common import audit, encryption, ids, wall_time
from apps.common.models import BaseModel
from apps.common.querysets import ScopedQuerySet
from apps.media.models import StoredFile

from . import querysets, roles
from .roles import Role
from .validators import validate_name


class UserManager(BaseUserManager.from_queryset(querysets.UserQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email=email.strip().lower())

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        """For `manage.py createsuperuser`: a platform admin with a verified address."""
        user = self.model(email=email.strip().lower(), role=Role.ADMIN, **fields)
        user.set_password(password)
        user.save()
        return user


class User(AbstractBaseUser, BaseModel):
    """One person who can sign in. The e-mail, in lower case, is the login."""

    email = models.EmailField(
        _("e-mail"), max_length=254, unique=True, error_messages={"unique": _("This e-mail address is taken.")}
    )
    email_verified_at = models.DateTimeField(_("e-mail verified at"), null=True, blank=True)
    phone = PhoneNumberField(_("phone"), blank=True, help_text=_("International form, such as +44 20 7946 0018."))
    phone_verified_at = models.DateTimeField(_("phone verified at"), null=True, blank=True)
    first_name = models.CharField(_("first name"), max_length=100, validators=[validate_name])
    last_name = models.CharField(_("last name"), max_length=100, validators=[validate_name])
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.PATIENT)
    is_active = models.BooleanField(_("active"), default=True, help_text=_("Inactive people cannot sign in."))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC", validators=[wall_time.validate_zone])
    picture = models.ForeignKey(
        StoredFile, verbose_name=_("picture"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["first_name", "last_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_is_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["role", "-created_at"], name="user_by_role"),
            models.Index(fields=["-created_at"], name="user_latest"),
            models.Index(fields=["last_name", "first_name"], name="user_by_name"),
            models.Index(fields=["-created_at"], name="user_inactive", condition=models.Q(is_active=False)),
            GinIndex(querysets.USER_WORDS, name="user_by_words"),
        ]
        triggers: ClassVar = [audit.tracked(masked=["password"], ignored=["last_login"])]

    def __str__(self) -> str:
        return self.full_name or self.email

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_full_name(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.first_name

    @property
    def is_staff(self) -> bool:
        """Whether this person works in the admin."""
        return self.is_active and self.role in roles.STAFF_ROLES

    @property
    def is_platform_admin(self) -> bool:
        return self.is_active and self.role == Role.ADMIN

    @property
    def is_superuser(self) -> bool:
        """Nobody passes by the roles: what an admin may do is written in their charter too."""
        return False

    def has_perm(self, permission: str, obj: models.Model | None = None) -> bool:
        return self.is_active and roles.allows(self.role, permission)

    def has_perms(self, permissions: list[str], obj: models.Model | None = None) -> bool:
        return all(self.has_perm(permission, obj) for permission in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and roles.allows_app(self.role, app_label)


class Session(BaseModel):
    """One signed-in device. Refresh tokens rotate within it; ending it ends every token made in it at once."""

    class End(models.TextChoices):
        SIGNED_OUT = "signed_out", _("Signed out")
        REVOKED = "revoked", _("Signed out from another place")
        TOKEN_REUSED = "token_reused", _("A used refresh token came again")
        PASSWORD_CHANGED = "password_changed", _("The password was changed")
        DEACTIVATED = "deactivated", _("The account was deactivated")

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="sessions")
    current_jti = models.UUIDField(_("current refresh token"), default=ids.uuid7)
    previous_jti = models.UUIDField(_("previous refresh token"), null=True, blank=True)
    rotated_at = models.DateTimeField(_("rotated at"))
    device = models.CharField(_("device"), max_length=120, blank=True)
    user_agent = models.CharField(_("user agent"), max_length=200, blank=True)
    address = models.GenericIPAddressField(_("address"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("last seen at"))
    expires_at = models.DateTimeField(_("expires at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.CharField(_("why ended"), max_length=20, choices=End.choices, blank=True)

    objects = querysets.SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        ordering: ClassVar = ["-last_seen_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, end_reason="")
                | models.Q(ended_at__isnull=False) & ~models.Q(end_reason=""),
                name="session_end_has_a_reason",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-last_seen_at"], name="session_by_user"),
            models.Index(fields=["expires_at"], name="session_by_expiry"),
        ]
        triggers: ClassVar = [
            audit.tracked(ignored=["last_seen_at", "current_jti", "previous_jti", "rotated_at", "expires_at"])
        ]

    def __str__(self) -> str:
        return self.device or self.user_agent or str(self.pk)


class OneTimeSecret(BaseModel):
    """A code or token sent to a person, kept as a keyed hash: to verify an address or phone, to set a password."""

    class Purpose(models.TextChoices):
        VERIFY_EMAIL = "verify_email", _("Verify e-mail")
        VERIFY_PHONE = "verify_phone", _("Verify phone")
        RESET_PASSWORD = "reset_password", _("Reset password")
        ACCEPT_INVITATION = "accept_invitation", _("Accept invitation")

    user = models.ForeignKey(User, verbose_name=_("person"), on_delete=models.CASCADE, related_name="secrets")
    purpose = models.CharField(_("purpose"), max_length=20, choices=Purpose.choices)
    sent_to = models.CharField(_("sent to"), max_length=254)
    digest = models.CharField(_("digest"), max_length=64)
    expires_at = models.DateTimeField(_("expires at"))
    failed_attempts = models.PositiveSmallIntegerField(_("failed attempts"), default=0)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    objects = querysets.OwnedQuerySet.as_manager()

    class Meta:
        verbose_name = _("one-time secret")
        verbose_name_plural = _("one-time secrets")
        indexes: ClassVar = [
            models.Index(fields=["user", "purpose", "-created_at"], name="secret_by_user"),
            models.Index(fields=["digest"], name="secret_by_digest"),
            models.Index(fields=["expires_at"], name="secret_by_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.sent_to}"


def new_key() -> str:
    """160 random bits in hexadecimal, as RFC 4226 asks for."""
    return random_hex(20)


class Authenticator(Device):
    """A person's authenticator app (TOTP, RFC 6238): the secret that it shares with us, and the last code used.

    In the place of django-otp's TOTPDevice, which keeps the secret in clear. Attempts are limited by `second_factor`.
    """

    #: Seconds that a code is shown for, its digits, and how many codes before and after the present one are accepted.
    STEP, DIGITS, TOLERANCE = 30, 6, 1

    key = encryption.EncryptedTextField(_("secret"), max_length=80, default=new_key)
    drift = models.SmallIntegerField(_("steps by which its clock is ahead"), default=0)
    last_t = models.BigIntegerField(_("step of the last code"), default=-1)

    #: Nobody's to see: the base scope denies everyone.
    objects = DeviceManager.from_queryset(ScopedQuerySet)()

    class Meta:
        verbose_name = _("authenticator app")
        verbose_name_plural = _("authenticator apps")
        triggers: ClassVar = [audit.tracked(masked=["key"], ignored=["drift", "last_t"])]

    @property
    def bin_key(self) -> bytes:
        return bytes.fromhex(self.key)

    def verify_token(self, token: str) -> bool:
        """Whether this is a code of the app and none that was used before; then it is used. Call it under the row's
        lock."""
        totp = TOTP(self.bin_key, self.STEP, 0, self.DIGITS, self.drift)
        totp.time = time.time()
        if not totp.verify(int(token), self.TOLERANCE, self.last_t + 1):
            return False
        self.last_t, self.drift = totp.t(), totp.drift
        self.save(update_fields=["last_t", "drift"])
        return True

    @property
    def config_url(self) -> str:
        """What the app reads from the picture: https://github.com/google/google-authenticator/wiki/Key-Uri-Format."""
        issuer = settings.OTP_TOTP_ISSUER
        secret = base64.b32encode(self.bin_key).decode()
        given = {"secret": secret, "algorithm": "SHA1", "digits": self.DIGITS, "period": self.STEP}
        label = f"{issuer}:{self.user.get_username()}"
        return f"otpauth://totp/{quote(label)}?{urlencode(given)}&issuer={quote(issuer)}"
