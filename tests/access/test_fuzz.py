"""The schema drives a fuzzer, as anonymous, patient and staff: no answer 5xx, none that the schema does not name."""

import json

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from apps.common import redis
from apps.common.api import renderers
from medivoy.wsgi import application
from tests.conftest import signed_in

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
#: Examples for each operation and caller.
EXAMPLES = 6
#: Real ids for path parameters, by what the path is about: otherwise every example would end in 404.
ROWS = {
    "hospitals": "hospital_a", "doctors": "doctor_a", "appointments": "appointment_a", "patients": "patient_a",
    "users": "user_patient_a", "sessions": "session_patient_a", "notifications": "message_in_app_patient_a",
    "treatments": "treatment", "packages": "package", "media": "spare_image_a", "licences": "new_licence_a",
    "accreditations": "accreditation_a", "images": "image_a", "affiliations": "affiliation_a",
    "laboratories": "laboratory_a", "lab-tests": "lab_test_a", "prescriptions": "prescription_a",
    "medical-records": "record_a", "allergies": "allergy_a", "conditions": "condition_a",
    "medications": "medication_a", "guardians": "guardian_a", "identity-documents": "identity_document_a",
    "insurance-policies": "policy_a", "insurance": "insurer", "data-exports": "data_export_a",
}  # fmt: skip

document = json.loads(renderers.dumps(SchemaGenerator().get_schema(request=None, public=True)))


def loaded() -> object:
    schema = schemathesis.openapi.from_dict(document)
    schema.app = application
    return schema


schema = loaded()
schema.config.phases.coverage.unexpected_methods = set()  # tests/common says what they are answered
#: Without every shape of every parameter, which the patient has tried: with examples of whole requests.
brief = loaded()
brief.config.phases.coverage.enabled = False

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_connection():
    """The requests share the test's transaction, so nothing may close its connection between them."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


examples = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@schema.parametrize()
@examples
def test_no_answer_to_a_patient_is_5xx_or_undocumented(world, case):
    ask(world, "patient_a", case)


@pytest.mark.parametrize("actor", ["anonymous", "admin"])
@brief.parametrize()
@examples
def test_no_answer_to_others_is_5xx_or_undocumented(world, actor, case):
    ask(world, actor, case)


def ask(world, actor, case):
    redis.client().flushdb()
    headers = {}
    if actor != "anonymous":
        headers["Authorization"] = signed_in(world.actors[actor])._credentials["HTTP_AUTHORIZATION"]
    for name in case.path_parameters or {}:
        segment = case.path.split("{" + name)[0].rstrip("/").rsplit("/", 1)[-1]
        if segment in ROWS and case.method != "DELETE":
            case.path_parameters[name] = str(world.rows[ROWS[segment]].pk)
    case.call_and_validate(headers=headers, checks=CHECKS)
