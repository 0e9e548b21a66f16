"""POST /upload/medical-record: of those who add to records, kept byte for byte, opened by whoever uploaded it until it
stands in a record."""

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.clinical.models import RecordFile
from apps.media.models import StoredFile
from tests.factories.consent import RecordFactory
from tests.factories.media import dicom, pdf

PATH = "/api/v1/upload/medical-record"


def send(client, content, name="scan.dcm"):
    return client.post(PATH, {"file": SimpleUploadedFile(name, content)}, format="multipart")


@pytest.mark.parametrize("content", [pdf(), dicom()], ids=["PDF", "DICOM"])
def test_a_patient_uploads_a_record_and_it_stays_as_it_was(api, patient, content):
    data = send(api(patient.user), content).json()["data"]
    file = StoredFile.objects.get(pk=data["id"])
    assert (file.purpose, file.visibility, file.owner) == ("medical_record", "private", patient.user)
    with storages["private"].open(file.key) as opened:
        assert opened.read() == content


def test_who_adds_to_records_uploads_as_well_and_nobody_else_does(
    api, doctor, coordinator, support_agent, translator, hospital_admin, platform_admin
):
    for person in (doctor.user, coordinator, hospital_admin, platform_admin):
        assert send(api(person), pdf()).status_code == 201
    for person in (support_agent, translator):
        assert send(api(person), pdf()).status_code == 403
    assert send(api(), pdf()).status_code == 401
    assert StoredFile.objects.count() == 4


def test_another_patient_and_an_admin_get_no_link_to_it(api, patient, other_patient, platform_admin):
    pk = send(api(patient.user), pdf()).json()["data"]["id"]
    assert api(other_patient.user).get(f"/api/v1/media/{pk}").status_code == 404
    assert api(platform_admin).get(f"/api/v1/media/{pk}").json()["data"]["url"] is None


@pytest.mark.parametrize("is_attached", [False, True])
def test_what_stands_in_a_record_is_opened_there_and_not_as_an_own_upload(api, patient, doctor, is_attached):
    """Whoever uploaded it may have lost the patient's consent since, and the log would not say that they read it."""
    pk = send(api(doctor.user), pdf()).json()["data"]["id"]
    if is_attached:
        RecordFile.objects.create(record=RecordFactory(patient=patient), file_id=pk)
    [listed] = api(doctor.user).get("/api/v1/media").json()["data"]
    opened = api(doctor.user).get(f"/api/v1/media/{pk}").json()["data"]
    assert [shown["url"] is None for shown in (listed, opened)] == [is_attached, is_attached]
