"""A patient's record on the running system, from the first word to the last: written, shared, read, prescribed from,
examined, corrected, opened in an emergency, closed again, exported.

Everything medical in it is made of words that stand nowhere else, so that afterwards logs, addresses, messages and the
broker's traffic can be searched for them; what passed the broker is recorded while it happens.
"""

import base64
import re
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import redis

from tests.factories.media import pdf
from tests.faults import stack

pytestmark = pytest.mark.faults

#: Nothing of these may be found outside the database and the answers to whoever may read them.
MEDICAL = {
    "allergy": "Zirkomycin", "reaction": "Plusterhaut", "condition": "Morbus Quarzel", "medicine": "Tribolanat",
    "complaint": "Wanderstechen", "title": "Quarzbild", "description": "Schattenfleck", "file": "knorrscan",
    "prescribed": "Vexolumab", "instructions": "Nüchternkauen", "test": "Grellwert", "value": "Trübschein",
    "comment": "Nachtrübung", "correction": "Flimmerung", "emergency": "bewusstlos aufgefunden im Treppenhaus",
    "passport": "QX7788123", "policy": "POL-99-55443322",
}  # fmt: skip
TODAY = datetime.now(UTC).date()
PASSWORD, DEMO_PASSWORD = "Sunny-Lagos-42!", "Medivoy-demo-26!"


class Person:
    """Somebody with an account, over HTTP; every address asked for is kept."""

    addresses: list[str] = []  # of everybody: they are searched together

    def __init__(self, base: str, email: str, password: str) -> None:
        self.http = httpx.Client(base_url=f"{base}/api/v1", timeout=60)
        signed_in = self.ask("POST", "/auth/login", json={"email": email, "password": password})
        self.http.headers["Authorization"] = f"Bearer {signed_in['access']}"

    def ask(self, method: str, path: str, expects: int | None = None, **given):
        """The answer's data; the status must be the expected one, or a good one where none is said."""
        is_kept = method == "POST" and "Authorization" in self.http.headers
        once = {"Idempotency-Key": uuid.uuid4().hex} if is_kept else {}
        response = self.http.request(method, path, headers=once, **given)
        self.addresses.append(str(response.request.url))
        wanted = {expects} if expects else {200, 201, 202, 204}
        assert response.status_code in wanted, f"{method} {path}: {response.status_code} {response.text[:600]}"
        is_json = "json" in response.headers.get("content-type", "")
        return response.json().get("data") if is_json else response.content


@contextmanager
def broker_watched(url: str) -> Iterator[list[str]]:
    """Every command that passes Valkey meanwhile, with what Celery wrapped in base64 unwrapped."""
    seen: list[str] = []
    client = redis.from_url(url)
    watching = threading.Event()

    def watch() -> None:
        with client.monitor() as monitor:
            watching.set()
            try:
                for command in monitor.listen():
                    seen.append(command["command"])
            except (redis.RedisError, OSError, ValueError):
                return  # the connection was closed: the journey has ended

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    assert watching.wait(10)
    try:
        yield seen
    finally:
        client.connection_pool.disconnect()
        client.close()


def unwrapped(text: str) -> str:
    """A text, and behind it what its long base64 words mean."""
    plain = [text]
    for word in set(re.findall(r"[A-Za-z0-9+/]{24,}={0,2}", text)):
        try:
            plain.append(base64.b64decode(word + "=" * (-len(word) % 4)).decode("utf-8", "ignore"))
        except ValueError:
            continue
    return "\n".join(plain)


def found(text: str) -> set[str]:
    return {name for name, word in MEDICAL.items() if word.casefold() in text.casefold()}


def test_control_the_search_finds_what_is_wrapped_for_the_broker():
    wrapped = base64.b64encode(b'[["patient took Vexolumab for weeks"], {}]').decode()
    assert found(unwrapped(f'"LPUSH" "celery" "{{"body": "{wrapped}"}}"')) == {"prescribed"}
    assert found(unwrapped('"LPUSH" "celery" "{}"')) == set()


class Journey:
    """The people of one story, and what they do in turn."""

    def __init__(self, system: stack.Stack) -> None:
        self.system, self.base = system, f"http://localhost:{system.port}"
        self.doctor = Person(self.base, "doctor@demo.example.com", DEMO_PASSWORD)
        self.staff = Person(self.base, _staff_of_the_doctor(system), DEMO_PASSWORD)
        self.admin = Person(self.base, "admin@demo.example.com", DEMO_PASSWORD)
        self.coordinator = Person(self.base, "coordinator@demo.example.com", DEMO_PASSWORD)
        email = f"amina.{uuid.uuid4().hex[:8]}@example.com"
        registered = httpx.post(
            f"{self.base}/api/v1/auth/register",
            json={
                "first_name": "Amina", "last_name": "Bello", "email": email, "password": PASSWORD, "role": "patient",
                "language": "ar", "time_zone": "Africa/Lagos",
            },
            timeout=60,
        )  # fmt: skip
        assert registered.status_code == 201, registered.text
        self.patient = Person(self.base, email, PASSWORD)
        self.patient_id = self.patient.ask("GET", "/patients/me")["id"]
        self.page = f"/patients/{self.patient_id}"

    def __enter__(self) -> "Journey":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """What the programs had to say is part of a failure."""
        for person in (self.patient, self.doctor, self.staff, self.admin, self.coordinator):
            person.http.close()
        if error is not None:
            error.add_note(self.system.logs())

    def onboards(self) -> None:
        self.patient.ask("POST", f"{self.page}/onboarding", json={
            "birth_date": "1984-02-29", "gender": "female", "country": "NG", "city": "Lagos", "blood_group": "O+",
            "height_cm": "168.0", "weight_kg": "70.5",
            "emergency_contact": {"name": "Bola Bello", "relation": "brother", "phone": "+2348031234567"},
            "allergies": [{"substance": MEDICAL["allergy"], "kind": "medication", "severity": "severe",
                           "reaction": MEDICAL["reaction"]}],
            "conditions": [{"name": MEDICAL["condition"], "state": "active", "since_year": 2019}],
            "medications": [{"name": MEDICAL["medicine"], "dosage": "5 mg", "frequency": "daily"}],
            "identity_documents": [{"kind": "passport", "number": MEDICAL["passport"], "country": "NG"}],
            "insurance_policies": [{"insurer": "Example Mutual", "number": MEDICAL["policy"]}],
        })  # fmt: skip
        (first,) = self.patient.ask("GET", f"{self.page}/medical-records")
        assert self.patient.ask("GET", f"/medical-records/{first['id']}")["measurements"]["bmi"] == "25.0"

    def adds_a_record(self) -> None:
        content = pdf().replace(b"%%EOF", b"% " + MEDICAL["file"].encode() + b"\n%%EOF")
        upload = {"file": (f"{MEDICAL['file']}.pdf", content, "application/pdf")}
        stored = self.patient.ask("POST", "/upload/medical-record", files=upload)
        self.record = self.patient.ask("POST", "/medical-records", expects=201, json={
            "record_type": "mri", "title": MEDICAL["title"], "recorded_on": TODAY.isoformat(),
            "description": MEDICAL["description"], "file_ids": [stored["id"]],
        })["id"]  # fmt: skip

    def books(self) -> None:
        self.doctor_id = self.doctor.ask("GET", "/doctors/me")["id"]
        first, last = TODAY + timedelta(days=2), TODAY + timedelta(days=8)
        days = {"from": first.isoformat(), "to": last.isoformat()}
        slot = self.patient.ask("GET", f"/doctors/{self.doctor_id}/schedule", params=days)["slots"][0]
        self.hospital_id = slot["hospital_id"]
        self.appointment = self.patient.ask("POST", "/appointments", expects=201, json={
            "doctor_id": self.doctor_id, "hospital_id": self.hospital_id, "starts_at": slot["starts_at"],
            "complaint": MEDICAL["complaint"],
        })["id"]  # fmt: skip

    def shares(self) -> str:
        text = self.patient.ask("GET", "/consent-texts/current")
        until = f"{TODAY + timedelta(days=30)}T00:00:00Z"
        return self.patient.ask("POST", f"{self.page}/consents", expects=201, json={
            "grantee": "doctor", "doctor_id": self.doctor_id, "until": until, "text_version": text["version"],
            "scopes": ["profile", "mri", "lab_report", "prescription", "other"],
        })["id"]  # fmt: skip

    def is_prescribed_for(self) -> None:
        medicine = {"name": MEDICAL["prescribed"], "dosage": "5 mg", "frequency": "1-0-1", "duration": "7 days"}
        drafted = self.doctor.ask("POST", "/prescriptions", expects=201, json={
            "patient_id": self.patient_id, "hospital_id": self.hospital_id, "medications": [medicine],
            "instructions": MEDICAL["instructions"],
            "valid_until": (TODAY + timedelta(days=60)).isoformat(),
        })  # fmt: skip
        self.prescription = drafted["id"]
        self.doctor.ask("POST", f"/prescriptions/{self.prescription}/sign", json={
            "acknowledged_warnings": True, "reason": "Discussed with the patient.",
        })  # fmt: skip
        assert self.patient.ask("GET", f"/prescriptions/{self.prescription}")["status"] == "signed"
        self.patient.ask("GET", f"/prescriptions/{self.prescription}/pdf")

    def is_examined(self) -> None:
        laboratory = self.staff.ask("POST", "/laboratories", expects=201, json={
            "hospital_id": self.hospital_id, "name": {"en": "Quiet Laboratory"}, "city": {"en": "Chennai"},
            "country": "IN",
        })["id"]  # fmt: skip
        test = self.doctor.ask("POST", "/lab-tests", expects=201, json={
            "patient_id": self.patient_id, "laboratory_id": laboratory, "name": MEDICAL["test"],
        })["id"]  # fmt: skip
        self.staff.ask("PATCH", f"/lab-tests/{test}", json={"status": "sample_taken"})
        value = {"name": MEDICAL["value"], "number": "9.9", "unit": "mmol/L", "low": "3.5", "high": "5.1",
                 "critical_high": "6.5"}  # fmt: skip
        result = {"values": [value], "comment": MEDICAL["comment"]}
        self.staff.ask("POST", f"/lab-tests/{test}/result", json=result)
        self.doctor.ask("POST", f"/lab-tests/{test}/acknowledge", json={"version": 1})
        corrected = result | {"corrects_version": 1, "correction_reason": MEDICAL["correction"]}
        self.staff.ask("POST", f"/lab-tests/{test}/result", json=corrected)
        self.doctor.ask("POST", f"/lab-tests/{test}/acknowledge", json={"version": 2})
        self.doctor.ask("POST", f"/lab-tests/{test}/review", json={"version": 2, "release": True})
        assert self.patient.ask("GET", f"/lab-tests/{test}")["status"] == "reviewed"


def test_a_record_is_written_shared_read_and_closed_and_leaves_no_trace_of_its_words():
    with stack.running() as system:
        system.manage("manage.py", "seed_demo", "--no-pictures")
        with broker_watched(system.environ["REDIS_URL"]) as commands, Journey(system) as journey:
            doctor, patient = journey.doctor, journey.patient
            journey.onboards()
            journey.adds_a_record()
            record = f"/medical-records/{journey.record}"
            doctor.ask("GET", record, expects=404)
            journey.books()
            doctor.ask("GET", record, expects=404)  # care alone opens nothing

            consent = journey.shares()
            assert doctor.ask("GET", record)["title"] == MEDICAL["title"]
            searched = doctor.ask("GET", "/medical-records", params={"patient_id": journey.patient_id})
            assert [row["id"] for row in searched if row["title"] == MEDICAL["title"]] == [journey.record]
            link = doctor.ask("GET", f"{record}/download")
            journey.coordinator.ask("GET", record, expects=404)
            journey.is_prescribed_for()
            journey.is_examined()
            patient.ask("GET", f"{journey.page}/timeline")

            patient.ask("POST", f"{journey.page}/consents/{consent}/revoke")
            for path in (record, f"{record}/download"):
                doctor.ask("GET", path, expects=404)
            assert doctor.ask("GET", "/medical-records", params={"patient_id": journey.patient_id}) == []

            doctor.ask("POST", "/emergency-access", expects=201, json={
                "patient_id": journey.patient_id, "reason": MEDICAL["emergency"],
            })  # fmt: skip
            assert doctor.ask("GET", record)["title"] == MEDICAL["title"]
            doctor.ask("PATCH", record, expects=404, json={"title": "Mine", "version": 1, "reason": "No"})

            readings = patient.ask("GET", f"{journey.page}/read-log", params={"limit": 100})
            grounds = {reading["ground"] for reading in readings}
            assert {"consent", "emergency"} <= grounds
            fhir = patient.http.get(f"{journey.page}/fhir")
            assert fhir.status_code == 200
            assert MEDICAL["title"] in fhir.text
            system.until(lambda: _is_delivered(system), what="every message of the journey delivered")

        assert link
        traces = {
            "addresses": "\n".join(Person.addresses),
            "broker": unwrapped("\n".join(commands)),
            "subjects": "\n".join(f"{row}" for row in system.rows("SELECT subject FROM notifications_caughtemail")),
            "messages": "\n".join(f"{row}" for row in system.rows("SELECT context FROM notifications_message")),
            "kept answers": "\n".join(f"{row}" for row in system.rows("SELECT body FROM common_idempotencykey")),
            "audit trail": "\n".join(f"{row}" for row in system.rows("SELECT changes FROM common_auditentry")),
            **{
                f"log {path.name}": path.read_text(encoding="utf-8", errors="replace")
                for path in system.directory.rglob("*.log")
            },
        }
        assert any(name.startswith("log web") for name in traces)
        assert "celery" in traces["broker"]
        assert {name: found(text) for name, text in traces.items() if found(text)} == {}
        system.manage("manage.py", "verify_read_log")  # a broken chain ends with 1


def _staff_of_the_doctor(system: stack.Stack) -> str:
    """Somebody who works for the hospital where the demo's doctor practises."""
    ((email,),) = system.rows(
        "SELECT person.email FROM accounts_user AS person"
        " JOIN hospitals_hospitalstaff AS link ON link.user_id = person.id"
        " JOIN hospitals_affiliation AS practice ON practice.hospital_id = link.hospital_id"
        " JOIN hospitals_doctor AS doctor ON doctor.id = practice.doctor_id"
        " JOIN accounts_user AS carer ON carer.id = doctor.user_id"
        " WHERE carer.email = 'doctor@demo.example.com' AND practice.status = 'active'"
        " ORDER BY practice.is_primary DESC, person.email LIMIT 1"
    )
    return str(email)


def _is_delivered(system: stack.Stack) -> bool:
    waiting = "SELECT count(*) FROM notifications_message WHERE status = 'pending' AND due_at < now()"
    return system.rows(waiting)[0][0] == 0
