"""What a payer is told of money that comes back: how much, of which payment, and by which way."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.billing.models import Refund
from apps.billing.workflow import IN_FLIGHT, RefundStatus
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Kind

GROUP = "payments"
EXAMPLE: dict[str, Any] = {
    "refund_id": "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e61",
    "number": "RF-7K3Q9F2M",
    "payment": "PY-4H8T2W6X",
    "amount": "US$1,250.00",
    "is_offline": False,
}


def _settled_meanwhile(messages: Sequence[Any], now: datetime) -> Mapping[UUID, str]:
    """No word of what is on its way once it has arrived, has failed or was given up."""
    wanted = {message.context["refund_id"] for message in messages}
    flying = {str(pk) for pk in Refund.objects.filter(pk__in=wanted, status__in=IN_FLIGHT).values_list("pk", flat=True)}
    return {
        message.pk: "the refund is not on its way any more"
        for message in messages
        if message.context["refund_id"] not in flying
    }


def _returned_meanwhile(messages: Sequence[Any], now: datetime) -> Mapping[UUID, str]:
    """No word of what was given back once the bank has sent it back to us."""
    wanted = {message.context["refund_id"] for message in messages}
    given = Refund.objects.filter(pk__in=wanted, status=RefundStatus.SUCCEEDED).values_list("pk", flat=True)
    standing = {str(pk) for pk in given}
    return {
        message.pk: "the refund came back to us" for message in messages if message.context["refund_id"] not in standing
    }


ON_ITS_WAY = catalogue.register(
    Kind(
        name="billing.refund_on_its_way",
        group=GROUP,
        label=_("Refund on its way"),
        subject=_("Your refund %(number)s is on its way"),
        summary=_("We are giving back %(amount)s of your payment %(payment)s."),
        transactional=True,
        overtaken=_settled_meanwhile,
        example=EXAMPLE,
    )
)
GIVEN_BACK = catalogue.register(
    Kind(
        name="billing.refund_given_back",
        group=GROUP,
        label=_("Refund given back"),
        subject=_("Your refund %(number)s was given back"),
        summary=_("%(amount)s of your payment %(payment)s was given back."),
        transactional=True,
        overtaken=_returned_meanwhile,
        example=EXAMPLE,
    )
)


def refund_on_its_way(refund: Refund) -> None:
    _tell(ON_ITS_WAY, refund, f"refund.requested:{refund.pk}")


def refund_given_back(refund: Refund) -> None:
    _tell(GIVEN_BACK, refund, f"refund.succeeded:{refund.pk}")


def _tell(kind: Kind, refund: Refund, event: str) -> None:
    payer = refund.payment.payer
    with translation.override(payer.language):
        amount = refund.value.format(payer.language)
    services.notify(
        kind=kind,
        recipient=payer,
        event=event,
        context={
            "refund_id": str(refund.pk),
            "number": refund.number,
            "payment": refund.payment.number,
            "amount": amount,
            "is_offline": refund.gateway == "offline",
        },
    )
