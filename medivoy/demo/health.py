"""Room: what patients have said of their health, their papers and their insurance, in the language they write in."""

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from apps.clinical import rules as clinical_rules
from apps.clinical import services as clinical_services
from apps.clinical.models import InsurancePolicy, Patient
from apps.clinical.rules.patients import ADULT_AT

from . import casting, clock, patients, sources, staff

#: The rest have an account only: nobody has asked them yet.
SHARE_ONBOARDED = 0.85
SHARE_WITH_ALLERGY, SHARE_WITH_INSURANCE, SHARE_WITH_PASSPORT = 0.35, 0.2, 0.12
#: What becomes of the first policies, in turn; the last two wait for a coordinator.
DECISIONS = (True, True, True, False, True, True, None, None)
#: Those that wait were sent in so many hours ago, one after the other.
WAITING_HOURS_AGO = (29, 3)
REFUSED = "The insurer knows no policy of this number."
BLOOD_GROUPS = {"O+": 38, "A+": 28, "B+": 20, "AB+": 5, "O-": 4, "A-": 3, "B-": 1, "AB-": 1}
#: Mean and spread of heights in centimetres and of the body mass index of adults.
HEIGHTS = {"female": (162, 6), "male": (175, 7)}
BMI = (26.5, 3.8)

#: What the shown patient has said, by codes and English words of the file.
SHOWN_ALLERGIES = ("Penicillin", "House dust")
SHOWN_CONDITIONS = ("I10", "E78.0")


def load(now: datetime) -> int:
    """How many patients have given their medical information."""
    chance = casting.dice("health")
    count = 0
    for patient in patients.everyone():
        is_shown = patient.user.email == patients.SHOWN
        if is_shown or is_minor(patient, now) or chance.random() < SHARE_ONBOARDED:
            _onboard(patient, chance, now, is_shown=is_shown)
            count += 1
    _ask_insurers(now)
    return count


def is_minor(patient: Patient, now: datetime) -> bool:
    return clinical_rules.is_minor(patient, today=now.date())


def _onboard(patient: Patient, chance: random.Random, now: datetime, *, is_shown: bool) -> None:
    at = min(patient.user.created_at + timedelta(minutes=chance.randint(6, 900)), now - timedelta(minutes=30))
    age = patient.age_on(at.date()) or 0
    source = sources.countries()[str(patient.country)]
    lists = {
        "allergies": _allergies(patient, chance, is_shown=is_shown),
        "identity_documents": _passports(patient, chance, now, is_shown=is_shown),
        "insurance_policies": _policies(patient, chance, now),
        "guardians": _guardians(patient, chance, source) if is_minor(patient, at) else [],
        **_illnesses(patient, chance, age, at.date(), is_shown=is_shown),
    }
    details = _measures(patient, chance, age) | _emergency_contact(patient, chance, source, age)
    with clock.acting(patient.user, at):
        clinical_services.onboard_patient(patient, by=patient.user, details=details, lists=lists)


def _allergies(patient: Patient, chance: random.Random, *, is_shown: bool) -> list[dict[str, Any]]:
    rows = sources.health()["allergies"]
    if is_shown:
        chosen = [row for row in rows if row["substance"]["en"] in SHOWN_ALLERGIES]
    else:
        count = chance.choice([1, 1, 1, 2]) if chance.random() < SHARE_WITH_ALLERGY else 0
        chosen = chance.sample(rows, count)
    language = patient.user.language
    return [row | {"substance": row["substance"][language], "reaction": row["reaction"][language]} for row in chosen]


def _illnesses(
    patient: Patient, chance: random.Random, age: int, today: date, *, is_shown: bool
) -> dict[str, list[dict[str, Any]]]:
    """Conditions that people of this age and sex have, and the medicines that go with them."""
    language, material = patient.user.language, sources.health()
    fitting = [
        row for row in material["conditions"]
        if row["from_age"] <= age <= row["to_age"] and row["sex"] in {"", patient.gender}
    ]  # fmt: skip
    count = min(len(fitting), chance.choices([0, 1, 2, 3], weights=[35, 35, 20, 10])[0])
    chosen = chance.sample(fitting, count)
    if is_shown:
        chosen = [row for row in material["conditions"] if row["code"] in SHOWN_CONDITIONS]
    conditions = [
        {
            "name": row["name"][language],
            "code": row["code"],
            "state": row["state"],
            "since_year": max(today.year - chance.randint(1, 12), today.year - age),
        }
        for row in chosen
    ]
    medications = [
        medicine | {"frequency": material["frequencies"][medicine["frequency"]][language]}
        for row in chosen
        for medicine in row["medications"]
    ]
    return {"conditions": conditions, "medications": medications}


def _measures(patient: Patient, chance: random.Random, age: int) -> dict[str, Any]:
    mean, spread = HEIGHTS.get(str(patient.gender), HEIGHTS["female"])
    height = chance.gauss(mean, spread)
    index = min(max(chance.gauss(*BMI), 18.5), 39)
    if age < ADULT_AT:
        height, index = 77 + 5.6 * age + chance.uniform(-4, 4), 14.5 + 0.35 * age
    weight = index * (height / 100) ** 2
    groups = list(BLOOD_GROUPS)
    return {
        "height_cm": Decimal(f"{height:.0f}"),
        "weight_kg": Decimal(f"{weight:.1f}"),
        "blood_group": chance.choices(groups, weights=list(BLOOD_GROUPS.values()))[0] if chance.random() < 0.8 else "",
    }


def _emergency_contact(patient: Patient, chance: random.Random, source: Mapping[str, Any], age: int) -> dict[str, Any]:
    """Somebody of the family, whom one would call there."""
    kind = "parent" if age < ADULT_AT else chance.choice(["spouse", "sibling", "child"])
    kind = "sibling" if kind == "child" and age < 45 else kind
    return {
        "emergency_name": _relative(patient, chance, source),
        "emergency_relation": sources.health()["relations"][kind][patient.user.language],
        "emergency_phone": casting.filled(chance.choice(source["phone_patterns"]), chance),
    }


def _relative(patient: Patient, chance: random.Random, source: Mapping[str, Any], gender: str = "") -> str:
    pools = [pool for pool in source["pools"] if patient.user.first_name in {*pool["female"], *pool["male"]}]
    pool = (pools or source["pools"])[0]
    names = pool[gender or chance.choice(["female", "male"])]
    first_name = chance.choice([name for name in names if name != patient.user.first_name])
    return f"{first_name} {patient.user.last_name}"


def _guardians(patient: Patient, chance: random.Random, source: Mapping[str, Any]) -> list[dict[str, Any]]:
    relation, gender = chance.choice([("mother", "female"), ("father", "male")])
    return [
        {
            "name": _relative(patient, chance, source, gender),
            "relation": relation,
            "phone": casting.filled(chance.choice(source["phone_patterns"]), chance),
        }
    ]


def _passports(patient: Patient, chance: random.Random, now: datetime, *, is_shown: bool) -> list[dict[str, Any]]:
    if not is_shown and chance.random() > SHARE_WITH_PASSPORT:
        return []
    return [
        {
            "kind": "passport",
            "number": casting.filled("X0######", chance),
            "country": str(patient.country),
            "expires_on": now.date() + timedelta(days=chance.randint(200, 3200)),
        }
    ]


def _policies(patient: Patient, chance: random.Random, now: datetime) -> list[dict[str, Any]]:
    if chance.random() > SHARE_WITH_INSURANCE:
        return []
    insurer = chance.choice(sources.health()["insurers"])
    year = now.year
    return [
        {
            "insurer": insurer["name"],
            "number": casting.filled(insurer["number"], chance),
            "holder": patient.user.full_name,
            "valid_from": date(year - chance.randint(0, 2), 1, 1),
            "valid_until": date(year + 1, 12, 31),
        }
    ]


def _ask_insurers(now: datetime) -> None:
    """The first policies were sent in to be verified; most were decided on, two wait."""
    coordinator = staff.coordinators()[0]
    policies = InsurancePolicy.objects.select_related("patient__user").order_by("patient__user__email")
    waiting = [now - timedelta(hours=hours) for hours in WAITING_HOURS_AGO]
    for policy, decision in zip(policies[: len(DECISIONS)], DECISIONS, strict=False):
        asked = policy.created_at + timedelta(minutes=8) if decision is not None else waiting.pop(0)
        asked = max(asked, policy.created_at + timedelta(minutes=1))
        with clock.acting(policy.patient.user, asked):
            clinical_services.request_insurance_verification(policy.patient, by=policy.patient.user, policy=policy)
        if decision is not None:
            note = "" if decision else REFUSED
            with clock.acting(coordinator, min(asked + timedelta(hours=26), now - timedelta(minutes=5))):
                clinical_services.decide_insurance(policy, verified=decision, note=note, by=coordinator)
