"""Money given back in the admin: figures first, then the amount once more; tasks, disputes and terms."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.billing import services
from apps.billing.models import CancellationPolicy, CancellationTier, Dispute, MoneyTask, Refund
from tests.billing.refunding import TERMS, bill_of, captured, figures, offline, usd

pytestmark = pytest.mark.django_db


def page_of(payment, task=None):
    address = reverse("admin:billing_payment_refund", args=[payment.pk])
    return f"{address}?task={task.pk}" if task else address


def text_of(response):
    assert response.status_code == 200, response.status_code
    return response.content.decode().replace("\xa0", " ")


def looked_at(client, payment, amount, task=None):
    return client.post(page_of(payment, task), {"step": "preview", "amount": amount, "reason": "Asked for"})


def confirmed(client, payment, amount, *, left, repeated=None, task=None):
    given = {"step": "confirm", "amount": amount, "reason": "Asked for", "left": left, "repeated": repeated or amount}
    return client.post(page_of(payment, task), given)


def test_the_figures_come_first_and_nothing_happens_yet(client, coordinator):
    client.force_login(coordinator)
    payment = captured(bill=bill_of())
    shown = text_of(client.get(page_of(payment)))
    assert "$100.00" in shown
    assert payment.number in shown
    shown = text_of(looked_at(client, payment, "30"))
    for text in ("The payer gets", "$30.00", "$70.00", "Type the amount once more", payment.bill.number):
        assert text in shown
    assert not Refund.objects.exists()


def test_repeating_the_amount_gives_it_back(client, coordinator):
    client.force_login(coordinator)
    payment = captured()
    shown = text_of(confirmed(client, payment, "30", left="100", repeated="31"))
    assert "This is not the amount above." in shown
    assert not Refund.objects.exists()
    assert confirmed(client, payment, "30", left="100").status_code == 302
    refund = Refund.objects.get()
    assert (refund.amount, refund.reason, refund.requested_by, refund.cause) == (30, "Asked for", coordinator, "staff")


def test_a_stale_preview_is_refused(client, coordinator):
    client.force_login(coordinator)
    payment = captured()
    services.request_refund(payment.pk, usd("10"), by=coordinator, cause="staff", reason="Meanwhile")
    response = client.post(
        page_of(payment),
        {"step": "confirm", "amount": "30", "reason": "Why", "left": "100", "repeated": "30"}, follow=True,
    )  # fmt: skip
    assert "Something has changed since you looked" in text_of(response)
    assert figures(payment)["refunding"] == 10


@pytest.mark.parametrize(
    ("amount", "said"),
    [("100.01", "is left to give back"), ("0", "above zero"), ("1.005", "decimal places"), ("x", "number")],
)
def test_what_cannot_be_refunded_is_said_at_the_amount(client, coordinator, amount, said):
    client.force_login(coordinator)
    assert said in text_of(looked_at(client, captured(), amount))
    assert not Refund.objects.exists()


def test_a_disputed_payment_is_not_refunded(client, coordinator):
    client.force_login(coordinator)
    payment = captured()
    type(payment).objects.filter(pk=payment.pk).update(withheld=Decimal(50))
    assert "is disputed" in text_of(looked_at(client, payment, "1"))


def test_hospitals_and_support_give_nothing_back(client, hospital_admin, support_agent):
    payment = captured()
    for person in (hospital_admin, support_agent):
        client.force_login(person)
        assert client.get(page_of(payment)).status_code == 403
        assert confirmed(client, payment, "1", left="100").status_code == 403
    assert not Refund.objects.exists()


def test_an_overpayment_is_refunded_from_its_task_which_is_done_with_it(client, coordinator):
    client.force_login(coordinator)
    payment = captured(bill=bill_of(total="80.00"))
    task = services.open_task("overpayment", key="t:1", payment=payment, amount=usd("20"), now=timezone.now())
    shown = text_of(client.get(reverse("admin:billing_moneytask_change", args=[task.pk])))
    assert "Refund this overpayment" in shown
    assert page_of(payment, task).replace("&", "&amp;") in shown
    assert 'value="20.00' in text_of(client.get(page_of(payment, task)))
    confirmed(client, payment, "20", left="100", task=task)
    refund = Refund.objects.get()
    task.refresh_from_db()
    assert (refund.amount, refund.cause) == (20, "overpayment")
    assert (task.done_by, task.outcome) == (coordinator, f"{refund.number}: 20.00 USD")


def test_open_tasks_come_first_and_are_done_by_saying_what_was_done(client, coordinator):
    client.force_login(coordinator)
    payment = captured()
    for number in range(3):
        services.open_task("unknown", key=f"t:{number}", payment=payment, now=timezone.now() + timedelta(hours=number))
    task = MoneyTask.objects.get(key="t:0")
    page = reverse("admin:billing_moneytask_move", args=[task.pk, "done"])
    client.post(page, {"seen": "open", "note": ""})
    assert MoneyTask.objects.filter(done_at=None).count() == 3
    client.post(page, {"seen": "open", "note": "Asked the gateway"})
    task.refresh_from_db()
    assert (task.outcome, task.done_by) == ("Asked the gateway", coordinator)
    listed = reverse("admin:billing_moneytask_changelist")
    shown = {narrowed: client.get(listed + narrowed).context["cl"].result_count for narrowed in ("", "?state=done")}
    assert shown == {"": 2, "?state=done": 1}
    assert client.get(f"{listed}?state=all").context["cl"].result_count == 3


def test_the_first_page_counts_what_waits(client, coordinator, hospital_admin):
    services.open_task("unknown", key="t:1", payment=captured(), now=timezone.now())
    for person, number in ((coordinator, "1"), (hospital_admin, None)):
        client.force_login(person)
        cards = {str(card.title): card.number for card in client.get("/admin/").context["cards"]}
        assert cards.get("Tasks about money") == number


def test_cash_is_confirmed_as_paid_out(client, coordinator):
    client.force_login(coordinator)
    payment = offline()
    refund = services.request_refund(payment.pk, usd("30"), by=coordinator, cause="staff", reason="Why")
    page = reverse("admin:billing_refund_move", args=[refund.pk, "succeeded"])
    assert "Paid out on" in text_of(client.get(page))
    day = timezone.now().date().isoformat()
    client.post(page, {"seen": "requested", "note": "", "reference": "BT-77", "paid_out_on": day})
    refund.refresh_from_db()
    assert (refund.status, refund.reference) == ("succeeded", "BT-77")
    assert figures(payment)["refunded"] == 30


def test_the_lists_open(client, coordinator, platform_admin):
    payment = captured()
    services.request_refund(payment.pk, usd("30"), by=coordinator, cause="staff", reason="Why")
    Dispute.objects.create(
        payment=payment, gateway="sandbox", gateway_reference="dp_1", amount=Decimal(5), currency="USD"
    )
    for person in (coordinator, platform_admin):
        client.force_login(person)
        for model in ("refund", "dispute", "moneytask", "cancellationpolicy", "cancellationpolicyversion"):
            assert client.get(reverse(f"admin:billing_{model}_changelist")).status_code == 200
    found = client.get(reverse("admin:billing_refund_changelist"), {"q": payment.number})
    assert found.context["cl"].result_count == 1


def test_terms_are_drafted_looked_at_as_a_table_and_published(client, platform_admin):
    client.force_login(platform_admin)
    client.post(
        reverse("admin:billing_cancellationpolicy_add"),
        {"name": "Ours", "subject_type": "appointment", "hospital": ""} | empty("versions"),
    )
    policy = CancellationPolicy.objects.get()
    draft = policy.versions.get()
    page = reverse("admin:billing_cancellationpolicyversion_change", args=[draft.pk])
    move = reverse("admin:billing_cancellationpolicyversion_move", args=[draft.pk, "published"])
    client.post(move, {"seen": "draft"})
    assert policy.versions.get().published_at is None, "without a step for the patient"
    tiers = {f"tiers-{at}-{name}": value for at, row in enumerate(TERMS) for name, value in row.items()}
    client.post(page, tiers | empty("tiers", len(TERMS)))
    assert CancellationTier.objects.filter(version=draft).count() == 2
    shown = text_of(client.get(page))
    assert "until 1 day before" in shown
    assert "until the beginning" in shown
    assert "100 %" in text_of(client.get(move))
    client.post(move, {"seen": "draft"})
    draft.refresh_from_db()
    assert draft.published_by == platform_admin
    client.post(page, {"tiers-0-id": str(draft.tiers.first().pk), "tiers-0-percent": "1"} | empty("tiers", 1))
    assert set(draft.tiers.values_list("percent", flat=True)) == {100, 50}
    response = client.post(reverse("admin:billing_cancellationpolicy_draft", args=[policy.pk]))
    assert response.status_code == 302
    assert policy.versions.filter(published_at=None).get().number == 2


def empty(prefix, total=0):
    return {f"{prefix}-TOTAL_FORMS": total, f"{prefix}-INITIAL_FORMS": 0}


def test_coordinators_read_terms_and_change_none(client, coordinator, platform_admin):
    policy = CancellationPolicy.objects.create(name="Ours", subject_type="appointment")
    draft = services.draft_terms(policy.pk, by=platform_admin)
    client.force_login(coordinator)
    assert client.get(reverse("admin:billing_cancellationpolicyversion_change", args=[draft.pk])).status_code == 200
    assert client.post(reverse("admin:billing_cancellationpolicy_draft", args=[policy.pk])).status_code == 403
    client.post(
        reverse("admin:billing_cancellationpolicyversion_move", args=[draft.pk, "published"]), {"seen": "draft"}
    )
    draft.refresh_from_db()
    assert draft.published_at is None
