"""Refunds: never more than was captured, sent once, and as the gateway has it in whichever order it says so."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.billing import exceptions, gateways, services
from apps.billing.gateways import DisputeFacts, DisputeStage, RefundFacts, RefundStage
from apps.billing.models import MoneyTask, Payment, Refund
from apps.billing.services import ledger, refund_sending
from apps.common.exceptions import Forbidden, Invalid, MoveNotAllowed, NotFound
from apps.notifications.models import Message
from tests.billing.refunding import bill_of, captured, figures, offline, usd

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(coordinator):
    def ask(payment, amount, **changes):
        given = {"by": coordinator, "cause": "staff", "reason": "Asked for"}
        return services.request_refund(payment.pk, usd(amount), **given | changes)

    return ask


def news(payment, refund=None, stage=RefundStage.SUCCEEDED, *, amount=None, reference="re_1", failure=""):
    """The gateway says so of a refund, as `apply_facts` would pass it on."""
    facts = RefundFacts(
        reference=reference, key=refund.pk if refund else None, amount=usd(amount or refund.amount), stage=stage,
        failure=failure,
    )  # fmt: skip
    with transaction.atomic():
        locked = services.refunds.locked_payment(payment.pk)
        made = services.apply_refund_facts(locked, facts, timezone.now())
        ledger.settle_payment(locked, code="news", source="webhook", now=timezone.now())
    return made


def dispute(payment, stage=DisputeStage.OPEN, *, amount=None, reference="dp_1", due=None):
    facts = DisputeFacts(
        reference=reference, amount=usd(amount or payment.amount), stage=stage, reason="fraudulent",
        evidence_due_at=due,
    )  # fmt: skip
    with transaction.atomic():
        locked = services.refunds.locked_payment(payment.pk)
        made = services.apply_dispute_facts(locked, facts, timezone.now())
        ledger.settle_payment(locked, code="news", source="webhook", now=timezone.now())
    return made


def kinds(payment):
    return sorted(MoneyTask.objects.filter(payment=payment).values_list("kind", flat=True))


def told(person):
    return sorted(Message.objects.filter(recipient=person, channel="email").values_list("kind", flat=True))


# --- asking ---


def test_what_is_asked_for_is_spoken_for_at_once(ask):
    payment = captured()
    ask(payment, "60.00")
    assert figures(payment) == {"captured": 100, "refunded": 0, "withheld": 0, "lost": 0, "refunding": 60}
    with pytest.raises(exceptions.RefundTooLarge) as refused:
        ask(payment, "40.01")
    assert refused.value.data == {"left": "40.00", "currency": "USD"}
    ask(payment, "40.00")
    with pytest.raises(exceptions.RefundTooLarge):
        ask(payment, "0.01")
    assert Refund.objects.filter(payment=payment).count() == 2
    assert told(payment.payer) == ["billing.refund_on_its_way"] * 2


@pytest.mark.parametrize("amount", ["0", "-1"])
def test_an_amount_is_above_zero(ask, amount):
    with pytest.raises(Invalid):
        ask(captured(), amount)
    assert not Refund.objects.exists()


def test_another_currency_is_refused(coordinator):
    with pytest.raises(Invalid):
        services.request_refund(
            captured("100", "INR", gateway="razorpay").pk, usd("1"), by=coordinator, cause="staff", reason="Why"
        )


def test_patients_and_hospitals_refund_nothing(ask, patient, hospital_admin):
    payment = captured()
    for person in (patient.user, hospital_admin):
        with pytest.raises(Forbidden):
            ask(payment, "1", by=person)
    with pytest.raises(NotFound):
        services.request_refund(uuid4(), usd("1"), by=None, cause="staff")
    assert figures(payment)["refunding"] == 0
    assert told(payment.payer) == []


def test_the_database_refuses_more_than_was_captured_whoever_writes_it():
    payment = captured()
    with pytest.raises(IntegrityError, match="payment_refunded_is_at_most_captured"), transaction.atomic():
        Payment.objects.filter(pk=payment.pk).update(refunding=Decimal("100.01"))


def test_a_person_confirms_what_they_were_shown(coordinator, ask):
    payment = captured()
    ask(payment, "10.00")
    with pytest.raises(exceptions.PreviewStale):
        services.refund_payment(payment.pk, None, by=coordinator, reason="Whole", left=usd("100"))
    made = services.refund_payment(payment.pk, None, by=coordinator, reason="Whole", left=usd("90"))
    assert made.value == usd("90")
    with pytest.raises(exceptions.RefundTooLarge):
        services.refund_payment(payment.pk, None, by=coordinator, reason="Whole")


# --- outside any gateway ---


def test_cash_is_paid_out_by_staff_who_say_when_and_under_which_reference(ask, coordinator):
    payment = offline()
    refund = ask(payment, "30.00")
    assert refund.next_attempt_at is None
    assert services.send_refunds() == 0
    today = timezone.now().date()
    for reference, day in (("", today), ("BT-1", today + timedelta(days=1)), ("BT-1", today - timedelta(days=367))):
        with pytest.raises(Invalid):
            services.confirm_refund(refund.pk, by=coordinator, reference=reference, paid_out_on=day)
    services.confirm_refund(refund.pk, by=coordinator, reference="BT-1", paid_out_on=today)
    assert figures(payment) == {"captured": 100, "refunded": 30, "withheld": 0, "lost": 0, "refunding": 0}
    assert payment.status == "partially_refunded"
    assert told(payment.payer) == ["billing.refund_given_back", "billing.refund_on_its_way"]
    with pytest.raises(MoveNotAllowed):
        services.confirm_refund(refund.pk, by=coordinator, reference="BT-2", paid_out_on=today)
    assert figures(payment)["refunded"] == 30


def test_what_was_not_sent_can_be_given_up_and_refunded_again(ask, coordinator):
    payment = offline()
    services.cancel_refund(ask(payment, "100.00").pk, by=coordinator, reason="Wrong payment")
    assert figures(payment)["refunding"] == 0
    ask(payment, "100.00")


def test_what_waits_to_be_paid_out_is_not_reversed_beneath_it(ask, coordinator):
    payment = offline()
    refund = ask(payment, "30.00")
    with pytest.raises(exceptions.NotReversible):
        services.reverse_payment(payment.pk, by=coordinator, reason="Entered twice")
    services.cancel_refund(refund.pk, by=coordinator, reason="There was no money")
    assert services.reverse_payment(payment.pk, by=coordinator, reason="Entered twice").captured == 0


def test_a_gateways_refund_is_not_confirmed_by_hand(ask, coordinator):
    refund = ask(captured(), "1")
    with pytest.raises(exceptions.NotPaidOutByStaff):
        services.confirm_refund(refund.pk, by=coordinator, reference="BT-1", paid_out_on=timezone.now().date())


# --- the worker ---


def test_parts_are_sent_to_the_gateway_until_nothing_is_left(fake_gateway, ask):
    payment = captured(fake=fake_gateway)
    ask(payment, "20.50")
    ask(payment, "79.50")
    assert services.send_refunds() == 2
    assert services.send_refunds() == 0
    assert figures(payment) == {"captured": 100, "refunded": 100, "withheld": 0, "lost": 0, "refunding": 0}
    assert payment.status == "refunded"
    assert fake_gateway.books()[str(payment.pk)]["refunded"] == 10000
    assert told(payment.payer) == ["billing.refund_given_back"] * 2 + ["billing.refund_on_its_way"] * 2


def test_one_whose_answer_cannot_be_entered_stops_no_other(fake_gateway, ask, monkeypatch):
    broken, sound = (ask(captured(fake=fake_gateway), "10.00") for _number in range(2))
    enter = refund_sending.refund_facts.apply_refund_facts

    def fails_for_one(payment, facts, now):
        if facts.key == broken.pk:
            raise LookupError
        return enter(payment, facts, now)

    monkeypatch.setattr(refund_sending.refund_facts, "apply_refund_facts", fails_for_one)
    assert services.send_refunds() == 1
    assert [Refund.objects.get(pk=each.pk).status for each in (broken, sound)] == ["sent", "succeeded"]


@pytest.mark.parametrize("fault", ["lose", "cut"])
def test_a_lost_answer_is_asked_for_again_and_there_is_one_refund_there(fake_gateway, ask, time_machine, fault):
    payment = captured(fake=fake_gateway)
    refund = ask(payment, "30.00")
    getattr(fake_gateway, fault)(path="refunds")
    assert services.send_refunds() == 0
    refund.refresh_from_db()
    assert (refund.status, refund.attempts) == ("sent", 1)
    assert services.send_refunds() == 0, "it is not asked again at once"
    time_machine.move_to(refund.next_attempt_at + timedelta(seconds=1))
    assert services.send_refunds() == 1
    assert figures(payment)["refunded"] == 30
    assert fake_gateway.books()[str(payment.pk)]["refunded"] == 3000


def test_the_key_is_not_needed_to_find_a_refund_again(fake_gateway, ask, time_machine):
    """A gateway forgets keys after a day: what may be there already is looked for before it is sent."""
    payment = captured(fake=fake_gateway)
    refund = ask(payment, "30.00")
    fake_gateway.lose(path="refunds")
    services.send_refunds()
    calls = []
    real = type(gateways.get("sandbox")).refund
    time_machine.move_to(timezone.now() + timedelta(days=2))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(gateways.get("sandbox")), "refund", lambda *a: calls.append(a) or real(*a))
        assert services.send_refunds() == 1
    assert calls == []
    refund.refresh_from_db()
    assert refund.status == "succeeded"


def test_a_refusal_frees_the_amount_and_is_a_task(fake_gateway, ask, platform_admin):
    payment = captured(fake=fake_gateway)
    fake_gateway.refund_at_gateway(payment.pk, 9000)
    fake_gateway.forget()
    refund = ask(payment, "30.00")
    assert services.send_refunds() == 1
    refund.refresh_from_db()
    assert refund.status == "failed"
    assert refund.failure_code
    assert figures(payment) == {"captured": 100, "refunded": 0, "withheld": 0, "lost": 0, "refunding": 0}
    assert kinds(payment) == ["refund_failed"]
    assert told(platform_admin) == ["billing.money_task_opened"]
    assert told(payment.payer) == ["billing.refund_on_its_way"], "of a failure only staff are told"


def test_a_pending_refund_is_asked_about_until_it_arrives_though_no_webhook_comes(fake_gateway, ask, time_machine):
    payment = captured(fake=fake_gateway)
    fake_gateway.refunds_become("pending")
    refund = ask(payment, "30.00")
    services.send_refunds()
    assert figures(payment)["refunding"] == 30
    fake_gateway.settle_refunds(payment.pk)
    time_machine.move_to(timezone.now() + timedelta(hours=1))
    services.send_refunds()
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert figures(payment)["refunded"] == 30


def test_after_many_silences_a_person_is_told_and_asking_goes_on(fake_gateway, ask, time_machine):
    payment = captured(fake=fake_gateway)
    refund = ask(payment, "30.00")
    fake_gateway.cut(path="", times=100)
    for _attempt in range(7):
        services.send_refunds()
        refund.refresh_from_db()
        time_machine.move_to(refund.next_attempt_at + timedelta(seconds=1))
    assert kinds(payment) == ["unknown"]
    assert figures(payment)["refunding"] == 30
    fake_gateway.heal()
    assert services.send_refunds() == 1
    assert figures(payment)["refunded"] == 30


def test_a_worker_that_died_before_its_call_is_one_whose_answer_was_lost(fake_gateway, ask, time_machine):
    payment = captured(fake=fake_gateway)
    ask(payment, "30.00")
    [claimed] = refund_sending.claim(timezone.now())
    assert refund_sending.claim(timezone.now()) == []
    time_machine.move_to(claimed.next_attempt_at + timedelta(seconds=1))
    assert services.send_refunds() == 1
    assert fake_gateway.books()[str(payment.pk)]["refunded"] == 3000


# --- what the gateway says ---


@pytest.mark.parametrize("order", ["in order", "reversed", "twice"])
def test_money_that_comes_back_stays_back_in_whichever_order_it_is_told(ask, order):
    payment = captured()
    refund = ask(payment, "30.00")
    stages = [RefundStage.PENDING, RefundStage.SUCCEEDED, RefundStage.FAILED]
    if order == "reversed":
        stages.reverse()
    for stage in stages * (2 if order == "twice" else 1):
        news(payment, refund, stage, failure="expired_card")
    refund.refresh_from_db()
    assert (refund.status, refund.failure_code) == ("failed", "expired_card")
    assert figures(payment) == {"captured": 100, "refunded": 0, "withheld": 0, "lost": 0, "refunding": 0}
    assert payment.status == "completed"
    assert kinds(payment) == ["refund_failed"]
    ask(payment, "100.00")


def test_a_refund_at_the_gateways_own_page_becomes_one_of_ours_and_a_task(platform_admin):
    payment = captured()
    for _time in range(3):
        news(payment, None, amount="25.00", reference="re_page")
    [refund] = Refund.objects.filter(payment=payment)
    assert (refund.cause, refund.status, refund.value) == ("external", "succeeded", usd("25"))
    assert figures(payment)["refunded"] == 25
    assert kinds(payment) == ["external_refund"]
    assert told(platform_admin) == ["billing.money_task_opened"]


def test_a_refund_that_was_never_sent_gives_way_to_one_at_the_gateways_page(ask):
    payment = captured()
    refund = ask(payment, "60.00")
    news(payment, None, amount="70.00", reference="re_page")
    refund.refresh_from_db()
    assert refund.status == "cancelled"
    assert figures(payment) == {"captured": 100, "refunded": 70, "withheld": 0, "lost": 0, "refunding": 0}
    assert kinds(payment) == ["external_refund", "refund_failed"]


def test_a_refund_that_was_sent_gives_way_and_the_gateway_has_the_last_word(ask):
    payment = captured()
    refund = ask(payment, "60.00")
    refund_sending.claim(timezone.now())
    news(payment, None, amount="70.00", reference="re_page")
    refund.refresh_from_db()
    assert (refund.status, refund.failure_code) == ("failed", "superseded")
    payment.refresh_from_db()
    assert payment.look_up_at is not None
    news(payment, None, RefundStage.FAILED, amount="70.00", reference="re_page")
    news(payment, refund, RefundStage.SUCCEEDED, reference="re_ours")
    refund.refresh_from_db()
    assert refund.status == "succeeded"
    assert figures(payment)["refunded"] == 60


def test_more_than_was_captured_contradicts_our_books_and_is_not_entered(ask, platform_admin):
    payment = captured()
    news(payment, None, amount="70.00", reference="re_1")
    news(payment, None, amount="31.00", reference="re_2")
    assert figures(payment)["refunded"] == 70
    assert kinds(payment) == ["external_refund", "mismatch"]


def test_another_amount_than_we_asked_for_is_for_a_person(ask):
    payment = captured()
    refund = ask(payment, "30.00")
    news(payment, refund, amount="31.00")
    assert figures(payment) == {"captured": 100, "refunded": 0, "withheld": 0, "lost": 0, "refunding": 30}
    assert kinds(payment) == ["mismatch"]


def test_a_refund_told_before_its_payment_waits_for_it():
    payment = captured()
    payment = Payment.objects.get(pk=payment.pk)
    other = captured("5.00")
    Payment.objects.filter(pk=other.pk).update(stage="processing")
    news(other, None, amount="6.00", reference="re_early")
    other.refresh_from_db()
    assert other.look_up_at is not None
    assert not Refund.objects.exists()
    assert kinds(other) == []


# --- disputes ---


def test_a_dispute_freezes_until_it_is_won(fake_gateway, ask, platform_admin):
    payment = captured(fake=fake_gateway)
    waiting = ask(payment, "10.00")
    due = timezone.now() + timedelta(days=7)
    dispute(payment, amount="50.00", due=due)
    assert figures(payment)["withheld"] == 50
    assert payment.status == "disputed"
    with pytest.raises(exceptions.PaymentDisputed):
        ask(payment, "1.00")
    assert services.send_refunds() == 0
    waiting.refresh_from_db()
    assert waiting.status == "requested"
    [task] = MoneyTask.objects.filter(payment=payment)
    assert (task.kind, task.due_at) == ("dispute", due)
    assert told(platform_admin) == ["billing.money_task_opened"]
    dispute(payment, DisputeStage.WON, amount="50.00")
    assert figures(payment) == {"captured": 100, "refunded": 0, "withheld": 0, "lost": 0, "refunding": 10}
    assert services.send_refunds() == 1
    assert figures(payment)["refunded"] == 10


@pytest.mark.parametrize("end", [DisputeStage.WON, DisputeStage.LOST])
def test_a_dispute_ends_once_in_whichever_order_it_is_told(end):
    payment = captured()
    dispute(payment, end)
    dispute(payment, DisputeStage.OPEN)
    dispute(payment, end)
    lost = 100 if end == DisputeStage.LOST else 0
    assert figures(payment) == {"captured": 100, "refunded": 0, "withheld": 0, "lost": lost, "refunding": 0}
    assert payment.status == ("refunded" if lost else "completed")
    assert kinds(payment) == ["dispute"]


def test_what_is_lost_cannot_be_given_back_too(ask):
    payment = captured()
    refund = ask(payment, "30.00")
    dispute(payment)
    dispute(payment, DisputeStage.LOST)
    refund.refresh_from_db()
    assert refund.status == "cancelled"
    assert figures(payment) == {"captured": 100, "refunded": 0, "withheld": 0, "lost": 100, "refunding": 0}
    with pytest.raises(exceptions.RefundTooLarge):
        ask(payment, "0.01")


def test_another_decision_of_a_decided_dispute_is_for_a_person():
    payment = captured()
    dispute(payment, DisputeStage.WON)
    dispute(payment, DisputeStage.LOST)
    assert figures(payment)["lost"] == 0
    assert kinds(payment) == ["dispute", "mismatch"]


def test_a_lost_dispute_is_owed_again_on_its_bill():
    bill = bill_of()
    payment = captured(bill=bill)
    bill.refresh_from_db()
    assert bill.status == "paid"
    dispute(payment, DisputeStage.LOST)
    bill.refresh_from_db()
    assert (bill.status, bill.paid, bill.balance) == ("open", 0, usd("100"))


# --- tasks ---


def test_a_task_is_done_once_by_saying_what_was_done(coordinator, patient):
    payment = captured()
    task = services.open_task("overpayment", key="t:1", payment=payment, amount=usd("5"), now=timezone.now())
    assert services.open_task("overpayment", key="t:1", payment=payment, now=timezone.now()) == task
    with pytest.raises(Invalid):
        services.finish_task(task.pk, by=coordinator, outcome="  ")
    with pytest.raises(Forbidden):
        services.finish_task(task.pk, by=patient.user, outcome="Mine")
    done = services.finish_task(task.pk, by=coordinator, outcome="Refunded")
    assert (done.done_by, done.outcome) == (coordinator, "Refunded")
    with pytest.raises(exceptions.TaskDone):
        services.finish_task(task.pk, by=coordinator, outcome="Again")
    services.open_task("overpayment", key="t:1", payment=payment, now=timezone.now())
    assert MoneyTask.objects.filter(done_at=None).count() == 0
