"""What paying through a gateway refuses, each with its stable code."""

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class NothingOwed(exceptions.Conflict):
    code = "billing.nothing_owed"
    message = _("Nothing is owed on this bill.")


class PaymentUnderWay(exceptions.Conflict):
    """The payer's bank has the payment and takes its time: another one would be paid twice."""

    code = "billing.payment_under_way"
    message = _("A payment of this bill is on its way already. Please wait until it has arrived.")


class GatewayNotOffered(exceptions.Conflict):
    code = "billing.gateway_not_offered"
    message = _("This amount cannot be paid in this way. Please choose another one.")


class GatewayRefused(exceptions.Conflict):
    """The gateway does not take this payment at all; another one can be started. `data` holds its id."""

    code = "billing.gateway_refused"
    message = _("The payment provider does not take this payment. Please try another way.")


class BadSignature(exceptions.DomainError):
    """A webhook that its sender did not sign."""

    code = "billing.bad_signature"
    message = _("The signature is missing or wrong.")
    status = HTTPStatus.BAD_REQUEST


class NotReplayable(exceptions.Conflict):
    """A webhook whose body is kept no longer cannot be applied again."""

    code = "billing.not_replayable"
    message = _("What this webhook said is kept no longer.")


class NotAskable(exceptions.Conflict):
    """No gateway knows of what staff entered."""

    code = "billing.not_askable"
    message = _("No payment provider can be asked about this payment.")


class PageInTheWay(exceptions.Conflict):
    """Another page is open on which the same bill could be paid. Never shown: it is closed first."""

    code = "billing.page_open"
    message = _("Another payment page of this bill is open.")

    def __init__(self, payment_id: object) -> None:
        super().__init__()
        self.payment_id = payment_id


class Mismatch(exceptions.Conflict):
    """What a gateway says contradicts our books. Nothing of it is entered; a person looks."""

    code = "billing.mismatch"
    message = _("The payment provider contradicts our books: %(what)s.")


class TooEarly(exceptions.Conflict):
    """News of money given back or disputed, before the news that it came in."""

    code = "billing.too_early"
    message = _("This tells of money that is not known to have come in.")
