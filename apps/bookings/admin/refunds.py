"""What calling an appointment off gives back, as the admin says it before anything is done."""

from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from apps.bookings import rules, selectors
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.common import wall_time
from apps.common.exceptions import Text


def sentences(appointment: Appointment, to_status: str, user: Any) -> list[Text]:
    """Nothing where nothing was billed, for whoever sees no bills, and for moves that give nothing back."""
    if to_status not in rules.GIVEN_BACK:
        return []
    is_cancelled = to_status == AppointmentStatus.CANCELLED
    whose = rules.cancelled_by(user.role) if is_cancelled else Appointment.CancelledBy.HOSPITAL
    quote = selectors.refund_of(appointment, called_off_by=whose, reader=user, now=timezone.now())
    if quote is None or not quote.paid:
        return []
    language = translation.get_language() or "en"
    said: list[Text] = [
        _("The patient gets back %(amount)s (%(percent)s %% of what was paid).")
        % {"amount": quote.refund.format(language), "percent": quote.percent}
    ]
    if quote.steps_down_at and quote.then_refund is not None:
        until = wall_time.read(quote.steps_down_at, appointment.hospital.time_zone, language)
        said.append(
            _("After %(until)s it is %(amount)s.") % {"until": until, "amount": quote.then_refund.format(language)}
        )
    return said
