"""What doctors and hospital staff are told reads well in every language and holds nothing that breaks a mail."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from apps.hospitals import services
from apps.hospitals.models import Accreditation, AccreditationBody
from apps.notifications import rendering
from apps.notifications.models import Message
from tests.factories.hospitals import AffiliationFactory, HospitalFactory, LicenceFactory

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script>\r\nBcc: x@example.com & "quotes"'


def make_everything_happen(doctor, hospital, hospital_admin, platform_admin):
    """Every kind of message about doctors, affiliations and what ends, once at least."""
    licence = services.add_licence(doctor, by=doctor.user, number="TN-9", country="IN", expires_on=in_days(500))
    services.verify_licence(licence, by=platform_admin, verification="rejected", reason=HOSTILE)
    services.verify_licence(licence, by=platform_admin, verification="approved")
    services.verify_doctor(doctor, by=platform_admin, verification="rejected", reason=HOSTILE)
    services.verify_doctor(doctor, by=platform_admin, verification="approved")
    services.verify_hospital(hospital, by=platform_admin, verification="rejected", reason=HOSTILE)
    services.verify_hospital(hospital, by=platform_admin, verification="approved")
    services.end_affiliation(hospital, doctor, by=platform_admin)
    services.decline_affiliation(services.add_affiliation(hospital, doctor, by=hospital_admin), by=doctor.user)
    services.propose_affiliation(doctor, by=doctor.user, hospital_id=hospital.pk)
    services.end_affiliation(hospital, doctor, by=hospital_admin)
    services.add_affiliation(hospital, doctor, by=platform_admin)
    body = AccreditationBody.objects.create(code="JCI", name="Joint Commission International")
    for days in [20, -1]:
        LicenceFactory(doctor=doctor, country="TR" if days > 0 else "AE", expires_on=in_days(days))
        Accreditation.objects.create(
            hospital=hospital, body=body, number=str(days), verification="approved", expires_on=in_days(days)
        )
        services.end_what_expired()
        Accreditation.objects.all().delete()


def in_days(days):
    return timezone.now().date() + timedelta(days=days)


@pytest.mark.parametrize("language", [code for code, _label in settings.LANGUAGES])
def test_every_message_renders_in_every_language(language, doctor, hospital, hospital_admin, platform_admin):
    for person in [doctor.user, hospital_admin, platform_admin]:
        person.language = language
        person.save()
    doctor.refresh_from_db()
    make_everything_happen(doctor, hospital, hospital_admin, platform_admin)

    messages = Message.objects.filter(kind__startswith="hospitals.").select_related("recipient")
    assert {message.kind for message in messages} == {
        f"hospitals.{what}"
        for what in [
            "doctor_approved", "doctor_rejected", "licence_approved", "licence_rejected", "hospital_approved",
            "hospital_rejected", "affiliation_offered", "affiliation_added", "affiliation_declined",
            "affiliation_ended", "affiliation_proposed", "affiliation_begun", "affiliation_withdrawn",
            "affiliation_over", "licence_expires", "licence_lapsed", "accreditation_expires", "accreditation_lapsed",
            "expiry_digest",
        ]
    }  # fmt: skip
    for message in messages:
        rendered = rendering.render(message)
        assert rendered.subject.strip()
        assert "\n" not in rendered.subject
        assert "<script>" not in rendered.html
        assert "%(" not in rendered.subject + rendered.text
        if message.channel == "email":
            assert ('dir="rtl"' in rendered.html) is (language == "ar")
            assert "{{" not in rendered.text + rendered.html


def test_the_hospital_is_named_in_the_readers_language(doctor, platform_admin):
    hospital = HospitalFactory(name="Petra", name_ar="البتراء")
    AffiliationFactory(doctor=doctor, hospital=hospital, is_primary=False)
    doctor.user.language = "ar"
    doctor.user.save()
    services.end_affiliation(hospital, doctor, by=platform_admin)
    message = Message.objects.get(recipient=doctor.user, channel="email")
    assert message.context["hospital"] == "البتراء"
    assert "البتراء" in rendering.render(message).subject
