"""Room: in whose name invoices are issued: Medivoy's own, and two hospitals that invoice what they sell themselves."""

from datetime import datetime

from apps.billing import services as billing_services
from apps.billing.models import InvoiceIssuer
from apps.hospitals.models import Hospital

from . import staff

OURS = {
    "legal_name": "Medivoy Health Travel Pte. Ltd.", "address": "12 Harbour Street, #08-01\nSingapore 018989",
    "tax_number": "M9-0371234-K", "email": "accounts@medivoy.example", "series_prefix": "MV",
    "time_zone": "Asia/Singapore",
    "footer": "Meridian Bank, account 00-123456-7, BIC MERIXXSGXXX. Please give the number of the invoice.",
}  # fmt: skip
#: Those whose e-mail address comes first, of different countries.
OF_HOSPITALS = 2


def load(now: datetime) -> int:
    """How many issuers there are."""
    if InvoiceIssuer.objects.exists():
        return InvoiceIssuer.objects.count()
    by = staff.admin()
    billing_services.save_issuer(InvoiceIssuer(**OURS), by=by)
    listed = Hospital.objects.listed().order_by("country", "email").distinct("country")
    for number, hospital in enumerate(listed[:OF_HOSPITALS], start=1):
        place = ", ".join(part for part in (hospital.address, hospital.city) if part)
        issuer = InvoiceIssuer(
            hospital=hospital, legal_name=hospital.name, address=place, email=hospital.email,
            tax_number=f"00{number}-{number}23-456", series_prefix=f"H{number:02d}", time_zone=hospital.time_zone,
        )  # fmt: skip
        billing_services.save_issuer(issuer, by=by)
    return InvoiceIssuer.objects.count()
