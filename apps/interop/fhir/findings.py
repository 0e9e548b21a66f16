"""Records, measurements and what laboratories found."""

import base64
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from apps.clinical.models import LabResult, LabTest, LabValue, MedicalRecord, Patient
from apps.clinical.workflow import LabTestStatus
from apps.media.models import StoredFile

from .elements import (
    LOINC,
    RECORD_TYPE,
    Resource,
    coded,
    coding,
    concept,
    derived,
    instant,
    named,
    own_identifier,
    quantity,
    reference,
    resource,
    terms,
)

#: Where a file lies for the reader of the bundle: in the export's own folder. None where it is not handed out.
AddressOf = Callable[[StoredFile], str | None]

_DOCUMENTS = {
    "xray": ("18748-4", "Diagnostic imaging study"),
    "mri": ("18748-4", "Diagnostic imaging study"),
    "ct_scan": ("18748-4", "Diagnostic imaging study"),
    "lab_report": ("11502-2", "Laboratory report"),
    "prescription": ("57833-6", "Prescription for medication"),
    "discharge_summary": ("18842-5", "Discharge summary"),
}
_DOCUMENT_STATUS = {"current": "current", "superseded": "superseded", "entered_in_error": "entered-in-error"}
#: What is measured: LOINC code, its name, the unit as people read it and as UCUM writes it.
_MEASUREMENTS = {
    "height_cm": ("8302-2", "Body height", "cm", "cm"),
    "weight_kg": ("29463-7", "Body weight", "kg", "kg"),
    "bmi": ("39156-5", "Body mass index", "kg/m²", "kg/m2"),
    "temperature_c": ("8310-5", "Body temperature", "°C", "Cel"),
    "heart_rate_bpm": ("8867-4", "Heart rate", "/min", "/min"),
    "respiratory_rate": ("9279-1", "Respiratory rate", "/min", "/min"),
    "systolic_mmhg": ("8480-6", "Systolic blood pressure", "mmHg", "mm[Hg]"),
    "diastolic_mmhg": ("8462-4", "Diastolic blood pressure", "mmHg", "mm[Hg]"),
    "oxygen_saturation_percent": ("2708-6", "Oxygen saturation", "%", "%"),
}
_INTERPRETATION = {
    LabValue.Flag.NORMAL: ("N", "Normal"),
    LabValue.Flag.LOW: ("L", "Low"),
    LabValue.Flag.HIGH: ("H", "High"),
    LabValue.Flag.CRITICAL_LOW: ("LL", "Critical low"),
    LabValue.Flag.CRITICAL_HIGH: ("HH", "Critical high"),
    LabValue.Flag.ABNORMAL: ("A", "Abnormal"),
}
_VITAL_SIGNS = [coded(terms("observation-category"), "vital-signs")]
_LABORATORY = [coded(terms("observation-category"), "laboratory")]


def documents(patient: Patient, records: list[MedicalRecord], address_of: AddressOf) -> Iterator[Resource]:
    by_version = {(record.series, record.version): record for record in records}
    for record in records:
        before = by_version.get((record.series, record.version - 1))
        code = _DOCUMENTS.get(record.type)
        text = str(record.get_type_display())
        is_own = record.uploaded_by_id == patient.user_id
        yield resource(
            "DocumentReference",
            record.pk,
            record.updated_at,
            identifier=[own_identifier(record.pk)],
            status=_DOCUMENT_STATUS[record.status],
            docStatus="entered-in-error" if record.status == MedicalRecord.Status.ERROR else "final",
            type=concept(*([coding(LOINC, *code)] if code else []), text=text),
            category=[concept(coding(RECORD_TYPE, record.type, text))],
            subject=reference(patient.pk),
            date=instant(record.created_at),
            author=[reference(patient.pk)] if is_own else [],
            relatesTo=[{"code": "replaces", "target": reference(before.pk)}] if before else [],
            description=record.title,
            content=_contents(record, address_of),
            context={"period": {"start": record.recorded_on.isoformat(), "end": record.recorded_on.isoformat()}},
        )


def _contents(record: MedicalRecord, address_of: AddressOf) -> list[dict[str, Any]]:
    files = [link.file for link in record.files.all()]
    contents: list[dict[str, Any]] = [{"attachment": attachment(file, record, address_of)} for file in files]
    if record.description or not contents:
        words = record.description or record.title
        text = {
            "contentType": "text/plain; charset=utf-8",
            "language": record.language,
            "data": base64.b64encode(words.encode()).decode(),
            "title": record.title,
        }
        contents.append({"attachment": text})
    return contents


def attachment(file: StoredFile, record: MedicalRecord | None, address_of: AddressOf) -> dict[str, Any]:
    return {
        "contentType": file.content_type,
        "language": record.language if record else "",
        "url": address_of(file),
        "size": file.size if file.size < 2**31 else None,  # FHIR counts to 2 GB
        "title": record.title if record else "",
        "creation": instant(file.created_at),
    }


def measurements(patient: Patient, records: list[MedicalRecord]) -> Iterator[Resource]:
    """Of every record that has any, and what the patient's page says now."""
    page = {"height_cm": patient.height_cm, "weight_kg": patient.weight_kg}
    at = instant(patient.onboarded_at or patient.created_at)
    yield from _observations(patient, patient.pk, page, status="final", effective=at, updated_at=patient.updated_at)
    if patient.blood_group:
        yield resource(
            "Observation",
            derived(patient.pk, "blood_group"),
            patient.updated_at,
            status="final",
            category=_LABORATORY,
            code=concept(coding(LOINC, "882-1", "ABO and Rh group [Type] in Blood")),
            subject=reference(patient.pk),
            effectiveDateTime=at,
            valueCodeableConcept={"text": patient.blood_group},
        )
    for record in records:
        error = record.status == MedicalRecord.Status.ERROR
        yield from _observations(
            patient, record.pk, record.measurements, status="entered-in-error" if error else "final",
            effective=record.recorded_on.isoformat(), updated_at=record.updated_at, from_record=record,
        )  # fmt: skip


def _observations(
    patient: Patient,
    source: Any,
    figures: Mapping[str, Any],
    *,
    status: str,
    effective: str | None,
    updated_at: datetime,
    from_record: MedicalRecord | None = None,
) -> Iterator[Resource]:
    for name, figure in sorted(figures.items()):
        if figure in (None, ""):
            continue
        code, display, unit, ucum = _MEASUREMENTS.get(name, ("", name.replace("_", " "), "", ""))
        yield resource(
            "Observation",
            derived(source, name),
            updated_at,
            status=status,
            category=_VITAL_SIGNS,
            code=concept(*([coding(LOINC, code, display)] if code else []), text=display),
            subject=reference(patient.pk),
            effectiveDateTime=effective,
            derivedFrom=[reference(from_record.pk)] if from_record else [],
            **_value(figure, unit, ucum),
        )


def _value(figure: Any, unit: str, ucum: str) -> dict[str, Any]:
    try:
        value = Decimal(str(figure))
    except InvalidOperation:
        return {"valueString": str(figure)}
    return {"valueQuantity": quantity(value, unit, ucum)} if value.is_finite() else {"valueString": str(figure)}


def laboratory_tests(patient: Patient, address_of: AddressOf) -> Iterator[Resource]:
    """A report for each test and an observation for each value of its current result, once it is released."""
    tests = LabTest.objects.filter(patient=patient).select_related("laboratory", "doctor")
    for test in tests.prefetch_related("results__values", "results__file").order_by("created_at", "id"):
        result = next((one for one in test.results.all() if one.is_current), None) if test.released_at else None
        values = list(result.values.all()) if result else []
        performer = [reference(test.laboratory_id, str(test.laboratory))]
        yield resource(
            "DiagnosticReport",
            test.pk,
            test.updated_at,
            identifier=[{"system": "urn:medivoy:lab-test", "value": test.number}],
            status=_report_status(test, result),
            category=[coded(terms("v2-0074"), "LAB")],
            code=named(test.name, test.code),
            subject=reference(patient.pk),
            effectiveDateTime=instant(test.sampled_at or test.created_at),
            issued=instant(result.reported_at) if result else None,
            performer=performer,
            result=[reference(value.pk, value.name) for value in values],
            conclusion=result.comment if result else "",
            presentedForm=[attachment(result.file, None, address_of)] if result and result.file else [],
        )
        for value in values:
            assert result is not None  # noqa: S101  it has the values
            yield _lab_value(patient, test, result, value, performer)


def _report_status(test: LabTest, result: LabResult | None) -> str:
    if test.status == LabTestStatus.CANCELLED:
        return "cancelled"
    if result is None:
        return "registered"
    return "corrected" if result.version > 1 else "final"


def _lab_value(
    patient: Patient, test: LabTest, result: LabResult, value: LabValue, performer: list[dict[str, Any]]
) -> Resource:
    flag = _INTERPRETATION.get(value.flag)  # type: ignore[call-overload]
    limits = {
        name: {"value": limit, "unit": value.unit}
        for name, limit in (("low", value.low), ("high", value.high))
        if limit is not None
    }
    found: dict[str, Any] = {"valueString": value.text}
    if value.number is not None:
        found = {"valueQuantity": quantity(value.number, value.unit), "note": [{"text": value.text}]}
    return resource(
        "Observation",
        value.pk,
        result.updated_at,
        status="corrected" if result.version > 1 else "final",
        category=_LABORATORY,
        code=named(value.name, value.code),
        subject=reference(patient.pk),
        effectiveDateTime=instant(test.sampled_at or test.created_at),
        issued=instant(result.reported_at),
        performer=performer,
        interpretation=[concept(coding(terms("v3-ObservationInterpretation"), *flag))] if flag else [],
        referenceRange=[limits] if limits else [],
        **found,
    )
