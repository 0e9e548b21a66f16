"""Bodies of the requests on patients' pages and records."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from .world import World

_PATIENT = "/api/v1/patients/{patient_a}"
_RECORD = "/api/v1/medical-records/{record_a}"
_POLICY = {"insurer": "Plain", "number": "NEW-99-1234"}
#: Of each kind of entry: what is sent to add one, and to change one.
_ENTRIES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "allergies": ("allergy_a", {"substance": "Latex"}, {"severity": "mild"}),
    "conditions": ("condition_a", {"name": "Asthma"}, {"state": "resolved"}),
    "medications": ("medication_a", {"name": "Salbutamol"}, {"dosage": "100 µg"}),
    "guardians": (
        "guardian_a", {"name": "Plain", "relation": "father", "phone": "+2348031234568"}, {"relation": "father"},
    ),
    "identity-documents": ("identity_document_a", {"number": "B0988", "country": "NG"}, {"expires_on": "2040-01-01"}),
    "insurance-policies": ("policy_a", _POLICY, {"valid_until": "2040-01-01"}),
}  # fmt: skip

BODIES: dict[tuple[str, str], Callable[[World, str], Any]] = {
    ("POST", "/api/v1/patients"): lambda world, actor: {
        "email": "brought.in@example.com", "first_name": "Brought", "last_name": "In", "country": "NG",
    },
    ("PATCH", _PATIENT): lambda world, actor: {"city": "Lagos"},
    ("POST", f"{_PATIENT}/onboarding"): lambda world, actor: {
        "birth_date": "1980-02-29", "gender": "female", "country": "NG", "blood_group": "A+", "height_cm": "170.0",
        "weight_kg": None, "allergies": [], "conditions": [], "medications": [],
        "emergency_contact": {"name": "Plain", "phone": "+2348031234567"},
    },
    ("POST", f"{_PATIENT}/insurance-verification"): lambda world, actor: _POLICY,
    ("POST", "/api/v1/insurance"): lambda world, actor: {"code": "plain", "name": {"en": "Plain"}, "country": "FR"},
    ("PATCH", "/api/v1/insurance/{insurer}"): lambda world, actor: {"website": "https://www.example.com"},
    ("POST", "/api/v1/medical-records"): lambda world, actor: {
        "patient_id": world.rows["patient_a"].pk, "record_type": "xray", "title": "Plain", "recorded_on": "2026-11-01",
    },
    ("PATCH", _RECORD): lambda world, actor: {"version": 1, "reason": "Plain", "title": "Plain"},
    ("POST", f"{_PATIENT}/consents"): lambda world, actor: {
        "grantee": "doctor", "doctor_id": world.rows["doctor_a"].pk, "scopes": ["xray"], "text_version": 1,
        "until": timezone.now() + timedelta(days=9),
    },
    ("POST", "/api/v1/emergency-access"): lambda world, actor: {
        "patient_id": world.rows["patient_a"].pk, "reason": "Plain words that say why this is an emergency",
    },
    ("DELETE", _RECORD): lambda world, actor: {"reason": "Plain"},
}  # fmt: skip
for _name, (_row, _new, _change) in _ENTRIES.items():
    BODIES["POST", f"{_PATIENT}/{_name}"] = lambda world, actor, body=_new: body  # type: ignore[misc]
    BODIES["PATCH", f"{_PATIENT}/{_name}/{{{_row}}}"] = lambda world, actor, body=_change: body  # type: ignore[misc]
