"""Every verb of accounts, a room each: registration, credentials, sessions, passwords, secrets, management."""

from .credentials import check_credentials, sign_in
from .management import activate_user, clean_up, close_own_account, deactivate_user, update_user
from .passwords import change_password, check_strength, confirm_password, forgot_password, set_password_by_link
from .registration import (
    create_user,
    invite_user,
    register,
    resend_verification,
    send_invitation,
    send_phone_code,
    verify_email,
    verify_phone,
)
from .sessions import Origin, end_all_sessions, open_session, refresh_session, revoke_session, sign_out

__all__ = [
    "Origin",
    "activate_user",
    "change_password",
    "check_credentials",
    "check_strength",
    "clean_up",
    "close_own_account",
    "confirm_password",
    "create_user",
    "deactivate_user",
    "end_all_sessions",
    "forgot_password",
    "invite_user",
    "open_session",
    "refresh_session",
    "register",
    "resend_verification",
    "revoke_session",
    "send_invitation",
    "send_phone_code",
    "set_password_by_link",
    "sign_in",
    "sign_out",
    "update_user",
    "verify_email",
    "verify_phone",
]
