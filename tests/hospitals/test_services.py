"""What the directory's verbs leave behind, and that a refusal leaves nothing."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from apps.accounts import services as account_services
from apps.accounts.roles import Role
from apps.common import exceptions as refusals
from apps.hospitals import exceptions, services
from apps.hospitals.models import Affiliation, Doctor, Hospital, HospitalStaff, Licence
from apps.hospitals.workflow import AffiliationStatus, Verification
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import AffiliationFactory, HospitalFactory, SpecialtyFactory

pytestmark = pytest.mark.django_db

PLACE = {"country": "JO", "time_zone": "Asia/Amman", "currency": "JOD"}
LICENCE = {"number": "TN-1", "country": "IN"}
PROFILE = {"specialty": "cardiology", "licences": [LICENCE]}


def told(user, channel="email"):
    return sorted(Message.objects.filter(recipient=user, channel=channel).values_list("kind", flat=True))


@pytest.fixture
def cardiology(db):
    return SpecialtyFactory()


@pytest.fixture
def newcomer(db):
    """A doctor who has just registered."""
    return account_services.create_user(
        email="new@example.com", first_name="New", last_name="Comer", role=Role.DOCTOR
    ).doctor


# --- hospitals ---


def test_a_new_hospital_waits_and_is_not_listed(platform_admin, cardiology):
    hospital = services.create_hospital(
        by=platform_admin,
        name={"en": "Petra", "ar": "البتراء"},
        city={"en": "Amman"},
        specialties=["cardiology"],
        beds=120,
        **PLACE,
    )
    hospital = Hospital.objects.get(pk=hospital.pk)
    assert (hospital.name_en, hospital.name_ar, hospital.beds) == ("Petra", "البتراء", 120)
    assert hospital.verification == Verification.PENDING
    assert list(hospital.specialties.all()) == [cardiology]
    assert not Hospital.objects.listed().filter(pk=hospital.pk).exists()


@pytest.mark.parametrize("language", ["en", "ar"])
def test_texts_land_in_their_own_language_whatever_language_is_active(platform_admin, language):
    with translation.override(language):
        hospital = services.create_hospital(by=platform_admin, name={"en": "Petra"}, city={"en": "Amman"}, **PLACE)
        services.update_hospital(hospital, by=platform_admin, name={"fr": "Pétra"})
        services.update_hospital(hospital, by=platform_admin, phone="+96265001234")
    hospital = Hospital.objects.get(pk=hospital.pk)
    assert (hospital.name_en, hospital.name_fr, hospital.name_ar or "") == ("Petra", "Pétra", "")
    assert str(hospital.phone) == "+96265001234"


@pytest.mark.parametrize(
    ("given", "error", "named"),
    [
        ({"name": {"ar": "البتراء"}}, refusals.Invalid, "name.en"),
        ({"name": {"en": "Petra", "xx": "P"}}, refusals.Invalid, "name.xx"),
        ({"specialties": ["cardiology", "astrology"]}, refusals.Invalid, "specialties"),
        ({"time_zone": "Asia/Petra"}, ValidationError, "time_zone"),
        ({"currency": "ABC"}, ValidationError, "currency"),
        ({"latitude": Decimal(91)}, ValidationError, "latitude"),
        ({"verification": "approved"}, TypeError, "verification"),
        ({"rating": 5}, TypeError, "rating"),
    ],
)
def test_a_hospital_that_cannot_be_is_not_made(platform_admin, cardiology, given, error, named):
    with pytest.raises(error) as refused:
        services.create_hospital(
            by=platform_admin, **{"name": {"en": "Petra"}, "city": {"en": "Amman"}, **PLACE, **given}
        )
    assert named in str(getattr(refused.value, "errors", "") or refused.value)
    assert not Hospital.objects.exists()


def test_staff_change_their_own_hospital_and_no_other(hospital, other_hospital, hospital_admin):
    services.update_hospital(hospital, by=hospital_admin, description={"en": "By the sea."})
    with pytest.raises(refusals.Forbidden):
        services.update_hospital(other_hospital, by=hospital_admin, description={"en": "By the sea."})
    with pytest.raises(exceptions.ActivationByAdminOnly):
        services.update_hospital(hospital, by=hospital_admin, is_active=False)
    hospital.refresh_from_db()
    other_hospital.refresh_from_db()
    assert (hospital.description_en, other_hospital.description_en or "") == ("By the sea.", "")
    assert hospital.is_active


def test_english_cannot_be_taken_away(hospital, hospital_admin):
    with pytest.raises(refusals.Invalid):
        services.update_hospital(hospital, by=hospital_admin, name={"en": " "})
    assert Hospital.objects.get(pk=hospital.pk).name_en == hospital.name_en


def test_approving_a_hospital_lists_it_and_tells_its_staff(platform_admin, hospital_admin, hospital):
    Hospital.objects.update(verification=Verification.PENDING)
    services.verify_hospital(hospital, by=platform_admin, verification="approved")
    hospital.refresh_from_db()
    assert hospital.verified_at is not None
    assert Hospital.objects.listed().get() == hospital
    assert told(hospital_admin) == ["hospitals.hospital_approved"]


def test_withdrawing_approval_keeps_the_reason_and_tells_the_staff(platform_admin, hospital_admin, hospital):
    services.verify_hospital(hospital, by=platform_admin, verification="rejected", reason=" Accreditation lapsed. ")
    hospital.refresh_from_db()
    assert (hospital.verification, hospital.rejection_reason) == ("rejected", "Accreditation lapsed.")
    assert hospital.verified_at is None
    assert told(hospital_admin) == ["hospitals.hospital_rejected"]


def test_a_refused_decision_changes_and_tells_nothing(platform_admin, hospital_admin, hospital):
    with pytest.raises(refusals.MoveNotAllowed):
        services.verify_hospital(hospital, by=platform_admin, verification="approved")
    with pytest.raises(exceptions.ReasonRequired):
        services.verify_hospital(hospital, by=platform_admin, verification="rejected", reason=" ")
    with pytest.raises(refusals.Forbidden):
        services.verify_hospital(hospital, by=hospital_admin, verification="rejected", reason="No.")
    assert Hospital.objects.get(pk=hospital.pk).verification == Verification.APPROVED
    assert not Message.objects.exists()


def test_deactivating_takes_a_hospital_off_the_list_and_again_changes_nothing(platform_admin, hospital):
    services.deactivate_hospital(hospital, by=platform_admin)
    services.deactivate_hospital(hospital, by=platform_admin)
    assert not Hospital.objects.listed().exists()
    services.update_hospital(hospital, by=platform_admin, is_active=True)
    assert Hospital.objects.listed().exists()


def test_only_hospital_staff_can_be_put_on_a_hospitals_staff(hospital, platform_admin, patient):
    member = UserFactory(role=Role.HOSPITAL_ADMIN)
    services.add_staff(hospital, member, by=platform_admin)
    services.add_staff(hospital, member, by=platform_admin)
    with pytest.raises(refusals.Invalid):
        services.add_staff(hospital, patient.user, by=platform_admin)
    assert HospitalStaff.objects.get().user == member
    services.remove_staff(hospital, member, by=platform_admin)
    assert not HospitalStaff.objects.exists()


# --- doctors ---


def test_registering_as_a_doctor_opens_a_profile_that_is_not_listed(newcomer):
    assert newcomer.verification == Verification.PENDING
    assert newcomer.title_en == "Dr."
    assert not Doctor.objects.listed(timezone.now().date()).exists()


@pytest.mark.parametrize("role", sorted(set(Role.values) - {Role.DOCTOR}))
def test_registering_in_another_role_opens_no_doctors_profile(role, hospital):
    account_services.create_user(
        email="x@example.com", first_name="A", last_name="B", role=role, details={"hospital_id": str(hospital.pk)}
    )
    assert not Doctor.objects.exists()


def test_a_doctor_completes_the_profile_and_proposes_hospitals(newcomer, cardiology, hospital, other_hospital):
    services.onboard_doctor(
        newcomer,
        by=newcomer.user,
        bio={"en": "Twenty years of hearts.", "es": "Veinte años de corazones."},
        consultation_fee=Decimal(12000),
        currency="JPY",
        proposals=[
            {"hospital_id": hospital.pk, "is_primary": True, "department": {"en": "Heart"}},
            {"hospital_id": other_hospital.pk},
        ],
        **PROFILE,
    )
    doctor = Doctor.objects.get(pk=newcomer.pk)
    assert doctor.specialty == cardiology
    assert doctor.bio_es == "Veinte años de corazones."
    assert doctor.consultation_fee == 12000
    assert doctor.licences.get().verification == Verification.PENDING
    assert doctor.onboarded_at is not None
    assert set(doctor.affiliations.values_list("hospital_id", "status", "is_primary")) == {
        (hospital.pk, AffiliationStatus.PENDING, True),
        (other_hospital.pk, AffiliationStatus.PENDING, False),
    }


@pytest.mark.parametrize(
    "given",
    [
        {"specialty": "astrology"},
        {"licences": []},
        {"consultation_fee": Decimal(5), "currency": ""},
        {"consultation_fee": Decimal("12.5"), "currency": "JPY"},
        {"qualifications": [{"name": {"ar": "دكتوراه"}}]},
        {"proposals": "unlisted"},
        {"proposals": "twice"},
    ],
)
def test_a_profile_that_cannot_be_changes_nothing(newcomer, cardiology, hospital, given):
    unlisted = HospitalFactory(verification=Verification.PENDING)
    proposals = {
        "unlisted": [{"hospital_id": hospital.pk}, {"hospital_id": unlisted.pk}],
        "twice": [{"hospital_id": hospital.pk}, {"hospital_id": hospital.pk}],
    }
    if "proposals" in given:
        given = {"proposals": proposals[given["proposals"]]}
    with pytest.raises(refusals.Invalid):
        services.onboard_doctor(newcomer, by=newcomer.user, **PROFILE | given)
    newcomer.refresh_from_db()
    assert (newcomer.onboarded_at, newcomer.specialty) == (None, None)
    assert not Affiliation.objects.exists()
    assert not Licence.objects.exists()


def test_a_profile_is_completed_once(newcomer, cardiology):
    services.onboard_doctor(newcomer, by=newcomer.user, **PROFILE)
    with pytest.raises(exceptions.AlreadyOnboarded):
        services.onboard_doctor(newcomer, by=newcomer.user, **PROFILE | {"licences": [LICENCE | {"number": "TN-2"}]})
    assert Licence.objects.get().number == "TN-1"


def test_what_an_admin_verified_is_not_replaced_by_completing_the_profile_afterwards(
    newcomer, cardiology, platform_admin
):
    services.update_doctor(newcomer, by=newcomer.user, specialty="cardiology")
    services.add_licence(newcomer, by=newcomer.user, **LICENCE)
    services.verify_doctor(newcomer, by=platform_admin, verification="approved")
    with pytest.raises(exceptions.VerifiedFieldsLocked):
        services.onboard_doctor(newcomer, by=newcomer.user, **PROFILE | {"licences": [LICENCE | {"number": "FORGED"}]})
    assert Licence.objects.get().number == "TN-1"


def test_approving_a_doctor_activates_what_was_proposed_and_tells_the_doctor(
    newcomer, cardiology, hospital, other_hospital, platform_admin
):
    services.onboard_doctor(
        newcomer,
        by=newcomer.user,
        proposals=[{"hospital_id": hospital.pk, "is_primary": True}, {"hospital_id": other_hospital.pk}],
        **PROFILE,
    )
    services.verify_doctor(newcomer, by=platform_admin, verification="approved")
    assert Doctor.objects.listed(timezone.now().date()).get() == newcomer
    assert Affiliation.objects.active().count() == 2
    assert Affiliation.objects.get(is_primary=True).hospital == hospital
    assert told(newcomer.user) == ["hospitals.doctor_approved"]
    assert told(newcomer.user, "in_app") == ["hospitals.doctor_approved"]


def test_rejecting_a_doctor_rejects_what_was_proposed_and_tells_the_doctor_why(
    newcomer, cardiology, hospital, platform_admin
):
    services.onboard_doctor(newcomer, by=newcomer.user, proposals=[{"hospital_id": hospital.pk}], **PROFILE)
    services.verify_doctor(newcomer, by=platform_admin, verification="rejected", reason="No such licence.")
    newcomer.refresh_from_db()
    assert (newcomer.verification, newcomer.rejection_reason) == ("rejected", "No such licence.")
    assert Affiliation.objects.get().status == AffiliationStatus.REJECTED
    assert Message.objects.get(recipient=newcomer.user, channel="email").context["reason"] == "No such licence."


def test_a_refused_approval_leaves_doctor_and_affiliations_waiting(newcomer, cardiology, hospital, platform_admin):
    services.onboard_doctor(
        newcomer,
        by=newcomer.user,
        proposals=[{"hospital_id": hospital.pk}],
        specialty="cardiology",
        licences=[LICENCE | {"expires_on": date(2020, 1, 1)}],
    )
    with pytest.raises(exceptions.LicenceLapsed):
        services.verify_doctor(newcomer, by=platform_admin, verification="approved")
    newcomer.refresh_from_db()
    assert newcomer.verification == Verification.PENDING
    assert Affiliation.objects.get().status == AffiliationStatus.PENDING
    assert not Message.objects.exists()


def test_a_primary_hospital_that_is_set_stays_when_proposals_are_activated(
    newcomer, cardiology, hospital, other_hospital, platform_admin
):
    AffiliationFactory(doctor=newcomer, hospital=hospital, is_primary=True)
    services.onboard_doctor(
        newcomer,
        by=newcomer.user,
        proposals=[{"hospital_id": other_hospital.pk, "is_primary": True}],
        **PROFILE,
    )
    services.verify_doctor(newcomer, by=platform_admin, verification="approved")
    assert Affiliation.objects.active().count() == 2
    assert Affiliation.objects.get(is_primary=True).hospital == hospital


def test_a_lapsed_licence_takes_the_doctor_off_the_list(doctor):
    doctor.licences.update(expires_on=date(2030, 1, 31))
    assert Doctor.objects.listed(date(2030, 1, 31)).exists()
    assert not Doctor.objects.listed(date(2030, 2, 1)).exists()


def test_a_verified_doctor_changes_the_fee_but_not_the_specialty(doctor):
    services.update_doctor(doctor, by=doctor.user, consultation_fee=Decimal(1800), languages=["en"])
    with pytest.raises(exceptions.VerifiedFieldsLocked):
        services.update_doctor(doctor, by=doctor.user, bio={"en": "New"}, specialty="")
    doctor.refresh_from_db()
    assert (doctor.consultation_fee, doctor.languages) == (1800, ["en"])
    assert doctor.specialty is not None
    assert not doctor.bio_en


def test_deactivating_a_doctor_takes_them_off_the_list_but_not_from_the_system(doctor, platform_admin):
    services.deactivate_doctor(doctor, by=platform_admin)
    services.deactivate_doctor(doctor, by=platform_admin)
    assert not Doctor.objects.listed(timezone.now().date()).exists()
    doctor.user.refresh_from_db()
    assert doctor.user.is_active
    with pytest.raises(exceptions.ActivationByAdminOnly):
        services.update_doctor(doctor, by=doctor.user, is_active=True)


def test_set_bookable_is_what_the_list_shows_of_these_doctors_alone(doctor, other_doctor):
    services.set_bookable([doctor.pk], True)
    assert list(Doctor.objects.filter(is_bookable=True)) == [doctor]
    services.set_bookable([doctor.pk], False)
    assert not Doctor.objects.filter(is_bookable=True).exists()


# --- submitting again ---


@pytest.fixture
def rejected(newcomer, cardiology, hospital, platform_admin):
    services.onboard_doctor(newcomer, by=newcomer.user, proposals=[{"hospital_id": hospital.pk}], **PROFILE)
    return services.verify_doctor(newcomer, by=platform_admin, verification="rejected", reason="Unreadable.")


def test_a_rejected_doctor_submits_again_and_is_approved_with_what_was_proposed_anew(
    rejected, hospital, platform_admin
):
    licence = rejected.licences.get()
    assert (licence.verification, licence.rejection_reason) == ("rejected", "Unreadable.")
    doctor = services.submit_doctor(rejected, by=rejected.user, proposals=[{"hospital_id": hospital.pk}])
    assert (doctor.verification, doctor.rejection_reason) == ("pending", "")
    assert rejected.licences.get().verification == "pending"
    services.verify_doctor(doctor, by=platform_admin, verification="approved")
    assert Doctor.objects.listed(timezone.now().date()).get() == rejected
    assert sorted(Affiliation.objects.values_list("status", flat=True)) == ["active", "rejected"]


def test_what_has_lapsed_meanwhile_does_not_wait_again(rejected):
    rejected.licences.update(expires_on=date(2020, 1, 1))
    with pytest.raises(exceptions.ProfileIncomplete):
        services.submit_doctor(rejected, by=rejected.user)
    services.add_licence(rejected, by=rejected.user, number="TN-2", country="IN")
    services.submit_doctor(rejected, by=rejected.user)
    standing = dict(rejected.licences.values_list("number", "verification"))
    assert standing == {"TN-1": "rejected", "TN-2": "pending"}


def test_nobody_else_submits_and_nothing_is_submitted_twice(rejected, platform_admin, other_doctor):
    for person in [platform_admin, other_doctor.user]:
        with pytest.raises(refusals.Forbidden):
            services.submit_doctor(rejected, by=person)
    services.submit_doctor(rejected, by=rejected.user)
    with pytest.raises(refusals.MoveNotAllowed):
        services.submit_doctor(rejected, by=rejected.user)


def test_a_submission_that_cannot_be_changes_nothing(rejected):
    with pytest.raises(refusals.Invalid):
        services.submit_doctor(rejected, by=rejected.user, proposals=[{"hospital_id": rejected.pk}])
    rejected.refresh_from_db()
    assert (rejected.verification, rejected.licences.get().verification) == ("rejected", "rejected")


def test_someone_rejected_before_completing_the_profile_completes_it_and_waits(newcomer, cardiology, platform_admin):
    services.verify_doctor(newcomer, by=platform_admin, verification="rejected", reason="Empty.")
    doctor = services.onboard_doctor(newcomer, by=newcomer.user, **PROFILE)
    assert doctor.verification == Verification.PENDING
