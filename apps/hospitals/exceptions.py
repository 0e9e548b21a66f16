"""What the directory refuses."""

from django.utils.translation import gettext_lazy as _

from apps.common.exceptions import Conflict, Forbidden, Invalid


class ReasonRequired(Invalid):
    """A rejection without a reason helps nobody."""

    code = "verification.reason_required"
    message = _("Please give a reason for the rejection.")


class ProfileIncomplete(Conflict):
    """A doctor is approved on a complete profile only; `errors` names what is missing."""

    code = "doctor.profile_incomplete"
    message = _("The doctor's profile is incomplete.")


class LicenceLapsed(Conflict):
    code = "doctor.licence_lapsed"
    message = _("The doctor's licence expired on %(expired_on)s.")


class AlreadyOnboarded(Conflict):
    """The profile was completed before; changes go by PATCH."""

    code = "doctor.already_onboarded"
    message = _("This doctor's profile has been completed already.")


class VerifiedFieldsLocked(Forbidden):
    """What was verified stays as verified until an admin changes it."""

    code = "doctor.verified_fields_locked"
    message = _("Licence and specialty have been verified: please ask an admin to change them.")


class ActivationByAdminOnly(Forbidden):
    code = "directory.activation_by_admin_only"
    message = _("Only a platform admin can activate or deactivate a listing.")


class HospitalNotActive(Conflict):
    code = "hospital.not_active"
    message = _("This hospital is not active.")


class PageIncomplete(Conflict):
    """A hospital submits a complete page only; `errors` names what is missing."""

    code = "hospital.page_incomplete"
    message = _("The hospital's page is incomplete.")


class HospitalPapersLocked(Forbidden):
    """What a hospital was approved by stays to be read."""

    code = "hospital.papers_locked"
    message = _("The hospital has been verified by its documents: please ask an admin to remove one.")


class TooManyHospitalPapers(Conflict):
    code = "hospital.too_many_papers"
    message = _("A hospital has at most %(count)d documents: please remove one first.")


class GalleryFull(Conflict):
    code = "hospital.gallery_full"
    message = _("A gallery has at most %(count)d pictures: please remove one first.")


class GalleryChanged(Conflict):
    """Somebody has added or removed a picture since the order was made."""

    code = "hospital.gallery_changed"
    message = _("The gallery has other pictures by now: please look again.")


class AccreditationExists(Conflict):
    code = "accreditation.exists"
    message = _("The hospital has an accreditation with this number already.")


class AccreditationLapsed(Conflict):
    code = "accreditation.lapsed"
    message = _("The accreditation expired on %(expired_on)s.")


class TooManyAccreditations(Conflict):
    code = "accreditation.too_many"
    message = _("A hospital has at most %(count)d accreditations: please remove one first.")


class AlreadyAffiliated(Conflict):
    code = "affiliation.exists"
    message = _("This doctor is affiliated with this hospital already.")


class AffiliationOver(Conflict):
    code = "affiliation.over"
    message = _("This affiliation is over: it can no longer be changed.")


class DoctorNotVerified(Conflict):
    """An affiliation takes effect with its doctor's verification, never before."""

    code = "affiliation.doctor_not_verified"
    message = _("The doctor has not been verified yet.")


class PrimaryTaken(Conflict):
    """A doctor has at most one primary hospital."""

    code = "affiliation.primary_taken"
    message = _("This doctor has another primary hospital.")


class DoctorNotAgreed(Conflict):
    """Whom a hospital asks to join practises there once they say so, or an admin does."""

    code = "affiliation.doctor_not_agreed"
    message = _("The doctor has not agreed to this affiliation yet.")


class LicenceExists(Conflict):
    code = "licence.exists"
    message = _("This licence is there already, waits for verification, or lasts no longer than the one before.")


class LicenceApproved(Conflict):
    """What was approved stays as it was; a renewal is a licence of its own."""

    code = "licence.approved"
    message = _("This licence has been approved and stays as it is: please add the renewed one.")


class TooManyPapers(Conflict):
    code = "doctor.too_many_papers"
    message = _("There are too many papers already: please remove some first.")


class TreatmentNotActive(Conflict):
    code = "treatment.not_active"
    message = _("This treatment is not in the catalogue at present.")


class OfferExists(Conflict):
    """The hospital has this offer, perhaps an inactive one: it is changed, not added."""

    code = "offer.exists"
    message = _("This hospital offers this treatment already.")


class CodeTaken(Conflict):
    code = "catalogue.code_taken"
    message = _("There is another entry with this code.")


class SeasonsOverlap(Conflict):
    """Somebody else has just given the package a season with some of these days."""

    code = "package.seasons_overlap"
    message = _("Another season of this package has some of these days.")


class DoctorLimitReached(Conflict):
    """The hospital's plan allows no more active doctors. Who practises there already stays."""

    code = "affiliation.doctor_limit_reached"
    message = _("The plan of this hospital allows %(limit)d doctors, and so many practise there already.")
