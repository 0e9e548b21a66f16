"""A body that would succeed, for every request that has one: a refusal comes from who asks, not from what is asked."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import orjson
from django.utils import timezone

from apps.accounts import tokens
from apps.bookings.models import Appointment
from apps.hospitals.models import Doctor
from tests.factories.accounts import PASSWORD
from tests.factories.hospitals import DoctorFactory
from tests.factories.media import pdf, picture

from . import clinical_payloads, coupons, invoiced, lab_payloads, subscribed
from .world import World

Body = Callable[[World, str], dict[str, Any]]

NEW_PASSWORD = "Another-Horse-8"
TEXTS = {"en": "Plain", "ar": "نص", "hi": "पाठ", "es": "Texto", "fr": "Texte"}


def _free_time() -> datetime:
    """10:30 in Chennai on a Tuesday a week or two ahead: offered by both sides' doctors and taken by nobody."""
    day = timezone.now().date() + timedelta(days=7)
    day += timedelta(days=(1 - day.weekday()) % 7)
    return datetime.combine(day, time(5), tzinfo=UTC)


def _user(world: World, actor: str) -> Any:
    return world.actors.get(actor) or world.actors["patient_a"]


def _refresh(world: World, actor: str) -> dict[str, Any]:
    return {"refresh": tokens.refresh_token(world.rows[f"session_{_user_name(actor)}"], timezone.now())}


def _user_name(actor: str) -> str:
    return "patient_a" if actor == "anonymous" else actor


def _booking(world: World, actor: str) -> dict[str, Any]:
    body = {
        "doctor_id": world.rows["doctor_a"].pk,
        "hospital_id": world.rows["hospital_a"].pk,
        "starts_at": _free_time(),
    }
    return body if actor.startswith("patient") else body | {"patient_id": world.rows["patient_a"].pk}


def _onboarding(world: World, actor: str) -> dict[str, Any]:
    """A profile is completed once, before it is verified: by the doctor, or by an admin for a new one."""
    body = {"specialty": "cardiology", "licences": [{"number": "L-1", "country": "IN"}]}
    if actor == "admin":
        return body | {"user_id": DoctorFactory(verification="pending", onboarded_at=None).user_id}
    Doctor.objects.filter(user=world.actors.get(actor)).update(verification="pending", onboarded_at=None)
    return body


MEDICATIONS = [{"name": "Paracetamol", "dosage": "500 mg", "frequency": "twice a day", "duration": "5 days"}]


def _consultation(world: World, actor: str) -> dict[str, Any]:
    """Prescriptions are written for what is agreed on."""
    Appointment.objects.filter(pk=world.rows["appointment_a"].pk).update(status="appointment_confirmed")
    return {"medications": MEDICATIONS}


BODIES: dict[tuple[str, str], Body] = {
    ("POST", "/api/v1/prescriptions"): lambda world, actor: {
        "patient_id": world.rows["patient_a"].pk, "medications": MEDICATIONS,
    },
    ("POST", "/api/v1/appointments/{appointment_a}/prescription"): _consultation,
    ("PATCH", "/api/v1/prescriptions/{draft_a}"): lambda world, actor: {"medications": MEDICATIONS},
    ("PATCH", "/api/v1/prescriptions/{prescription_a}"): lambda world, actor: {"instructions": "With water"},
    ("POST", "/api/v1/prescriptions/{prescription_a}/void"): lambda world, actor: {"reason": "The dose was wrong"},
    ("POST", "/api/v1/prescriptions/{prescription_a}/replace"): lambda world, actor: {"reason": "The dose was wrong"},
    ("POST", "/api/v1/payments"): lambda world, actor: {
        "bill_id": world.rows["uninvoiced_bill_a"].pk, "gateway": "offline", "amount": "1", "method": "cash",
        "received_on": timezone.now().date().isoformat(),
    },
    ("POST", "/api/v1/payments/{payment_a}/refund"): lambda world, actor: {"amount": "1", "reason": "Asked for"},
    ("POST", "/api/v1/auth/register"): lambda world, actor: {
        "email": "newcomer@example.com", "password": PASSWORD, "first_name": "New", "last_name": "Comer",
        "role": "patient",
    },
    ("POST", "/api/v1/auth/login"): lambda world, actor: {"email": _user(world, actor).email, "password": PASSWORD},
    ("POST", "/api/v1/auth/refresh"): _refresh,
    ("POST", "/api/v1/auth/forgot-password"): lambda world, actor: {"email": world.actors["patient_a"].email},
    ("POST", "/api/v1/auth/resend-verification"): lambda world, actor: {"email": world.actors["patient_a"].email},
    ("POST", "/api/v1/auth/reset-password"): lambda world, actor: {
        "token": "x" * 43, "new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD,
    },
    ("POST", "/api/v1/auth/verify-email"): lambda world, actor: {
        "email": world.actors["patient_a"].email, "code": "ABCDEF",
    },
    ("POST", "/api/v1/auth/verify-phone"): lambda world, actor: {"code": "ABCDEF"},
    ("POST", "/api/v1/auth/change-password"): lambda world, actor: {
        "current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD,
    },
    ("PATCH", "/api/v1/auth/profile"): lambda world, actor: {"first_name": "Renamed"},
    ("POST", "/api/v1/users"): lambda world, actor: {
        "email": "invited@example.com", "first_name": "In", "last_name": "Vited", "role": "coordinator",
    },
    ("PATCH", "/api/v1/users/{user_patient_a}"): lambda world, actor: {"first_name": "Renamed"},
    ("POST", "/api/v1/hospitals"): lambda world, actor: {
        "name": TEXTS, "city": TEXTS, "country": "IN", "time_zone": "Asia/Kolkata", "currency": "INR",
    },
    ("PATCH", "/api/v1/hospitals/{hospital_a}"): lambda world, actor: {"beds": 120},
    ("PATCH", "/api/v1/hospitals/{hospital_a}/verify"): lambda world, actor: {
        "decision": "rejected", "reason": "Plain",
    },
    ("POST", "/api/v1/hospitals/{hospital_a}/doctors"): lambda world, actor: {"doctor_id": world.rows["doctor_b"].pk},
    ("POST", "/api/v1/hospitals/{hospital_a}/treatments"): lambda world, actor: {
        "treatment_id": world.rows["unoffered_treatment"].pk, "price": "1000.00",
    },
    ("PATCH", "/api/v1/hospitals/{hospital_a}/treatments/{treatment}"): lambda world, actor: {"price": "900.00"},
    ("POST", "/api/v1/hospitals/{hospital_a}/accreditations"): lambda world, actor: {"body": "JCI", "number": "N-1"},
    ("PATCH", "/api/v1/hospitals/{hospital_a}/accreditations/{accreditation_a}"): lambda world, actor: {
        "expires_on": "2040-01-01",
    },
    ("PATCH", "/api/v1/hospitals/{hospital_a}/accreditations/{accreditation_a}/verify"): lambda world, actor: {
        "decision": "rejected", "reason": "Plain",
    },
    ("POST", "/api/v1/hospitals/{hospital_a}/images"): lambda world, actor: {"file_id": world.rows["spare_image_a"].pk},
    ("PATCH", "/api/v1/hospitals/{hospital_a}/images/{image_a}"): lambda world, actor: {"caption": TEXTS},
    ("PUT", "/api/v1/hospitals/{hospital_a}/images/order"): lambda world, actor: {"ids": [world.rows["image_a"].pk]},
    ("POST", "/api/v1/hospitals/{hospital_a}/documents"): lambda world, actor: {
        "file_id": world.rows["spare_paper_a"].pk, "kind": "licence",
    },
    ("POST", "/api/v1/treatments"): lambda world, actor: {
        "name": TEXTS, "category": "cardiac-care", "specialty": "cardiology",
    },
    ("PATCH", "/api/v1/treatments/{treatment}"): lambda world, actor: {"hospital_days": 2},
    ("POST", "/api/v1/packages"): lambda world, actor: {
        "name": TEXTS, "country": "IN", "days": 10, "price": "1000.00", "currency": "INR",
        "treatments": [world.rows["treatment"].pk], "hospitals": [world.rows["hospital_a"].pk],
    },
    ("PATCH", "/api/v1/packages/{package}"): lambda world, actor: {"days": 12},
    ("POST", "/api/v1/doctors/{doctor_a}/licences"): lambda world, actor: {"number": "L-2", "country": "IN"},
    ("PATCH", "/api/v1/doctors/{doctor_a}/licences/{new_licence_a}"): lambda world, actor: {"authority": "Plain"},
    ("PATCH", "/api/v1/doctors/{doctor_a}/licences/{new_licence_a}/verify"): lambda world, actor: {
        "decision": "rejected", "reason": "Plain",
    },
    ("POST", "/api/v1/doctors/{doctor_a}/documents"): lambda world, actor: {
        "file_id": world.rows["doctor_spare_paper_a"].pk, "kind": "other",
    },
    ("POST", "/api/v1/doctors/me/affiliations"): lambda world, actor: {"hospital_id": world.rows["hospital_b"].pk},
    ("POST", "/api/v1/doctors"): _onboarding,
    ("PATCH", "/api/v1/doctors/{doctor_a}"): lambda world, actor: {"bio": TEXTS},
    ("PATCH", "/api/v1/doctors/{doctor_a}/verify"): lambda world, actor: {"decision": "rejected", "reason": "Plain"},
    ("PATCH", "/api/v1/doctors/{doctor_a}/availability"): lambda world, actor: {
        "hospital_id": world.rows["hospital_a"].pk,
        "weekly_hours": [{"weekday": 0, "starts": "09:00", "ends": "12:00"}],
    },
    ("POST", "/api/v1/notifications"): lambda world, actor: {
        "user_ids": [world.actors["patient_a"].pk], "title": "Plain", "body": "Plain",
    },
    ("PATCH", "/api/v1/notifications/preferences"): lambda world, actor: {
        "preferences": [{"kind": "notifications.announcement", "channel": "email", "is_wanted": False}],
    },
    ("POST", "/api/v1/users/me/closure"): lambda world, actor: {"password": PASSWORD},
    ("POST", "/api/v1/appointments"): _booking,
    ("POST", "/api/v1/appointments/hold"): _booking,
    ("POST", "/api/v1/appointments/{displaced_a}/displacement"): lambda world, actor: {"choice": "refund"},
    ("POST", "/api/v1/bookings"): lambda world, actor: {
        "hospital_id": world.rows["hospital_a"].pk, "package_id": world.rows["package"].pk,
        **({} if actor.startswith("patient") else {"patient_id": world.rows["patient_a"].pk}),
    },
    ("PATCH", "/api/v1/appointments/{appointment_a}"): lambda world, actor: (
        {"notes": "Plain"} if actor.startswith("doctor") else {"complaint": "Plain"}
    ),
    ("PATCH", "/api/v1/appointments/{appointment_a}/status"): lambda world, actor: {"status": "appointment_confirmed"},
    ("POST", "/api/v1/appointments/{appointment_a}/reschedule"): lambda world, actor: {"starts_at": _free_time()},
    ("POST", "/api/v1/upload/sessions"): lambda world, actor: {
        "purpose": "medical_record", "size": 20_000_000, "name": "scan.dcm",
    },
}  # fmt: skip


#: The files of requests that upload one, by path: name and content.
UPLOADS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "/api/v1/upload/image": ("photo.jpg", picture),
    "/api/v1/upload/document": ("paper.pdf", pdf),
    "/api/v1/upload/medical-record": ("record.pdf", pdf),
}


def body(world: World, method: str, path: str, actor: str) -> bytes:
    others = subscribed.BODIES | invoiced.BODIES | clinical_payloads.BODIES | lab_payloads.BODIES
    make = (BODIES | coupons.BODIES | others).get((method, path))
    return orjson.dumps(make(world, actor)) if make else b""
