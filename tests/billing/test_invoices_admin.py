"""Invoices in the admin: looked at before they are issued, sent, credited; issuers kept; series looked through."""

import re

import pytest
from django.urls import reverse

from apps.billing import services
from apps.billing.models import Invoice, InvoiceIssuer, InvoiceSending, InvoicingNews
from tests.factories.accounts import UserFactory

from .invoicing import billed, issuer, line, paid

pytestmark = pytest.mark.django_db


def page(name, *args, model="invoice"):
    return reverse(f"admin:billing_{model}_{name}", args=args)


def text_of(response):
    assert response.status_code == 200
    return response.content.decode()


def seen_in(text):
    return re.search(r'name="seen" value="([^"]*)"', text).group(1)


@pytest.fixture
def bill(patient, hospital):
    issuer()
    return billed(patient.user, line("100"), hospital=hospital)


@pytest.fixture
def invoice(bill):
    return services.issue_invoice(bill.pk, by=None)


@pytest.fixture
def desk(client, platform_admin):
    client.force_login(platform_admin)
    return client


def test_a_bill_is_invoiced_after_a_look_at_it(desk, bill, platform_admin):
    shown = text_of(desk.get(page("issue", bill.pk)))
    assert 'src="data:image/png;base64,' in shown
    assert not Invoice.objects.exists()

    response = desk.post(page("issue", bill.pk), {"step": "issue", "seen": seen_in(shown)})

    invoice = Invoice.objects.get()
    assert (response.status_code, response["Location"]) == (302, page("change", invoice.pk))
    assert invoice.issued_by == platform_admin
    again = desk.get(page("issue", bill.pk))
    assert again["Location"] == page("change", invoice.pk)


def test_what_has_changed_since_it_was_looked_at_is_shown_again_and_not_issued(desk, bill):
    seen = seen_in(text_of(desk.get(page("issue", bill.pk))))
    paid(bill, "40")
    shown = text_of(desk.post(page("issue", bill.pk), {"step": "issue", "seen": seen}))
    assert seen_in(shown) == "100.00 60.00"
    assert not Invoice.objects.exists()


def test_why_nothing_can_be_issued_is_said_on_the_page(desk, patient):
    bill = billed(patient.user)
    assert "has not been set up with a legal name" in text_of(desk.get(page("issue", bill.pk)))


def test_a_credit_note_is_looked_at_and_then_issued_as_it_was_looked_at(desk, invoice):
    address = page("credit", invoice.pk)
    asked = {"amount": "30", "reason": "Shorter stay"}
    shown = text_of(desk.post(address, asked | {"step": "look"}))
    assert 'src="data:image/png;base64,' in shown
    seen = seen_in(shown)
    text_of(desk.post(address, {"amount": "31", "reason": "Shorter stay", "step": "issue", "seen": seen}))
    assert not Invoice.objects.filter(kind="credit_note").exists()

    desk.post(address, asked | {"step": "issue", "seen": seen})

    assert Invoice.objects.get(kind="credit_note").total == 30
    text_of(desk.post(address, asked | {"step": "issue", "seen": seen}))
    assert Invoice.objects.filter(kind="credit_note").count() == 1
    change = text_of(desk.get(page("change", invoice.pk)))
    assert "MV-CN-" in change
    too_much = text_of(desk.post(address, {"amount": "71", "reason": "Again", "step": "look"}))
    assert "No more can be credited" in too_much


def test_the_pdf_opens_in_any_of_the_languages_and_is_sent_once_more(desk, invoice, platform_admin):
    response = desk.get(page("pdf", invoice.pk), {"lang": "ar"})
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    desk.post(page("send", invoice.pk))
    assert InvoiceSending.objects.filter(by=platform_admin).count() == 1
    assert desk.get(page("send", invoice.pk)).status_code == 405


def test_hospital_staff_read_their_own_and_issue_send_and_credit_nothing(client, hospital_admin, invoice, bill):
    other = services.issue_invoice(billed(UserFactory()).pk, by=None)
    client.force_login(hospital_admin)
    listed = text_of(client.get(page("changelist")))
    assert invoice.number in listed
    assert other.number not in listed
    assert client.get(page("pdf", invoice.pk)).status_code == 200
    assert client.get(page("pdf", other.pk)).status_code == 404
    assert client.get(page("issue", bill.pk)).status_code == 403
    assert client.get(page("credit", invoice.pk)).status_code == 403
    client.post(page("send", invoice.pk))
    assert InvoiceSending.objects.count() == 2


@pytest.mark.parametrize("word", ["number", "bill", "email"])
def test_it_is_found_by_number_bill_and_address(desk, invoice, bill, word):
    other = services.issue_invoice(billed(UserFactory()).pk, by=None)
    asked = {"number": invoice.number.lower(), "bill": bill.number, "email": bill.payer.email}[word]
    listed = text_of(desk.get(page("changelist"), {"q": asked}))
    assert invoice.number in listed
    assert other.number not in listed


def test_a_series_page_says_that_no_number_is_missing(desk, invoice):
    assert "No gap" in text_of(desk.get(page("change", invoice.series_id, model="invoiceseries")))
    assert str(invoice.series) in text_of(desk.get(page("changelist", model="invoiceseries")))


def test_an_issuer_is_kept_and_what_cannot_be_printed_is_refused_at_its_field(desk, hospital):
    given = {
        "hospital": str(hospital.pk), "legal_name": "Lotus Hospitals Pvt Ltd", "address": "Chennai", "tax_number": "",
        "email": "", "phone": "", "series_prefix": "LHC", "time_zone": "Asia/Kolkata", "footer": "",
    }  # fmt: skip
    desk.post(page("add", model="invoiceissuer"), given | {"legal_name": "莲花"})
    assert not InvoiceIssuer.objects.exists()
    desk.post(page("add", model="invoiceissuer"), given)
    assert InvoiceIssuer.objects.get().legal_name == "Lotus Hospitals Pvt Ltd"


def test_what_could_not_be_issued_stands_there_with_its_reason(desk, patient):
    paid(billed(patient.user))
    services.issue_due_invoices()
    assert InvoicingNews.objects.get().failure in text_of(desk.get(page("changelist", model="invoicingnews")))
