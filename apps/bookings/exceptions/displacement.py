"""What speaks against choosing what becomes of an appointment that leave stands in the way of."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class DisplacementSettled(exceptions.Conflict):
    """Somebody has chosen already, the appointment was moved or cancelled otherwise, or it stands after all."""

    code = "booking.displacement_settled"
    message = _("This has been settled already. Please look at the appointment.")


class DisplacementOverdue(exceptions.Conflict):
    code = "booking.displacement_overdue"
    message = _("The time to choose is over. A coordinator will call you.")


class StillDisplaced(exceptions.Conflict):
    code = "booking.displaced"
    message = _("The doctor cannot keep this time. Please settle another way with the patient first.")


class ColleagueNotOffered(exceptions.Conflict):
    """Not of the same specialty at the hospital, or not to be booked there. `data.offers` holds what is offered now."""

    code = "booking.colleague_not_offered"
    message = _("This doctor cannot take the appointment. Please choose one of those offered.")
