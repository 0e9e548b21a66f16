"""Billing's documents: what is frozen when one is issued, and how it is printed."""

from .freezing import credit_note, final_invoice, issuer_data, receipt, recipient_of
from .printing import invoice_pdf, invoice_pictures

__all__ = ["credit_note", "final_invoice", "invoice_pdf", "invoice_pictures", "issuer_data", "receipt", "recipient_of"]
