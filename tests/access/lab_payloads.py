"""Bodies of the requests on laboratories and their tests. Each test is brought to where the request makes sense."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.clinical.models import LabResult, LabTest

from .world import World

_TEST = "/api/v1/lab-tests/{lab_test_a}"
_VALUE = {"name": "Plain", "number": "4.2", "low": "3.5", "high": "5.1"}


def _at(world: World, status: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body, after the test of side A has come to this status; its result is not released."""
    LabTest.objects.filter(pk=world.rows["lab_test_a"].pk).update(status=status, released_at=None)
    return body


def _asking(world: World, actor: str) -> dict[str, Any]:
    body = {
        "patient_id": world.rows["patient_a"].pk,
        "laboratory_id": world.rows["laboratory_a"].pk,
        "name": "Plain",
    }
    return body | ({"doctor_id": world.rows["doctor_a"].pk} if actor == "admin" else {})


def _critical(world: World, actor: str) -> dict[str, Any]:
    LabResult.objects.filter(lab_test=world.rows["lab_test_a"].pk).update(is_critical=True)
    return {"version": 1}


BODIES: dict[tuple[str, str], Callable[[World, str], Any]] = {
    ("POST", "/api/v1/laboratories"): lambda world, actor: {
        "hospital_id": world.rows["hospital_a"].pk, "name": {"en": "Plain"}, "city": {"en": "Plain"}, "country": "IN",
    },
    ("PATCH", "/api/v1/laboratories/{laboratory_a}"): lambda world, actor: {"address": "Plain"},
    ("POST", "/api/v1/lab-tests"): _asking,
    ("PATCH", _TEST): lambda world, actor: _at(
        world, "requested", {"scheduled_at": timezone.now() + timedelta(days=1)}
    ),
    ("DELETE", _TEST): lambda world, actor: _at(world, "requested", {"reason": "Plain"}),
    ("POST", f"{_TEST}/result"): lambda world, actor: {
        "values": [_VALUE], "corrects_version": 1, "correction_reason": "Plain",
    },
    ("POST", f"{_TEST}/acknowledge"): _critical,
    ("POST", f"{_TEST}/review"): lambda world, actor: {"version": 1},
    ("POST", f"{_TEST}/release"): lambda world, actor: _at(world, "reviewed", {}),
}  # fmt: skip
