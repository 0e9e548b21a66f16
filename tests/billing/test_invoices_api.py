"""The contract's rows of invoices over HTTP, and the message with the PDF."""

import pytest
from django.core import mail

from apps.billing import services
from apps.billing.models import Invoice, InvoiceSending
from apps.notifications import services as notifications
from tests.factories.accounts import UserFactory

from .invoicing import billed, issuer, line, paid

pytestmark = pytest.mark.django_db
INVOICES = "/api/v1/invoices"


@pytest.fixture
def bill(patient, hospital):
    issuer()
    return billed(patient.user, line("100"), hospital=hospital)


@pytest.fixture
def invoice(bill):
    return services.issue_invoice(bill.pk, by=None)


def data_of(response, status=200):
    assert response.status_code == status, response.content
    return response.json()["data"]


def code_of(response):
    return response.status_code, response.json()["code"]


def test_a_coordinator_issues_once_and_the_patient_reads_it(api, coordinator, patient, bill):
    issued = data_of(api(coordinator).post(INVOICES, {"bill_id": str(bill.pk)}), 201)
    assert (issued["kind"], issued["total"], issued["bill_number"]) == ("invoice", "100.00", bill.number)
    assert code_of(api(coordinator).post(INVOICES, {"bill_id": str(bill.pk)})) == (409, "billing.already_invoiced")

    [row] = data_of(api(patient.user).get(INVOICES))
    assert row["number"] == issued["number"]
    detail = data_of(api(patient.user).get(f"{INVOICES}/{issued['id']}"))
    assert detail == issued
    assert [one["total"] for one in detail["lines"]] == ["100.00"]


def test_the_same_key_issues_one_and_answers_the_same(api, coordinator, bill):
    client = api(coordinator)
    body, key = {"bill_id": str(bill.pk)}, {"Idempotency-Key": "once"}
    first, again = (data_of(client.post(INVOICES, body, headers=key), 201) for _ in range(2))
    assert first == again
    assert Invoice.objects.count() == 1
    other = client.post(INVOICES, {**body, "kind": "credit_note", "reason": "x"}, headers=key)
    assert code_of(other) == (422, "idempotency.key_reused")


def test_a_credit_note_over_a_part_and_then_over_all_that_is_left(api, coordinator, bill, invoice):
    client = api(coordinator)
    body = {"kind": "credit_note", "bill_id": str(bill.pk), "reason": "Agreed"}
    part = data_of(client.post(INVOICES, {**body, "amount": "30"}), 201)
    assert (part["total"], part["corrects_number"], part["reason"]) == ("30.00", invoice.number, "Agreed")
    assert code_of(client.post(INVOICES, {**body, "amount": "71"})) == (409, "billing.credit_too_high")
    assert data_of(client.post(INVOICES, body), 201)["total"] == "70.00"
    wrong = client.post(INVOICES, {"kind": "credit_note", "bill_id": str(bill.pk), "amount": "1.001", "reason": "x"})
    assert wrong.json()["errors"].keys() == {"amount"}


def test_the_receipt_of_a_payment_is_issued_by_its_id(api, coordinator, bill):
    payment = paid(bill, "40")
    body = {"kind": "advance_receipt", "payment_id": str(payment.pk)}
    assert data_of(api(coordinator).post(INVOICES, body), 201)["payment_number"] == payment.number
    missing = api(coordinator).post(INVOICES, {"kind": "advance_receipt"})
    assert (missing.status_code, missing.json()["errors"].keys()) == (400, {"payment_id"})


def test_each_sees_their_own_and_another_gets_what_a_random_id_gets(
    api, invoice, patient, hospital_admin, other_patient, doctor
):
    address = f"{INVOICES}/{invoice.pk}"
    for person in (patient.user, hospital_admin):
        assert data_of(api(person).get(address))["number"] == invoice.number
    assert code_of(api(other_patient.user).get(address)) == (404, "not_found")
    assert code_of(api(other_patient.user).get(f"{address}/pdf")) == (404, "not_found")
    assert api(doctor.user).get(address).status_code == 403
    for person in (patient.user, hospital_admin):
        assert api(person).post(f"{address}/send").status_code == 403
        assert api(person).post(INVOICES, {}).status_code == 403


def test_lists_are_narrowed_by_kind_year_bill_and_days(api, coordinator, bill, invoice):
    issuer_today, year = invoice.issued_on, invoice.year
    other = services.issue_invoice(billed(UserFactory()).pk, by=None)
    client = api(coordinator)

    def numbers(**asked):
        return [row["number"] for row in data_of(client.get(INVOICES, asked))]

    assert numbers() == [other.number, invoice.number]
    assert numbers(bill=str(bill.pk)) == [invoice.number]
    assert numbers(kind="credit_note") == numbers(year=year - 1) == []
    assert numbers(**{"from": issuer_today.isoformat(), "to": issuer_today.isoformat(), "year": year}) == numbers()
    assert numbers(to="2020-01-01") == []
    for wrong in ({"kind": "x"}, {"year": "x"}, {"bill": "x"}, {"from": "x"}, {"to": "31.12.2026"}, {"year": 1e9}):
        assert client.get(INVOICES, wrong).status_code == 400, wrong


@pytest.mark.parametrize(("asked", "word"), [("", b"(en)"), ("ar", b"(ar)"), ("fr", b"(fr)")])
def test_the_pdf_is_a_file_of_its_own_name_in_the_language_asked_for(api, invoice, patient, asked, word):
    response = api(patient.user).get(
        f"{INVOICES}/{invoice.pk}/pdf", {"lang": asked} if asked else {}, headers={"Accept": "application/pdf"}
    )
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert response["Content-Disposition"] == f'attachment; filename="{invoice.number}.pdf"'
    assert b"/Lang" in response.content
    assert word in response.content


def test_an_unknown_language_is_refused(api, invoice, patient):
    assert api(patient.user).get(f"{INVOICES}/{invoice.pk}/pdf", {"lang": "de"}).status_code == 400


def test_sending_writes_a_message_with_the_pdf_and_who_sent_it(api, invoice, patient, coordinator):
    response = api(coordinator).post(f"{INVOICES}/{invoice.pk}/send")
    assert data_of(response, 201)["invoice_id"] == str(invoice.pk)
    assert list(InvoiceSending.objects.order_by("at").values_list("by", "to")) == [
        (None, patient.user.pk), (coordinator.pk, patient.user.pk),
    ]  # fmt: skip

    notifications.deliver_due()

    sent = [email for email in mail.outbox if invoice.number in email.subject]
    assert len(sent) == 2
    for email in sent:
        [attachment] = email.attachments
        assert (attachment.filename, attachment.mimetype) == (f"{invoice.number}.pdf", "application/pdf")
        assert attachment.content.startswith(b"%PDF-")
