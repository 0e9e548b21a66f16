"""Paying through a gateway: the row first, then the call; every news once, and nothing lost."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.billing import exceptions, gateways, rules, services
from apps.billing.models import MoneyTask, Payment, WebhookEvent
from apps.common.exceptions import Forbidden, Invalid, NotFound
from tests.billing.paying import bill_for, due_now, start, sums, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(patient, fake_gateway):
    return bill_for(patient.user)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def codes(payment):
    return [event.code for event in payment.events.order_by("at", "id")]


def test_a_page_is_opened_paid_and_the_bill_with_it(bill, fake_gateway, client):
    payment = start(bill)
    assert (payment.status, payment.value, payment.gateway) == ("pending", bill.balance, "sandbox")
    assert payment.checkout_url.startswith(fake_gateway.url)
    fake_gateway.pay(payment.checkout_url)
    assert [answer.status_code for answer in fake_gateway.deliver(client)] == [200]
    assert (fresh(payment).status, fresh(bill).status) == ("pending", "open")
    assert services.apply_webhooks() == 1
    assert (fresh(payment).status, fresh(payment).method, fresh(bill).status) == ("completed", "card", "paid")
    assert codes(payment) == ["created", "page_opened", "captured"]
    assert sums(payment) == {"captured": Decimal("120.50")}
    assert WebhookEvent.objects.get().status == "applied"


def test_the_row_is_there_before_the_gateway_is_called(bill, fake_gateway, monkeypatch):
    seen = []
    sandbox = gateways.get("sandbox")
    opened = sandbox.open_checkout

    def look(order):
        seen.append(Payment.objects.get(pk=order.key).status)
        return opened(order)

    monkeypatch.setattr(sandbox, "open_checkout", look)
    start(bill)
    assert seen == ["pending"]


def test_a_gateway_is_told_neither_what_was_sold_nor_anything_medical(bill, fake_gateway, monkeypatch):
    orders = []
    sandbox = gateways.get("sandbox")
    opened = sandbox.open_checkout
    monkeypatch.setattr(sandbox, "open_checkout", lambda order: orders.append(order) or opened(order))
    payment = start(bill)
    assert orders[0].description == f"Medivoy {payment.number}"
    assert "Consultation" not in repr(orders)


def test_only_the_payer_and_the_desk_open_a_page(bill, patient, other_patient, hospital_admin, coordinator):
    with pytest.raises(NotFound):
        start(bill, by=other_patient.user)
    with pytest.raises(Forbidden):
        start(bill, by=hospital_admin)
    assert not Payment.objects.exists()
    assert start(bill, by=coordinator).payer == patient.user


@pytest.mark.parametrize("amount", ["0", "-1", "120.51", "1.005"])
def test_a_part_is_more_than_nothing_exact_and_at_most_what_is_owed(bill, amount):
    with pytest.raises(Invalid):
        start(bill, amount=Decimal(amount))
    assert not Payment.objects.exists()


def test_a_payer_pays_no_less_than_is_due_now(bill, patient, fake_gateway):
    """Or a few cents would be a consultation that was paid for."""
    with pytest.raises(Invalid) as refused:
        start(bill, amount=Decimal("0.50"))
    assert list(refused.value.errors) == ["amount"]
    today = timezone.now().date()
    parts = [rules.NewInstalment("deposit", Decimal("20.50"), today), rules.NewInstalment("balance", None, today)]
    in_parts = bill_for(patient.user, instalments=parts)
    with pytest.raises(Invalid):
        start(in_parts, amount=Decimal("20.49"))
    assert start(in_parts, amount=Decimal("20.50")).value.amount == Decimal("20.50")
    assert start(in_parts, amount=Decimal("60.00")).value.amount == Decimal("60.00")


def test_a_part_that_staff_agree_to_is_paid_and_then_the_rest(bill, fake_gateway, coordinator):
    first = start(bill, by=coordinator, amount=Decimal("20.50"))
    fake_gateway.pay(first.checkout_url)
    due_now()
    work()
    assert (fresh(bill).status, fresh(bill).balance.amount) == ("partly_paid", Decimal("100.00"))
    second = start(bill)
    assert second.value.amount == Decimal("100.00")
    fake_gateway.pay(second.checkout_url)
    due_now()
    work()
    assert fresh(bill).status == "paid"
    with pytest.raises(exceptions.NothingOwed):
        start(bill)


def test_a_second_click_finds_the_same_page(bill, fake_gateway):
    assert start(bill).pk == start(bill).pk
    assert len(fake_gateway.server.books.checkouts) == 1


def test_another_amount_closes_the_page_that_was_open(bill, fake_gateway, coordinator):
    first = start(bill)
    second = start(bill, by=coordinator, amount=Decimal("10.00"))
    assert (fresh(first).status, codes(first)[-1]) == ("cancelled", "expired")
    assert {each.status for each in fake_gateway.server.books.checkouts.values()} == {"expired", "open"}
    assert second.value.amount == Decimal("10.00")


def test_a_page_that_was_paid_while_another_is_asked_for_is_entered(bill, fake_gateway, coordinator):
    first = start(bill)
    fake_gateway.pay(first.checkout_url)
    with pytest.raises(exceptions.NothingOwed):
        start(bill, by=coordinator, amount=Decimal("10.00"))
    assert (fresh(first).status, fresh(bill).status) == ("completed", "paid")


def test_nobody_pays_again_what_their_bank_takes_time_over(bill, fake_gateway):
    fake_gateway.pay_later(start(bill).checkout_url)
    due_now()
    work()
    with pytest.raises(exceptions.PaymentUnderWay):
        start(bill)


def test_a_gateway_that_does_not_take_the_amount_is_not_called(bill, settings):
    settings.SANDBOX_GATEWAY_URL = ""
    with pytest.raises(exceptions.GatewayNotOffered):
        start(bill)
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    "url", ["https://evil.example.net/", "http://localhost:8000.evil.example.net/x", "javascript:1"]
)
def test_nobody_is_sent_on_to_a_page_that_is_not_ours(bill, url):
    with pytest.raises(Invalid):
        start(bill, return_url=url)


def test_the_payer_goes_back_to_the_app_which_is_told_the_payment(bill, fake_gateway, settings):
    settings.PAYMENT_RETURN_ORIGINS = ["https://app.medivoy.example.com"]
    payment = start(bill, return_url="https://app.medivoy.example.com/paid?from=bill")
    back = fake_gateway.pay(payment.checkout_url)
    assert back == f"https://app.medivoy.example.com/paid?from=bill&payment={payment.pk}"


def test_a_lost_answer_is_unknown_and_the_same_request_goes_on_with_the_same_page(bill, fake_gateway):
    fake_gateway.lose(path="checkouts")
    payment = start(bill)
    assert (payment.is_unknown, payment.checkout_url, payment.status) == (True, "", "pending")
    assert payment.look_up_at is not None
    again = start(bill)
    assert (again.pk, again.is_unknown, bool(again.checkout_url)) == (payment.pk, False, True)
    assert len(fake_gateway.server.books.checkouts) == 1
    assert codes(payment) == ["created", "unknown", "page_opened"]


@pytest.mark.parametrize("fault", ["lose", "cut"])
def test_who_was_never_shown_a_page_pays_through_another_gateway_at_once(bill, fake_gateway, fault):
    getattr(fake_gateway, fault)(path="checkouts")
    unknown = start(bill)
    assert unknown.is_unknown
    fake_gateway.answer(500, path="checkouts")  # that gateway stays away
    other = start(bill, gateway="stripe")
    assert other.checkout_url
    assert (fresh(unknown).status, fresh(unknown).is_unknown) == ("cancelled", False)
    fake_gateway.heal()
    fake_gateway.pay(other.checkout_url)
    due_now()
    work()
    assert (fresh(bill).status, fresh(bill).paid, fresh(unknown).status) == ("paid", bill.total, "cancelled")


def test_a_call_that_never_arrived_has_failed_after_an_hour(bill, fake_gateway, time_machine):
    fake_gateway.cut(path="checkouts")
    payment = start(bill)
    due_now()
    work()
    assert fresh(payment).status == "pending"
    time_machine.move_to(timezone.now() + timedelta(hours=1, minutes=1))
    due_now()
    work()
    assert (fresh(payment).status, fresh(payment).failure_code) == ("failed", "never_opened")


def test_a_refusal_is_a_failed_payment_with_the_gateways_code(bill, fake_gateway):
    fake_gateway.answer(400, path="checkouts")
    payment = start(bill)
    assert payment.status == "failed"
    assert payment.failure_code
    assert start(bill).pk != payment.pk


def test_a_page_that_nobody_paid_on_expires(bill, fake_gateway, time_machine):
    payment = start(bill)
    time_machine.move_to(timezone.now() + rules.PAGE_OPEN_FOR + timedelta(minutes=2))
    work()
    assert fresh(payment).status == "cancelled"
    assert start(bill).pk != payment.pk


def test_a_kept_method_is_charged_once_for_what_is_owed(bill, patient, fake_gateway):
    first = start(bill, keep_method=True)
    fake_gateway.pay(first.checkout_url)
    due_now()
    work()
    mandate = fresh(first).mandate
    renewal = bill_for(patient.user, "19.00")
    fake_gateway.lose(path="charges")
    charged = services.charge_mandate(renewal.pk, mandate)
    assert charged.is_unknown
    assert services.charge_mandate(renewal.pk, mandate).pk == charged.pk
    due_now()
    work()
    assert fresh(charged).status == "completed"
    assert fake_gateway.books()[str(charged.pk)]["captured"] == 1900
    with pytest.raises(exceptions.NothingOwed):
        services.charge_mandate(renewal.pk, mandate)


def test_a_charge_that_never_arrived_is_made_by_the_sweep(bill, patient, fake_gateway):
    first = start(bill, keep_method=True)
    fake_gateway.pay(first.checkout_url)
    due_now()
    work()
    renewal = bill_for(patient.user, "19.00")
    fake_gateway.cut(path="charges")
    charged = services.charge_mandate(renewal.pk, fresh(first).mandate)
    assert charged.is_unknown
    with pytest.raises(exceptions.PaymentUnderWay):
        start(renewal)
    due_now()
    work()
    assert (fresh(charged).status, fresh(renewal).status) == ("completed", "paid")


@pytest.mark.parametrize("way", ["pay", "pay_later"])
def test_what_the_payer_is_just_paying_is_not_charged_as_well(bill, patient, fake_gateway, way):
    first = start(bill, keep_method=True)
    fake_gateway.pay(first.checkout_url)
    due_now()
    work()
    renewal = bill_for(patient.user, "19.00")
    page = start(renewal)
    assert services.charge_mandate(renewal.pk, fresh(first).mandate).pk == page.pk
    getattr(fake_gateway, way)(page.checkout_url)
    due_now()
    work()
    if way == "pay_later":  # their bank takes days over it
        assert services.charge_mandate(renewal.pk, fresh(first).mandate).pk == page.pk
        fake_gateway.settle(page.pk)
        due_now()
        work()
    assert (fresh(renewal).status, fresh(renewal).paid) == ("paid", 19)
    assert not MoneyTask.objects.exists()


def test_a_page_that_was_left_keeps_nobody_from_charging(bill, patient, fake_gateway, time_machine):
    first = start(bill, keep_method=True)
    fake_gateway.pay(first.checkout_url)
    due_now()
    work()
    renewal = bill_for(patient.user, "19.00")
    start(renewal)
    time_machine.move_to(timezone.now() + timedelta(hours=3))
    assert services.charge_mandate(renewal.pk, fresh(first).mandate).status == "completed"


def test_a_card_that_is_declined_later_fails_the_payment(bill, patient, fake_gateway):
    first = start(bill, keep_method=True)
    fake_gateway.pay(first.checkout_url)
    due_now()
    work()
    mandate = fresh(first).mandate
    fake_gateway.decline_card(mandate.method)
    charged = services.charge_mandate(bill_for(patient.user, "19.00").pk, mandate)
    assert (charged.status, charged.failure_code) == ("failed", "card_declined")


def test_money_for_a_cancelled_bill_is_entered_and_a_task(bill, fake_gateway, platform_admin):
    payment = start(bill)
    services.cancel_bill(bill.pk, by=platform_admin, reason="Not wanted")
    fake_gateway.pay(payment.checkout_url)
    due_now()
    work()
    assert (fresh(payment).status, fresh(bill).status) == ("completed", "cancelled")
    assert fresh(bill).balance == -payment.value
    task = MoneyTask.objects.get()
    assert (task.kind, task.payment, task.amount) == ("late_payment", payment, payment.amount)


def test_what_is_paid_twice_is_entered_twice_and_a_task_says_how_much_goes_back(bill, fake_gateway, coordinator):
    payment = start(bill)
    services.enter_payment(
        by=coordinator, bill_id=bill.pk, amount=Decimal("100.00"), method="cash", received_on=timezone.now().date()
    )
    fake_gateway.pay(payment.checkout_url)
    due_now()
    work()
    assert (fresh(bill).status, fresh(bill).balance.amount) == ("overpaid", Decimal("-100.00"))
    task = MoneyTask.objects.get()
    assert (task.kind, task.payment, task.amount) == ("overpayment", payment, Decimal("100.00"))


def test_staff_enter_what_came_for_a_bill_of_its_payer_in_its_currency(bill, other_patient, coordinator, patient):
    given = {"amount": Decimal("10.00"), "method": "cash", "received_on": timezone.now().date(), "by": coordinator}
    for wrong in ({"payer": other_patient.user, "currency": "USD"}, {"payer": patient.user, "currency": "EUR"}):
        with pytest.raises(Invalid):
            services.record_payment(bill=bill, **given | wrong)
    entered = services.record_payment(bill=bill, payer=patient.user, currency="USD", **given)
    assert (entered.subject_id, entered.hospital, fresh(bill).status) == (bill.subject_id, bill.hospital, "partly_paid")


def test_another_amount_or_currency_than_ours_is_quarantined_and_nothing_entered(bill, fake_gateway, client):
    payment = start(bill)
    fake_gateway.pay(payment.checkout_url)
    for row in fake_gateway.server.books.payments.values():
        row.captured = 12049
    fake_gateway.forget()
    fake_gateway.refund_at_gateway(payment.pk, 1)
    fake_gateway.deliver(client)
    services.apply_webhooks()
    webhook = WebhookEvent.objects.get()
    assert webhook.status == "quarantined"
    assert "120.49" in webhook.reason
    assert (fresh(payment).status, sums(payment)) == ("pending", {})
    assert MoneyTask.objects.get().kind == "mismatch"
    due_now()
    services.ask_gateways()
    assert sums(payment) == {}
    assert MoneyTask.objects.count() == 1


def test_an_admin_asks_about_a_payment_but_not_about_what_staff_entered(bill, fake_gateway, coordinator, patient):
    payment = start(bill)
    fake_gateway.pay(payment.checkout_url)
    assert services.ask_now(payment.pk, by=coordinator).status == "completed"
    assert payment.events.get(code="captured").source == "staff"
    with pytest.raises(Forbidden):
        services.ask_now(payment.pk, by=patient.user)
    entered = services.record_payment(
        payer=patient.user, amount=Decimal("1.00"), currency="USD", method="cash",
        received_on=timezone.now().date(), by=coordinator,
    )  # fmt: skip
    with pytest.raises(exceptions.NotAskable):
        services.ask_now(entered.pk, by=coordinator)


def test_every_webhook_is_lost_for_three_days_and_one_sweep_repairs_all(patient, fake_gateway, time_machine):
    paid, refunded, disputed, late, left = [start(bill_for(patient.user)) for _number in range(5)]
    for payment in (paid, refunded, disputed):
        fake_gateway.pay(payment.checkout_url)
    fake_gateway.pay_later(late.checkout_url)
    fake_gateway.refund_at_gateway(refunded.pk, 2050)
    fake_gateway.dispute(disputed.pk)
    fake_gateway.settle(late.pk)
    assert fake_gateway.forget() > 5
    time_machine.move_to(timezone.now() + timedelta(days=3))
    services.ask_gateways()
    assert [fresh(each).status for each in (paid, refunded, disputed, late, left)] == [
        "completed", "partially_refunded", "disputed", "completed", "cancelled",
    ]  # fmt: skip
    books = fake_gateway.books()
    for payment in (paid, refunded, disputed, late):
        ours, theirs = fresh(payment), books[str(payment.pk)]
        figures = [ours.figure(column).minor for column in ("captured", "refunded", "withheld")]
        assert figures == [theirs["captured"], theirs["refunded"], theirs["disputed"]]


def test_the_gateway_is_asked_soon_then_daily_and_in_the_end_a_person(bill, fake_gateway, time_machine):
    start_at = timezone.now()
    payment = start(bill)
    waits = []
    fake_gateway.pay_later(payment.checkout_url)
    for _time in range(25):
        due = fresh(payment).look_up_at
        if due is None:
            break
        waits.append(round((due - timezone.now()).total_seconds() / 60))
        time_machine.move_to(due + timedelta(seconds=1))
        services.ask_gateways()
    assert waits[:6] == [1, 2, 5, 15, 60, 1440]
    assert len(waits) == 19
    assert timezone.now() - start_at > timedelta(days=13)
    assert MoneyTask.objects.get().kind == "unknown"


def test_an_open_page_is_asked_about_when_it_closes_and_not_a_day_later(bill, fake_gateway, time_machine):
    payment = start(bill)
    while fresh(payment).look_up_at < payment.checkout_expires_at:
        time_machine.move_to(fresh(payment).look_up_at + timedelta(seconds=1))
        services.ask_gateways()
    assert fresh(payment).look_up_at == payment.checkout_expires_at + timedelta(minutes=1)
    time_machine.move_to(payment.checkout_expires_at - timedelta(seconds=5))
    fake_gateway.pay(payment.checkout_url)
    fake_gateway.forget()  # its webhooks are lost
    time_machine.move_to(fresh(payment).look_up_at + timedelta(seconds=1))
    services.ask_gateways()
    assert (fresh(payment).status, fresh(bill).status) == ("completed", "paid")


def test_what_has_not_come_in_yet_is_asked_about_before_what_is_only_compared_again(patient, fake_gateway, monkeypatch):
    known, awaited = start(bill_for(patient.user)), start(bill_for(patient.user))
    fake_gateway.pay(known.checkout_url)
    due_now()
    work()
    fake_gateway.pay(awaited.checkout_url)
    now = timezone.now()
    Payment.objects.filter(pk=known.pk).update(look_up_at=now - timedelta(minutes=2))
    Payment.objects.filter(pk=awaited.pk).update(look_up_at=now - timedelta(minutes=1))
    monkeypatch.setattr(services.sweep, "BATCH", 1)
    assert services.sweep._claim(now) == [awaited.pk]


def test_what_a_run_had_no_time_to_ask_about_counts_as_not_asked(bill, fake_gateway):
    payment = start(bill)
    for _run in range(25):  # as many as a gateway that answers late takes in half an hour
        due_now()
        assert services.ask_gateways(for_seconds=0) == 0
    assert fresh(payment).look_ups == 0
    due_now()
    fake_gateway.pay(payment.checkout_url)
    services.ask_gateways()
    assert fresh(payment).status == "completed"
