"""The statuses of appointments and reviews, and every move between them, with who may make it."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.accounts.roles import Role
from apps.common.workflow import Edge, Workflow


class AppointmentStatus(models.TextChoices):
    HELD = "held", _("Held")
    LAPSED = "hold_lapsed", _("Hold lapsed")
    REQUESTED = "requested", _("Requested")
    CONFIRMED = "appointment_confirmed", _("Confirmed")
    AWAITING = "awaiting_consultation", _("Awaiting consultation")
    IN_PROGRESS = "consultation_in_progress", _("Consultation in progress")
    PRESCRIBED = "prescription_provided", _("Prescription provided")
    FOLLOW_UP = "follow_up_scheduled", _("Follow-up scheduled")
    COMPLETED = "consultation_completed", _("Consultation completed")
    REJECTED = "rejected", _("Declined")
    CANCELLED = "cancelled", pgettext_lazy("appointment", "Cancelled")
    NO_SHOW = "no_show", _("Patient did not come")
    DOCTOR_ABSENT = "doctor_absent", _("Doctor did not come")


#: Statuses in which the appointment occupies its time; the exclusion constraints hold for these.
OCCUPYING = (
    AppointmentStatus.HELD,
    AppointmentStatus.REQUESTED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.AWAITING,
    AppointmentStatus.IN_PROGRESS,
    AppointmentStatus.PRESCRIBED,
    AppointmentStatus.FOLLOW_UP,
    AppointmentStatus.COMPLETED,
    AppointmentStatus.NO_SHOW,
)

#: Statuses in which a person still has to say what becomes, or has become, of the appointment.
UNENDED = (
    AppointmentStatus.REQUESTED,
    AppointmentStatus.CONFIRMED,
    AppointmentStatus.AWAITING,
    AppointmentStatus.IN_PROGRESS,
    AppointmentStatus.PRESCRIBED,
)

#: A hold is the patient's own affair: doctors and hospitals see that the time is taken, and no row.
UNASKED = (AppointmentStatus.HELD, AppointmentStatus.LAPSED)

_CARE = frozenset({Role.DOCTOR, Role.HOSPITAL_ADMIN, Role.COORDINATOR, Role.ADMIN})
_DOCTOR = frozenset({Role.DOCTOR, Role.ADMIN})
_ANYONE = _CARE | {Role.PATIENT}

_CANCEL = Edge(AppointmentStatus.CANCELLED, _ANYONE, _("Cancel"))
_NO_SHOW = Edge(AppointmentStatus.NO_SHOW, _CARE, _("Mark as not come"))
_COMPLETE = Edge(AppointmentStatus.COMPLETED, _CARE, _("Complete"))
#: Also for a doctor who came so late that the consultation could not take place.
_DOCTOR_ABSENT = Edge(AppointmentStatus.DOCTOR_ABSENT, _ANYONE, _("Doctor did not come"))
#: Booking what is held is the verb of booking, never a move that somebody asks for: no role has it.
_BOOK_HELD = Edge(AppointmentStatus.REQUESTED, frozenset(), _("Book"))

APPOINTMENT = Workflow(
    AppointmentStatus,
    {
        AppointmentStatus.HELD: [
            _BOOK_HELD,
            Edge(AppointmentStatus.LAPSED, frozenset({Role.PATIENT, Role.COORDINATOR, Role.ADMIN}), _("Let go")),
        ],
        AppointmentStatus.LAPSED: [_BOOK_HELD],
        AppointmentStatus.REQUESTED: [
            Edge(AppointmentStatus.CONFIRMED, _CARE, _("Confirm")),
            Edge(AppointmentStatus.REJECTED, _CARE, _("Decline")),
            _CANCEL,
        ],
        AppointmentStatus.CONFIRMED: [
            Edge(AppointmentStatus.AWAITING, _CARE, _("Patient has arrived")),
            _NO_SHOW,
            _DOCTOR_ABSENT,
            _CANCEL,
        ],
        AppointmentStatus.AWAITING: [
            Edge(AppointmentStatus.IN_PROGRESS, _CARE, _("Begin consultation")),
            _NO_SHOW,
            _DOCTOR_ABSENT,
            _CANCEL,
        ],
        AppointmentStatus.IN_PROGRESS: [
            Edge(AppointmentStatus.PRESCRIBED, _DOCTOR, _("Prescription given")),
            _COMPLETE,
        ],
        AppointmentStatus.PRESCRIBED: [Edge(AppointmentStatus.FOLLOW_UP, _CARE, _("Schedule follow-up")), _COMPLETE],
        AppointmentStatus.FOLLOW_UP: [_COMPLETE],
    },
)


class BookingStatus(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("booking", "Requested")
    CANCELLED = "cancelled", pgettext_lazy("booking", "Cancelled")


BOOKING = Workflow(
    BookingStatus,
    {
        BookingStatus.REQUESTED: [
            Edge(
                BookingStatus.CANCELLED,
                frozenset({Role.PATIENT, Role.COORDINATOR, Role.ADMIN}),
                pgettext_lazy("booking", "Withdraw the request"),
            )
        ]
    },
)


class DisplacementStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("displacement", "Waits for the patient")
    MOVED = "moved", pgettext_lazy("displacement", "Another time with the same doctor")
    COLLEAGUE = "colleague", pgettext_lazy("displacement", "A colleague instead")
    REFUND = "refund", pgettext_lazy("displacement", "Cancelled, to be refunded")
    SETTLED = "settled", pgettext_lazy("displacement", "Settled otherwise")


class DisplacementChoice(models.TextChoices):
    TIME = "time", pgettext_lazy("displacement", "Another time")
    COLLEAGUE = "colleague", pgettext_lazy("displacement", "A colleague")
    REFUND = "refund", pgettext_lazy("displacement", "Cancel and refund")


class ReviewStatus(models.TextChoices):
    PENDING = "pending", pgettext_lazy("review", "Waits to be verified")
    PUBLISHED = "published", pgettext_lazy("review", "Published")
    REJECTED = "rejected", pgettext_lazy("review", "Rejected")


_MODERATORS = frozenset({Role.ADMIN, Role.SUPPORT})

REVIEW = Workflow(
    ReviewStatus,
    {
        ReviewStatus.PENDING: [
            Edge(ReviewStatus.PUBLISHED, _MODERATORS, _("Publish")),
            Edge(ReviewStatus.REJECTED, _MODERATORS, _("Reject")),
        ],
        ReviewStatus.PUBLISHED: [Edge(ReviewStatus.REJECTED, _MODERATORS, _("Take down"))],
        ReviewStatus.REJECTED: [Edge(ReviewStatus.PUBLISHED, _MODERATORS, _("Publish after all"))],
    },
)
