"""Medical records over the API: who adds, reads, corrects, marks and fetches; every reading in the log."""

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.clinical.models import MedicalRecord, ReadEntry, RecordFile
from apps.common.models import AuditEntry, IdempotencyKey
from apps.media.models import StoredFile
from apps.notifications.models import Message
from tests.factories.clinical import MedicalFileFactory
from tests.factories.consent import CareFactory, EmergencyFactory, GrantFactory, RecordFactory
from tests.factories.media import dicom, pdf

pytestmark = pytest.mark.django_db
PATH = "/api/v1/medical-records"
GIVEN = {"record_type": "mri", "title": "MRI of the left knee", "recorded_on": "2026-11-02"}


@pytest.fixture
def care(patient, doctor, hospital):
    return CareFactory(patient=patient, doctor=doctor, hospital=hospital)


@pytest.fixture
def consent(patient, doctor, care):
    return GrantFactory(patient=patient, doctor=doctor)


def add(client, **given):
    return client.post(PATH, GIVEN | given, format="json")


def correct(client, record, **given):
    body = {"version": record.version, "reason": "The wrong side was named"} | given
    return client.patch(f"{PATH}/{record.pk}", body, format="json")


def readings(**of):
    return list(ReadEntry.objects.filter(**of).values_list("act", "ground"))


# --- adding ----------------------------------------------------------------------------------------------------------


def test_a_patient_adds_to_their_own_with_files_uploaded_before_and_nobody_is_told(api, patient):
    files = MedicalFileFactory.create_batch(2, owner=patient.user)

    response = add(api(patient.user), file_ids=[str(file.pk) for file in files], measurements={"knee_mm": "12.50"})

    assert response.status_code == 201, response.content
    data = response.json()["data"]
    assert [file["id"] for file in data["files"]] == [str(file.pk) for file in files]
    assert (data["version"], data["status"], data["is_shared"]) == (1, "current", True)
    assert data["measurements"] == {"knee_mm": "12.5000"}
    assert data["uploaded_by"]["is_you"] is True
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("content", [pdf(), dicom()], ids=["PDF", "DICOM"])
def test_a_file_comes_along_in_the_same_form_and_stays_byte_for_byte(api, patient, content):
    form = GIVEN | {"file": SimpleUploadedFile("scan", content)}

    response = api(patient.user).post(PATH, form, format="multipart")

    assert response.status_code == 201, response.content
    assert response.json()["data"]["is_shared"] is True, "a form that does not name it says nothing"
    file = RecordFile.objects.get().file
    assert (file.status, file.visibility) == ("ready", "private")
    with storages["private"].open(file.key) as opened:
        assert opened.read() == content


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_again_under_its_key_makes_one_record_and_one_file(api, patient):
    client = api(patient.user)

    def send():
        form = GIVEN | {"file": SimpleUploadedFile("scan.pdf", pdf())}
        return client.post(PATH, form, format="multipart", headers={"Idempotency-Key": "once"})

    first, second = send(), send()

    assert (first.status_code, second.status_code, second["Idempotent-Replayed"]) == (201, 201, "true")
    assert second.json()["data"] == first.json()["data"]
    assert MedicalRecord.objects.count() == StoredFile.objects.count() == 1
    assert IdempotencyKey.objects.get().body["data"] == {"id": first.json()["data"]["id"]}


@pytest.mark.django_db(transaction=True)
def test_of_a_refused_form_no_file_stays(api, patient, doctor, care):
    form = GIVEN | {"patient_id": str(patient.pk), "file": SimpleUploadedFile("scan.pdf", pdf())}

    response = api(doctor.user).post(PATH, form, format="multipart")

    assert (response.status_code, response.json()["code"]) == (403, "record.consent_needed")
    assert not StoredFile.objects.exists()
    assert not MedicalRecord.objects.exists()


def test_a_program_in_disguise_is_no_record(api, patient):
    form = GIVEN | {"file": SimpleUploadedFile("scan.pdf", b"MZ\x90\x00" + b"0" * 100)}
    response = api(patient.user).post(PATH, form, format="multipart")
    assert (response.status_code, response.json()["code"]) == (415, "media.type_not_accepted")
    assert not MedicalRecord.objects.exists()


def test_a_doctor_adds_with_consent_for_the_type_and_the_patient_is_told_without_a_word_of_it(
    api, patient, doctor, consent
):
    response = add(api(doctor.user), patient_id=str(patient.pk), title="Torn meniscus")

    assert response.status_code == 201, response.content
    messages = Message.objects.filter(kind="clinical.record_added")
    assert {message.recipient for message in messages} == {patient.user}
    assert {str(message.context) for message in messages} == {"{}"}
    assert "meniscus" not in str(list(AuditEntry.objects.values_list("changes", flat=True)))


def test_a_doctor_does_not_add_without_consent_for_the_type_nor_in_an_emergency(
    api, patient, doctor, other_doctor, care
):
    GrantFactory(patient=patient, doctor=doctor, scopes=["xray"])
    EmergencyFactory(patient=patient, doctor=other_doctor)
    for person in (doctor, other_doctor):
        response = add(api(person.user), patient_id=str(patient.pk))
        assert (response.status_code, response.json()["code"]) == (403, "record.consent_needed")
    assert not MedicalRecord.objects.exists()
    assert not Message.objects.exists()


def test_a_coordinator_adds_what_the_patient_sent_and_finds_it_again_only_by_consent(api, patient, coordinator):
    client = api(coordinator)
    made = add(client, patient_id=str(patient.pk))
    assert made.status_code == 201
    assert made.json()["data"]["title"] == GIVEN["title"]

    path = f"{PATH}/{made.json()['data']['id']}"
    assert client.get(path).status_code == 404
    GrantFactory(patient=patient, grantee="coordination")
    assert client.get(path).status_code == 200


def test_others_add_nothing(api, patient, other_patient, hospital_admin, platform_admin, support_agent, other_doctor):
    for person in (hospital_admin, platform_admin, support_agent):
        assert add(api(person), patient_id=str(patient.pk)).status_code == 403
    for person in (other_patient.user, other_doctor.user):
        assert add(api(person), patient_id=str(patient.pk)).status_code == 404
    assert add(api(other_doctor.user)).status_code == 400
    assert not MedicalRecord.objects.exists()


def test_only_the_patient_keeps_a_record_from_being_shared(api, patient, doctor, consent):
    refused = add(api(doctor.user), patient_id=str(patient.pk), is_shared=False)
    assert (refused.status_code, refused.json()["code"]) == (403, "record.sharing_is_the_patients")
    assert add(api(patient.user), is_shared=False).json()["data"]["is_shared"] is False


def test_a_file_is_ones_own_and_belongs_to_one_patient(api, patient, other_patient, doctor, consent):
    strangers = MedicalFileFactory(owner=other_patient.user)
    assert list(add(api(patient.user), file_ids=[str(strangers.pk)]).json()["errors"]) == ["file_ids"]

    used = MedicalFileFactory(owner=doctor.user)
    RecordFile.objects.create(record=RecordFactory(patient=other_patient), file=used)
    response = add(api(doctor.user), patient_id=str(patient.pk), file_ids=[str(used.pk)])
    assert list(response.json()["errors"]) == ["file_ids"]
    assert MedicalRecord.objects.filter(patient=patient).count() == 0


@pytest.mark.parametrize(
    "given",
    [
        {"record_type": "horoscope"}, {"recorded_on": "2999-01-01"}, {"title": ""}, {"language": "english"},
        {"measurements": {"weight kg": "1"}}, {"measurements": {"weight_kg": "NaN"}}, {"file_ids": ["x"]},
    ],
)  # fmt: skip
def test_a_record_takes_nothing_that_cannot_be(api, patient, given):
    response = add(api(patient.user), **given)
    assert response.status_code == 400
    assert not MedicalRecord.objects.exists()


def test_an_examination_is_not_before_the_birth(api, patient):
    type(patient).objects.filter(pk=patient.pk).update(birth_date="1990-04-01")
    assert list(add(api(patient.user), recorded_on="1989-01-01").json()["errors"]) == ["recorded_on"]


# --- reading ---------------------------------------------------------------------------------------------------------


def test_a_list_shows_what_one_has_sight_of_and_logs_each_row(api, patient, other_patient, doctor, consent):
    mine = RecordFactory.create_batch(3, patient=patient)
    RecordFactory(patient=patient, is_shared=False)
    RecordFactory(patient=other_patient)

    listed = api(doctor.user).get(PATH).json()

    assert {row["id"] for row in listed["data"]} == {str(record.pk) for record in mine}
    assert readings(reader=doctor.user) == [("listed", "consent")] * 3


def test_a_list_is_narrowed_searched_and_sorted(api, patient):
    knee = RecordFactory(patient=patient, title="Left knee", recorded_on="2026-01-05")
    heart = RecordFactory(patient=patient, title="Heart", type="xray", recorded_on="2026-03-05")
    old = RecordFactory(patient=patient, title="Old one", status="superseded", ended_at="2026-01-01T00:00:00Z")
    client = api(patient.user)

    def found(path=PATH, **query):
        return [row["title"] for row in client.get(path, query).json()["data"]]

    assert found() == ["Heart", "Left knee"]
    assert found(record_type="xray") == found(date_from="2026-02-01") == found(search="hea") == ["Heart"]
    assert found(date_to="2026-01-05") == found(search="KNEE") == ["Left knee"]
    assert found(sort_by="recorded_on") == ["Left knee", "Heart"]
    assert found(status="superseded") == [old.title]
    assert found(patient_id=str(patient.pk)) == found(f"/api/v1/patients/{patient.pk}/medical-records")
    assert found(f"/api/v1/patients/{patient.pk}/medical-records", search="knee") == [knee.title]
    assert heart.title in found(sort_by="created_at")


def test_titles_are_searched_of_one_patient_only(api, patient, platform_admin):
    RecordFactory(patient=patient)
    client = api(platform_admin)
    assert list(client.get(PATH, {"search": "knee"}).json()["errors"]) == ["search"]
    assert len(client.get(PATH, {"search": "knee", "patient_id": str(patient.pk)}).json()["data"]) == 1


def test_a_patients_records_are_not_found_where_the_patient_is_not(api, patient, other_doctor, coordinator):
    path = f"/api/v1/patients/{patient.pk}/medical-records"
    RecordFactory(patient=patient)
    assert api(other_doctor.user).get(path).status_code == 404
    assert api(coordinator).get(path).json()["data"] == [], "whom the desk finds, but has no consent of"


def test_opening_one_is_logged_with_its_ground(api, patient, doctor, consent, platform_admin):
    record = RecordFactory(patient=patient)
    for person in (patient.user, doctor.user, platform_admin):
        assert api(person).get(f"{PATH}/{record.pk}").status_code == 200
    assert sorted(readings(object_id=record.pk)) == [
        ("opened", "administration"), ("opened", "consent"), ("opened", "own"),
    ]  # fmt: skip


def test_medivoys_own_people_are_told_by_their_role(api, patient, coordinator):
    record = RecordFactory(patient=patient, uploaded_by=coordinator)
    shown = api(patient.user).get(f"{PATH}/{record.pk}").json()["data"]["uploaded_by"]
    assert shown == {"role": "coordinator", "name": None, "is_you": False}


# --- correcting ------------------------------------------------------------------------------------------------------


def test_a_correction_is_a_new_version_with_the_same_files_and_the_one_before_is_kept(api, patient):
    record = RecordFactory(patient=patient, description="Left")
    file = MedicalFileFactory(owner=patient.user)
    RecordFile.objects.create(record=record, file=file)

    data = correct(api(patient.user), record, description="Right").json()["data"]

    assert (data["version"], data["description"], data["title"]) == (2, "Right", record.title)
    assert [shown["id"] for shown in data["files"]] == [str(file.pk)]
    record.refresh_from_db()
    assert (record.status, record.description, record.ended_by) == ("superseded", "Left", patient.user)
    before = api(patient.user).get(f"{PATH}/{record.pk}").json()["data"]
    assert (before["status"], before["current_id"]) == ("superseded", data["id"])


def test_versions_are_read_with_the_reasons_each_logged(api, patient):
    record = RecordFactory(patient=patient)
    correct(api(patient.user), record, title="Right knee")

    rows = api(patient.user).get(f"{PATH}/{record.pk}/versions").json()["data"]

    assert [(row["version"], row["correction_reason"]) for row in rows] == [(2, "The wrong side was named"), (1, "")]
    assert len(readings(object_id=record.pk, act="opened")) == 1


def test_a_coordinator_reads_their_correction_also_where_consent_opens_its_new_type_no_more(api, patient, coordinator):
    record = RecordFactory(patient=patient, uploaded_by=coordinator, type="xray")
    GrantFactory(patient=patient, coordinator=coordinator, scopes=["xray"])

    response = correct(api(coordinator), record, record_type="mri")

    assert response.status_code == 200, response.content
    assert response.json()["data"]["record_type"] == "mri"
    assert readings(object_id=response.json()["data"]["id"]) == [("opened", "author")]


def test_what_a_patient_adds_and_corrects_is_their_own_reading(api, patient):
    client = api(patient.user)
    body = {"record_type": "mri", "title": "Knee", "recorded_on": "2026-01-05"}
    made = client.post(PATH, body, format="json").json()["data"]
    correct(client, MedicalRecord.objects.get(pk=made["id"]), title="Left knee")

    assert readings() == [("opened", "own"), ("opened", "own")]
    assert client.get(f"/api/v1/patients/{patient.pk}/read-log").json()["data"] == []


@pytest.mark.django_db(transaction=True)
def test_a_correction_may_bring_another_file(api, patient):
    record = RecordFactory(patient=patient)
    form = {"version": 1, "reason": "A better copy", "file": SimpleUploadedFile("scan.pdf", pdf())}
    response = api(patient.user).patch(f"{PATH}/{record.pk}", form, format="multipart")
    assert response.status_code == 200, response.content
    assert len(response.json()["data"]["files"]) == 1


def test_a_correction_of_what_was_corrected_meanwhile_is_refused_with_the_current_version(api, patient):
    record = RecordFactory(patient=patient)
    newest = correct(api(patient.user), record, title="Right knee").json()["data"]

    late = correct(api(patient.user), record, title="Both knees")

    assert (late.status_code, late.json()["code"]) == (409, "record.stale_version")
    assert late.json()["data"] == {"version": 2, "current_id": newest["id"]}
    assert MedicalRecord.objects.count() == 2


def test_a_correction_needs_the_version_and_a_reason(api, patient):
    record = RecordFactory(patient=patient)
    response = api(patient.user).patch(f"{PATH}/{record.pk}", {"title": "Right knee"}, format="json")
    assert list(response.json()["errors"]) == ["version", "reason"]
    assert MedicalRecord.objects.count() == 1


def test_whoever_did_not_upload_it_corrects_nothing_but_an_admin_does(api, patient, doctor, consent, platform_admin):
    record = RecordFactory(patient=patient)
    refused = correct(api(doctor.user), record, title="Right knee")
    assert (refused.status_code, refused.json()["code"]) == (403, "record.not_the_uploader")
    assert correct(api(platform_admin), record, title="Right knee").status_code == 200
    newest = MedicalRecord.objects.current().get()
    assert newest.uploaded_by == patient.user, "whose record it is to correct stays"


def test_a_doctor_whose_consent_is_gone_corrects_nothing(api, patient, doctor, consent):
    record = RecordFactory(patient=patient, uploaded_by=doctor.user)
    assert correct(api(doctor.user), record, title="Right knee").status_code == 200
    newest = MedicalRecord.objects.current().get()
    type(consent).objects.filter(pk=consent.pk).update(revoked_at="2026-11-20T00:00:00Z", revoked_by=patient.user)
    assert correct(api(doctor.user), newest, title="Left knee").status_code == 404


def test_the_patient_shares_or_keeps_any_record_of_theirs_all_its_versions(api, patient, doctor, consent):
    record = RecordFactory(patient=patient, uploaded_by=doctor.user)
    newest = correct(api(doctor.user), record, title="Right knee").json()["data"]["id"]

    response = api(patient.user).patch(f"{PATH}/{newest}", {"is_shared": False}, format="json")

    assert response.status_code == 200
    assert MedicalRecord.objects.filter(is_shared=False).count() == 2
    for version in (newest, record.pk):
        assert api(doctor.user).get(f"{PATH}/{version}").status_code == 404


def test_nobody_else_decides_what_is_shared(api, patient, doctor, consent, platform_admin):
    record = RecordFactory(patient=patient, uploaded_by=doctor.user)
    for person in (doctor.user, platform_admin):
        response = api(person).patch(f"{PATH}/{record.pk}", {"is_shared": False}, format="json")
        assert (response.status_code, response.json()["code"]) == (403, "record.sharing_is_the_patients")
    record.refresh_from_db()
    assert record.is_shared


# --- entered in error ------------------------------------------------------------------------------------------------


def test_what_was_entered_in_error_is_kept_and_shown_as_such_to_whoever_saw_it(api, patient, doctor, consent):
    record = RecordFactory(patient=patient)
    client = api(patient.user)

    assert client.delete(f"{PATH}/{record.pk}", {"reason": "Of my sister"}, format="json").status_code == 204

    shown = api(doctor.user).get(f"{PATH}/{record.pk}").json()["data"]
    assert (shown["status"], shown["error_reason"], shown["current_id"]) == ("entered_in_error", "Of my sister", None)
    assert client.get(PATH).json()["data"] == []
    assert len(client.get(PATH, {"status": "entered_in_error"}).json()["data"]) == 1
    again = client.delete(f"{PATH}/{record.pk}", {"reason": "Once more"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "record.not_current")
    assert correct(client, record, title="x").json()["code"] == "record.not_current"


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "   "}])
def test_it_needs_a_reason(api, patient, body):
    record = RecordFactory(patient=patient)
    assert api(patient.user).delete(f"{PATH}/{record.pk}", body, format="json").status_code == 400
    assert MedicalRecord.objects.current().count() == 1


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def filed(patient):
    record = RecordFactory(patient=patient)
    RecordFile.objects.create(record=record, file=MedicalFileFactory(owner=patient.user, original_name="Ada knee.pdf"))
    return record


def test_a_link_lives_five_minutes_names_nobody_and_is_logged(api, patient, doctor, consent, filed):
    data = api(doctor.user).get(f"{PATH}/{filed.pk}/download").json()["data"]

    assert data["expires_in"] == 300
    assert "Ada" not in data["url"] + data["name"]
    assert readings(reader=doctor.user) == [("downloaded", "consent")]


@pytest.mark.parametrize(
    ("scan", "status", "code"), [("waiting", 409, "media.not_yet_scanned"), ("infected", 422, "media.infected")]
)
def test_what_is_not_scanned_or_infected_is_not_fetched(api, patient, filed, scan, status, code):
    StoredFile.objects.update(scan=scan)
    response = api(patient.user).get(f"{PATH}/{filed.pk}/download")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert not readings(act="downloaded")


def test_of_several_files_one_is_named(api, patient, filed):
    second = MedicalFileFactory(owner=patient.user)
    RecordFile.objects.create(record=filed, file=second, position=1)
    client, path = api(patient.user), f"{PATH}/{filed.pk}/download"

    assert list(client.get(path).json()["errors"]) == ["file"]
    assert client.get(path, {"file": str(second.pk)}).json()["data"]["file_id"] == str(second.pk)
    strangers = MedicalFileFactory()
    refused = client.get(path, {"file": str(strangers.pk)})
    assert (refused.status_code, refused.json()["code"]) == (404, "record.no_file")


def test_a_record_without_a_file_has_none_to_fetch(api, patient):
    record = RecordFactory(patient=patient)
    assert api(patient.user).get(f"{PATH}/{record.pk}/download").json()["code"] == "record.no_file"


def test_strangers_and_whoever_lost_consent_fetch_nothing(
    api, patient, doctor, consent, filed, other_patient, other_doctor, coordinator
):
    type(consent).objects.filter(pk=consent.pk).update(revoked_at="2026-11-20T00:00:00Z", revoked_by=patient.user)
    for person in (doctor.user, other_patient.user, other_doctor.user, coordinator):
        for path in ("", "/download", "/versions"):
            assert api(person).get(f"{PATH}/{filed.pk}{path}").status_code == 404
    assert not ReadEntry.objects.exists()
