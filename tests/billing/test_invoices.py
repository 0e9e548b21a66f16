"""What is issued when, and what it says: a paid bill's invoice, a deposit's receipt, a credit note of what is back."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from apps.billing import exceptions, rules, services
from apps.billing.models import Bill, Invoice, InvoiceKind, InvoicingNews
from apps.billing.rules import TaxGroup
from apps.billing.services import invoicing
from apps.common.exceptions import Forbidden, Invalid
from apps.common.money import Money
from apps.notifications.models import Message
from tests.bookings.racing import at_once
from tests.factories.accounts import UserFactory
from tests.factories.billing import PaymentFactory

from .invoicing import billed, given_back, issuer, line, paid

GST = {"tax_mode": "exclusive", "tax_name": "GST", "tax_percent": Decimal(18)}


def papers(**of):
    """Kinds and totals of what was issued, in order."""
    rows = Invoice.objects.filter(**of).order_by("created_at", "id")
    return [(row.kind, str(row.figure("total").amount)) for row in rows]


@pytest.mark.django_db
class TestByItself:
    def test_a_bill_that_is_paid_at_once_gets_its_invoice_and_the_payer_has_it_by_mail(self):
        issuer()
        bill = billed(UserFactory(), line("100", **GST))
        paid(bill)

        assert services.issue_due_invoices() == 1
        assert papers(bill=bill) == [("invoice", "118.00")]
        invoice = Invoice.objects.get()
        assert (invoice.document["paid"], invoice.document["due"]) == ("118.00", "0.00")
        assert list(Message.objects.values_list("kind", "channel").order_by("channel")) == [
            ("billing.invoice", "email"), ("billing.invoice", "in_app"),
        ]  # fmt: skip

    def test_running_the_job_again_issues_nothing_more(self):
        issuer()
        paid(billed(UserFactory()))
        assert [services.issue_due_invoices() for _ in range(3)] == [1, 0, 0]
        assert not InvoicingNews.objects.exists()

    def test_a_deposit_has_its_receipt_and_the_final_invoice_names_it(self):
        issuer()
        bill = billed(UserFactory(), line("1000", **GST))
        deposit = paid(bill, "300")
        services.issue_due_invoices()
        assert papers(bill=bill) == [("advance_receipt", "300.00")]
        receipt = Invoice.objects.get()
        assert (receipt.payment, receipt.figure("tax")) == (deposit, Money(Decimal("45.76"), "USD"))

        paid(bill)
        services.issue_due_invoices()

        assert papers(bill=bill) == [("advance_receipt", "300.00"), ("invoice", "1180.00")]
        says = Invoice.objects.get(kind="invoice").document
        assert [(one["number"], one["total"]) for one in says["receipts"]] == [(receipt.number, "300.00")]
        assert [one["amount"] for one in says["payments"]] == ["300.00", "880.00"]
        assert says["due"] == "0.00"

    def test_a_payment_without_a_bill_has_its_receipt(self):
        issuer()
        payment = PaymentFactory(amount=Decimal(700))
        services.issue_due_invoices()
        assert papers(payment=payment) == [("advance_receipt", "700.00")]

    def test_what_is_given_back_of_an_invoiced_bill_is_credited(self):
        issuer()
        bill = billed(UserFactory(), line("100", **GST))
        payment = paid(bill)
        services.issue_due_invoices()
        given_back(payment, "59")
        services.issue_due_invoices()

        assert papers(bill=bill) == [("invoice", "118.00"), ("credit_note", "59.00")]
        note = Invoice.objects.get(kind="credit_note")
        assert (note.figure("net"), note.figure("tax")) == (Money(Decimal(50), "USD"), Money(Decimal(9), "USD"))
        assert note.document["left"] == "59.00"

    def test_what_is_given_back_of_a_deposit_is_credited_on_its_receipt(self):
        issuer()
        bill = billed(UserFactory(), line("1000"))
        deposit = paid(bill, "300")
        services.issue_due_invoices()
        given_back(deposit, "100")
        services.issue_due_invoices()
        note = Invoice.objects.get(kind="credit_note")
        assert (note.corrects.kind, note.total) == ("advance_receipt", 100)

    def test_what_is_credited_and_given_back_is_one_credit_note_and_not_two(self):
        issuer()
        bill = billed(UserFactory(), line("100"))
        payment = paid(bill)
        services.issue_due_invoices()
        services.credit_bill(bill.pk, Money(Decimal(30), "USD"), by=None, reason="Shorter stay")
        given_back(payment, "30")
        services.issue_due_invoices()
        assert papers(bill=bill) == [("invoice", "100.00"), ("credit_note", "30.00")]

    def test_what_was_paid_too_much_and_given_back_needs_no_credit_note(self):
        issuer()
        bill = billed(UserFactory(), line("100"))
        paid(bill, "100")
        extra = paid(bill, "50")
        services.issue_due_invoices()
        given_back(extra, "50")
        services.issue_due_invoices()
        assert papers(bill=bill) == [("invoice", "100.00")]

    def test_a_bill_that_was_credited_before_is_invoiced_over_the_rest(self):
        issuer()
        bill = billed(UserFactory(), line("100", **GST))
        services.credit_bill(bill.pk, Money(Decimal(59), "USD"), by=None, reason="Agreed")
        paid(bill)
        services.issue_due_invoices()
        assert papers(bill=bill) == [("invoice", "59.00")]
        assert Invoice.objects.get().tax == 9

    def test_a_cancelled_bill_that_was_invoiced_unpaid_is_credited_whole(self):
        issuer()
        bill = billed(UserFactory())
        services.issue_invoice(bill.pk, by=None)
        services.cancel_bill(bill.pk, by=None, reason="Not wanted any more")
        services.issue_due_invoices()
        assert papers(bill=bill) == [("invoice", "100.00"), ("credit_note", "100.00")]

    def test_without_an_issuer_it_waits_and_is_issued_once_there_is_one(self):
        paid(billed(UserFactory()))
        now = timezone.now()
        assert services.issue_due_invoices(now=now) == 0
        [news] = InvoicingNews.objects.all()
        assert (news.attempts, news.failure) == (1, "billing.no_issuer")
        issuer()
        assert services.issue_due_invoices(now=now) == 0
        assert services.issue_due_invoices(now=news.look_at) == 1

    def test_one_that_is_broken_does_not_stop_the_others(self, monkeypatch):
        issuer()
        broken, fine = billed(UserFactory()), billed(UserFactory())
        paid(broken)
        paid(fine)
        issue = invoicing.invoices.issue_invoice

        def failing(pk, **how):
            if pk == broken.pk:
                raise RuntimeError
            return issue(pk, **how)

        monkeypatch.setattr(invoicing.invoices, "issue_invoice", failing)
        assert services.issue_due_invoices() == 1
        assert InvoicingNews.objects.get().failure == "RuntimeError"


@pytest.mark.django_db
def test_a_refund_whose_news_waited_for_the_invoice_is_credited_on_it():
    """Its time was taken before the lock was waited for, and is earlier than the invoice's."""
    issuer()
    began = timezone.now()
    bill = billed(UserFactory())
    payment = paid(bill)
    services.issue_due_invoices()
    given_back(payment, 40, now=began)

    services.issue_due_invoices()

    assert [(one.kind, one.total) for one in Invoice.objects.order_by("pk")] == [
        ("invoice", Decimal(100)), ("credit_note", Decimal(40)),
    ]  # fmt: skip


@pytest.mark.django_db
class TestByStaff:
    @pytest.fixture
    def admin(self):
        return UserFactory(role="admin")

    def test_patients_and_hospital_staff_issue_nothing(self, hospital_admin):
        issuer()
        bill = billed(UserFactory())
        for person in (bill.payer, hospital_admin):
            with pytest.raises(Forbidden):
                services.issue_invoice(bill.pk, by=person)
        assert not Invoice.objects.exists()

    def test_a_bill_has_one_invoice(self, admin):
        issuer()
        bill = billed(UserFactory())
        services.issue_invoice(bill.pk, by=admin)
        with pytest.raises(exceptions.AlreadyInvoiced):
            services.issue_invoice(bill.pk, by=admin)

    def test_a_credit_note_that_is_confirmed_twice_at_once_is_issued_once(self, admin):
        issuer()
        invoice = services.issue_invoice(billed(UserFactory()).pk, by=admin)
        said = {"by": admin, "reason": "Shorter", "left": Money(Decimal(100), "USD")}
        services.issue_credit_note(invoice.pk, Money(Decimal(30), "USD"), **said)
        with pytest.raises(exceptions.PreviewStale):
            services.issue_credit_note(invoice.pk, Money(Decimal(30), "USD"), **said)

    def test_of_a_bill_that_was_credited_whole_there_is_no_invoice(self, admin):
        issuer()
        bill = billed(UserFactory())
        services.cancel_bill(bill.pk, by=admin, reason="Not wanted")
        with pytest.raises(exceptions.NothingToInvoice):
            services.issue_invoice(bill.pk, by=admin)

    def test_a_hospital_that_is_an_issuer_invoices_itself_and_what_medivoy_sells_it_does_not(self, hospital, admin):
        issuer()
        issuer(hospital, legal_name="Lotus Hospitals Pvt Ltd", series_prefix="LHC")
        theirs = services.issue_invoice(billed(UserFactory(), hospital=hospital).pk, by=admin)
        plan = billed(UserFactory(), hospital=hospital, subject_type="subscription")
        ours = services.issue_invoice(plan.pk, by=admin)
        assert theirs.document["issuer"]["legal_name"] == "Lotus Hospitals Pvt Ltd"
        assert ours.document["issuer"]["legal_name"] == "Medivoy Ltd"
        assert ours.document["recipient"]["name"] == hospital.name

    def test_what_was_issued_keeps_the_names_of_its_day(self, admin):
        row = issuer()
        bill = billed(UserFactory(first_name="Amina", last_name="Bello"))
        invoice = services.issue_invoice(bill.pk, by=admin)
        bill.payer.last_name, row.legal_name = "Okafor", "Another Ltd"
        bill.payer.save()
        row.save()
        invoice.refresh_from_db()
        assert invoice.document["recipient"]["name"] == "Amina Bello"
        assert invoice.document["issuer"]["legal_name"] == "Medivoy Ltd"

    def test_a_preview_says_the_same_and_is_numbered_and_written_nowhere(self, admin):
        issuer()
        bill = billed(UserFactory(), line("100", **GST))
        draft = services.preview_invoice(bill.pk, by=admin)
        assert (draft.number, draft.total, Invoice.objects.count()) == ("", Decimal("118.00"), 0)
        assert services.issue_invoice(bill.pk, by=admin).document == draft.document

    def test_a_credit_note_needs_a_reason_and_is_never_over_what_is_left(self, admin):
        issuer()
        invoice = services.issue_invoice(billed(UserFactory()).pk, by=admin)
        with pytest.raises(Invalid):
            services.issue_credit_note(invoice.pk, Money(Decimal(10), "USD"), by=admin, reason=" ")
        services.issue_credit_note(invoice.pk, Money(Decimal(60), "USD"), by=admin, reason="Agreed")
        with pytest.raises(exceptions.CreditTooHigh):
            services.issue_credit_note(invoice.pk, Money(Decimal("40.01"), "USD"), by=admin, reason="Agreed")
        last = services.issue_credit_note(invoice.pk, Money(Decimal(40), "USD"), by=admin, reason="Agreed")
        with pytest.raises(exceptions.NotCreditable):
            services.issue_credit_note(last.pk, Money(Decimal(1), "USD"), by=admin, reason="Agreed")
        assert papers(kind="credit_note") == [("credit_note", "60.00"), ("credit_note", "40.00")]

    def test_a_prefix_under_which_another_has_issued_is_not_taken(self, admin, hospital):
        row = issuer()
        services.issue_invoice(billed(UserFactory()).pk, by=admin)
        row.series_prefix = "NEW"
        services.save_issuer(row, by=admin)
        with pytest.raises(Invalid):
            services.save_issuer(
                type(row)(hospital=hospital, legal_name="X", address="Y", series_prefix="MV"), by=admin
            )


def races(amount):
    """Twenty credit notes of a fifth at once, on one invoice: how many came about, and what was credited."""
    issuer()
    admin = UserFactory(role="admin")
    invoice = services.issue_invoice(billed(UserFactory()).pk, by=admin)

    def credit():
        try:
            services.issue_credit_note(invoice.pk, Money(Decimal(amount), "USD"), by=admin, reason="Agreed")
        except exceptions.CreditTooHigh:
            return 0
        return 1

    made = sum(at_once(*[credit] * 20))
    notes = Invoice.objects.filter(kind=InvoiceKind.CREDIT_NOTE)
    return made, sum(note.total for note in notes)


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_twenty_credit_notes_of_a_fifth_each_five_come_about(self):
        assert races("20") == (5, 100)

    def test_control_without_the_locks_more_is_credited_than_was_invoiced(self, monkeypatch):
        monkeypatch.setattr(Bill.objects.all().__class__, "lock", lambda rows, pk: rows.get(pk=pk))
        seen = services.invoices.selectors.credited_of

        def slowly(invoice):
            found = seen(invoice)
            with transaction.get_connection().cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.2)")
            return found

        monkeypatch.setattr(services.invoices.selectors, "credited_of", slowly)
        made, credited = races("20")
        assert made > 5
        assert credited > 100

    def test_two_runs_of_the_job_at_once_issue_each_paper_once(self):
        issuer()
        for _ in range(6):
            paid(billed(UserFactory()))
        assert sum(at_once(*[services.issue_due_invoices] * 4)) == 6
        assert papers() == [("invoice", "100.00")] * 6


def groups(*rows):
    return [
        TaxGroup(name, Decimal(percent), Money(Decimal(net), "USD"), Money(Decimal(tax), "USD"))
        for name, percent, net, tax in rows
    ]


@pytest.mark.parametrize("step", ["0.01", "0.07", "1.00", "33.33", "250.00"])
def test_what_is_credited_bit_by_bit_ends_with_all_net_and_all_tax(step):
    whole = groups(("GST", 18, "100.05", "18.01"), ("VAT", 5, "33.33", "1.67"), ("", 0, "99.99", "0"))
    left, total = whole, Money.total((group.gross for group in whole), "USD")
    nothing = Money.zero("USD")
    while total:
        amount = min(Money(Decimal(step), "USD"), total)
        taken = rules.share(left, amount)
        assert Money.total((group.gross for group in taken), "USD") == amount
        assert all(group.net >= nothing and group.tax >= nothing for group in taken)
        left, total = rules.less(left, taken), total - amount
        assert all(group.net >= nothing and group.tax >= nothing for group in left)
    assert not any(group.net or group.tax for group in left)
