"""Bank transfers, cash and whatever else staff enter with a proof: a gateway that is never called."""

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from apps.common.money import Money

from . import base


class Offline:
    """It takes every currency, has no page, and never says anything: what staff entered is all there is."""

    code: ClassVar[str] = "offline"
    charges_later: ClassVar[bool] = False

    def is_configured(self) -> bool:
        return True

    def takes(self, amount: Money) -> bool:
        return amount > Money.zero(amount.currency)

    def open_checkout(self, order: base.Order) -> base.Checkout:
        raise base.Refused("has_no_page")

    def close_checkout(self, checkout: str) -> None:
        return None

    def charge(self, order: base.Order, mandate: base.Mandate) -> base.Facts:
        raise base.Refused("charges_nobody")

    def refund(self, order: base.RefundOrder) -> base.RefundFacts:
        """Staff send the money back, and say so."""
        raise base.Refused("is_done_by_staff")

    def look_up(self, key: UUID, *, checkout: str, reference: str) -> base.Facts | None:
        return None

    def read_notice(self, body: bytes, headers: Mapping[str, str], *, now: datetime) -> base.Notice:
        raise base.BadSignature("signs_nothing")

    def reread(self, body: bytes) -> base.Notice:
        raise base.BadNotice("sends_nothing")
