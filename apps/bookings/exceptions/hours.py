"""What speaks against consulting hours and leave."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class LeaveOfSharedDoctor(exceptions.Forbidden):
    """Leave closes a doctor's calendar at every hospital, so one of several cannot decide it."""

    code = "booking.leave_of_shared_doctor"
    message = _(
        "This doctor also practises elsewhere, and leave closes every calendar. The doctor or Medivoy enters it."
    )


class ExtraHoursOverlap(exceptions.Invalid):
    code = "booking.extra_hours_overlap"
    message = _("Extra hours overlap one another, or the week's consulting hours of that day.")


class HoursOverlap(exceptions.Invalid):
    code = "booking.hours_overlap"
    message = _("Consulting hours of the same weekday overlap.")
