"""What clinical refuses, each with its stable code."""

from django.utils.translation import gettext_lazy as _

from apps.common import exceptions

# --- patients ---


class AlreadyOnboarded(exceptions.Conflict):
    code = "patient.already_onboarded"
    message = _("The medical information has been given already. Please change its entries.")


class NotOnboarded(exceptions.Conflict):
    """Before the onboarding an empty list of allergies means that nobody has asked."""

    code = "patient.not_onboarded"
    message = _("The medical information has not been given yet. Please complete the onboarding first.")


class GuardianNeeded(exceptions.Conflict):
    code = "patient.guardian_needed"
    message = _("A patient under 18 needs a guardian.")


class TooManyEntries(exceptions.Conflict):
    code = "patient.too_many_entries"
    message = _("There are %(count)d entries of this kind already.")


class StruckOut(exceptions.Conflict):
    code = "patient.entry_struck_out"
    message = _("This entry was struck out and stays as it is.")


class NumberExists(exceptions.Conflict):
    """The patient has a paper of this kind with this number already."""

    code = "patient.number_exists"
    message = _("There is an entry with this number already.")


class PolicyOver(exceptions.Conflict):
    code = "insurance.policy_over"
    message = _("This policy is no longer valid.")


class VerificationNotRequested(exceptions.Conflict):
    code = "insurance.not_requested"
    message = _("Nobody asked to verify this policy, or it was decided already.")


class InsurerExists(exceptions.Conflict):
    code = "insurance.code_exists"
    message = _("There is an insurer with this code already.")


# --- records ---


class RecordConsentNeeded(exceptions.Forbidden):
    """Writing needs the consent that reading needs; what an emergency opens is for reading only."""

    code = "record.consent_needed"
    message = _("The patient has not consented to your keeping records of this type.")


class SharingIsThePatients(exceptions.Forbidden):
    code = "record.sharing_is_the_patients"
    message = _("Only the patient decides whether a record may be shared.")


class NotTheUploader(exceptions.Forbidden):
    code = "record.not_the_uploader"
    message = _("A record is corrected by whoever uploaded it, or by a platform admin.")


class StaleRecord(exceptions.Conflict):
    """`data` says which version is current."""

    code = "record.stale_version"
    message = _("The record has been corrected since you opened it. Please look at it again.")


class RecordNotCurrent(exceptions.Conflict):
    code = "record.not_current"
    message = _("This version was replaced, or marked as entered in error: it stays as it is.")


class NoFile(exceptions.NotFound):
    code = "record.no_file"
    message = _("This record has no file.")


class ConsentTextIsFinal(exceptions.Conflict):
    """What was agreed to must be found again, word for word."""

    code = "consent.text_is_final"
    message = _("A published text never changes. Write the next version.")


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


# --- laboratories ---


class LaboratoryNotActive(exceptions.Conflict):
    code = "laboratory.not_active"
    message = _("This laboratory takes no tests at present.")


class TestNeedsCare(exceptions.Forbidden):
    """A test is asked for by a doctor who cares for the patient now; an emergency opens the record for reading only."""

    __test__ = False  # of the laboratory's kind, not pytest's
    code = "lab_test.not_in_care"
    message = _("Tests are asked for by a doctor who cares for the patient at present.")


class MayNotRequestTests(exceptions.Forbidden):
    code = "lab_test.not_licensed"
    message = _("Only verified doctors with a licence that has not lapsed ask for tests.")


class SampleTaken(exceptions.Conflict):
    code = "lab_test.sample_taken"
    message = _("Instructions and priority can be changed only before the sample is taken.")


class CancellationNeedsReason(exceptions.Invalid):
    code = "lab_test.reason_required"
    message = _("Please say why the test is cancelled.")


class ResultExists(exceptions.Conflict):
    """To correct it, send `corrects_version` with the version that you saw, and `correction_reason`."""

    code = "lab_test.result_exists"
    message = _("There is a result already. Please look at it: what is wrong in it is corrected with a reason.")


class CorrectionNeedsReason(exceptions.Invalid):
    code = "lab_test.correction_reason_required"
    message = _("Please say why the result is corrected.")


class StaleResult(exceptions.Conflict):
    """The caller has seen another version of the result than the one that stands now."""

    code = "lab_test.stale_result"
    message = _("The result has been corrected since you opened it. Please look at it again.")


class NothingToAcknowledge(exceptions.Conflict):
    code = "lab_test.nothing_to_acknowledge"
    message = _("There is no critical value that waits to be acknowledged.")


class NotAcknowledged(exceptions.Conflict):
    code = "lab_test.not_acknowledged"
    message = _("A critical value is acknowledged by the doctor first.")


class ReviewedAlready(exceptions.Conflict):
    code = "lab_test.reviewed"
    message = _("This result has been reviewed already.")


class NotReviewed(exceptions.Conflict):
    code = "lab_test.not_reviewed"
    message = _("A doctor reviews the result before the patient gets it.")


class ReleasedAlready(exceptions.Conflict):
    code = "lab_test.released"
    message = _("The patient has this result already.")


class NoResultFile(exceptions.NotFound):
    code = "lab_test.no_file"
    message = _("This result has no file.")


# --- consent ---


class NoConsentText(exceptions.Unavailable):
    """`manage.py load_reference_data` has not been run."""

    code = "consent.no_text"
    message = _("There is no text to consent to yet.")


class ConsentTextOutdated(exceptions.Conflict):
    """`data.text_version` says which one to show."""

    code = "consent.text_outdated"
    message = _("The text to consent to has changed. Please read the new one.")


class GuardianMustConsent(exceptions.Conflict):
    code = "consent.guardian_needed"
    message = _("For a patient under 18 a guardian consents: say who.")


class NotInCare(exceptions.Conflict):
    """`subject_type` and `subject_id` name no present appointment or booking of this patient with this grantee."""

    code = "consent.not_in_care"
    message = _("There is no present care of this kind to consent for.")


class TooManyConsents(exceptions.Conflict):
    code = "consent.too_many"
    message = _("There are %(count)d consents already. Please withdraw one first.")


# --- emergencies ---


class MayNotOpenInEmergency(exceptions.Forbidden):
    code = "emergency.not_licensed"
    message = _("Only verified doctors with a licence that has not lapsed open records in an emergency.")


class TooManyEmergencies(exceptions.TooMany):
    code = "emergency.too_many"
    message = _("You have opened three records without consent within 24 hours. Please call Medivoy.")


class EmergencyReviewed(exceptions.Conflict):
    code = "emergency.reviewed"
    message = _("This emergency access has been reviewed already.")
