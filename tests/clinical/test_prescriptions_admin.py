"""Prescriptions in the admin: who sees them, what was read is logged, and the one move that is made there."""

import pytest
from django.urls import reverse

from apps.clinical.models import Allergy, ReadEntry
from tests.factories.consent import CareFactory, GrantFactory
from tests.factories.prescriptions import AMOXICILLIN, asked, drafted, signed

pytestmark = pytest.mark.django_db
LIST = "admin:clinical_prescription_changelist"


@pytest.fixture
def care(patient, doctor, hospital):
    return CareFactory(patient=asked(patient), doctor=doctor, hospital=hospital)


def page(name, *args):
    return reverse(f"admin:clinical_prescription_{name}", args=args)


def test_a_platform_admin_reads_one_with_its_warning_and_the_log_says_so(client, care, patient, doctor, platform_admin):
    Allergy.objects.create(patient=patient, substance="Penicillin")
    draft = drafted(patient, doctor, AMOXICILLIN)
    client.force_login(platform_admin)

    text = client.get(page("change", draft.pk)).content.decode()

    assert "Amoxicillin is of the same class as Penicillin" in text
    entry = ReadEntry.objects.get(reader=platform_admin, object_id=draft.pk)
    assert (entry.act, entry.place, entry.ground) == ("opened", "admin", "administration")


def test_a_hospital_reads_and_dispenses_what_consent_opens(client, care, patient, doctor, hospital_admin):
    prescription = signed(patient, doctor)
    client.force_login(hospital_admin)
    assert prescription.number not in client.get(reverse(LIST)).content.decode()

    GrantFactory(patient=patient, hospital=care.hospital)

    assert prescription.number in client.get(reverse(LIST)).content.decode()
    move = page("move", prescription.pk, "dispensed")
    client.get(move)
    client.post(move, {"seen": "signed"})
    prescription.refresh_from_db()
    assert (prescription.status, prescription.dispensed_by) == ("dispensed", hospital_admin)


def test_hospital_staff_do_not_read_the_comparison_with_the_allergies(client, care, patient, doctor, hospital_admin):
    GrantFactory(patient=patient, hospital=care.hospital)
    prescription = signed(patient, doctor)
    client.force_login(hospital_admin)
    assert "comparison with the allergies" not in client.get(page("change", prescription.pk)).content.decode().lower()


def test_the_document_is_downloaded_and_logged(client, care, patient, doctor, platform_admin):
    prescription, draft = signed(patient, doctor), drafted(patient, doctor)
    client.force_login(platform_admin)
    response = client.get(page("pdf", prescription.pk))
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert ReadEntry.objects.filter(object_id=prescription.pk, act="downloaded", place="admin").count() == 1
    assert client.get(page("pdf", draft.pk)).status_code == 404


def test_nobody_signs_or_voids_in_the_admin(client, care, patient, doctor, platform_admin):
    draft = drafted(patient, doctor)
    client.force_login(platform_admin)
    for status in ("signed", "void"):
        client.post(page("move", draft.pk, status), {"seen": "draft"})
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_it_is_found_by_its_number(client, care, patient, doctor, platform_admin):
    one, other = signed(patient, doctor), signed(patient, doctor)
    client.force_login(platform_admin)
    text = client.get(reverse(LIST), {"q": one.number.lower()}).content.decode()
    assert one.number in text
    assert other.number not in text
