"""The record's part of the world: what each side's patient keeps, and what they have consented to.

Each patient has consented, for everything, to the hospital of their side, where its doctor cares for them; nothing to
Medivoy's coordinators. So a coordinator who reads a canary of a record has seen too much.
"""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from apps.billing.models import Payment
from apps.bookings.models import BookingEvent
from apps.clinical.models import (
    Allergy,
    CareRelationship,
    Condition,
    ConsentGrant,
    ConsentText,
    CurrentMedication,
    EmergencyAccess,
    Guardian,
    IdentityDocument,
    InsurancePolicy,
    InsuranceProvider,
    InsuranceVerification,
    Laboratory,
    LabResult,
    LabTest,
    LabTestEvent,
    LabValue,
    MedicalRecord,
    Patient,
    PrescribedMedication,
    Prescription,
    PrescriptionEvent,
    ReadEntry,
    ReadSeal,
    RecordFile,
    Scope,
)
from tests.factories.billing import PaymentFactory
from tests.factories.bookings import BookingFactory
from tests.factories.media import StoredFileFactory

#: Text columns that anybody may read.
PUBLIC = frozenset(
    {
        "clinical.consenttext.body", "clinical.laboratory.name", "clinical.laboratory.description",
        "clinical.laboratory.city", "clinical.laboratory.address", "clinical.insuranceprovider.name",
    }
)  # fmt: skip
#: Columns whose text is a key or a technical value.
TECHNICAL = frozenset(
    {
        "number_index", "token", "subject_type", "object_type", "reader_role", "place",
        "blood_group", "emergency_phone",
    }
)  # fmt: skip


def build_shared(world: Any, *, now: datetime) -> None:
    text = ConsentText.objects.create(version=1, **world.texts(ConsentText, None))
    ConsentText.objects.filter(pk=text.pk).update(published_at=now)
    world.rows["consent_text"] = text
    admins = frozenset({"admin", "other_admin"})
    provider = InsuranceProvider(
        code="insurer", country="DE", verification_kind="http", **world.texts(InsuranceProvider, admins)
    )
    provider.secret = f"{world.canary(frozenset())}{'-' * 32}"
    provider.endpoint = f"https://{world.canary(admins)}.example.com"
    provider.save()
    world.rows["insurer"] = provider
    world.rows["first_version"] = SimpleNamespace(pk=1)
    world.rows["read_seal"] = ReadSeal.objects.create(
        number=1, first_entry=0, last_entry=0, entry_count=0, digest="0" * 64, sealed_at=now
    )


def build_side(world: Any, side: str, *, platform: frozenset[str], desk: frozenset[str], now: datetime) -> None:
    patient, doctor = world.rows[f"patient_{side}"], world.rows[f"doctor_{side}"]
    hospital, appointment = world.rows[f"hospital_{side}"], world.rows[f"appointment_{side}"]
    owner, carer, staff = patient.user, doctor.user, world.actors[f"hospital_admin_{side}"]
    me = {f"patient_{side}"}
    in_care = me | {f"doctor_{side}", f"hospital_admin_{side}"}
    Patient.objects.filter(pk=patient.pk).update(
        onboarded_at=now - timedelta(days=9),
        birth_date=date(1980, 2, 29),
        blood_group="A+",
        height_cm=170,
        weight_kg=70,
    )
    patient.refresh_from_db()
    CareRelationship.objects.update_or_create(
        subject_type="appointment",
        subject_id=appointment.pk,
        defaults={"patient": patient, "doctor": doctor, "hospital": hospital, "starts_at": now - timedelta(days=1)},
    )
    guardian = Guardian.objects.create(
        patient=patient, relation="mother", phone="+2348031234567", email="guardian@example.com",
        **(world.texts(Guardian, desk | me) | {"name": world.canary(desk | me)}),
    )  # fmt: skip
    made: dict[str, Any] = {"guardian": guardian}
    for name, model in (("allergy", Allergy), ("condition", Condition), ("medication", CurrentMedication)):
        made[name] = model.objects.create(patient=patient, **world.texts(model, platform | in_care))
    made["identity_document"] = IdentityDocument.objects.create(patient=patient, number=f"A01{side}4477", country="NG")
    made["policy"] = InsurancePolicy.objects.create(
        patient=patient, number=f"POL-{side}-4711", **world.texts(InsurancePolicy, desk | me)
    )
    made["insurance_verification"] = InsuranceVerification.objects.create(
        policy=made["policy"], kind="manual", status="decided", asked_at=now, valid=True, decided_at=now,
        coverage_amount=50, **world.texts(InsuranceVerification, desk | me) | {"currency": "USD"},
    )  # fmt: skip
    made["grant"] = ConsentGrant.objects.create(
        patient=patient, grantee="hospital", hospital=hospital, scopes=Scope.values, starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=90), text=world.rows["consent_text"], language="en", given_by=owner,
        given_at=now - timedelta(days=1),
    )  # fmt: skip
    made["emergency"] = EmergencyAccess.objects.create(
        patient=patient, doctor=doctor, starts_at=now - timedelta(days=3), ends_at=now - timedelta(days=3, hours=-2),
        verdict="justified", reviewed_at=now, reviewed_by=world.actors["admin"],
        **world.texts(EmergencyAccess, platform | me | {f"doctor_{side}"}),
    )  # fmt: skip
    booking = BookingFactory(patient=patient, hospital=hospital, treatment=world.rows["treatment"])
    BookingEvent.objects.create(
        booking=booking,
        to_status="requested",
        by=owner,
        at=now,
        **world.texts(BookingEvent, desk | me | {f"hospital_admin_{side}"}),
    )
    world.mark(booking, desk | me | {f"hospital_admin_{side}"})
    made["booking"] = booking
    entered = {"reversal_reason": "", "method": "bank_transfer"}
    made["payment"] = PaymentFactory(payer=owner, **world.texts(Payment, desk | me) | entered)
    made |= _records(world, patient, owner, platform | in_care)
    made |= _prescription(world, side, patient, doctor, hospital, platform | in_care, now)
    made |= _laboratory(world, patient, doctor, hospital, staff, platform | in_care, now)
    made["reading"] = ReadEntry.objects.create(
        at=now, patient=patient, reader=carer, reader_role="doctor", object_type="clinical.medicalrecord",
        object_id=made["record"].pk, act="opened", ground="consent", place="api", address="",
        user_agent=world.canary(platform), request_id="",
    )  # fmt: skip
    world.rows |= {f"{name}_{side}": row for name, row in made.items()}


def _records(world: Any, patient: Any, owner: Any, audience: Any) -> dict[str, Any]:
    record = MedicalRecord.objects.create(
        patient=patient, type="mri", recorded_on=date(2026, 11, 2), uploaded_by=owner,
        **(world.texts(MedicalRecord, audience) | {"correction_reason": "", "error_reason": ""}),
    )  # fmt: skip
    file = StoredFileFactory(
        owner=owner, purpose="medical_record", visibility="private", content_type="application/pdf"
    )
    world.mark(file, audience)
    return {
        "record": record,
        "record_file": RecordFile.objects.create(record=record, file=file),
        "record_stored_file": file,
    }


def _prescription(
    world: Any, side: str, patient: Any, doctor: Any, hospital: Any, audience: Any, now: datetime
) -> dict[str, Any]:
    texts = world.texts(Prescription, audience) | {"void_reason": "", "acknowledgement": ""}
    prescription = Prescription.objects.create(
        patient=patient,
        doctor=doctor,
        hospital=hospital,
        valid_until=(now + timedelta(days=300)).date(),
        allergy_check="clear",
        **texts,
    )
    medication = PrescribedMedication.objects.create(
        prescription=prescription, position=1, **world.texts(PrescribedMedication, audience)
    )
    place = {"address": "", "city": "Chennai", "country": "IN", "phone": "", "zone": "Asia/Kolkata"}
    signed_as = {
        "patient": world.canary(audience), "birth_date": "1980-02-29", "doctor": "Dr. Rao", "specialty": "",
        "licences": [], "hospital": place | {"name": "Lotus"},
    }  # fmt: skip
    Prescription.objects.filter(pk=prescription.pk).update(status="signed", signed_at=now, signed_as=signed_as)
    prescription.refresh_from_db()
    author = audience - {f"patient_{side}", f"hospital_admin_{side}"}  # drafts are their doctor's own
    draft = Prescription.objects.create(
        patient=patient, doctor=doctor, hospital=hospital, valid_until=(now + timedelta(days=300)).date(),
        **(world.texts(Prescription, author) | {"void_reason": "", "acknowledgement": ""}),
    )  # fmt: skip
    PrescribedMedication.objects.create(prescription=draft, position=1, **world.texts(PrescribedMedication, author))
    event = PrescriptionEvent.objects.create(
        prescription=prescription, from_status="draft", to_status="signed", by=doctor.user, at=now,
        **world.texts(PrescriptionEvent, audience),
    )  # fmt: skip
    return {
        "prescription": prescription,
        "prescribed_medication": medication,
        "prescription_event": event,
        "draft": draft,
    }


def _laboratory(
    world: Any, patient: Any, doctor: Any, hospital: Any, staff: Any, audience: Any, now: datetime
) -> dict[str, Any]:
    laboratory = Laboratory.objects.create(
        hospital=hospital, country="IN", email="lab@example.com", **world.texts(Laboratory, audience)
    )
    test = LabTest.objects.create(
        patient=patient, doctor=doctor, laboratory=laboratory, status="result_ready", released_at=now,
        **(world.texts(LabTest, audience) | {"cancellation_reason": ""}),
    )  # fmt: skip
    report = StoredFileFactory(
        owner=staff, purpose="medical_record", visibility="private", content_type="application/pdf"
    )
    world.mark(report, audience)
    result = LabResult.objects.create(
        lab_test=test, reported_by=staff, reported_at=now, file=report,
        **(world.texts(LabResult, audience) | {"correction_reason": ""}),
    )  # fmt: skip
    value = LabValue.objects.create(
        result=result, position=1, number="4.2", low="3.5", high="5.1", flag="normal",
        **world.texts(LabValue, audience),
    )  # fmt: skip
    event = LabTestEvent.objects.create(
        lab_test=test, from_status="in_progress", to_status="result_ready", by=staff, at=now,
        **world.texts(LabTestEvent, audience),
    )  # fmt: skip
    return {"laboratory": laboratory, "lab_test": test, "lab_result": result, "lab_value": value, "lab_event": event}
