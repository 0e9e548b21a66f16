"""Invoices on paper: for keeping, in five languages, the sums as readers of each write them, and no diagnosis."""

import re
import shutil
import subprocess
import unicodedata
from decimal import Decimal

import pytest

from apps.billing import documents, recipients, services
from apps.billing.models import Invoice
from apps.common.money import Money
from tests.factories.accounts import UserFactory

from .invoicing import billed, issuer, line, paid

LANGUAGES = ("en", "ar", "hi", "es", "fr")

pytestmark = pytest.mark.django_db


def text_of(pdf, tmp_path, *options):
    """What can be copied out of it, as poppler reads it, without marks of direction and with plain spaces."""
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not installed: poppler-utils")
    (tmp_path / "made.pdf").write_bytes(pdf)
    read = subprocess.run(
        ["pdftotext", *options, tmp_path / "made.pdf", "-"],  # noqa: S607
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    return plain(read.stdout)


def plain(text):
    kept = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return kept.replace("\u00a0", " ").replace("\u202f", " ")


def figures(text):
    """The figures of an amount: poppler gives the visual order, in which an Arabic currency stands elsewhere."""
    return re.search(r"\d[\d .,]*\d", text).group()


@pytest.fixture
def invoice(request):
    issuer()
    currency, price = getattr(request, "param", ("USD", "1250.5"))
    lines = [line(price, tax_mode="exclusive", tax_name="GST", tax_percent=Decimal(18)) for _ in range(40)]
    bill = billed(UserFactory(first_name="Amina", last_name="Bello"), *lines, currency=currency)
    paid(bill)
    services.issue_due_invoices()
    return Invoice.objects.get(kind="invoice")


@pytest.mark.parametrize("invoice", [("JPY", "12500"), ("USD", "1250.5"), ("KWD", "125.125")], indirect=True)
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sums_stand_there_as_readers_of_each_language_write_them(invoice, language, tmp_path):
    said = text_of(documents.invoice_pdf(invoice, language), tmp_path)
    for column in ("net", "tax", "total"):
        written = plain(invoice.figure(column).format(language))
        assert (figures(written) if language == "ar" else written) in said, column
    assert invoice.number in said
    assert "Amina Bello" in said
    assert said.count("\f") >= 2, "forty lines are more than one page"


def test_each_page_repeats_the_heads_of_the_columns_and_is_numbered(invoice, tmp_path):
    pages = text_of(documents.invoice_pdf(invoice, "en"), tmp_path, "-layout").split("\f")[:-1]
    with_lines = [page for page in pages if "Consultation by video" in page]
    assert len(with_lines) >= 2
    assert all("Price of one" in page for page in with_lines)
    assert all(f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, start=1))
    assert all(invoice.number in page and "Amina Bello" in page for page in pages)


def test_it_is_an_archive_pdf_with_its_fonts_inside_and_the_same_each_time(invoice):
    pdf = documents.invoice_pdf(invoice, "ar")
    assert b"pdfaid:part" in pdf
    assert b"+NotoNaskhArabic-" in pdf
    assert pdf == documents.invoice_pdf(Invoice.objects.get(pk=invoice.pk), "ar")


def test_a_receipt_and_a_credit_note_say_what_they_are_for(tmp_path):
    issuer()
    bill = billed(UserFactory(), line("1000"))
    paid(bill, "300")
    services.issue_due_invoices()
    receipt = Invoice.objects.get()
    invoice = services.issue_invoice(bill.pk, by=None)
    note = services.issue_credit_note(invoice.pk, Money(Decimal(250), "USD"), by=None, reason="Shorter stay")
    said = text_of(documents.invoice_pdf(receipt), tmp_path)
    assert "Advance payment receipt" in said
    assert "$300.00" in said
    said = text_of(documents.invoice_pdf(invoice), tmp_path)
    assert receipt.number in said
    assert "$700.00" in said
    said = text_of(documents.invoice_pdf(note), tmp_path)
    assert "Shorter stay" in said
    assert invoice.number in said
    assert "$750.00" in said


def test_a_preview_says_that_it_is_one(tmp_path):
    issuer()
    draft = services.preview_invoice(billed(UserFactory()).pk, by=UserFactory(role="admin"))
    assert "Preview. This has not been issued." in text_of(documents.invoice_pdf(draft), tmp_path)
    assert documents.invoice_pictures(draft)[0].startswith(b"\x89PNG")


def test_a_name_that_our_fonts_cannot_show_stops_no_invoice_and_stays_in_the_row(tmp_path):
    issuer()
    invoice = services.issue_invoice(billed(UserFactory(first_name="伟", last_name="Li")).pk, by=None)
    assert "? Li" in text_of(documents.invoice_pdf(invoice), tmp_path)
    assert Invoice.objects.get().document["recipient"]["name"] == "伟 Li"


def test_the_address_is_that_of_whoever_knows_it_in_the_readers_language(monkeypatch, tmp_path):
    issuer()
    monkeypatch.setattr(recipients, "_finders", [lambda user: recipients.Address(("14 Baker Street",), "KW")])
    invoice = services.issue_invoice(billed(UserFactory()).pk, by=None)
    assert "14 Baker Street\nKuwait" in text_of(documents.invoice_pdf(invoice, "en"), tmp_path)
    assert "Koweït" in text_of(documents.invoice_pdf(invoice, "fr"), tmp_path)
