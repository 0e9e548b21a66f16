"""What speaks against booking, moving or cancelling an appointment."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from apps.common import exceptions


class SlotTaken(exceptions.Conflict):
    """Another appointment has the doctor's time. `data.alternatives` holds the doctor's next free slots."""

    code = "booking.slot_taken"
    message = _("This time has just been taken. Please choose another one.")


class DayFull(exceptions.Conflict):
    """The doctor has as many appointments at the hospital on that local day as are taken on one. `data.alternatives`
    holds the next free slots."""

    code = "booking.day_full"
    message = _("The doctor takes no more appointments on this day. Please choose another one.")


class MonthFull(exceptions.Conflict):
    """The plan of the hospital, or of the doctor, allows no more appointments in that month."""

    code = "booking.month_full"
    message = _("No more appointments can be booked here in %(month)s. Please choose a time in another month.")


class PatientBusy(exceptions.Conflict):
    code = "booking.patient_busy"
    message = _("The patient has another appointment at this time.")


class AppointmentsToCome(exceptions.Conflict):
    """Of a patient whose account somebody wants to close."""

    code = "booking.appointments_to_come"
    message = ngettext_lazy(
        "%(count)d appointment of this patient is still to come. Please cancel it first.",
        "%(count)d appointments of this patient are still to come. Please cancel them first.",
        "count",
    )


class SlotNotOffered(exceptions.Conflict):
    """The doctor does not offer this instant: wrong hours, on leave. `data.alternatives` holds the next free slots."""

    code = "booking.slot_not_offered"
    message = _("The doctor does not offer this time. Please choose one of the free times.")


class SlotTooSoon(exceptions.Conflict):
    code = "booking.slot_too_soon"
    message = _("It is too late to book this time. Please choose a later one.")


class SlotBeyondHorizon(exceptions.Conflict):
    code = "booking.slot_beyond_horizon"
    message = _("This time is too far ahead to book.")


class DoctorNotBookable(exceptions.Conflict):
    code = "booking.doctor_not_bookable"
    message = _("This doctor takes no appointments at this hospital at present.")


class NoTeleconsult(exceptions.Invalid):
    code = "booking.no_teleconsult"
    message = _("This doctor does not see patients by video.")


class CancellationTooLate(exceptions.Conflict):
    code = "booking.cancellation_too_late"
    message = ngettext_lazy(
        "An appointment can be cancelled until %(hours)d hour before it starts. Please call the hospital.",
        "An appointment can be cancelled until %(hours)d hours before it starts. Please call the hospital.",
        "hours",
    )


class RescheduleTooLate(exceptions.Conflict):
    code = "booking.reschedule_too_late"
    message = ngettext_lazy(
        "An appointment can be moved until %(hours)d hour before it starts. Please call the hospital.",
        "An appointment can be moved until %(hours)d hours before it starts. Please call the hospital.",
        "hours",
    )


class RescheduledTooOften(exceptions.Conflict):
    code = "booking.rescheduled_too_often"
    message = ngettext_lazy(
        "An appointment can be moved %(times)d time. Please cancel it and book a new one.",
        "An appointment can be moved %(times)d times. Please cancel it and book a new one.",
        "times",
    )


class NotReschedulable(exceptions.Conflict):
    code = "booking.not_reschedulable"
    message = _("An appointment that is “%(status)s” cannot be moved.")


class SameTime(exceptions.Invalid):
    code = "booking.same_time"
    message = _("The appointment is at this time already.")


class AlreadyStarted(exceptions.Conflict):
    code = "booking.already_started"
    message = _("The appointment's time has come: it can no longer be confirmed, moved or cancelled.")


class TooEarly(exceptions.Conflict):
    code = "booking.too_early"
    message = ngettext_lazy(
        "This is possible from %(hours)d hour before the appointment starts.",
        "This is possible from %(hours)d hours before the appointment starts.",
        "hours",
    )


class NotYetStarted(exceptions.Conflict):
    code = "booking.not_yet_started"
    message = _("This is possible only after the appointment's start.")


class AbsenceTooEarly(exceptions.Conflict):
    code = "booking.absence_too_early"
    message = ngettext_lazy(
        "The doctor may still come. This is possible from %(minutes)d minute after the start.",
        "The doctor may still come. This is possible from %(minutes)d minutes after the start.",
        "minutes",
    )


class AbsenceTooLate(exceptions.Conflict):
    code = "booking.absence_too_late"
    message = ngettext_lazy(
        "This is possible for %(days)d day after the start. Please write to our coordinators.",
        "This is possible for %(days)d days after the start. Please write to our coordinators.",
        "days",
    )


class ComplaintClosed(exceptions.Conflict):
    code = "booking.complaint_closed"
    message = _("The complaint can be changed only before the consultation.")


class StaleVersion(exceptions.Conflict):
    """The appointment was moved to another time since the caller read it."""

    code = "booking.stale_version"
    message = _("The appointment has been changed since you opened it. Please look at it again.")


class NotLicensedThen(exceptions.Conflict):
    """Appointments are booked through the last day of the doctor's licence, by the hospital's calendar."""

    code = "booking.not_licensed_then"
    message = _("The doctor's licence does not last until this day. Please choose an earlier time or another doctor.")


class NoConsultation(exceptions.Conflict):
    code = "booking.no_consultation"
    message = _("Prescriptions are written for consultations that are confirmed and were not called off.")
