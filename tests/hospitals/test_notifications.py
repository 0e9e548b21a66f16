"""What doctors and hospital staff are told reads well in every language and holds nothing that breaks a mail."""

import pytest
from django.conf import settings

from apps.hospitals import services
from apps.notifications import rendering
from apps.notifications.models import Message
from tests.factories.hospitals import AffiliationFactory, HospitalFactory

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert(1)</script>\r\nBcc: x@example.com & "quotes"'


def make_everything_happen(doctor, hospital, hospital_admin, platform_admin):
    """Every kind of message of the directory, once."""
    services.update_doctor(doctor, by=platform_admin, licence_number="TN-1", licence_country="IN")
    services.verify_doctor(doctor, by=platform_admin, verification="rejected", reason=HOSTILE)
    services.verify_doctor(doctor, by=platform_admin, verification="approved")
    services.verify_hospital(hospital, by=platform_admin, verification="rejected", reason=HOSTILE)
    services.verify_hospital(hospital, by=platform_admin, verification="approved")
    services.end_affiliation(hospital, doctor, by=hospital_admin)
    services.add_affiliation(hospital, doctor, by=hospital_admin)


@pytest.mark.parametrize("language", [code for code, _label in settings.LANGUAGES])
def test_every_message_renders_in_every_language(language, doctor, hospital, hospital_admin, platform_admin):
    for person in [doctor.user, hospital_admin]:
        person.language = language
        person.save()
    doctor.refresh_from_db()
    make_everything_happen(doctor, hospital, hospital_admin, platform_admin)

    messages = Message.objects.filter(kind__startswith="hospitals.").select_related("recipient")
    assert {message.kind for message in messages} == {
        f"hospitals.{what}"
        for what in [
            "doctor_approved", "doctor_rejected", "hospital_approved", "hospital_rejected", "affiliation_added",
            "affiliation_ended",
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
