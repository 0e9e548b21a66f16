"""Data types of FHIR, and how a bundle is written down."""

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import orjson

MEDIA_TYPE = "application/fhir+json"

LOINC = "http://loinc.org"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
UCUM = "http://unitsofmeasure.org"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
#: Our own words, where no published code system has them.
RECORD_TYPE = "urn:medivoy:record-type"

Resource = dict[str, Any]


def terms(name: str) -> str:
    """The address of one of HL7's own code systems."""
    return f"{_TERMINOLOGY}/{name}"


def urn(pk: Any) -> str:
    return f"urn:uuid:{pk}"


def derived(pk: uuid.UUID, name: str) -> uuid.UUID:
    """The id of a resource that is only a part of one of our rows: the same each time."""
    return uuid.uuid5(pk, name)


def reference(pk: Any, display: str = "") -> dict[str, Any]:
    return {"reference": urn(pk), "display": display}


def instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None


def coding(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"system": system, "code": code, "display": display}


def concept(*codings: dict[str, Any], text: str = "") -> dict[str, Any]:
    return {"coding": list(codings), "text": text}


def coded(system: str, code: str) -> dict[str, Any]:
    """A concept that a required code system has one code for."""
    return concept(coding(system, code))


def named(text: str, code: str = "", system: str = LOINC) -> dict[str, Any]:
    """What somebody wrote, with the code if there is one."""
    return concept(*([coding(system, code)] if code else []), text=text)


def number(system_or_type: dict[str, Any], value: str, **more: Any) -> dict[str, Any]:
    return {"type": system_or_type, "value": value, **more}


def own_identifier(pk: Any) -> dict[str, Any]:
    return {"system": "urn:ietf:rfc:3986", "value": urn(pk)}


def quantity(value: Decimal, unit: str, code: str = "") -> dict[str, Any]:
    return {"value": value, "unit": unit, "system": UCUM if code else "", "code": code}


def telecom(**points: Any) -> list[dict[str, Any]]:
    return [{"system": system, "value": str(value)} for system, value in points.items() if value]


def resource(kind: str, pk: Any, updated_at: datetime | None = None, **elements: Any) -> Resource:
    found = {"resourceType": kind, "id": str(pk), "meta": {"lastUpdated": instant(updated_at)}, **elements}
    return pruned(found)


def pruned(value: Any) -> Any:
    """Without what is empty: FHIR knows no null, no empty text, list or object."""
    if isinstance(value, dict):
        kept = {name: pruned(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if not _is_empty(one)}
    if isinstance(value, list):
        return [one for one in map(pruned, value) if not _is_empty(one)]
    return value.strip() if isinstance(value, str) else value


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def bundle(pk: Any, resources: Iterable[Resource], *, at: datetime) -> Resource:
    return {
        "resourceType": "Bundle",
        "id": str(pk),
        "identifier": own_identifier(pk),
        "type": "collection",
        "timestamp": instant(at),
        "entry": [{"fullUrl": urn(one["id"]), "resource": one} for one in resources],
    }


def dumps(value: Resource) -> bytes:
    """JSON, in which decimals are numbers with just the digits that were written down."""
    return orjson.dumps(value, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(format(value.normalize(), "f").encode())
    return str(value)  # lazy texts, phone numbers, countries
