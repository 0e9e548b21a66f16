"""What a bundle is held against: the published R4 schema and models, and its own references."""

import functools
import json
from pathlib import Path

from fhir.resources.R4B.bundle import Bundle
from jsonschema import Draft6Validator

#: HL7's JSON schema of FHIR R4 (4.0), of the kinds of resource that we make, without the descriptions; CC0 1.0.
SCHEMA = Path(__file__).with_name("fhir-r4.schema.json")


@functools.cache
def validator():
    return Draft6Validator(json.loads(SCHEMA.read_text()))


def schema_errors(bundle):
    """Each resource on its own: the schema of a bundle says “one of thirteen kinds”, and not what is wrong with it."""
    found = []
    for part in (bundle, *(entry["resource"] for entry in bundle["entry"])):
        definition = {"$ref": f"#/definitions/{part['resourceType']}"}
        whole = {**validator().schema, **definition}
        for error in Draft6Validator(whole).iter_errors({**part, "entry": []} if part is bundle else part):
            found.append(f"{part['resourceType']} {list(error.absolute_path)}: {error.message[:300]}")
    return found


def model_errors(bundle):
    try:
        Bundle.model_validate(bundle)
    except ValueError as error:
        return [str(error)]
    return []


def dangling(bundle):
    """References to what is not in the bundle."""
    known = {entry["fullUrl"] for entry in bundle["entry"]}
    return sorted(set(_references(bundle)) - known)


def _references(value):
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list):
        for one in value:
            yield from _references(one)


def of_kind(bundle, kind):
    return [entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind]
