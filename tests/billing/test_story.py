"""A balance explained: every entry in words with what was owed after it, and figures that are what the entries say."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.billing import rules, selectors, services
from apps.billing.admin import story as pages
from apps.billing.models import Bill, LedgerKind, Payment
from apps.billing.services import ledger
from apps.common import ids
from apps.common.money import Money

pytestmark = pytest.mark.django_db


@pytest.fixture
def bill(patient, coordinator, hospital):
    """Of 1,500 rupees."""
    return services.open_bill(
        payer=patient.user, currency="INR", lines=[rules.NewLine("Consultation", unit_price=Decimal(1500))],
        subject_type="test", subject_id=ids.uuid7(), subject_label="AP-1", hospital=hospital, by=coordinator,
    )  # fmt: skip


@pytest.fixture
def pay(bill, coordinator):
    """Money for the bill arrived."""

    def pay(amount, **more):
        payment = Payment.objects.create(
            payer=bill.payer, bill=bill, amount=amount, currency=bill.currency, method="cash", stage="captured",
            received_on=date(2026, 11, 20), recorded_by=coordinator, subject_type="test", subject_id=bill.subject_id,
        )  # fmt: skip
        now = timezone.now()
        ledger.enter(LedgerKind.CAPTURED, payment.value, key=f"payment:{payment.pk}:captured", payment=payment, now=now)
        return ledger.settle_payment(payment, code="recorded", source="staff", by=coordinator, now=now)

    return pay


@pytest.fixture
def browser(coordinator):
    client = Client()
    client.force_login(coordinator)
    return client


def read(client, bill):
    response = client.get(reverse("admin:billing_bill_story", args=[bill.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_each_entry_says_what_it_changed_and_what_was_owed_after_it(bill, pay):
    pay(Decimal(1000))
    services.credit_bill(bill.pk, Money(Decimal(200), "INR"), by=bill.opened_by, reason="Came late")
    story = selectors.story_of_bill(Bill.objects.get(pk=bill.pk))
    assert [(step.entry.kind, step.change.amount, step.balance.amount) for step in story.steps] == [
        ("billed", 1500, 1500), ("captured", -1000, 500), ("credited", -200, 300),
    ]  # fmt: skip
    assert story.balances == [Money(Decimal(300), "INR")]
    assert story.differing == []


def test_the_page_tells_it_in_sentences_with_links_to_the_payment(browser, bill, pay):
    payment = pay(Decimal(1000))
    page = read(browser, bill)
    assert f"Bill {bill.number} was opened: so much became owed." in page
    assert f"Payment {payment.number} came in (Outside any gateway)." in page
    assert reverse("admin:billing_payment_change", args=[payment.pk]) in page
    assert "₹500.00" in page
    assert "These figures are not what the ledger says" not in page


@pytest.mark.parametrize("column", ["paid", "credited"])
def test_a_figure_of_a_bill_that_is_not_its_entries_sum_is_said_loudly(browser, bill, pay, column):
    pay(Decimal(1000))
    Bill.objects.filter(pk=bill.pk).update(**{column: Decimal(999)})
    page = read(browser, bill)
    assert "These figures are not what the ledger says" in page
    assert "₹999.00" in page


@pytest.mark.parametrize("column", ["refunded", "withheld", "lost"])
def test_a_figure_of_a_payment_that_is_not_its_entries_sum_is_said_loudly(bill, pay, column):
    payment = pay(Decimal(1000))
    Payment.objects.filter(pk=payment.pk).update(**{column: Decimal("0.01")})
    story = selectors.story_of_bill(Bill.objects.get(pk=bill.pk))
    assert [(figure.of, figure.column) for figure in story.differing] == [(payment, column)]


def test_instalments_that_do_not_add_up_to_what_is_owed_are_said_loudly(bill):
    bill.instalments.update(owed=Decimal(1))
    assert [each.column for each in selectors.story_of_bill(bill).differing] == ["owed"]


def test_a_payers_story_keeps_currencies_apart_and_counts_money_without_a_bill(bill, pay, patient, coordinator):
    pay(Decimal(1500))
    services.open_bill(
        payer=patient.user, currency="KWD", lines=[rules.NewLine("Stay", unit_price=Decimal("40.125"))],
        subject_type="test", subject_id=ids.uuid7(), subject_label="X", by=coordinator,
    )  # fmt: skip
    services.record_payment(
        payer=patient.user, amount=Decimal(10), currency="INR", method="cash", received_on=timezone.now().date(),
        by=coordinator,
    )  # fmt: skip
    story = selectors.story_of_payer(patient.user)
    assert story.balances == [Money(Decimal(-10), "INR"), Money(Decimal("40.125"), "KWD")]
    assert story.differing == []


def test_the_picture_is_the_bill_and_shows_what_is_to_be_given_back(bill, pay):
    pay(Decimal(1500))
    services.credit_bill(bill.pk, Money(Decimal(500), "INR"), by=bill.opened_by, reason="Came late")
    drawn = pages.picture(Bill.objects.get(pk=bill.pk))
    assert [(part["name"], part["x"], part["w"]) for part in drawn["parts"]] == [
        ("paid", "0", "500"), ("credited", "500", "250"), ("surplus", "750", "250"),
    ]  # fmt: skip


def test_more_entries_than_are_shown_still_count(bill, monkeypatch):
    for _number in range(5):
        services.credit_bill(bill.pk, Money(Decimal(1), "INR"), by=bill.opened_by, reason="So")
    monkeypatch.setattr(selectors.story, "MOST", 2)
    story = selectors.story_of_bill(bill)
    assert [step.balance.amount for step in story.steps] == [1496, 1495]
    assert story.is_cut


@pytest.mark.parametrize(
    ("role", "status"), [("coordinator", 200), ("platform_admin", 200), ("support_agent", 403), ("hospital_admin", 403)]
)
def test_who_reads_it(request, bill, role, status):
    client = Client()
    client.force_login(request.getfixturevalue(role))
    for page in (
        reverse("admin:billing_bill_story", args=[bill.pk]),
        reverse("admin:billing_payer_story", args=[bill.payer_id]),
    ):
        assert client.get(page).status_code == status


def test_it_costs_as_many_queries_for_many_entries_as_for_few(browser, bill, pay, django_assert_max_num_queries):
    def count():
        with django_assert_max_num_queries(60) as queries:
            read(browser, bill)
        return len(queries)

    pay(Decimal(1))
    few = count()
    for _number in range(9):
        pay(Decimal(1))
    assert count() <= few


def test_what_nobody_owes_has_no_story(browser, other_patient):
    assert browser.get(reverse("admin:billing_payer_story", args=[other_patient.user_id])).status_code == 404
    assert browser.get(reverse("admin:billing_bill_story", args=[ids.uuid7()])).status_code == 404


def test_the_ledger_is_read_and_never_changed(browser, bill):
    entry = bill.entries.get()
    assert browser.get(reverse("admin:billing_ledgerentry_changelist") + f"?q={bill.number}").status_code == 200
    page = browser.get(reverse("admin:billing_ledgerentry_change", args=[entry.pk]))
    assert page.status_code == 200
    assert browser.post(page.request["PATH_INFO"], {"amount": "1"}).status_code == 403
