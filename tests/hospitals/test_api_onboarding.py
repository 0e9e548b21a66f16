"""Doctors over the API as they come in and are kept: onboarding, verification, licences and papers."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.roles import Role
from apps.hospitals import services
from apps.hospitals.models import Doctor, Licence
from tests.factories.accounts import UserFactory
from tests.factories.hospitals import LicenceFactory, SpecialtyFactory
from tests.factories.media import DocumentFactory, StoredFileFactory

pytestmark = pytest.mark.django_db

LIST = "/api/v1/doctors"
OWN = f"{LIST}/me"
CANARY = "CANARY-7391"
LICENCE = {"number": "TN-1234", "country": "IN"}
DEGREE = {"name": {"en": "MD"}}
PROFILE = {
    "specialty": "cardiology",
    "licences": [LICENCE],
    "bio": {"en": "Hearts.", "hi": "हृदय।"},
    "consultation_fee": "1500",
    "currency": "INR",
    "spoken_languages": ["en", "hi"],
}


def one(doctor):
    return f"{LIST}/{doctor.pk}"


def at(hospital, doctor=None):
    return f"/api/v1/hospitals/{hospital.pk}/doctors" + (f"/{doctor.pk}" if doctor else "")


@pytest.fixture
def newcomer(db):
    SpecialtyFactory()
    return services.open_profile(UserFactory(role=Role.DOCTOR))


@pytest.fixture
def cast(platform_admin, coordinator, support_agent, translator, hospital_admin, other_hospital_admin, doctor,
         other_doctor, patient):  # fmt: skip
    return {
        "anonymous": None,
        "admin": platform_admin,
        "coordinator": coordinator,
        "support": support_agent,
        "translator": translator,
        "hospital_admin": hospital_admin,
        "other_hospital_admin": other_hospital_admin,
        "doctor": doctor.user,
        "other_doctor": other_doctor.user,
        "patient": patient.user,
    }


# --- onboarding ---


def test_a_doctor_completes_the_profile_once_with_all_that_belongs_to_it(api, newcomer, hospital):
    client = api(newcomer.user)
    paper, portrait = DocumentFactory(owner=newcomer.user), StoredFileFactory(owner=newcomer.user)
    body = PROFILE | {
        "licences": [LICENCE | {"expires_on": "2040-01-31", "document_id": str(paper.pk)}],
        "qualifications": [{"name": {"en": "MD"}, "country": "IN", "year": 2001}],
        "documents": [{"kind": "identity", "file_id": str(paper.pk)}],
        "portrait_id": str(portrait.pk),
        "affiliations": [{"hospital_id": str(hospital.pk), "is_primary": True, "department": {"en": "Heart"}}],
    }
    response = client.post(LIST, body)
    data = response.json()["data"]
    assert response.status_code == 201, data
    assert data["id"] == str(newcomer.pk)
    assert data["spoken_languages"] == ["en", "hi"]
    assert data["portrait"]["url"].endswith(portrait.key)
    management = data["management"]
    assert management["texts"]["bio"]["hi"] == "हृदय।"
    assert management["missing"] == []
    (licence,), (document,) = management["licences"], management["documents"]
    assert (licence["verification"], licence["expires_on"]) == ("pending", "2040-01-31")
    assert licence["document"]["id"] == document["file"]["id"] == str(paper.pk)
    assert licence["document"]["url"]
    (affiliation,) = management["affiliations"]
    assert (affiliation["status"], affiliation["awaiting"]) == ("pending", "verification")
    assert (affiliation["hospital_name"], affiliation["department"]) == (hospital.name, "Heart")
    again = client.post(LIST, body)
    assert (again.status_code, again.json()["code"]) == (409, "doctor.already_onboarded")


def test_an_admin_completes_a_doctors_profile(api, platform_admin, newcomer):
    client = api(platform_admin)
    assert list(client.post(LIST, PROFILE).json()["errors"]) == ["user_id"]
    response = client.post(LIST, PROFILE | {"user_id": str(newcomer.user_id)})
    assert (response.status_code, response.json()["data"]["id"]) == (201, str(newcomer.pk))


def test_a_doctor_completes_nobody_elses_profile(api, doctor, newcomer):
    response = api(doctor.user).post(LIST, PROFILE | {"user_id": str(newcomer.user_id)})
    assert (response.status_code, list(response.json()["errors"])) == (400, ["user_id"])
    newcomer.refresh_from_db()
    assert newcomer.onboarded_at is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"specialty": "astrology"}, "specialty"),
        ({"licences": []}, "licences.non_field_errors"),
        ({"licences": [LICENCE | {"number": ""}]}, "licences.0.number"),
        ({"licences": [LICENCE | {"country": "XX"}]}, "licences.0.country"),
        ({"licences": [LICENCE | {"expires_on": "soon"}]}, "licences.0.expires_on"),
        ({"licences": [LICENCE | {"issued_on": "2030-01-02", "expires_on": "2030-01-01"}]}, "licences.0.expires_on"),
        ({"licences": [LICENCE | {"document_id": str(uuid.uuid4())}]}, "licences.0.document_id"),
        ({"licences": [LICENCE] * 11}, "licences.non_field_errors"),
        ({"qualifications": [{"name": {"ar": "دكتوراه"}}]}, "qualifications.0.name"),
        (
            {"qualifications": [{"name": {"en": "MD"}, "document_id": str(uuid.uuid4())}]},
            "qualifications.0.document_id",
        ),
        ({"documents": [{"kind": "identity", "file_id": str(uuid.uuid4())}]}, "documents.0.file_id"),
        ({"documents": [{"kind": "poem", "file_id": str(uuid.uuid4())}]}, "documents.0.kind"),
        ({"portrait_id": str(uuid.uuid4())}, "portrait_id"),
        ({"currency": ""}, "currency"),
        ({"consultation_fee": "-1"}, "consultation_fee"),
        ({"consultation_fee": "1e99"}, "consultation_fee"),
        ({"consultation_fee": "12.5", "currency": "JPY"}, "consultation_fee"),
        ({"spoken_languages": ["en", "Hindi"]}, "spoken_languages.1"),
        ({"bio": {"en": None}}, "bio"),
        ({"affiliations": [{"hospital_id": str(uuid.uuid4())}]}, "affiliations.0.hospital_id"),
        ({"affiliations": [{"hospital_id": "x"}]}, "affiliations.0.hospital_id"),
        ({"affiliations": "x"}, "affiliations.non_field_errors"),
        ({"practising_since": 99999}, "practising_since"),
    ],
)
def test_a_profile_that_cannot_be_is_refused_by_field_and_leaves_nothing(api, newcomer, change, named):
    response = api(newcomer.user).post(LIST, PROFILE | change)
    assert response.status_code == 400, response.content
    assert list(response.json()["errors"]) == [named]
    newcomer.refresh_from_db()
    assert (newcomer.onboarded_at, newcomer.specialty) == (None, None)
    assert not Licence.objects.exists()


def test_one_licence_twice_is_refused(api, newcomer):
    response = api(newcomer.user).post(LIST, PROFILE | {"licences": [LICENCE, LICENCE]})
    assert (response.status_code, response.json()["code"]) == (409, "licence.exists")
    assert not Licence.objects.exists()


# --- who writes ---


def writes(doctor, licence):
    licences = f"{one(doctor)}/licences"
    return {
        "create": ("post", LIST, PROFILE),
        "change": ("patch", one(doctor), {"bio": {"en": CANARY}}),
        "delete": ("delete", one(doctor), None),
        "verify": ("patch", f"{one(doctor)}/verify", {"decision": "rejected", "reason": CANARY}),
        "add licence": ("post", licences, {"number": CANARY, "country": "IN"}),
        "change licence": ("patch", f"{licences}/{licence.pk}", {"number": CANARY}),
        "remove licence": ("delete", f"{licences}/{licence.pk}", None),
        "verify licence": ("patch", f"{licences}/{licence.pk}/verify", {"decision": "approved"}),
        "add document": ("post", f"{one(doctor)}/documents", {"kind": "other", "file_id": str(uuid.uuid4())}),
        "remove document": ("delete", f"{one(doctor)}/documents/{uuid.uuid4()}", None),
    }


ACTS = [
    "create", "change", "delete", "verify", "add licence", "change licence", "remove licence", "verify licence",
    "add document", "remove document",
]  # fmt: skip
NOT_WRITERS = [
    (who, act)
    for who in ["anonymous", "coordinator", "support", "translator", "hospital_admin", "other_doctor", "patient"]
    for act in ACTS
    if (who, act) != ("other_doctor", "create")  # that is their own profile
]


@pytest.mark.parametrize(("who", "act"), NOT_WRITERS)
def test_who_may_not_write(api, cast, doctor, who, act):
    licence = LicenceFactory(doctor=doctor, number="TN-9", verification="pending")
    method, url, body = writes(doctor, licence)[act]
    response = getattr(api(cast[who]), method)(url, body)
    admins_only = act in {"delete", "verify", "verify licence"}
    expected = 401 if who == "anonymous" else 404 if who == "other_doctor" and not admins_only else 403
    assert response.status_code == expected, response.content
    doctor.refresh_from_db()
    licence.refresh_from_db()
    assert (doctor.verification, doctor.is_active, doctor.bio_en or "") == ("approved", True, "")
    assert (doctor.licences.count(), licence.number, licence.verification) == (2, "TN-9", "pending")


def test_anothers_licence_and_document_answer_like_unknown_ones(api, doctor, other_doctor):
    client = api(doctor.user)
    foreign = LicenceFactory(doctor=other_doctor, verification="pending")
    document = services.add_document(
        other_doctor, by=other_doctor.user, kind="other", file_id=DocumentFactory(owner=other_doctor.user).pk
    )
    for path in [f"licences/{foreign.pk}", f"documents/{document.pk}", f"licences/{uuid.uuid4()}"]:
        assert client.delete(f"{one(doctor)}/{path}").status_code == 404
        assert client.delete(f"{one(other_doctor)}/{path}").status_code == 404
    assert (other_doctor.licences.count(), other_doctor.documents.count()) == (2, 1)


# --- changing ---


def test_a_doctor_changes_the_own_profile_but_not_its_standing(api, doctor):
    client = api(doctor.user)
    assert client.patch(one(doctor), {"consultation_fee": "1800.50"}).json()["data"]["consultation_fee"] == "1800.50"
    assert list(client.patch(one(doctor), {"consultation_fee": "1800.505"}).json()["errors"]) == ["consultation_fee"]
    for change, code in [
        ({"is_active": False}, "directory.activation_by_admin_only"),
        ({"specialty": "cardiology"}, "doctor.verified_fields_locked"),
    ]:
        refused = client.patch(one(doctor), change)
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    client.patch(one(doctor), {"verification": "pending", "rating": "5", "is_bookable": True})
    doctor.refresh_from_db()
    assert (doctor.verification, doctor.rating, doctor.is_bookable, doctor.is_active) == ("approved", 0, False, True)


def test_degrees_are_replaced_and_keep_their_diplomas(api, doctor):
    client, paper = api(doctor.user), DocumentFactory(owner=doctor.user)
    body = {"qualifications": [{"name": {"en": "MD"}, "document_id": str(paper.pk)}, {"name": {"en": "PhD"}}]}
    management = client.patch(one(doctor), body).json()["data"]["management"]
    kept = next(row for row in management["qualifications"] if row["document"])
    body = {"qualifications": [{"id": kept["id"], "name": {"en": "MD", "fr": "Docteur"}}]}
    data = client.patch(one(doctor), body).json()["data"]
    (only,) = data["management"]["qualifications"]
    assert (only["id"], only["document"]["id"], only["texts"]["name"]["fr"]) == (kept["id"], str(paper.pk), "Docteur")
    assert [degree["name"] for degree in data["qualifications"]] == ["MD"]


def test_an_admin_takes_a_doctor_off_the_list(api, platform_admin, doctor):
    assert api(platform_admin).delete(one(doctor)).status_code == 204
    assert api().get(one(doctor)).status_code == 404


# --- verification ---


def test_approving_needs_a_complete_profile_and_happens_once(api, platform_admin, newcomer):
    client, url = api(platform_admin), f"{one(newcomer)}/verify"
    refused = client.patch(url, {"decision": "approved"})
    assert (refused.status_code, refused.json()["code"]) == (409, "doctor.profile_incomplete")
    assert set(refused.json()["errors"]) == {"specialty", "licences"}
    api(newcomer.user).post(LIST, PROFILE)
    data = client.patch(url, {"decision": "approved"}).json()["data"]
    assert (data["is_verified"], data["licensed_in"]) == (True, ["IN"])
    assert client.patch(url, {"decision": "approved"}).status_code == 409
    assert api().get(one(newcomer)).status_code == 200


def test_a_rejected_doctor_corrects_and_submits_again(api, platform_admin, newcomer, hospital):
    own, admin = api(newcomer.user), api(platform_admin)
    own.post(LIST, PROFILE)
    assert own.post(f"{OWN}/submit").json()["code"] == "workflow.move_not_allowed", "it waits already"
    admin.patch(f"{one(newcomer)}/verify", {"decision": "rejected", "reason": "The scan is unreadable."})
    management = own.get(OWN).json()["data"]["management"]
    assert (management["verification"], management["rejection_reason"]) == ("rejected", "The scan is unreadable.")
    assert management["missing"] == ["licences"]
    (licence,) = management["licences"]
    paper = DocumentFactory(owner=newcomer.user)
    changed = own.patch(f"{one(newcomer)}/licences/{licence['id']}", {"document_id": str(paper.pk)})
    assert changed.json()["data"]["verification"] == "pending"
    submitted = own.post(f"{OWN}/submit", {"affiliations": [{"hospital_id": str(hospital.pk)}]})
    assert (submitted.status_code, submitted.json()["data"]["management"]["verification"]) == (200, "pending")
    waiting = Doctor.objects.filter(verification="pending", onboarded_at__isnull=False)
    assert list(waiting) == [newcomer], "admins find it in the queue again"
    assert admin.patch(f"{one(newcomer)}/verify", {"decision": "approved"}).status_code == 200
    assert api().get(at(hospital)).json()["data"][0]["id"] == str(newcomer.pk)


def test_only_doctors_submit_and_propose(api, cast):
    for who, user in cast.items():
        if who not in {"doctor", "other_doctor"}:
            expected = 401 if who == "anonymous" else 403
            for path in ["submit", "affiliations", f"affiliations/{uuid.uuid4()}/confirm"]:
                assert api(user).post(f"{OWN}/{path}", {}).status_code == expected, (who, path)


# --- licences afterwards ---


def test_a_licence_is_renewed(api, doctor, platform_admin):
    today = timezone.now().date()
    doctor.licences.update(number="TN-1", expires_on=today + timedelta(days=10))
    own, admin, url = api(doctor.user), api(platform_admin), f"{one(doctor)}/licences"
    renewed = str(today + timedelta(days=700))
    added = own.post(url, {"number": "TN-1", "country": "IN", "expires_on": renewed})
    assert (added.status_code, added.json()["data"]["verification"]) == (201, "pending")
    again = own.post(url, {"number": "TN-1", "country": "IN", "expires_on": renewed})
    assert (again.status_code, again.json()["code"]) == (409, "licence.exists")
    licence = f"{url}/{added.json()['data']['id']}"
    nameless = admin.patch(f"{licence}/verify", {"decision": "rejected"})
    assert (nameless.status_code, nameless.json()["code"]) == (400, "verification.reason_required")
    assert admin.patch(f"{licence}/verify", {"decision": "approved"}).json()["data"]["verification"] == "approved"
    assert own.get(OWN).json()["data"]["management"]["licensed_until"] == renewed
    for refused in [own.patch(licence, {"expires_on": "2099-01-01"}), own.delete(licence)]:
        assert (refused.status_code, refused.json()["code"]) == (409, "licence.approved")


def test_rejecting_the_only_licence_takes_the_doctor_off_the_list(api, doctor, platform_admin):
    url = f"{one(doctor)}/licences/{doctor.licences.get().pk}/verify"
    assert api(platform_admin).patch(url, {"decision": "rejected", "reason": "Revoked."}).status_code == 200
    assert api().get(one(doctor)).status_code == 404


def test_what_waits_is_removed(api, doctor):
    licence = LicenceFactory(doctor=doctor, verification="pending")
    assert api(doctor.user).delete(f"{one(doctor)}/licences/{licence.pk}").status_code == 204
    assert doctor.licences.count() == 1


# --- documents ---


def test_documents_are_added_by_the_doctor_and_removed_by_an_admin_once_approved(api, doctor, platform_admin):
    own, url = api(doctor.user), f"{one(doctor)}/documents"
    body = {"kind": "insurance", "file_id": str(DocumentFactory(owner=doctor.user).pk)}
    added = own.post(url, body)
    assert (added.status_code, added.json()["data"]["kind"]) == (201, "insurance")
    document = f"{url}/{added.json()['data']['id']}"
    refused = own.delete(document)
    assert (refused.status_code, refused.json()["code"]) == (403, "doctor.verified_fields_locked")
    assert api(platform_admin).delete(document).status_code == 204
