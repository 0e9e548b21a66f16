"""How long the lists of patients' records take at a million records: `python -m benchmarks.sight` on an empty database.

A doctor with 2,000 patients of whom every second consented, a doctor with three patients, the staff of a hospital, a
coordinator to whom every tenth patient consented and a patient, each over the query that their list makes.
"""

# ruff: noqa: S608  (the statements are put together from constants of this module)

import statistics
import sys
import time
from typing import Any

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.clinical.models import Allergy, MedicalRecord, Patient, Prescription  # noqa: E402
from apps.hospitals.models import Doctor  # noqa: E402

from . import load  # noqa: E402

DOCTORS, PATIENTS, RECORDS_EACH = 200, 100_000, 10
RUNS = 7
_TYPES = "ARRAY['xray','mri','ct_scan','lab_report','prescription','discharge_summary','other']"
#: Doctor 0 cares for the first 2,000 patients, doctor 1 for three; the others share the rest evenly.
_CARER = "CASE WHEN n < 2000 THEN 0 WHEN n < 2003 THEN 1 ELSE 2 + n % 198 END"


def _doctors() -> str:
    return "(SELECT doctor_id, hospital_id, row_number() OVER (ORDER BY id) - 1 AS place FROM hospitals_affiliation)"


def fill() -> None:
    """People and patients through the models, the rest as SQL, without triggers."""
    load.directory(DOCTORS)
    step = 10_000
    for start in range(0, PATIENTS, step):
        _people(start, step)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET session_replication_role = replica")
        for statement in _ROWS:
            cursor.execute(statement)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def _people(start: int, count: int) -> None:
    people = [
        User(email=f"p{n}@bench.example.com", first_name=f"Given{n}", last_name=f"Family{n}", role="patient")
        for n in range(start, start + count)
    ]
    User._base_manager.bulk_create(people, batch_size=load.BATCH)
    Patient._base_manager.bulk_create([Patient(user=person, country="NG") for person in people], batch_size=load.BATCH)


_PEOPLE = "(SELECT id, user_id, row_number() OVER (ORDER BY id) - 1 AS n FROM clinical_patient) AS patient"
_ROWS = [
    """INSERT INTO clinical_consenttext
               (id, created_at, updated_at, version, body_en, body_ar, body_hi, body_es, body_fr, published_at)
       VALUES (gen_random_uuid(), now(), now(), 1, 'x', 'x', 'x', 'x', 'x', now())""",
    f"""INSERT INTO clinical_carerelationship
               (id, created_at, updated_at, patient_id, doctor_id, hospital_id, subject_type, subject_id, starts_at,
                ends_at)
        SELECT gen_random_uuid(), now(), now(), patient.id, place.doctor_id, place.hospital_id, 'appointment',
               gen_random_uuid(), now() - interval '9 days',
               CASE WHEN n % 5 = 4 THEN now() - interval '1 day' ELSE now() + interval '90 days' END
          FROM {_PEOPLE} JOIN {_doctors()} AS place ON place.place = {_CARER}""",
    f"""INSERT INTO clinical_consentgrant
               (id, created_at, updated_at, patient_id, grantee, doctor_id, scopes, subject_type, starts_at, ends_at,
                text_id, language, given_by_id, given_at)
        SELECT gen_random_uuid(), now(), now(), patient.id, 'doctor', place.doctor_id,
               CASE WHEN n % 3 = 0 THEN ARRAY['mri','profile','prescription'] ELSE ARRAY['xray','lab_report'] END,
               '', now() - interval '9 days', now() + interval '90 days', text.id, 'en', patient.user_id, now()
          FROM {_PEOPLE} JOIN {_doctors()} AS place ON place.place = {_CARER}
          CROSS JOIN clinical_consenttext AS text WHERE n % 2 = 0""",
    f"""INSERT INTO clinical_consentgrant
               (id, created_at, updated_at, patient_id, grantee, hospital_id, scopes, subject_type, starts_at, ends_at,
                text_id, language, given_by_id, given_at)
        SELECT gen_random_uuid(), now(), now(), patient.id, 'hospital', place.hospital_id, ARRAY['mri','xray'],
               '', now() - interval '9 days', now() + interval '90 days', text.id, 'en', patient.user_id, now()
          FROM {_PEOPLE} JOIN {_doctors()} AS place ON place.place = {_CARER}
          CROSS JOIN clinical_consenttext AS text WHERE n % 7 = 0""",
    f"""INSERT INTO clinical_consentgrant
               (id, created_at, updated_at, patient_id, grantee, scopes, subject_type, starts_at, ends_at,
                text_id, language, given_by_id, given_at)
        SELECT gen_random_uuid(), now(), now(), patient.id, 'coordination', ARRAY['mri','profile'],
               '', now() - interval '9 days', now() + interval '90 days', text.id, 'en', patient.user_id, now()
          FROM {_PEOPLE} CROSS JOIN clinical_consenttext AS text WHERE n % 10 = 0""",
    f"""INSERT INTO clinical_medicalrecord
               (id, created_at, updated_at, patient_id, type, title, recorded_on, description, measurements, language,
                is_shared, uploaded_by_id, subject_type, series, version, status, correction_reason, error_reason)
        SELECT gen_random_uuid(), now(), now(), patient.id, ({_TYPES})[1 + (n + k) % 7], 'Record ' || k,
               DATE '2026-11-01' - ((n * 7 + k * 131) % 2000)::int, '', '{{}}', 'en', (n + k) % 20 <> 0,
               patient.user_id, '', gen_random_uuid(), 1, 'current', '', ''
          FROM {_PEOPLE} CROSS JOIN generate_series(1, {RECORDS_EACH}) AS k""",
    f"""INSERT INTO clinical_allergy (id, created_at, updated_at, patient_id, substance, kind, severity, reaction)
        SELECT gen_random_uuid(), now(), now(), patient.id, 'Penicillin', 'medication', 'unknown', '' FROM {_PEOPLE}""",
]


def readers() -> dict[str, Any]:
    doctors = Doctor.objects.raw(
        "SELECT doctor.* FROM hospitals_doctor AS doctor"
        " JOIN hospitals_affiliation AS a ON a.doctor_id = doctor.id ORDER BY a.id LIMIT 2"
    )
    busy, quiet = (doctor.user for doctor in doctors)
    coordinator = User._base_manager.create(email="coordinator@bench.example.com", role="coordinator")
    staff = User._base_manager.create(email="staff@bench.example.com", role="hospital_admin")
    staff.hospital_links.create(hospital=busy.doctor.affiliations.first().hospital)
    return {
        "doctor, 2,000 patients": busy,
        "doctor, 3 patients": quiet,
        "hospital staff": staff,
        "coordinator": coordinator,
        "patient": Patient.objects.first().user,
    }


def lists(user: Any) -> dict[str, Any]:
    records = MedicalRecord.objects.visible_to(user)
    return {
        "patients": Patient.objects.visible_to(user).order_by("-pk")[:20],
        "records, newest": records.filter(status="current").order_by("-recorded_on", "-pk")[:20],
        "records, count": records.filter(status="current").order_by().values("pk")[:10_001],
        "one record": records.filter(pk=MedicalRecord.objects.order_by("pk").first().pk),
        "allergies": Allergy.objects.visible_to(user).order_by("-pk")[:20],
        "prescriptions": Prescription.objects.visible_to(user).order_by("-created_at", "-pk")[:20],
    }


def measure(explain: str) -> None:
    for who, user in readers().items():
        for what, rows in lists(user).items():
            times = []
            for _run in range(RUNS):
                began = time.perf_counter()
                found = len(list(rows.all()))
                times.append((time.perf_counter() - began) * 1000)
            sys.stdout.write(f"{who:24} {what:18} {found:6} rows  {statistics.median(times):8.1f} ms\n")
            if explain and explain in f"{who} {what}":
                sys.stdout.write(rows.all().explain(analyze=True) + "\n")


if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    fill()
    sys.stdout.write(f"{Patient.objects.count()} patients, {MedicalRecord.objects.count()} records\n")
    measure(sys.argv[1] if len(sys.argv) > 1 else "")
