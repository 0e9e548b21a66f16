"""Whatever happens to a payment, and in whichever order it is told: never more goes back than came in, and every column
is what the ledger's entries add up to.

The gateway of these tests is a small book of its own: it never gives back more than it has, and tells what it did late,
twice and out of order.
"""

import os
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.billing import services
from apps.billing.gateways import DisputeFacts, DisputeStage, RefundFacts, RefundStage
from apps.billing.models import Account, LedgerEntry, Refund
from apps.billing.services import ledger, refund_sending
from apps.common.exceptions import DomainError
from apps.common.money import Money
from tests.billing.refunding import bill_of, captured, figures
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
CAPTURED = {"USD": "100.00", "JPY": "100", "KWD": "1.000"}
ACTS = ("ask", "send", "answer", "lose answer", "settle", "fail", "page", "dispute", "win", "lose", "tell", "give up")
#: `MEDIVOY_HISTORIES=1000` tries more of them.
HISTORIES = int(os.environ.get("MEDIVOY_HISTORIES", "25"))


@dataclass
class AtGateway:
    """A refund or a dispute in the gateway's book."""

    reference: str
    key: UUID | None
    units: int
    stage: str


class Gateway:
    """What a gateway keeps, and the news that it has not told yet."""

    def __init__(self, units: int, currency: str) -> None:
        self.units, self.currency = units, currency
        self.refunds: list[AtGateway] = []
        self.disputes: list[AtGateway] = []
        self.news: list[RefundFacts | DisputeFacts] = []

    def left(self) -> int:
        given = sum(each.units for each in self.refunds if each.stage != "failed")
        return self.units - given - sum(each.units for each in self.disputes if each.stage != "won")

    def is_disputed(self) -> bool:
        return any(each.stage == "open" for each in self.disputes)

    def refund(self, units: int, key: UUID | None) -> RefundFacts | None:
        """None: refused."""
        known = next((each for each in self.refunds if key and each.key == key), None)
        if known is None:
            if units > self.left() or self.is_disputed():
                return None
            known = AtGateway(f"re_{key or len(self.refunds)}", key, units, "pending")
            self.refunds.append(known)
        return self.tell(known)

    def tell(self, refund: AtGateway) -> RefundFacts:
        amount = Money.from_minor(refund.units, self.currency)
        facts = RefundFacts(refund.reference, refund.key, amount, RefundStage(refund.stage), failure="said_so")
        self.news.append(facts)
        return facts

    def tell_dispute(self, dispute: AtGateway) -> None:
        amount = Money.from_minor(dispute.units, self.currency)
        self.news.append(DisputeFacts(dispute.reference, amount, DisputeStage(dispute.stage)))

    def everything(self) -> list[RefundFacts | DisputeFacts]:
        """All that it has now, as a look-up answers: what failed first, as it makes room."""
        self.news = []
        for refund in sorted(self.refunds, key=lambda each: each.stage != "failed"):
            self.tell(refund)
        for dispute in self.disputes:
            self.tell_dispute(dispute)
        return self.news


class World:
    """One payment of ours, and the gateway's book of it."""

    def __init__(self, currency: str) -> None:
        self.by = UserFactory(role="coordinator")
        total = CAPTURED[currency]
        self.bill = bill_of(total=total, currency=currency)
        self.payment = captured(total, currency, bill=self.bill)
        self.gateway = Gateway(self.payment.value.minor, currency)
        self.currency = currency

    def act(self, what: str, number: int) -> None:
        getattr(self, what.replace(" ", "_"))(number)

    def ask(self, number: int) -> None:
        try:
            amount = Money.from_minor(number, self.currency)
            services.request_refund(self.payment.pk, amount, by=self.by, cause="staff", reason="Why")
        except DomainError:
            return

    def give_up(self, number: int) -> None:
        waiting = self.payment.refunds.filter(status="requested")
        if waiting:
            services.cancel_refund(waiting[number % len(waiting)].pk, by=self.by, reason="Why")

    def send(self, number: int) -> None:
        """The worker calls, and the gateway answers at once, or refuses."""
        for refund in self._claimed():
            facts = self.gateway.refund(refund.value.minor, refund.pk)
            if facts is None:
                services.refuse_refund(refund.pk, code="refused", now=timezone.now())
            else:
                self.apply(facts)

    answer = send

    def lose_answer(self, number: int) -> None:
        """The worker calls, the gateway acts, and the answer is lost."""
        for refund in self._claimed():
            self.gateway.refund(refund.value.minor, refund.pk)

    def settle(self, number: int) -> None:
        self._finish(number, ("pending",), "succeeded")

    def fail(self, number: int) -> None:
        self._finish(number, ("pending", "succeeded"), "failed")

    def page(self, number: int) -> None:
        self.gateway.refund(number, None)

    def dispute(self, number: int) -> None:
        if 0 < number <= self.gateway.left():
            made = AtGateway(f"dp_{self.payment.pk}_{len(self.gateway.disputes)}", None, number, "open")
            self.gateway.disputes.append(made)
            self.gateway.tell_dispute(made)

    def win(self, number: int) -> None:
        self._decide("won")

    def lose(self, number: int) -> None:
        self._decide("lost")

    def tell(self, number: int) -> None:
        """One of the news arrives, and may arrive again."""
        if self.gateway.news:
            self.apply(self.gateway.news[number % len(self.gateway.news)])

    def apply(self, facts: RefundFacts | DisputeFacts) -> None:
        with transaction.atomic():
            locked = services.refunds.locked_payment(self.payment.pk)
            apply = services.apply_refund_facts if isinstance(facts, RefundFacts) else services.apply_dispute_facts
            apply(locked, facts, timezone.now())
            ledger.settle_payment(locked, code="news", source="webhook", now=timezone.now())

    def holds(self) -> None:
        now = figures(self.payment)
        assert now["refunded"] + now["refunding"] + now["lost"] <= now["captured"]
        self.bill.refresh_from_db()
        assert self.bill.paid == now["captured"] - now["refunded"] - now["lost"]
        assert balance(self.payment) == now["captured"] - now["refunded"] - now["withheld"] - now["lost"]

    def _claimed(self) -> list[Refund]:
        self.payment.refunds.filter(next_attempt_at__isnull=False).update(next_attempt_at=timezone.now())
        return refund_sending.claim(timezone.now())

    def _finish(self, number: int, before: tuple[str, ...], after: str) -> None:
        found = [each for each in self.gateway.refunds if each.stage in before]
        if found:
            refund = found[number % len(found)]
            refund.stage = after
            self.gateway.tell(refund)

    def _decide(self, stage: str) -> None:
        for dispute in self.gateway.disputes:
            if dispute.stage == "open":
                dispute.stage = stage
                self.gateway.tell_dispute(dispute)


def balance(payment) -> Decimal:
    """What the ledger says the gateway holds of it: both sides of each entry."""
    entries = LedgerEntry.objects.filter(payment=payment)
    came = sum(entry.amount for entry in entries if entry.debit == Account.GATEWAY)
    return came - sum(entry.amount for entry in entries if entry.credit == Account.GATEWAY)


@settings(max_examples=HISTORIES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    currency=st.sampled_from(sorted(CAPTURED)),
    acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(1, 12_000)), max_size=25),
)
def test_no_history_gives_back_more_than_came_in(currency, acts):
    with transaction.atomic():
        world = World(currency)
        for what, number in acts:
            world.act(what, number % (world.gateway.units + 2) if what in {"ask", "page", "dispute"} else number)
            world.holds()
        agrees_in_the_end(world)
        transaction.set_rollback(True)


def agrees_in_the_end(world: World) -> None:
    """Once the gateway has told everything, and whoever knew better has asked again, the books are the same."""
    for _time in range(3):
        for facts in world.gateway.everything():
            world.apply(facts)
        world.holds()
    now = figures(world.payment)
    unit = Money.from_minor(1, world.currency).amount
    there = world.gateway
    assert now["refunded"] == unit * sum(each.units for each in there.refunds if each.stage == "succeeded")
    assert now["withheld"] == unit * sum(each.units for each in there.disputes if each.stage == "open")
    assert now["lost"] == unit * sum(each.units for each in there.disputes if each.stage == "lost")
