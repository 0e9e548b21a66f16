"""The copy of everything about one patient: whole, theirs alone, made in the background, there for a week."""

import io
import json
import tracemalloc
import zipfile
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.clinical.models import LabTest, LabTestEvent, MedicalRecord, Prescription, ReadEntry, RecordFile
from apps.interop import retention, rules, services
from apps.interop.models import DataExport
from apps.interop.services import archive, exports
from apps.media import services as media_services
from apps.media import storage
from apps.media.models import StoredFile
from apps.notifications.models import Message
from tests.factories.media import StoredFileFactory, pdf

from . import bundles

NOW = timezone.now


@pytest.fixture
def patient(world):
    return world.rows["patient_a"]


@pytest.fixture
def stored(world, patient):
    """A real file of a record, beside those whose objects lie nowhere."""
    upload = io.BytesIO(pdf())
    upload.name, upload.size = "chest.pdf", len(upload.getvalue())
    file = media_services.store_medical_record(upload, by=patient.user)
    RecordFile.objects.create(record=world.rows["record_a"], file=file, position=1)
    return file


def made(patient, *, by=None):
    export = services.ask_for_export(patient, by=by or patient.user)
    assert services.make_exports(NOW()) == 1
    return DataExport.objects.select_related("file", "patient").get(pk=export.pk)


def opened(export):
    with storage.opened(export.file.visibility, export.file.key) as file:
        return zipfile.ZipFile(io.BytesIO(file.read()))


def test_it_holds_every_kind_of_row_or_says_why_not(patient, stored):
    with opened(made(patient)) as archive_:
        assert archive_.testzip() is None
        data = json.loads(archive_.read("data.json"))
    assert set(data["kinds"]) == {kept.label for kept in retention.exported()}
    assert set(data["left_out"]) == {kept.label for kept in retention.TABLE if kept.left_out}
    empty = {kind for kind, rows in data["kinds"].items() if not rows}
    assert empty <= {
        "bookings.Booking", "bookings.BookingEvent", "billing.Payment", "bookings.Review", "interop.Closure",
        "media.UploadSession", "common.AuditEntry", "notifications.Preference",
        "billing.BillEvent", "billing.CouponRedemption", "billing.DueReminder",
        "bookings.Displacement", "bookings.VideoRoom", "bookings.AppointmentReminder",
    }  # fmt: skip


def test_it_holds_what_the_patient_wrote_and_what_was_written_of_them(world, patient, stored):
    with opened(made(patient)) as archive_:
        data = json.loads(archive_.read("data.json"))
    kinds = data["kinds"]
    record, medicine = world.rows["record_a"], world.rows["prescribed_medication_a"]
    assert kinds["clinical.MedicalRecord"][0]["title"] == record.title
    assert kinds["clinical.PrescribedMedication"][0]["name"] == medicine.name
    assert kinds["clinical.LabValue"][0]["name"] == world.rows["lab_value_a"].name
    assert kinds["clinical.IdentityDocument"][0]["number"] == "A01a4477"
    assert kinds["accounts.User"][0]["email"] == patient.user.email
    assert {row["path"] for row in [link["file"] for link in kinds["clinical.RecordFile"]] if row["path"]} == {
        f"files/{stored.pk}.pdf"
    }


def test_another_persons_data_is_not_in_it(world, patient, stored):
    with opened(made(patient)) as archive_:
        everything = "".join(archive_.read(name).decode() for name in ("data.json", "fhir.json", "README.txt"))
    assert world.foreign("patient_a", everything) == set()
    others = [name for name in world.actors if name != "patient_a"]
    assert [name for name in others if world.actors[name].email in everything] == []
    assert [name for name in others if str(world.actors[name].pk) in everything] == []


def test_the_bundle_is_valid_and_its_attachments_lie_in_the_archive(patient, stored):
    with opened(made(patient)) as archive_:
        bundle, names = json.loads(archive_.read("fhir.json")), archive_.namelist()
        assert archive_.read(f"files/{stored.pk}.pdf") == pdf()
    assert bundles.schema_errors(bundle) + bundles.model_errors(bundle) + bundles.dangling(bundle) == []
    addresses = {
        content["attachment"]["url"]
        for row in bundles.of_kind(bundle, "DocumentReference")
        for content in row["content"]
        if "url" in content["attachment"]
    }
    assert addresses == {f"files/{stored.pk}.pdf"}
    assert addresses <= set(names)


def test_what_the_patient_does_not_see_yet_is_not_in_it(world, patient):
    prescription, test = world.rows["prescription_a"], world.rows["lab_test_a"]
    draft = Prescription.objects.create(
        patient=patient, doctor=prescription.doctor, valid_until=prescription.valid_until, instructions="not yet said"
    )
    LabTest.objects.filter(pk=test.pk).update(released_at=None)
    with opened(made(patient)) as archive_:
        text = archive_.read("data.json").decode()
    assert str(draft.pk) not in text
    assert "not yet said" not in text
    assert world.rows["lab_value_a"].name not in text


def test_what_doctor_and_laboratory_note_for_one_another_is_not_in_it(world, patient):
    """A note may tell what the result is before it is released."""
    LabTestEvent.objects.create(
        lab_test=world.rows["lab_test_a"], to_status="in_progress", at=NOW(), note="kanari-for-the-doctor"
    )
    with opened(made(patient)) as archive_:
        data = archive_.read("data.json").decode()
    assert "kanari-for-the-doctor" not in data
    assert json.loads(data)["kinds"]["clinical.LabTestEvent"][-1]["to_status"] == "in_progress"


def test_the_explanation_is_in_the_patients_language(patient):
    type(patient.user).objects.filter(pk=patient.user_id).update(language="fr")
    patient.user.refresh_from_db()
    with opened(made(patient)) as archive_:
        assert "data.json" in archive_.read("README.txt").decode()


def test_a_file_whose_object_is_gone_is_named_as_missing_and_stops_nothing(patient, stored):
    storage.delete(stored.visibility, [stored.key])
    with opened(made(patient)) as archive_:
        assert f"files/{stored.pk}.pdf" not in archive_.namelist()
        assert "missing" in archive_.read("README.txt").decode()


# --- who, when -------------------------------------------------------------------------------------------------------


def test_asking_again_while_it_is_made_gives_the_same_one(patient):
    first = services.ask_for_export(patient, by=patient.user)
    assert services.ask_for_export(patient, by=patient.user) == first


def test_one_a_day(patient):
    made(patient)
    with pytest.raises(exports.rules.exceptions.ExportedToday) as refusal:
        services.ask_for_export(patient, by=patient.user)
    assert 0 < refusal.value.retry_after <= 24 * 3600 + 1


@pytest.mark.parametrize(("hours", "refused"), [(0, True), (23.999, True), (24, False), (48, False)])
def test_the_limit_is_24_hours_to_the_second(hours, refused):
    now = NOW()
    assert bool(rules.why_not_export(now - timedelta(hours=hours), now=now)) is refused


def test_one_that_failed_does_not_count(patient, monkeypatch):
    monkeypatch.setattr(archive, "write", _broken)
    export = services.ask_for_export(patient, by=patient.user)
    for _attempt in range(rules.MAX_ATTEMPTS):
        assert services.make_exports(NOW() + timedelta(hours=_attempt)) == 0
    export.refresh_from_db()
    assert export.status == "failed"
    assert Message.objects.filter(recipient=patient.user, kind="interop.export_failed").exists()
    assert services.ask_for_export(patient, by=patient.user).pk != export.pk


def _broken(*args, **kwargs):
    raise OSError("disk full")


def test_a_worker_that_died_is_followed_by_another(patient):
    export = services.ask_for_export(patient, by=patient.user)
    assert exports._claim(NOW()) == export
    assert services.make_exports(NOW()) == 0, "it is the first worker's own"
    assert services.make_exports(NOW() + rules.CLAIMED_FOR + timedelta(seconds=1)) == 1


def test_of_a_copy_that_was_erased_while_it_was_made_nothing_stays(patient, monkeypatch):
    services.ask_for_export(patient, by=patient.user)
    write = exports.archive.write

    def erased_meanwhile(body, export, **more):
        write(body, export, **more)
        DataExport.objects.filter(pk=export.pk).delete()

    monkeypatch.setattr(exports.archive, "write", erased_meanwhile)
    before = set(StoredFile.objects.values_list("pk", flat=True))
    services.make_exports(NOW())
    assert set(StoredFile.objects.values_list("pk", flat=True)) == before
    assert not Message.objects.filter(recipient=patient.user, kind__contains="export").exists()


def test_it_is_private_tells_the_patient_and_is_gone_after_a_week(patient):
    export = made(patient)
    assert export.file.visibility == "private"
    assert not StoredFile.objects.visible_to(patient.user).filter(pk=export.file_id).exists()
    assert Message.objects.filter(recipient=patient.user, kind="interop.export_ready").count() == 2
    assert services.expire_exports(NOW() + timedelta(days=6, hours=23)) == 0
    assert services.expire_exports(NOW() + timedelta(days=7, minutes=1)) == 1
    export.refresh_from_db()
    assert export.status == "expired"
    assert not StoredFile.objects.filter(pk=export.file_id or 0).exists()


def test_each_part_of_the_record_is_logged_as_exported(world, patient):
    before = set(ReadEntry.objects.values_list("pk", flat=True))
    made(patient)
    entries = ReadEntry.objects.exclude(pk__in=before)
    assert set(entries.values_list("act", "ground", "place")) == {("exported", "own", "job")}
    assert {entry.object_type for entry in entries} == {
        "clinical.patient", "clinical.medicalrecord", "clinical.prescription", "clinical.labtest",
    }  # fmt: skip
    assert (
        MedicalRecord.objects.filter(patient=patient).count()
        == entries.filter(object_type="clinical.medicalrecord").count()
    )


def test_what_an_admin_asked_for_is_logged_as_theirs(world, patient):
    admin = world.actors["admin"]
    made(patient, by=admin)
    last = ReadEntry.objects.filter(patient=patient).latest("id")
    assert (last.reader, last.ground, last.act) == (admin, "administration", "exported")


# --- over the API ----------------------------------------------------------------------------------------------------


def test_the_patient_asks_waits_and_downloads(api, patient, stored):
    client = api(patient.user)
    asked = client.post("/api/v1/users/me/data-exports")
    assert asked.status_code == 202
    assert asked.json()["data"]["status"] == "pending"
    services.make_exports(NOW())
    row, *_older = client.get("/api/v1/users/me/data-exports").json()["data"]
    assert (row["status"], row["progress"]) == ("ready", 100)
    link = client.get(f"/api/v1/data-exports/{row['id']}").json()["data"]["url"]
    body = b"".join(client.get("/" + link.split("/", 3)[3]).streaming_content)
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None


def test_nobody_else_finds_it_and_an_admin_fetches_only_what_they_asked_for(api, world, patient):
    export = made(patient)
    address = f"/api/v1/data-exports/{export.pk}"
    assert api(world.rows["patient_b"].user).get(address).status_code == 404
    assert api(world.actors["doctor_a"]).get(address).status_code == 403
    assert api(world.actors["admin"]).get(address).json()["data"]["url"] is None
    DataExport.objects.filter(pk=export.pk).update(asked_by=world.actors["admin"])
    assert api(world.actors["admin"]).get(address).json()["data"]["url"]
    assert api(world.actors["other_admin"]).get(address).json()["data"]["url"] is None


def test_the_bundle_over_the_api_is_fhir_json_and_logged(api, world, patient):
    before = ReadEntry.objects.count()
    response = api(patient.user).get(f"/api/v1/patients/{patient.pk}/fhir", headers={"accept": "application/fhir+json"})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/fhir+json"
    assert bundles.schema_errors(response.json()) == []
    assert ReadEntry.objects.count() > before
    assert api(world.rows["patient_b"].user).get(f"/api/v1/patients/{patient.pk}/fhir").status_code == 404
    refused = api(world.actors["coordinator"]).get(
        f"/api/v1/patients/{patient.pk}/fhir", headers={"accept": "application/fhir+json"}
    )
    assert (refused.status_code, refused["Content-Type"]) == (403, "application/json")


# --- size ------------------------------------------------------------------------------------------------------------


class Sink(io.RawIOBase):
    """Takes any number of bytes and keeps none."""

    size = 0

    def writable(self):
        return True

    def write(self, data):
        self.size += len(data)
        return len(data)


def test_500_mb_of_files_take_no_more_memory_than_a_few_pieces(patient, monkeypatch):
    piece = bytes(storage.CHUNK)
    monkeypatch.setattr(storage, "chunks", lambda visibility, key: (piece for _number in range(100)))
    StoredFileFactory.create_batch(5, owner=patient.user, purpose="document", visibility="private")
    export = services.ask_for_export(patient, by=patient.user)
    sink = Sink()
    tracemalloc.start()
    archive.write(sink, export, now=NOW(), progress=lambda done, total: None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sink.size > 500 * 1024 * 1024
    assert peak < 30 * 1024 * 1024
