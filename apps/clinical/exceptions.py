"""What clinical refuses, each with its stable code."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions

# --- prescriptions ---


class NotInYourCare(exceptions.Forbidden):
    """Prescribing needs a live care relationship; an emergency opens the record for reading only."""

    code = "prescription.not_in_your_care"
    message = _("This patient is not in your care at present.")


class MayNotPrescribe(exceptions.Forbidden):
    code = "prescription.not_licensed"
    message = _("Only verified doctors with a licence that has not lapsed prescribe.")


class PrescriptionIsFinal(exceptions.Conflict):
    """Signed means unchangeable: `POST /prescriptions/{id}/replace` voids it and begins another."""

    code = "prescription.signed"
    message = _("A signed prescription never changes. Replace it: it becomes void, and another one takes its place.")


class PrescriptionIsOver(exceptions.Conflict):
    code = "prescription.over"
    message = _("This prescription is void or dispensed already.")


class PrescriptionExpired(exceptions.Conflict):
    code = "prescription.expired"
    message = _("This prescription is no longer valid.")


class AllergyWarning(exceptions.Conflict):
    """A medicine goes against the patient's allergies. `data.allergy_check` says which; to sign all the same, send
    `acknowledged_warnings` and a reason."""

    code = "prescription.allergy_warning"
    message = _("A medicine goes against the patient's allergies. Please change it, or say why it is right.")


class NotSigned(exceptions.Conflict):
    code = "prescription.not_signed"
    message = _("There is no document of a prescription that is not signed.")
