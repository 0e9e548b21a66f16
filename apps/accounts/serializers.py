"""Shapes of accounts in the API."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_field
from phonenumber_field.serializerfields import PhoneNumberField
from rest_framework import serializers

from apps.common import wall_time
from apps.media import links
from apps.media.serializers import PictureSerializer

from . import tokens
from .models import Session, User
from .roles import SELF_REGISTERED_ROLES, Role
from .validators import MAX_LENGTH, MIN_LENGTH, validate_name

#: What a person can register as.
REGISTRATION_ROLES = [(role.value, role.label) for role in Role if role in SELF_REGISTERED_ROLES]


class EmailInput(serializers.EmailField):
    """An e-mail address as the login: in lower case."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        return super().to_internal_value(data).lower()


class NameInput(serializers.CharField):
    """A name as people write it; no control characters, which would break lines in messages and lists."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=100, validators=[validate_name], **kwargs)


class PasswordInput(serializers.CharField):
    """A password that was set before: anything, as typed."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 1024)
        super().__init__(trim_whitespace=False, write_only=True, style={"input_type": "password"}, **kwargs)


class NewPasswordInput(PasswordInput):
    """A password to be set: its strength is checked by the service, beside the person's own data."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=MAX_LENGTH,
            help_text=f"{MIN_LENGTH} to {MAX_LENGTH} characters, with a lower-case and an upper-case letter, a digit "
            "and a special character; not a common one, nor like the person's own data.",
            **kwargs,
        )


class CodeInput(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=12, help_text="The six characters; upper or lower case.", **kwargs)


class TimeZoneInput(serializers.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=64, validators=[wall_time.validate_zone], help_text="Such as Asia/Kolkata.", **kwargs
        )


# --- Answers ---------------------------------------------------------------------------------------------------------


class UserDetail(serializers.ModelSerializer):
    """An account, as its person and platform admins see it."""

    is_email_verified = serializers.SerializerMethodField()
    is_phone_verified = serializers.SerializerMethodField()
    last_sign_in_at = serializers.DateTimeField(source="last_login", read_only=True, allow_null=True)
    picture = serializers.SerializerMethodField()

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "is_email_verified",
            "phone",
            "is_phone_verified",
            "first_name",
            "last_name",
            "full_name",
            "role",
            "is_active",
            "language",
            "time_zone",
            "picture",
            "last_sign_in_at",
            "created_at",
        )
        read_only_fields = fields

    def get_is_email_verified(self, user: User) -> bool:
        return user.email_verified_at is not None

    def get_is_phone_verified(self, user: User) -> bool:
        return user.phone_verified_at is not None

    @extend_schema_field(PictureSerializer(allow_null=True))
    def get_picture(self, user: User) -> dict[str, Any] | None:
        return links.picture_of(user.picture)


class TokenPair(serializers.Serializer):
    """The two tokens of a device. `refresh` works once; the answer to it brings the next pair."""

    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)
    access_expires_at = serializers.DateTimeField(read_only=True)
    refresh_expires_at = serializers.DateTimeField(read_only=True)
    session_id = serializers.UUIDField(read_only=True)


class SignedIn(TokenPair):
    """A token pair and whose it is."""

    user = UserDetail(read_only=True)


class SessionDetail(serializers.ModelSerializer):
    """A device that is signed in."""

    is_current = serializers.SerializerMethodField(help_text="Whether this is the device that asks.")

    class Meta:
        model = Session
        fields = ("id", "device", "user_agent", "address", "created_at", "last_seen_at", "expires_at", "is_current")
        read_only_fields = fields

    def get_is_current(self, session: Session) -> bool:
        return session.pk == self.context["request"].auth.pk


class SignedOut(serializers.Serializer):
    ended_sessions = serializers.IntegerField(read_only=True)


# --- Inputs ----------------------------------------------------------------------------------------------------------


class PersonInput(serializers.Serializer):
    """What is said of a person when the account is made."""

    email = EmailInput()
    first_name = NameInput()
    last_name = NameInput()
    phone = PhoneNumberField(required=False, allow_blank=True, help_text="E.164, such as +442079460018.")
    language = serializers.ChoiceField(
        choices=settings.LANGUAGES, required=False, help_text="Of messages; that of the request when it is not said."
    )
    time_zone = TimeZoneInput(required=False)
    details = serializers.DictField(
        child=serializers.CharField(max_length=200, allow_blank=True),
        required=False,
        help_text="For the profile: a patient's `country`, `city`, `birth_date`, `gender`.",
    )


class RegisterInput(PersonInput):
    role = serializers.ChoiceField(choices=REGISTRATION_ROLES)
    password = NewPasswordInput()
    device = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="Such as “Ann's phone”.")


class InviteUserInput(PersonInput):
    role = serializers.ChoiceField(choices=Role.choices)
    details = serializers.DictField(
        child=serializers.CharField(max_length=200, allow_blank=True),
        required=False,
        help_text="For the profile: a patient's `country`, `city`, `birth_date`, `gender`; of hospital staff the "
        "`hospital_id`, which is required.",
    )


class LoginInput(serializers.Serializer):
    email = EmailInput()
    password = PasswordInput()
    device = serializers.CharField(max_length=120, required=False, allow_blank=True, help_text="Such as “Ann's phone”.")
    one_time_code = serializers.CharField(
        max_length=32,
        required=False,
        allow_blank=True,
        help_text="From the authenticator app, or a recovery code, when the person has a second factor.",
    )


class RefreshInput(serializers.Serializer):
    refresh = serializers.CharField(max_length=tokens.MAX_LENGTH)


class LogoutInput(serializers.Serializer):
    all = serializers.BooleanField(default=False, help_text="Sign out every device, not only this one.")


class EmailOnlyInput(serializers.Serializer):
    email = EmailInput()


class VerifyEmailInput(serializers.Serializer):
    email = EmailInput()
    code = CodeInput()


class VerifyPhoneInput(serializers.Serializer):
    code = CodeInput()


class ResetPasswordInput(serializers.Serializer):
    token = serializers.CharField(max_length=200, help_text="From the link in the e-mail.")
    new_password = NewPasswordInput()
    confirm_password = PasswordInput()


class ChangePasswordInput(serializers.Serializer):
    current_password = PasswordInput()
    new_password = NewPasswordInput()
    confirm_password = PasswordInput()


class ProfileInput(serializers.Serializer):
    """What people change about themselves. The e-mail address is the login and stays."""

    first_name = NameInput(required=False)
    last_name = NameInput(required=False)
    phone = PhoneNumberField(
        required=False, allow_blank=True, help_text="E.164; a new number has to be verified again."
    )
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False)
    time_zone = TimeZoneInput(required=False)
    picture_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="A public image of one's own, from `/upload/image`; null removes it."
    )


class UpdateUserInput(ProfileInput):
    """As the profile; `role` and `is_active` only by a platform admin, and not of themself."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_active = serializers.BooleanField(required=False)
