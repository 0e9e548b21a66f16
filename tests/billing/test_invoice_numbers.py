"""Numbers without gaps: many issue at once with real commits, and a quarter of them fails after the number was taken.

The controls issue in the same way by the two usual ways to number, the highest plus one and a sequence: the first gives
numbers twice, the second leaves gaps. `MEDIVOY_INVOICES=1000` runs the full figure.
"""

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from apps.billing import selectors, services
from apps.billing.models import Bill, Invoice, InvoiceIssuer, InvoiceSending, InvoiceSeries
from apps.notifications.models import Message
from tests.bookings.racing import at_once
from tests.factories.accounts import UserFactory

from .invoicing import billed, issuer

HOW_MANY = int(os.environ.get("MEDIVOY_INVOICES", "48"))
THREADS = 16


class _PowerCutError(Exception):
    """Something goes wrong after the number was taken."""


def many(issue, bills):
    """All bills, in threads; each fourth fails at the very end of its transaction. How many did."""

    def one(job):
        index, bill_id = job
        try:
            with transaction.atomic():
                issue(bill_id)
                if index % 4 == 3:
                    raise _PowerCutError
        except _PowerCutError:
            return 1
        return 0

    def whole(job):
        try:
            return one(job)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(whole, enumerate(bills)))


@pytest.fixture
def bills(transactional_db):
    issuer()
    payer = UserFactory()
    return [billed(payer).pk for _ in range(HOW_MANY)]


def test_many_at_once_of_which_a_quarter_fails_leave_no_gap_and_no_double(bills):
    failed = many(lambda pk: services.issue_invoice(pk, by=None), bills)

    issued = HOW_MANY - failed
    assert failed == HOW_MANY // 4
    numbers = list(Invoice.objects.order_by("sequence").values_list("sequence", flat=True))
    assert numbers == list(range(1, issued + 1))
    [series] = InvoiceSeries.objects.all()
    assert series.last_number == issued
    assert selectors.check_series(series).is_whole
    assert Message.objects.filter(channel="email", kind="billing.invoice").count() == issued
    assert InvoiceSending.objects.count() == issued


def test_the_first_invoices_of_a_series_at_once_are_counted_from_one(transactional_db):
    """Once for each of several years, as each has but one beginning."""
    issuer()
    payer = UserFactory()
    for year in range(2026, 2034):
        now = datetime(year, 6, 1, tzinfo=UTC)
        at_once(*[partial(services.issue_invoice, billed(payer).pk, by=None, now=now) for _ in range(8)])
        numbers = Invoice.objects.filter(year=year).order_by("sequence").values_list("sequence", flat=True)
        assert list(numbers) == list(range(1, 9))


#: The ways that were not taken, each on a table of its own.
_CONTROLS = {
    "the highest plus one": "INSERT INTO control (number) SELECT COALESCE(max(number), 0) + 1 FROM control",
    "a sequence": "INSERT INTO control (number) SELECT nextval('control_number')",
}


@pytest.mark.parametrize(("way", "fault"), [("the highest plus one", "doubled"), ("a sequence", "missing")])
def test_control_the_usual_ways_to_number_double_or_leave_gaps(transactional_db, way, fault):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE control (number int); CREATE SEQUENCE control_number")
    try:

        def issue(_bill_id):
            with connection.cursor() as cursor:
                cursor.execute(_CONTROLS[way])
                cursor.execute("SELECT pg_sleep(0.002)")

        many(issue, range(64))
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM control")
            numbers = Counter(row[0] for row in cursor.fetchall())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE control; DROP SEQUENCE control_number")
    found = {
        "doubled": [number for number, times in numbers.items() if times > 1],
        "missing": set(range(1, max(numbers) + 1)) - set(numbers),
    }
    assert found[fault]


def test_a_number_that_was_taken_and_put_on_nothing_ends_no_transaction(transactional_db):
    row = issuer()
    with pytest.raises(DatabaseError, match="was taken and no invoice bears it"), transaction.atomic():
        InvoiceSeries.objects.create(issuer=row, kind="invoice", year=2026, prefix="MV", last_number=1)
    assert not InvoiceSeries.objects.exists()


@pytest.mark.django_db
class TestOneAfterAnother:
    def test_a_new_year_begins_with_one_when_it_is_new_year_at_the_issuers_place(self):
        """At 11:00 UTC of New Year's Eve it is midnight in Auckland."""
        issuer(time_zone="Pacific/Auckland")
        first = services.issue_invoice(
            billed(UserFactory()).pk, by=None, now=datetime(2026, 12, 31, 10, 59, 59, tzinfo=UTC)
        )
        second = services.issue_invoice(billed(UserFactory()).pk, by=None, now=datetime(2026, 12, 31, 11, tzinfo=UTC))
        assert [first.number, second.number] == ["MV-2026-000001", "MV-2027-000001"]
        assert [str(one.issued_on) for one in (first, second)] == ["2026-12-31", "2027-01-01"]

    def test_each_issuer_and_kind_has_its_own_series(self, hospital):
        issuer()
        issuer(hospital, series_prefix="LHC")
        ours = services.issue_invoice(billed(UserFactory()).pk, by=None)
        theirs = services.issue_invoice(billed(UserFactory(), hospital=hospital).pk, by=None)
        note = services.issue_credit_note(ours.pk, ours.figure("total"), by=None, reason="")
        year = timezone.now().year
        assert [one.number for one in (ours, theirs, note)] == [
            f"MV-{year}-000001", f"LHC-{year}-000001", f"MV-CN-{year}-000001",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        "change",
        [
            lambda invoice: Invoice.objects.filter(pk=invoice.pk).update(total=1, net=1),
            lambda invoice: Invoice.objects.filter(pk=invoice.pk).update(document={}),
            lambda invoice: Invoice.objects.filter(pk=invoice.pk).delete(),
            lambda invoice: InvoiceSending.objects.all().delete(),
            lambda invoice: InvoiceSending.objects.update(at=timezone.now()),
            lambda invoice: InvoiceSeries.objects.update(last_number=0),
            lambda invoice: InvoiceSeries.objects.update(last_number=5),
            lambda invoice: InvoiceSeries.objects.update(prefix="XX"),
            lambda invoice: InvoiceSeries.objects.all().delete(),
            lambda invoice: InvoiceIssuer.objects.all().delete(),
        ],
    )
    def test_what_was_issued_is_changed_by_nobody(self, change):
        issuer()
        invoice = services.issue_invoice(billed(UserFactory()).pk, by=None)
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            change(invoice)
        invoice.refresh_from_db()
        assert invoice.total == 100

    def test_an_invoice_bears_no_number_but_the_one_just_counted(self):
        issuer()
        invoice = services.issue_invoice(billed(UserFactory()).pk, by=None)
        for number in (1, 3):
            copy = Invoice.objects.get(pk=invoice.pk)
            copy.pk, copy.bill, copy.number = None, Bill.objects.get(pk=billed(UserFactory()).pk), f"MV-X-{number}"
            copy.sequence, copy._state.adding = number, True
            with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
                copy.save(force_insert=True)

    def test_the_check_finds_whole_series_whole_and_names_a_gap(self, capsys):
        issuer()
        invoices = [services.issue_invoice(billed(UserFactory()).pk, by=None) for _ in range(3)]
        call_command("check_invoice_numbers")
        assert "MV-2026" in capsys.readouterr().out.replace(str(timezone.now().year), "2026")
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE billing_invoice DISABLE TRIGGER USER")
            cursor.execute("ALTER TABLE billing_invoicesending DISABLE TRIGGER USER")
            cursor.execute("DELETE FROM billing_invoicesending WHERE invoice_id = %s", [invoices[1].pk])
            cursor.execute("DELETE FROM billing_invoice WHERE id = %s", [invoices[1].pk])
            cursor.execute("ALTER TABLE billing_invoice ENABLE TRIGGER USER")
            cursor.execute("ALTER TABLE billing_invoicesending ENABLE TRIGGER USER")
        with pytest.raises(CommandError):
            call_command("check_invoice_numbers")
        assert "2" in capsys.readouterr().out
