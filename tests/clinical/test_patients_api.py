"""The register of patients and their pages over the API: who finds whom, reads what, keeps what."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.clinical.models import Allergy, Guardian, IdentityDocument, InsurancePolicy, Patient, ReadEntry
from apps.notifications.models import Message
from tests.factories.bookings import AppointmentFactory
from tests.factories.clinical import (
    AllergyFactory,
    GuardianFactory,
    OnboardedFactory,
    PatientFactory,
    PolicyFactory,
)
from tests.factories.consent import CareFactory, EmergencyFactory, GrantFactory

pytestmark = pytest.mark.django_db
PATH = "/api/v1/patients"


@pytest.fixture
def patient():
    return OnboardedFactory(
        address="12 Marina Road", emergency_name="Tunde Bello", emergency_phone="+2348031234567",
        user__phone="+2348039999999",
    )  # fmt: skip


@pytest.fixture
def care(patient, doctor, hospital):
    return CareFactory(patient=patient, doctor=doctor, hospital=hospital)


def page(client, patient):
    response = client.get(f"{PATH}/{patient.pk}")
    assert response.status_code == 200, response.content
    return response.json()["data"]


# --- the register ----------------------------------------------------------------------------------------------------


def names(response):
    return {row["id"] for row in response.json()["data"]}


def test_the_desk_finds_everyone_and_carers_those_in_their_care(
    api, patient, other_patient, care, doctor, other_doctor, hospital_admin, other_hospital_admin, coordinator
):
    everyone = {str(patient.pk), str(other_patient.pk)}
    assert names(api(coordinator).get(PATH)) == everyone
    for person in (doctor.user, hospital_admin):
        assert names(api(person).get(PATH)) == {str(patient.pk)}
    for person in (other_doctor.user, other_hospital_admin):
        assert names(api(person).get(PATH)) == set()


def test_patients_and_others_have_no_register(api, patient, support_agent, translator):
    for person in (patient.user, support_agent, translator):
        assert api(person).get(PATH).status_code == 403


def test_it_is_searched_by_words_of_name_and_address_narrowed_and_sorted(api, coordinator):
    ada = PatientFactory(user__first_name="Ada", user__last_name="Zuma", user__email="ada@mail.ng", country="NG")
    bea = OnboardedFactory(user__first_name="Bea", user__last_name="Abel", user__email="bea@mail.ke", country="KE")
    bea.user.is_active = False
    bea.user.save()
    client = api(coordinator)

    def found(**query):
        return [row["name"] for row in client.get(PATH, query).json()["data"]]

    assert found(search="ad zum") == found(search="ada@mail") == ["Ada Zuma"]
    assert found(country="KE") == found(is_active="false") == found(is_onboarded="true") == ["Bea Abel"]
    assert found(sort_by="name") == ["Bea Abel", "Ada Zuma"]
    assert found(sort_by="country", sort_order="desc") == ["Ada Zuma", "Bea Abel"]
    assert found() == ["Bea Abel", "Ada Zuma"], "the newest first"
    tomorrow = (timezone.now() + timedelta(days=1)).date().isoformat()
    assert found(created_from=tomorrow) == []
    assert len(found(created_to=tomorrow)) == 2
    Patient.objects.filter(pk=ada.pk).update(created_at=timezone.now() - timedelta(days=9))
    assert found(created_to=(timezone.now() - timedelta(days=3)).date().isoformat()) == ["Ada Zuma"]


def test_a_doctor_finds_by_names_alone_and_learns_no_address_by_trying(api, patient, care, doctor, hospital_admin):
    def found(person, words):
        return len(api(person).get(PATH, {"search": words}).json()["data"])

    patient.user.email = "quiet.inbox@mail.ng"
    patient.user.save()
    assert [found(doctor.user, words) for words in ("quiet", "quiet.inb", "quiet.inbox@mail.ng")] == [0, 0, 0]
    assert found(doctor.user, patient.user.last_name[:3]) == 1
    assert found(hospital_admin, "quiet.inb") == 1, "who reads the address finds by it"


@pytest.mark.parametrize("query", [{"country": "XX"}, {"created_from": "yesterday"}, {"sort_by": "birth_date"}])
def test_a_filter_that_means_nothing_is_refused(api, coordinator, query):
    assert api(coordinator).get(PATH, query).status_code == 400


def test_the_register_is_no_reading_of_records(api, coordinator, patient):
    api(coordinator).get(PATH)
    assert not ReadEntry.objects.exists()


# --- a page ----------------------------------------------------------------------------------------------------------


def test_a_patient_reads_everything_of_their_own_with_whole_numbers(api, patient):
    PolicyFactory(patient=patient, number="LH-7788-000123")
    AllergyFactory(patient=patient, substance="Latex")

    data = page(api(patient.user), patient)

    assert data["medical_information"]["allergies"][0]["substance"] == "Latex"
    assert data["insurance_policies"][0]["number"] == "LH-7788-000123"
    assert data["address"] == "12 Marina Road"


def test_everybody_else_reads_the_last_four_of_a_number(api, patient, coordinator, platform_admin):
    PolicyFactory(patient=patient, number="LH-7788-000123")
    for person in (coordinator, platform_admin):
        assert page(api(person), patient)["insurance_policies"][0]["number"] == "•••• 0123"


def test_the_desk_reads_contacts_and_an_admin_the_medical_information_too(api, patient, coordinator, platform_admin):
    read_by_coordinator = page(api(coordinator), patient)
    assert read_by_coordinator["phone"] == "+2348039999999"
    assert read_by_coordinator["medical_information"] is None
    assert read_by_coordinator["medical_information_withheld"] == "no_consent"
    assert not ReadEntry.objects.exists()

    assert page(api(platform_admin), patient)["medical_information"]["blood_group"] == "A+"
    assert ReadEntry.objects.get().ground == "administration"


def test_a_consent_of_the_scope_profile_opens_the_medical_information_and_the_reading_is_logged(
    api, patient, coordinator
):
    grant = GrantFactory(patient=patient, coordinator=coordinator, scopes=["profile"])

    assert page(api(coordinator), patient)["medical_information"]["blood_group"] == "A+"

    entry = ReadEntry.objects.get()
    assert (entry.ground, entry.ground_id, entry.object_type, entry.act) == (
        "consent", grant.pk, "clinical.patient", "opened",
    )  # fmt: skip


def test_a_consent_of_another_scope_does_not(api, patient, coordinator):
    GrantFactory(patient=patient, coordinator=coordinator, scopes=["mri"])
    assert page(api(coordinator), patient)["medical_information"] is None


def test_carers_read_whom_to_call_and_no_papers(api, patient, care, doctor, hospital_admin):
    PolicyFactory(patient=patient)
    GuardianFactory(patient=patient)
    for person in (doctor.user, hospital_admin):
        data = page(api(person), patient)
        assert data["emergency_contact"]["name"] == "Tunde Bello"
        assert data["medical_information"] is None
        kept_back = ("address", "guardians", "identity_documents", "insurance_policies")
        assert [data[name] for name in kept_back] == [None] * 4
    assert page(api(hospital_admin), patient)["phone"] == "+2348039999999"
    assert page(api(doctor.user), patient)["phone"] is None


def test_an_emergency_opens_the_medical_information_to_the_doctor(api, patient, other_doctor):
    emergency = EmergencyFactory(patient=patient, doctor=other_doctor)

    assert page(api(other_doctor.user), patient)["medical_information"]["blood_group"] == "A+"
    assert ReadEntry.objects.get().ground_id == emergency.pk


def test_strangers_find_no_page(api, patient, care, other_patient, other_doctor, other_hospital_admin):
    for person in (other_patient.user, other_doctor.user, other_hospital_admin):
        assert api(person).get(f"{PATH}/{patient.pk}").status_code == 404


def test_what_was_struck_out_is_not_shown(api, patient):
    AllergyFactory(patient=patient, struck_out_at=timezone.now())
    assert page(api(patient.user), patient)["medical_information"]["allergies"] == []


# --- bringing in, changing, closing ----------------------------------------------------------------------------------

NEW = {"email": "New@Example.com", "first_name": "Ada", "last_name": "Eze", "country": "NG", "birth_date": "1990-04-01"}


def test_a_coordinator_brings_in_a_patient_who_gets_a_link_to_set_a_password(api, coordinator):
    response = api(coordinator).post(PATH, NEW, format="json")

    assert response.status_code == 201, response.content
    patient = Patient.objects.get()
    assert (patient.user.email, patient.user.role, str(patient.birth_date)) == (
        "new@example.com", "patient", "1990-04-01",
    )  # fmt: skip
    assert not patient.user.has_usable_password()
    assert Message.objects.filter(kind="accounts.invitation", recipient=patient.user).exists()


def test_an_address_that_is_taken_or_a_day_that_cannot_be_makes_nobody(api, coordinator):
    User.objects.filter(pk=coordinator.pk).update(email="new@example.com")
    assert api(coordinator).post(PATH, NEW, format="json").json()["code"] == "accounts.email_taken"

    response = api(coordinator).post(PATH, NEW | {"email": "b@example.com", "birth_date": "2999-01-01"}, format="json")
    assert (response.status_code, list(response.json()["errors"])) == (400, ["birth_date"])
    assert not Patient.objects.exists()
    assert not Message.objects.exists()


def test_others_bring_in_nobody_and_coordinators_no_staff(api, doctor, hospital_admin, support_agent, coordinator):
    for person in (doctor.user, hospital_admin, support_agent):
        assert api(person).post(PATH, NEW, format="json").status_code == 403
    assert api(coordinator).post("/api/v1/users", NEW | {"role": "admin"}, format="json").status_code == 403


@pytest.mark.parametrize("who", ["self", "coordinator", "platform_admin"])
def test_a_page_is_changed_by_the_patient_and_the_desk(api, request, patient, who):
    person = patient.user if who == "self" else request.getfixturevalue(who)
    given = {"city": "Abuja", "weight_kg": "71.5", "emergency_contact": {"name": "Kemi", "phone": "+2348031234568"}}

    response = api(person).patch(f"{PATH}/{patient.pk}", given, format="json")

    assert response.status_code == 200, response.content
    patient.refresh_from_db()
    assert (patient.city, str(patient.weight_kg), patient.emergency_name, patient.emergency_relation) == (
        "Abuja", "71.5", "Kemi", "",
    )  # fmt: skip


def test_carers_change_nothing(api, patient, care, doctor, hospital_admin):
    for person in (doctor.user, hospital_admin):
        assert api(person).patch(f"{PATH}/{patient.pk}", {"city": "Abuja"}, format="json").status_code == 403
    patient.refresh_from_db()
    assert patient.city == ""


@pytest.mark.parametrize("given", [{"weight_kg": "NaN"}, {"height_cm": "999"}, {"country": "XX"}, {"gender": "robot"}])
def test_a_page_takes_nothing_that_cannot_be(api, patient, given):
    assert api(patient.user).patch(f"{PATH}/{patient.pk}", given, format="json").status_code == 400


def test_an_admin_closes_an_account_and_the_record_stays(api, patient, platform_admin):
    assert api(platform_admin).delete(f"{PATH}/{patient.pk}").status_code == 204

    patient.user.refresh_from_db()
    assert not patient.user.is_active
    assert Patient.objects.filter(pk=patient.pk).exists()
    assert api(platform_admin).delete(f"{PATH}/{patient.pk}").status_code == 204, "once more changes nothing"


def test_an_account_with_an_appointment_to_come_is_not_closed(api, patient, platform_admin):
    appointment = AppointmentFactory(patient=patient)

    response = api(platform_admin).delete(f"{PATH}/{patient.pk}")

    assert (response.status_code, response.json()["code"]) == (409, "booking.appointments_to_come")
    patient.user.refresh_from_db()
    assert patient.user.is_active
    type(appointment).objects.filter(pk=appointment.pk).update(status="rejected")
    assert api(platform_admin).delete(f"{PATH}/{patient.pk}").status_code == 204


def test_nobody_else_closes_an_account(api, patient, coordinator):
    for person in (patient.user, coordinator):
        assert api(person).delete(f"{PATH}/{patient.pk}").status_code == 403


# --- entries ---------------------------------------------------------------------------------------------------------

ENTRIES = {
    "allergies": (Allergy, {"substance": "Latex", "kind": "other"}, {"kind": "food", "severity": "severe"}),
    "guardians": (Guardian, {"name": "Ngozi", "relation": "mother", "email": "n@example.com"}, {"relation": "other"}),
    "identity-documents": (IdentityDocument, {"number": "A0912334", "country": "NG"}, {"kind": "identity_card"}),
    "insurance-policies": (InsurancePolicy, {"insurer": "Lagoon", "number": "77-88"}, {"insurer": "Lagoon Health"}),
}


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_is_added_changed_and_taken_away_by_the_patient(api, patient, kind):
    model, given, change = ENTRIES[kind]
    client, path = api(patient.user), f"{PATH}/{patient.pk}/{kind}"

    made = client.post(path, given, format="json")
    assert made.status_code == 201, made.content
    entry = f"{path}/{made.json()['data']['id']}"
    changed = client.patch(entry, change, format="json")
    assert changed.status_code == 200, changed.content
    assert changed.json()["data"] | given | change == changed.json()["data"]
    assert client.delete(entry).status_code == 204

    rows = model.objects.all()
    assert not (rows.standing() if model is Allergy else rows).exists()


@pytest.mark.parametrize("kind", ENTRIES)
def test_an_entry_is_not_another_patients(api, patient, other_patient, kind):
    _model, given, change = ENTRIES[kind]
    made = api(patient.user).post(f"{PATH}/{patient.pk}/{kind}", given, format="json").json()["data"]["id"]
    client = api(other_patient.user)

    assert client.post(f"{PATH}/{patient.pk}/{kind}", given, format="json").status_code == 404
    for of in (patient, other_patient):
        assert client.patch(f"{PATH}/{of.pk}/{kind}/{made}", change, format="json").status_code == 404
        assert client.delete(f"{PATH}/{of.pk}/{kind}/{made}").status_code == 404


def test_a_struck_out_allergy_is_kept_and_stays_as_it_was(api, patient):
    allergy = AllergyFactory(patient=patient, substance="Latex")
    client, path = api(patient.user), f"{PATH}/{patient.pk}/allergies/{allergy.pk}"
    client.delete(path)

    response = client.patch(path, {"substance": "Lanolin"}, format="json")

    assert (response.status_code, response.json()["code"]) == (409, "patient.entry_struck_out")
    allergy.refresh_from_db()
    assert (allergy.substance, allergy.struck_out_at is None) == ("Latex", False)


def test_a_coordinator_changes_an_allergy_only_with_sight_of_it(api, patient, coordinator):
    allergy = AllergyFactory(patient=patient)
    client, path = api(coordinator), f"{PATH}/{patient.pk}/allergies/{allergy.pk}"

    assert client.patch(path, {"severity": "mild"}, format="json").status_code == 404
    assert not ReadEntry.objects.exists()
    grant = GrantFactory(patient=patient, coordinator=coordinator, scopes=["profile"])
    assert client.patch(path, {"severity": "mild"}, format="json").status_code == 200
    entry = ReadEntry.objects.get()
    assert (entry.object_id, entry.patient_id, entry.reader_id) == (allergy.pk, patient.pk, coordinator.pk)
    assert (entry.ground_id, entry.act) == (grant.pk, "opened"), "the answer holds the whole entry"


def test_medical_entries_wait_for_the_onboarding(api, other_patient):
    response = api(other_patient.user).post(
        f"{PATH}/{other_patient.pk}/allergies", {"substance": "Latex"}, format="json"
    )
    assert (response.status_code, response.json()["code"]) == (409, "patient.not_onboarded")


def test_a_number_is_there_once_however_it_is_written(api, patient):
    client, path = api(patient.user), f"{PATH}/{patient.pk}/identity-documents"
    client.post(path, {"number": "a0912 334", "country": "NG"}, format="json")

    again = client.post(path, {"number": "A0912334", "country": "NG"}, format="json")

    assert (again.status_code, again.json()["code"]) == (409, "patient.number_exists")
    assert client.post(path, {"number": "---", "country": "NG"}, format="json").status_code == 400
    assert IdentityDocument.objects.count() == 1


def test_a_page_holds_so_many_entries_of_a_kind(api, patient):
    AllergyFactory.create_batch(100, patient=patient)
    response = api(patient.user).post(f"{PATH}/{patient.pk}/allergies", {"substance": "Latex"}, format="json")
    assert (response.status_code, response.json()["code"]) == (409, "patient.too_many_entries")


def test_a_minor_keeps_a_guardian_and_one_who_consented_stays(api, patient):
    Patient.objects.filter(pk=patient.pk).update(birth_date="2015-01-01")
    first, second = GuardianFactory(patient=patient), GuardianFactory(patient=patient, name="Obi")
    GrantFactory(patient=patient, guardian=second)
    client = api(patient.user)

    consented = client.delete(f"{PATH}/{patient.pk}/guardians/{second.pk}")
    assert (consented.status_code, consented.json()["code"]) == (409, "conflict.in_use")
    assert client.delete(f"{PATH}/{patient.pk}/guardians/{first.pk}").status_code == 204
    last = client.delete(f"{PATH}/{patient.pk}/guardians/{second.pk}")
    assert (last.status_code, last.json()["code"]) == (409, "patient.guardian_needed")


def test_a_minor_does_not_make_themself_an_adult(api, patient, coordinator):
    Patient.objects.filter(pk=patient.pk).update(birth_date="2015-01-01")
    GuardianFactory(patient=patient)
    page = f"{PATH}/{patient.pk}"

    assert api(patient.user).patch(page, {"birth_date": "1990-01-01"}, format="json").status_code == 403
    assert api(patient.user).patch(page, {"birth_date": "2015-01-02"}, format="json").status_code == 200
    assert api(coordinator).patch(page, {"birth_date": "1990-01-01"}, format="json").status_code == 200


# --- insurance -------------------------------------------------------------------------------------------------------


def ask(client, patient, **given):
    return client.post(f"{PATH}/{patient.pk}/insurance-verification", given, format="json")


def test_a_policy_waits_for_a_coordinator_who_is_told_without_its_number(api, patient, coordinator):
    response = ask(api(patient.user), patient, insurer="Lagoon Health", number="LH-7788-000123")

    assert response.status_code == 201, response.content
    policy = InsurancePolicy.objects.get()
    assert policy.verification == "requested"
    messages = Message.objects.filter(kind="clinical.insurance_to_verify")
    assert {message.recipient for message in messages} == {coordinator}
    assert "0123" not in str([message.context for message in messages])


def test_asking_again_while_it_waits_changes_nothing(api, patient, coordinator):
    policy = PolicyFactory(patient=patient)
    client = api(patient.user)
    first = ask(client, patient, policy_id=str(policy.pk)).json()["data"]

    again = ask(client, patient, policy_id=str(policy.pk))
    by_number = ask(client, patient, insurer=policy.insurer, number=policy.number)

    assert again.json()["data"] == by_number.json()["data"] == first
    assert InsurancePolicy.objects.count() == 1
    assert Message.objects.filter(kind="clinical.insurance_to_verify").values("event").distinct().count() == 1


def test_a_policy_that_is_over_is_not_asked_about(api, patient):
    policy = PolicyFactory(patient=patient, valid_until="2020-01-01")
    assert ask(api(patient.user), patient, policy_id=str(policy.pk)).json()["code"] == "insurance.policy_over"


def test_a_policy_is_named_or_described(api, patient, other_patient):
    client = api(patient.user)
    assert list(ask(client, patient).json()["errors"]) == ["insurer", "number"]
    strangers = PolicyFactory(patient=other_patient)
    assert ask(client, patient, policy_id=str(strangers.pk)).status_code == 404
