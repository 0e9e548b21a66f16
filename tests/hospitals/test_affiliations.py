"""Who practises where: both sides agree, the other side is told, and a refusal leaves nothing."""

from datetime import date

import pytest
from django.utils import timezone

from apps.accounts import services as account_services
from apps.accounts.roles import Role
from apps.common import exceptions as refusals
from apps.hospitals import exceptions, rules, services
from apps.hospitals.models import Affiliation, Doctor
from apps.hospitals.workflow import AffiliationStatus, Awaiting
from apps.notifications.models import Message
from tests.factories.hospitals import AffiliationFactory, HospitalFactory, SpecialtyFactory

pytestmark = pytest.mark.django_db


def told(user, channel="email"):
    """The directory's messages to a person, oldest first."""
    rows = Message.objects.filter(recipient=user, channel=channel, kind__startswith="hospitals.")
    return [kind.removeprefix("hospitals.") for kind in rows.order_by("id").values_list("kind", flat=True)]


@pytest.fixture
def newcomer(db):
    """A doctor who has just registered."""
    return account_services.create_user(
        email="new@example.com", first_name="New", last_name="Comer", role=Role.DOCTOR
    ).doctor


@pytest.fixture
def asked(other_doctor, hospital, hospital_admin):
    """A listed doctor whom a hospital would like to show."""
    return services.add_affiliation(hospital, other_doctor, by=hospital_admin, department={"en": "Heart"})


def shown_at(hospital):
    return Affiliation.objects.active().filter(hospital=hospital).count()


# --- a hospital asks ---


def test_a_doctor_whom_a_hospital_asks_is_not_shown_before_saying_yes(asked, other_doctor, hospital, hospital_admin):
    assert (asked.status, asked.department_en) == (AffiliationStatus.PENDING, "Heart")
    assert rules.awaiting(asked, other_doctor) == Awaiting.DOCTOR
    assert shown_at(hospital) == 0
    assert told(other_doctor.user) == ["affiliation_offered"]
    assert told(hospital_admin) == []


def test_asking_opens_nothing_of_the_doctors_to_the_hospital(asked, other_doctor, hospital_admin):
    assert not Doctor.objects.visible_to(hospital_admin).filter(pk=other_doctor.pk).exists()
    services.confirm_affiliation(asked, by=other_doctor.user)
    assert Doctor.objects.visible_to(hospital_admin).filter(pk=other_doctor.pk).exists()


def test_the_doctor_confirms_and_the_hospital_is_told(asked, other_doctor, hospital, hospital_admin):
    affiliation = services.confirm_affiliation(asked, by=other_doctor.user)
    assert affiliation.status == AffiliationStatus.ACTIVE
    assert shown_at(hospital) == 1
    assert told(hospital_admin) == ["affiliation_begun"]
    assert told(other_doctor.user) == ["affiliation_offered"], "who confirms knows"


def test_the_doctor_declines_and_the_hospital_is_told(asked, other_doctor, hospital_admin):
    assert services.decline_affiliation(asked, by=other_doctor.user).status == AffiliationStatus.REJECTED
    assert told(hospital_admin) == ["affiliation_withdrawn"]
    for verb in [services.confirm_affiliation, services.decline_affiliation]:
        with pytest.raises(refusals.MoveNotAllowed):
            verb(asked, by=other_doctor.user)


def test_nobody_gives_the_doctors_word_for_them(asked, doctor, hospital_admin, other_hospital_admin):
    for person in [doctor.user, hospital_admin, other_hospital_admin]:
        with pytest.raises(refusals.Forbidden):
            services.confirm_affiliation(asked, by=person)
    with pytest.raises(exceptions.DoctorNotAgreed):
        services.activate_affiliation(asked, by=hospital_admin)
    asked.refresh_from_db()
    assert (asked.status, asked.doctor_agreed_at) == (AffiliationStatus.PENDING, None)


def test_asking_again_changes_the_details_and_bothers_nobody(asked, other_doctor, hospital, hospital_admin):
    again = services.add_affiliation(hospital, other_doctor, by=hospital_admin, department={"en": "Valves"})
    assert (again.pk, again.department_en, again.status) == (asked.pk, "Valves", AffiliationStatus.PENDING)
    assert told(other_doctor.user) == ["affiliation_offered"]


def test_a_hospital_that_takes_up_a_proposal_keeps_what_the_doctor_said_of_it(other_doctor, hospital, hospital_admin):
    Affiliation.objects.update(is_primary=False)
    services.propose_affiliation(
        other_doctor, by=other_doctor.user, hospital_id=hospital.pk, department={"en": "Heart"}, is_primary=True,
        starts_on=date(2027, 1, 1),
    )  # fmt: skip
    taken_up = services.add_affiliation(hospital, other_doctor, by=hospital_admin, position={"en": "Head"})
    taken_up.refresh_from_db()
    assert (taken_up.status, taken_up.starts_on, taken_up.is_primary) == ("active", date(2027, 1, 1), True)
    assert (taken_up.department_en, taken_up.position_en) == ("Heart", "Head")


def test_a_hospital_takes_back_what_it_asked(asked, other_doctor, hospital, hospital_admin):
    services.end_affiliation(hospital, other_doctor, by=hospital_admin)
    assert told(other_doctor.user) == ["affiliation_offered", "affiliation_declined"]
    assert Message.objects.filter(kind="hospitals.affiliation_declined").first().context["was_offered"]


def test_what_an_admin_rejects_for_a_hospital_is_told_to_its_staff_too(
    other_doctor, hospital, hospital_admin, platform_admin
):
    services.propose_affiliation(other_doctor, by=other_doctor.user, hospital_id=hospital.pk)
    services.end_affiliation(hospital, other_doctor, by=platform_admin)
    assert told(hospital_admin) == ["affiliation_proposed", "affiliation_withdrawn"]
    assert told(other_doctor.user) == ["affiliation_declined"]


def test_a_hospital_that_is_closed_meanwhile_cannot_be_confirmed(asked, other_doctor, hospital, platform_admin):
    services.deactivate_hospital(hospital, by=platform_admin)
    with pytest.raises(exceptions.HospitalNotActive):
        services.confirm_affiliation(asked, by=other_doctor.user)
    assert shown_at(hospital) == 0


def test_confirming_does_not_take_the_place_of_the_primary_hospital(other_doctor, hospital):
    asked = AffiliationFactory(
        doctor=other_doctor, hospital=hospital, status="pending", doctor_agreed_at=None,
        hospital_agreed_at=timezone.now(),
    )  # fmt: skip
    assert services.confirm_affiliation(asked, by=other_doctor.user).is_primary is False


# --- an admin's word ---


def test_an_admin_adds_at_once_and_both_sides_are_told(other_doctor, hospital, hospital_admin, platform_admin):
    affiliation = services.add_affiliation(hospital, other_doctor, by=platform_admin)
    assert affiliation.status == AffiliationStatus.ACTIVE
    assert told(other_doctor.user) == ["affiliation_added"]
    assert told(hospital_admin) == ["affiliation_begun"]


def test_whom_an_admin_adds_before_verification_waits_for_it_alone(newcomer, hospital, platform_admin):
    affiliation = services.add_affiliation(hospital, newcomer, by=platform_admin)
    assert rules.awaiting(affiliation, newcomer) == Awaiting.VERIFICATION
    assert Message.objects.filter(recipient=newcomer.user, channel="email").latest("id").context["waits"]


# --- a doctor proposes ---


def test_a_verified_doctors_proposal_waits_for_the_hospital_which_is_told(
    other_doctor, hospital, hospital_admin, other_hospital_admin
):
    proposed = services.propose_affiliation(other_doctor, by=other_doctor.user, hospital_id=hospital.pk)
    assert rules.awaiting(proposed, other_doctor) == Awaiting.HOSPITAL
    assert told(hospital_admin) == ["affiliation_proposed"]
    assert told(other_hospital_admin) == []
    services.activate_affiliation(proposed, by=hospital_admin)
    assert shown_at(hospital) == 1
    assert told(other_doctor.user) == ["affiliation_added"]


def test_a_hospital_that_adds_whom_proposed_it_takes_the_proposal_up(other_doctor, hospital, hospital_admin):
    proposed = services.propose_affiliation(other_doctor, by=other_doctor.user, hospital_id=hospital.pk)
    added = services.add_affiliation(hospital, other_doctor, by=hospital_admin)
    assert (added.pk, added.status) == (proposed.pk, AffiliationStatus.ACTIVE)


def test_a_doctor_who_proposes_what_the_hospital_asks_joins_at_once(asked, other_doctor, hospital, hospital_admin):
    proposed = services.propose_affiliation(other_doctor, by=other_doctor.user, hospital_id=hospital.pk)
    assert (proposed.pk, proposed.status) == (asked.pk, AffiliationStatus.ACTIVE)
    assert told(hospital_admin) == ["affiliation_begun"]


def test_a_hospital_rejects_a_proposal_and_the_doctor_is_told(other_doctor, hospital, hospital_admin):
    services.propose_affiliation(other_doctor, by=other_doctor.user, hospital_id=hospital.pk)
    services.end_affiliation(hospital, other_doctor, by=hospital_admin)
    assert told(other_doctor.user) == ["affiliation_declined"]


def test_confirming_ones_own_proposal_does_not_stand_for_the_hospitals_word(other_doctor, hospital):
    proposed = services.propose_affiliation(other_doctor, by=other_doctor.user, hospital_id=hospital.pk)
    assert services.confirm_affiliation(proposed, by=other_doctor.user).status == AffiliationStatus.PENDING


def test_nobody_unverified_writes_to_a_hospital(newcomer, hospital, hospital_admin):
    proposed = services.propose_affiliation(newcomer, by=newcomer.user, hospital_id=hospital.pk)
    assert rules.awaiting(proposed, newcomer) == Awaiting.VERIFICATION
    services.decline_affiliation(proposed, by=newcomer.user)
    assert told(hospital_admin) == []


@pytest.mark.parametrize("where", ["unlisted", "unknown"])
def test_a_hospital_that_is_not_listed_cannot_be_proposed(other_doctor, where):
    hospital_id = HospitalFactory(verification="pending").pk if where == "unlisted" else other_doctor.pk
    with pytest.raises(refusals.Invalid) as refused:
        services.propose_affiliation(other_doctor, by=other_doctor.user, hospital_id=hospital_id)
    assert set(refused.value.errors) == {"hospital_id"}
    assert other_doctor.affiliations.count() == 1


# --- with the doctor's verification ---


@pytest.fixture
def onboarded(newcomer, hospital, other_hospital, other_hospital_admin):
    """A newcomer who proposes one hospital, and whom another has asked."""
    SpecialtyFactory()
    licences = [{"number": "TN-1", "country": "IN"}]
    services.onboard_doctor(
        newcomer, by=newcomer.user, specialty="cardiology", licences=licences, proposals=[{"hospital_id": hospital.pk}]
    )
    services.add_affiliation(other_hospital, newcomer, by=other_hospital_admin)
    return newcomer


def test_approving_activates_what_the_doctor_proposed_and_leaves_what_a_hospital_asks(
    onboarded, hospital, other_hospital, hospital_admin, other_hospital_admin, platform_admin
):
    services.verify_doctor(onboarded, by=platform_admin, verification="approved")
    assert (shown_at(hospital), shown_at(other_hospital)) == (1, 0)
    assert (told(hospital_admin), told(other_hospital_admin)) == (["affiliation_begun"], [])
    asked = onboarded.affiliations.get(hospital=other_hospital)
    services.confirm_affiliation(asked, by=onboarded.user)
    assert shown_at(other_hospital) == 1


def test_a_word_given_before_the_verification_counts_with_it(onboarded, other_hospital, platform_admin):
    asked = onboarded.affiliations.get(hospital=other_hospital)
    assert services.confirm_affiliation(asked, by=onboarded.user).status == AffiliationStatus.PENDING
    services.verify_doctor(onboarded, by=platform_admin, verification="approved")
    assert shown_at(other_hospital) == 1


def test_rejecting_a_doctor_rejects_all_that_waits_and_tells_the_hospital_that_asked(
    onboarded, hospital_admin, other_hospital_admin, platform_admin
):
    services.verify_doctor(onboarded, by=platform_admin, verification="rejected", reason="No.")
    assert set(onboarded.affiliations.values_list("status", flat=True)) == {"rejected"}
    assert (told(hospital_admin), told(other_hospital_admin)) == ([], ["affiliation_withdrawn"])


# --- details and ends ---


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"is_primary": True}, exceptions.PrimaryTaken),
        ({"starts_on": date(2030, 2, 1), "ends_on": date(2030, 1, 31)}, refusals.Invalid),
    ],
)
def test_a_refused_affiliation_changes_and_tells_nothing(other_doctor, hospital, hospital_admin, given, refusal):
    with pytest.raises(refusal):
        services.add_affiliation(hospital, other_doctor, by=hospital_admin, **given)
    assert other_doctor.affiliations.count() == 1
    assert not Message.objects.exists()


def test_a_doctor_joins_a_hospital_once(doctor, hospital, hospital_admin):
    with pytest.raises(exceptions.AlreadyAffiliated):
        services.add_affiliation(hospital, doctor, by=hospital_admin)


def test_an_affiliation_ends_on_the_hospitals_own_day(doctor, hospital, hospital_admin, time_machine):
    time_machine.move_to("2030-03-01T20:00:00Z")  # 01:30 of the second in Chennai
    services.set_bookable([doctor.pk], True)
    affiliation = services.end_affiliation(hospital, doctor, by=hospital_admin)
    assert (affiliation.status, affiliation.ends_on) == (AffiliationStatus.ENDED, date(2030, 3, 2))
    assert told(doctor.user) == ["affiliation_ended"]
    assert told(hospital_admin) == [], "who ends it knows"
    assert not Doctor.objects.get(pk=doctor.pk).is_bookable, "there is nowhere left to book"


def test_a_waiting_affiliation_is_rejected_instead_of_ended(doctor, hospital, hospital_admin):
    Affiliation.objects.update(status=AffiliationStatus.PENDING)
    assert services.end_affiliation(hospital, doctor, by=hospital_admin).status == AffiliationStatus.REJECTED


def test_there_is_nothing_to_end_where_there_is_no_affiliation(other_doctor, hospital, hospital_admin):
    with pytest.raises(refusals.NotFound):
        services.end_affiliation(hospital, other_doctor, by=hospital_admin)


def test_staff_are_told_of_what_an_admin_ends(doctor, hospital, hospital_admin, platform_admin):
    services.end_affiliation(hospital, doctor, by=platform_admin)
    assert told(hospital_admin) == ["affiliation_over"]


def test_a_doctor_may_come_back(doctor, hospital, hospital_admin):
    services.end_affiliation(hospital, doctor, by=hospital_admin)
    back = services.add_affiliation(hospital, doctor, by=hospital_admin, is_primary=True)
    services.confirm_affiliation(back, by=doctor.user)
    assert Affiliation.objects.active().get().is_primary
