"""Verbs on invoices: issue one, a receipt, a credit note; send one; show what one would say.

The number is taken last: whoever takes one holds its counter until the transaction ends, and the database lets no
transaction end that took a number and put it on nothing. So a series has no gap and no number twice.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.billing import documents, exceptions, notifications, rules, selectors
from apps.billing.models import Bill, Invoice, InvoiceIssuer, InvoiceKind, InvoiceSending, InvoiceSeries, Payment
from apps.billing.rules import TaxGroup
from apps.common.documents import require_supported
from apps.common.exceptions import Forbidden, Invalid, NotFound, raise_if
from apps.common.money import Money

#: One statement: the counter's row is there or is made, goes up by one, and is locked until the transaction ends.
_COUNT = """
    INSERT INTO billing_invoiceseries (issuer_id, kind, year, prefix, last_number) VALUES (%s, %s, %s, %s, 1)
    ON CONFLICT (issuer_id, kind, year) DO UPDATE SET last_number = billing_invoiceseries.last_number + 1
    RETURNING id, prefix, last_number
"""


@transaction.atomic
def issue_invoice(bill_id: UUID, *, by: User | None, now: datetime | None = None) -> Invoice:
    """The bill's invoice is issued for good and sent to its payer. It names the receipts of advance payments that were
    issued for it, what was paid, and what is left to pay. `by` None is the job.

    Raises NotFound, Forbidden, NoIssuer, AlreadyInvoiced, NothingToInvoice.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_issue(role=_role(by)))
    return _issue(_invoice(_locked_bill(bill_id), now), by=by, now=now)


@transaction.atomic
def issue_advance_receipt(payment_id: UUID, *, by: User | None, now: datetime | None = None) -> Invoice:
    """What was paid before the final invoice has its receipt, with the tax in it, and the payer has it by e-mail.

    Raises NotFound, Forbidden, NoIssuer, AlreadyInvoiced, NothingToInvoice.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_issue(role=_role(by)))
    seen = Payment.objects.filter(pk=payment_id).values_list("bill", flat=True)
    for bill_id in seen:
        if bill_id is not None:
            _locked_bill(bill_id)
    try:
        payment = Payment.objects.lock(payment_id)
    except Payment.DoesNotExist:
        raise NotFound() from None
    return _issue(_receipt(payment, now), by=by, now=now)


@transaction.atomic
def issue_credit_note(
    invoice_id: UUID, amount: Money, *, by: User | None, reason: str, left: Money | None = None,
    now: datetime | None = None,
) -> Invoice:  # fmt: skip
    """So much of an invoice or a receipt is taken back, with the tax in it in proportion; both papers stay. Two at once
    never take back more than it says. The bill is not changed: `credit_bill` and `request_refund` do that, and bring
    about their credit notes by themselves. `left` is what they were shown as not credited yet: where it is another
    amount by now, nothing happens.

    Raises NotFound, Forbidden, NotCreditable, CreditTooHigh, Invalid, PreviewStale.
    """
    now = now or timezone.now()
    for bill_id in Invoice.objects.filter(pk=invoice_id).values_list("bill", flat=True):
        if bill_id is not None:
            _locked_bill(bill_id)
    try:
        invoice = Invoice.objects.lock(invoice_id)
    except Invoice.DoesNotExist:
        raise NotFound() from None
    draft = _credit_note(invoice, amount, role=_role(by), reason=reason, now=now)
    if left is not None and left != left_of(invoice):
        raise exceptions.PreviewStale()
    return _issue(draft, by=by, now=now)


def issue(
    *, kind: str, bill_id: UUID | None, payment_id: UUID | None, amount: Decimal | None, reason: str, by: User,
    now: datetime | None = None,
) -> Invoice:  # fmt: skip
    """Whichever of the three is asked for. A credit note is on the payment's receipt or on the bill's invoice, over all
    that is left of it if no amount is given.

    Raises NotFound, Invalid, and as the three do.
    """
    if kind == InvoiceKind.ADVANCE_RECEIPT:
        return issue_advance_receipt(_given(payment_id, "payment_id"), by=by, now=now)
    if kind == InvoiceKind.INVOICE:
        return issue_invoice(_given(bill_id, "bill_id"), by=by, now=now)
    wanted: dict[str, Any] = {"payment": payment_id, "kind": InvoiceKind.ADVANCE_RECEIPT}
    if payment_id is None:
        wanted = {"bill": _given(bill_id, "bill_id"), "kind": InvoiceKind.INVOICE}
    invoice = Invoice.objects.visible_to(by).filter(**wanted).first()
    if invoice is None:
        raise NotFound()
    value = Money(amount, invoice.currency) if amount is not None else left_of(invoice)
    if amount is not None:
        raise_if(rules.why_wrong_amount(amount, invoice.currency))
    return issue_credit_note(invoice.pk, value, by=by, reason=reason, now=now)


def left_of(invoice: Invoice) -> Money:
    """What was not credited of it yet."""
    credited, _groups = selectors.credited_of(invoice)
    return invoice.figure("total") - credited


def _given(pk: UUID | None, name: str) -> UUID:
    if pk is None:
        raise Invalid(errors={name: [_("This field is required.")]})
    return pk


@transaction.atomic
def send_invoice(invoice_id: UUID, *, by: User, now: datetime | None = None) -> InvoiceSending:
    """Its recipient gets it by e-mail, with the PDF, and that it was sent stands written.

    Raises NotFound, Forbidden.
    """
    now = now or timezone.now()
    raise_if(rules.why_not_issue(role=by.role))
    return _send(selectors.invoice_to_read(invoice_id, reader=by), by=by, now=now)


def preview_invoice(bill_id: UUID, *, by: User, now: datetime | None = None) -> Invoice:
    """What `issue_invoice` would issue now: not saved, without a number. Raises as it does."""
    now = now or timezone.now()
    raise_if(rules.why_not_issue(role=by.role))
    bill = Bill.objects.visible_to(by).select_related("payer", "hospital").filter(pk=bill_id).first()
    if bill is None:
        raise NotFound()
    return _dated(_invoice(bill, now), now)


def preview_credit_note(
    invoice_id: UUID, amount: Money, *, by: User, reason: str, now: datetime | None = None
) -> Invoice:
    """What `issue_credit_note` would issue now: not saved, without a number. Raises as it does."""
    now = now or timezone.now()
    invoice = selectors.invoice_to_read(invoice_id, reader=by)
    return _dated(_credit_note(invoice, amount, role=by.role, reason=reason, now=now), now)


def _invoice(bill: Bill, now: datetime) -> Invoice:
    """The draft of a bill's invoice."""
    if selectors.is_invoiced(bill):
        raise exceptions.AlreadyInvoiced()
    total = bill.figure("total") - bill.figure("credited")
    if not total:
        raise exceptions.NothingToInvoice()
    issuer = selectors.issuer_of(bill, bill.hospital_id)
    lines = list(bill.lines.order_by("position"))
    groups = _without_credit(rules.tax_groups(lines, bill.currency), bill)
    received = selectors.received_for(bill, issuer.time_zone)
    receipts = list(Invoice.objects.filter(bill=bill, kind=InvoiceKind.ADVANCE_RECEIPT).order_by("issued_at"))
    says = documents.final_invoice(bill, lines, groups, received, receipts, total=total)
    return _draft(
        InvoiceKind.INVOICE, issuer, groups, says, bill=bill, recipient=bill.payer, hospital_id=bill.hospital_id,
        currency=bill.currency, discount=bill.discount, due_on=bill.due_on,
    )  # fmt: skip


def _receipt(payment: Payment, now: datetime) -> Invoice:
    """The draft of an advance payment's receipt."""
    bill = payment.bill
    if payment.receipts.filter(kind=InvoiceKind.ADVANCE_RECEIPT).exists() or (bill and selectors.is_invoiced(bill)):
        raise exceptions.AlreadyInvoiced()
    if not selectors.kept_of(payment):
        raise exceptions.NothingToInvoice()
    hospital_id = payment.hospital_id or (bill.hospital_id if bill else None)
    issuer = selectors.issuer_of(bill, hospital_id)
    left: list[TaxGroup] = []
    if bill:
        left = _without_credit(rules.tax_groups(bill.lines.order_by("position"), bill.currency), bill)
        for document in Invoice.objects.filter(bill=bill, kind=InvoiceKind.ADVANCE_RECEIPT).values_list(
            "document", flat=True
        ):
            left = rules.less(left, selectors.groups_in(document, bill.currency))
    groups = rules.share(
        [group for group in left if group.gross > Money.zero(payment.currency)], payment.figure("captured")
    )
    day = selectors.received_on(payment, issuer.time_zone) or rules.issued_on(now, issuer.time_zone)
    says = documents.receipt(bill, payment, day, groups)
    return _draft(
        InvoiceKind.ADVANCE_RECEIPT, issuer, groups, says, bill=bill, payment=payment, recipient=payment.payer,
        hospital_id=hospital_id, currency=payment.currency,
    )  # fmt: skip


def _credit_note(invoice: Invoice, amount: Money, *, role: str | None, reason: str, now: datetime) -> Invoice:
    """The draft of a credit note; whoever issues it holds the invoice's lock. `role` None is the job, which gives no
    reason of its own."""
    credited, gone = selectors.credited_of(invoice)
    total = invoice.figure("total")
    refusal = rules.why_not_credit_note(
        invoice.kind, amount, total=total, credited=credited, role=role, reason=reason or ("-" if role is None else "")
    )
    raise_if(refusal)
    left = rules.less(selectors.groups_in(invoice.document, invoice.currency), gone)
    groups = rules.share(left, amount)
    says = documents.credit_note(invoice, groups, left=total - credited - amount)
    draft = _draft(
        InvoiceKind.CREDIT_NOTE, invoice.issuer, groups, says, bill_id=invoice.bill_id, payment_id=invoice.payment_id,
        corrects=invoice, recipient=invoice.recipient, hospital_id=invoice.hospital_id, currency=invoice.currency,
        reason=reason.strip(),
    )  # fmt: skip
    draft.language = invoice.language
    draft.document["recipient"] = invoice.document["recipient"]
    return draft


def _draft(
    kind: str, issuer: InvoiceIssuer, groups: Sequence[TaxGroup], says: dict[str, Any], **columns: Any
) -> Invoice:
    draft = Invoice(kind=kind, issuer=issuer, **columns)
    draft.language = draft.recipient.language
    draft.net = Money.total((group.net for group in groups), draft.currency).amount
    draft.tax = Money.total((group.tax for group in groups), draft.currency).amount
    draft.total = draft.net + draft.tax
    head = {
        "issuer": documents.issuer_data(issuer),
        "recipient": documents.recipient_of(draft.bill, draft.recipient, draft.language),
    }
    draft.document = head | says
    return draft


def _without_credit(groups: Sequence[TaxGroup], bill: Bill) -> list[TaxGroup]:
    """A bill's taxes less what was credited of it."""
    if bill.credited:
        groups = rules.less(groups, rules.share(groups, bill.figure("credited")))
    return [group for group in groups if group.gross]


def _dated(draft: Invoice, now: datetime) -> Invoice:
    draft.issued_at = now
    draft.issued_on = rules.issued_on(now, draft.issuer.time_zone)
    draft.year = draft.issued_on.year
    return draft


def _issue(draft: Invoice, *, by: User | None, now: datetime) -> Invoice:
    """Number it, write it, send it. The caller has locked what it is for, and does nothing more afterwards."""
    _dated(draft, now)
    prefix = rules.series_prefix(draft.issuer.series_prefix, draft.kind)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [draft.issuer_id, draft.kind, draft.year, prefix])
        draft.series_id, prefix, draft.sequence = cursor.fetchone()
    draft.number = rules.number_of(prefix, draft.year, draft.sequence)
    draft.issued_by = by
    draft.save(force_insert=True)
    _send(draft, by=by, now=now)
    return draft


def _send(invoice: Invoice, *, by: User | None, now: datetime) -> InvoiceSending:
    sending = InvoiceSending.objects.create(invoice=invoice, at=now, to=invoice.recipient, by=by)
    notifications.invoice_sent(invoice, event=f"invoice.sent:{invoice.pk}:{sending.pk}")
    return sending


def _locked_bill(bill_id: UUID) -> Bill:
    try:
        return Bill.objects.lock(bill_id)
    except Bill.DoesNotExist:
        raise NotFound() from None


def _role(by: User | None) -> str | None:
    return by.role if by else None


@transaction.atomic
def save_issuer(issuer: InvoiceIssuer, *, by: User) -> InvoiceIssuer:
    """Whoever issues is set up as given, for what is issued from now on.

    Raises Forbidden, Invalid (a prefix under which another has issued), CharactersNotSupported.
    """
    raise_if(None if by.is_platform_admin else Forbidden())
    shown = ("legal_name", "address", "tax_number", "email", "phone", "footer")
    require_supported({name: getattr(issuer, name) for name in shown})
    taken = [rules.series_prefix(issuer.series_prefix, kind) for kind in InvoiceKind]
    if InvoiceSeries.objects.filter(prefix__in=taken).exclude(issuer=issuer.pk).exists():
        raise Invalid(errors={"series_prefix": [_("Another issuer has issued under this prefix.")]})
    issuer.save()
    return issuer
