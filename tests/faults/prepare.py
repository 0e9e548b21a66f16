"""`python -m tests.faults.prepare`, inside the hurt system: patients with tokens, doctors with hours; prints JSON."""

import json
import sys

import django

django.setup()

from apps.hospitals.models import Affiliation  # noqa: E402
from benchmarks import load  # noqa: E402

DOCTORS, PATIENTS = 100, 40


def main() -> None:
    load.directory(DOCTORS)
    tokens = load.patients(PATIENTS)
    pairs = Affiliation.objects.filter(hospital__country="IN").values_list("doctor_id", "hospital_id")
    json.dump({"tokens": tokens, "pairs": [[str(doctor), str(hospital)] for doctor, hospital in pairs]}, sys.stdout)


main()
