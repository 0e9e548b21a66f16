"""Where patients live, for the head of what they are invoiced: billing knows the payer's name only."""

from apps.accounts.models import User
from apps.billing.recipients import Address
from apps.clinical.models import Patient


def postal_address(user: User) -> Address | None:
    """As the patient gave it; None for somebody who is no patient. One query."""
    row = Patient.objects.filter(user=user).values_list("address", "city", "country").first()
    if row is None:
        return None
    address, city, country = row
    return Address(lines=tuple(line for line in (address, city) if line), country=str(country))
