"""Who cancels: it picks the terms."""

from django.db import models
from django.utils.translation import pgettext_lazy


class Canceller(models.TextChoices):
    """Whose doing it is that something does not take place."""

    PATIENT = "patient", pgettext_lazy("cancelled by", "Patient")
    HOSPITAL = "hospital", pgettext_lazy("cancelled by", "Hospital")
    PLATFORM = "platform", pgettext_lazy("cancelled by", "Medivoy")
    VISA_REFUSED = "visa_refused", pgettext_lazy("cancelled by", "Visa refused")
    MEDICALLY_UNFIT = "medically_unfit", pgettext_lazy("cancelled by", "Medically unfit to travel")


#: Whoever sold it does not take it away at the buyer's cost: everything comes back unless the terms say otherwise.
SELLERS = frozenset({Canceller.HOSPITAL, Canceller.PLATFORM})
