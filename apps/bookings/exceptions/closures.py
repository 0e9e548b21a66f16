"""What speaks against closures and public holidays."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions


class ComputedHoliday(exceptions.Conflict):
    code = "booking.computed_holiday"
    message = _("This holiday is worked out for the country and would come back. Switch “observed” off instead.")
