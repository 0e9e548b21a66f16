"""What accounts refuses."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class EmailTaken(exceptions.Conflict):
    code = "accounts.email_taken"
    message = _("There is already an account with this e-mail address.")


class CannotRegisterAs(exceptions.Invalid):
    """People register as patients or doctors; everyone else is invited."""

    code = "accounts.role_not_open"
    message = _("Only patients and doctors can register. Others are invited.")


class WrongCredentials(exceptions.DomainError):
    """Says nothing about which part was wrong, or whether there is such an account, or whether it is active."""

    code = "auth.wrong_credentials"
    message = _("The e-mail address or the password is wrong.")
    status = HTTPStatus.UNAUTHORIZED


class LockedOut(exceptions.TooMany):
    """Too many failures for this account or from this address; `retry_after` says how long."""

    code = "auth.locked_out"
    message = _("Too many failed attempts. Please wait and try again.")


class SecondFactorRequired(exceptions.DomainError):
    code = "auth.second_factor_required"
    message = _("Give the code of your authenticator app as well.")
    status = HTTPStatus.UNAUTHORIZED


class SecondFactorWrong(exceptions.DomainError):
    code = "auth.second_factor_wrong"
    message = _("The code of the authenticator app is wrong or was used already.")
    status = HTTPStatus.UNAUTHORIZED


class SecondFactorNotSetUp(exceptions.Forbidden):
    code = "auth.second_factor_not_set_up"
    message = _("Your role needs a second factor. Please set it up in the admin first.")


class SecondFactorNeeded(exceptions.Forbidden):
    code = "auth.second_factor_needed_for_role"
    message = _("Your role needs a second factor, so it cannot be switched off.")


class TokenInvalid(exceptions.DomainError):
    code = "auth.token_invalid"
    message = _("The token is invalid or has expired.")
    status = HTTPStatus.UNAUTHORIZED


class SessionEnded(exceptions.DomainError):
    code = "auth.session_ended"
    message = _("This session has ended. Please sign in again.")
    status = HTTPStatus.UNAUTHORIZED


class TokenReused(exceptions.DomainError):
    """A refresh token that was used before came again: someone has a copy, so the whole session is ended."""

    code = "auth.token_reused"
    message = _("This token was used before. For your safety the session has ended; please sign in again.")
    status = HTTPStatus.UNAUTHORIZED


class CodeInvalid(exceptions.DomainError):
    """The code is wrong, used, expired or was tried too often: the answer does not say which."""

    code = "accounts.code_invalid"
    message = _("The code is wrong or has expired. Please ask for a new one.")


class LinkInvalid(exceptions.DomainError):
    code = "accounts.link_invalid"
    message = _("This link is invalid, has been used or has expired. Please ask for a new one.")


class AlreadySetUp(exceptions.Conflict):
    code = "accounts.already_set_up"
    message = _("This person has a password, or is not active: an invitation is not what they need.")


class WrongPassword(exceptions.Invalid):
    code = "accounts.wrong_password"
    message = _("The present password is wrong.")


class NoPhone(exceptions.Conflict):
    code = "accounts.no_phone"
    message = _("Add a phone number to your profile first.")


class PhoneAlreadyVerified(exceptions.Conflict):
    code = "accounts.phone_already_verified"
    message = _("This phone number is verified already.")


class NotYourself(exceptions.Conflict):
    code = "accounts.not_yourself"
    message = _("You cannot deactivate yourself or change your own role.")


class LastAdmin(exceptions.Conflict):
    code = "accounts.last_admin"
    message = _("This is the last active platform admin. Appoint another one first.")


class RoleIsFixed(exceptions.Conflict):
    code = "accounts.role_is_fixed"
    message = _("Patients and doctors keep their role, and nobody becomes one by a change. Invite a new account.")


class ProfileMissing(RuntimeError):
    """No app made the profile of a role that needs one: a defect in the wiring, so nothing is kept."""
