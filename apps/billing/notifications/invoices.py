"""What a payer gets with an invoice: its number, from whom, and the PDF, made when it is sent."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.billing import documents
from apps.billing.models import Invoice, InvoiceKind
from apps.notifications import catalogue, services
from apps.notifications.catalogue import Attachment, Kind

GROUP = "payments"
EXAMPLE: dict[str, Any] = {
    "invoice_id": "019a0b5e-6f00-7d52-8a7e-3c1b2f4d5e62",
    "number": "MV-2031-000042",
    "issuer": "Medivoy Ltd",
    "corrects": "MV-2031-000017",
}


def _paper(message: Any) -> Sequence[Attachment]:
    """The PDF in the language of its reader."""
    invoice = Invoice.objects.get(pk=message.context["invoice_id"])
    pdf = documents.invoice_pdf(invoice, message.recipient.language)
    return [Attachment(content_type="application/pdf", content=pdf, name=f"{invoice.number}.pdf")]


INVOICE = catalogue.register(
    Kind(
        name="billing.invoice",
        group=GROUP,
        label=_("Invoice"),
        subject=_("Your invoice %(number)s"),
        summary=_("Your invoice %(number)s from %(issuer)s is there."),
        transactional=True,
        attachments=_paper,
        example=EXAMPLE,
    )
)
RECEIPT = catalogue.register(
    Kind(
        name="billing.advance_receipt",
        group=GROUP,
        label=_("Receipt of an advance payment"),
        subject=_("Your receipt %(number)s"),
        summary=_("Your receipt %(number)s from %(issuer)s is there."),
        transactional=True,
        attachments=_paper,
        example=EXAMPLE,
    )
)
CREDIT_NOTE = catalogue.register(
    Kind(
        name="billing.credit_note",
        group=GROUP,
        label=_("Credit note"),
        subject=_("Your credit note %(number)s"),
        summary=_("Your credit note %(number)s from %(issuer)s is there. It corrects %(corrects)s."),
        transactional=True,
        attachments=_paper,
        example=EXAMPLE,
    )
)
_KINDS = {
    InvoiceKind.INVOICE: INVOICE,
    InvoiceKind.ADVANCE_RECEIPT: RECEIPT,
    InvoiceKind.CREDIT_NOTE: CREDIT_NOTE,
}


def invoice_sent(invoice: Invoice, *, event: str) -> None:
    """Its recipient has it by e-mail, once for the event."""
    services.notify(
        kind=_KINDS[InvoiceKind(invoice.kind)],
        recipient=invoice.recipient,
        event=event,
        context={
            "invoice_id": str(invoice.pk),
            "number": invoice.number,
            "issuer": invoice.document["issuer"]["legal_name"],
            "corrects": invoice.corrects.number if invoice.corrects else "",
        },
    )
