"""The record in the admin: what a coordinator finds by consent, what is logged, what is said where there is none."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.clinical.models import (
    Allergy,
    CareRelationship,
    ConsentGrant,
    ConsentText,
    EmergencyAccess,
    Guardian,
    IdentityDocument,
    InsurancePolicy,
    InsuranceProvider,
    MedicalRecord,
    ReadEntry,
    ReadSeal,
    RecordFile,
    Scope,
)
from apps.clinical.querysets import MedicalRecordQuerySet
from apps.common.models import AuditEntry
from tests.factories.clinical import PolicyFactory, VerificationFactory
from tests.factories.media import StoredFileFactory

pytestmark = pytest.mark.django_db
TONGUES = ("en", "ar", "hi", "es", "fr")


@pytest.fixture
def browser():
    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def text(db):
    return ConsentText.objects.create(
        version=901, published_at=timezone.now(), **{f"body_{code}": f"text in {code}" for code in TONGUES}
    )


@pytest.fixture
def draft(text):
    return ConsentText.objects.create(version=902, **{f"body_{code}": f"new text in {code}" for code in TONGUES})


@pytest.fixture
def allergy(patient):
    type(patient).objects.filter(pk=patient.pk).update(onboarded_at=timezone.now(), blood_group="AB-")
    return Allergy.objects.create(patient=patient, substance="Penicillin")


@pytest.fixture
def record(patient):
    return MedicalRecord.objects.create(
        patient=patient, type="mri", title="MRI of the knee", recorded_on=date(2026, 11, 2), uploaded_by=patient.user
    )


@pytest.fixture
def emergency(patient, doctor):
    now = timezone.now()
    return EmergencyAccess.objects.create(
        patient=patient, doctor=doctor, reason="Brought in unconscious after a fall",
        starts_at=now - timedelta(hours=3), ends_at=now - timedelta(hours=1),
    )  # fmt: skip


@pytest.fixture
def policy(patient):
    policy = PolicyFactory(
        patient=patient, insurer="AXA", number="POL-7781-4432", verification="requested", requested_at=timezone.now()
    )
    VerificationFactory(policy=policy)
    return policy


def consent(patient, text, scopes, **grantee):
    now = timezone.now()
    return ConsentGrant.objects.create(
        patient=patient, scopes=scopes, starts_at=now - timedelta(days=1), ends_at=now + timedelta(days=30), text=text,
        language="en", given_by=patient.user, given_at=now - timedelta(days=1), **grantee,
    )  # fmt: skip


def page(row, name="change", *more):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=(row.pk, *more))


def listing(model, **query):
    return reverse(f"admin:clinical_{model._meta.model_name}_changelist", query=query)


def shown(response):
    return response.content.decode()


def results(response):
    return list(response.context["cl"].result_list)


# --- what ends between reading and logging ---


@pytest.mark.parametrize("address", [lambda record: listing(MedicalRecord), page])
def test_what_is_seen_no_longer_when_it_is_to_be_logged_is_not_found(
    browser, coordinator, patient, record, text, monkeypatch, address
):
    grant = consent(patient, text, [Scope.MRI], grantee="coordination")
    client, looked_up = browser(coordinator), MedicalRecordQuerySet.with_ground
    assert client.get(address(record)).status_code == 200

    def after_it_was_revoked(rows, reader):
        ConsentGrant.objects.filter(pk=grant.pk).update(revoked_at=timezone.now(), revoked_by=patient.user)
        return looked_up(rows, reader)

    monkeypatch.setattr(MedicalRecordQuerySet, "with_ground", after_it_was_revoked)
    assert client.get(address(record)).status_code == 404


# --- the patient's page ---


def test_medical_information_is_shown_by_consent_and_logged(browser, coordinator, patient, allergy, text):
    grant = consent(patient, text, [Scope.PROFILE], grantee="coordination")
    body = shown(browser(coordinator).get(page(patient)))

    assert "Penicillin" in body
    assert "AB-" in body
    assert list(ReadEntry.objects.values_list("object_id", "ground", "ground_id", "act", "place")) == [
        (patient.pk, "consent", grant.pk, "opened", "admin")
    ]


def test_without_consent_the_page_says_how_it_is_asked_for_and_logs_nothing(browser, coordinator, patient, allergy):
    body = shown(browser(coordinator).get(page(patient)))

    assert "The patient has not consented to this." in body
    assert "Penicillin" not in body
    assert "AB-" not in body
    assert not ReadEntry.objects.exists()


def test_that_nobody_has_asked_yet_is_not_shown_as_none_known(browser, platform_admin, patient):
    body = shown(browser(platform_admin).get(page(patient)))

    assert "The patient has not been asked yet" in body
    assert "None known." not in body


def test_identifiers_are_shown_by_their_end_only(browser, platform_admin, patient, policy):
    IdentityDocument.objects.create(patient=patient, number="A05518322", country="NG")
    body = shown(browser(platform_admin).get(page(patient)))

    assert "8322" in body
    assert "A05518322" not in body
    assert policy.number not in body


def test_a_hospitals_staff_in_care_sees_the_patient_without_address_papers_and_contacts(
    browser, hospital_admin, patient, doctor, hospital
):
    type(patient).objects.filter(pk=patient.pk).update(
        address="12 Marina Road", city="Lagos", birth_date=date(2015, 1, 1)
    )
    Guardian.objects.create(patient=patient, name="Ada Eze", relation="mother", phone="+2348031234567")
    CareRelationship.objects.create(
        patient=patient, doctor=doctor, hospital=hospital, subject_type="appointment", subject_id=doctor.pk,
        starts_at=timezone.now() - timedelta(days=1),
    )  # fmt: skip
    client = browser(hospital_admin)
    body = shown(client.get(page(patient)))

    assert "Lagos" in body
    assert "Marina Road" not in body
    assert "Ada Eze" not in body
    assert patient.user.email not in shown(client.get(listing(type(patient))))


def test_a_tab_shows_what_consent_opens_and_logs_each_row(browser, coordinator, patient, record, text):
    client, address = browser(coordinator), page(patient, "tab", "records")
    assert "MRI of the knee" not in shown(client.get(address))
    consent(patient, text, [Scope.MRI], grantee="coordination")

    assert "MRI of the knee" in shown(client.get(address))
    assert ReadEntry.objects.get().object_id == record.pk


@pytest.mark.parametrize(
    ("who", "name", "status"),
    [
        ("coordinator", "read-log", 404), ("coordinator", "emergencies", 404), ("coordinator", "consents", 200),
        ("coordinator", "appointments", 200), ("platform_admin", "read-log", 200),
        ("platform_admin", "emergencies", 200), ("hospital_admin", "records", 404), ("platform_admin", "gossip", 404),
    ],
)  # fmt: skip
def test_who_is_offered_which_tab(browser, request, patient, who, name, status):
    assert browser(request.getfixturevalue(who)).get(page(patient, "tab", name)).status_code == status


# --- records ---


def test_a_list_of_records_holds_what_consent_opens_and_is_logged(browser, coordinator, record, text, patient):
    client = browser(coordinator)
    assert results(client.get(listing(MedicalRecord))) == []
    consent(patient, text, [Scope.MRI], grantee="coordination")

    assert results(client.get(listing(MedicalRecord))) == [record]
    assert [entry.act for entry in ReadEntry.objects.all()] == ["listed"]


def test_a_record_is_opened_by_consent_and_not_after_it_was_revoked(browser, coordinator, record, text, patient):
    grant = consent(patient, text, [Scope.MRI], grantee="coordination")
    client = browser(coordinator)
    assert client.get(page(record)).status_code == 200
    ConsentGrant.objects.filter(pk=grant.pk).update(revoked_at=timezone.now(), revoked_by=patient.user)

    assert client.get(page(record)).status_code == 302
    assert [entry.act for entry in ReadEntry.objects.all()] == ["opened"]


def test_a_file_is_reached_by_a_link_of_a_few_minutes_and_that_is_logged(browser, platform_admin, record, patient):
    file = StoredFileFactory(owner=patient.user, purpose="medical_record", visibility="private")
    RecordFile.objects.create(record=record, file=file)
    response = browser(platform_admin).get(page(record, "file", file.pk))

    assert response.status_code == 302
    assert response["Location"].startswith("/media/private/")
    assert ReadEntry.objects.get(act="downloaded").object_id == record.pk


def test_a_file_that_waits_for_the_scanner_is_not_given(browser, platform_admin, record, patient):
    file = StoredFileFactory(owner=patient.user, purpose="medical_record", visibility="private", scan="waiting")
    RecordFile.objects.create(record=record, file=file)
    response = browser(platform_admin).get(page(record, "file", file.pk))

    assert response["Location"] == page(record)
    assert not ReadEntry.objects.filter(act="downloaded").exists()


def test_a_file_of_another_record_is_not_reached_through_this_one(browser, platform_admin, record, patient):
    other = MedicalRecord.objects.create(
        patient=patient, type="xray", title="x", recorded_on=date(2026, 11, 2), uploaded_by=patient.user
    )
    file = StoredFileFactory(owner=patient.user, purpose="medical_record", visibility="private")
    RecordFile.objects.create(record=other, file=file)

    assert browser(platform_admin).get(page(record, "file", file.pk)).status_code == 404


def test_a_record_entered_in_error_stays_and_says_so(browser, platform_admin, record):
    client = browser(platform_admin)
    address = page(record, "move", "entered_in_error")
    assert client.post(address, {"seen": "current", "note": ""}).status_code == 200
    client.post(address, {"seen": "current", "note": "Of another patient"})
    record.refresh_from_db()

    assert (record.status, record.error_reason) == ("entered_in_error", "Of another patient")
    assert "Of another patient" in shown(client.get(page(record)))


def test_a_coordinator_adds_what_a_patient_has_sent(browser, coordinator, patient):
    client = browser(coordinator)
    upload = SimpleUploadedFile("scan.pdf", b"%PDF-1.4\n%%EOF\n", "application/pdf")
    given = {
        "patient": patient.pk, "type": "xray", "title": "X-ray of the hand", "recorded_on": "2026-11-02",
        "description": "", "language": "en", "files": [upload],
    }  # fmt: skip
    response = client.post(reverse("admin:clinical_medicalrecord_add"), given)
    assert response.status_code == 302, response.context["errors"]
    record = MedicalRecord.objects.get()

    assert (record.patient, record.uploaded_by, record.title) == (patient, coordinator, "X-ray of the hand")
    assert record.files.count() == 1


def test_a_refusal_while_adding_is_shown_and_nothing_is_kept(browser, coordinator, patient):
    given = {"patient": patient.pk, "type": "xray", "title": "x", "recorded_on": "2999-01-01", "language": "en"}
    response = browser(coordinator).post(reverse("admin:clinical_medicalrecord_add"), given)

    assert "This day lies in the future." in shown(response)
    assert not MedicalRecord.objects.exists()


def test_only_coordinators_add_records_here(browser, platform_admin, hospital_admin):
    for user in (platform_admin, hospital_admin):
        assert browser(user).get(reverse("admin:clinical_medicalrecord_add")).status_code == 403


# --- consents ---


@pytest.mark.parametrize("state", ["live", "revoked", "over"])
def test_consents_are_found_by_whether_they_hold(browser, platform_admin, patient, text, state):
    grants = {
        "live": consent(patient, text, [Scope.MRI], grantee="coordination"),
        "revoked": consent(patient, text, [Scope.XRAY], grantee="coordination"),
    }
    ConsentGrant.objects.filter(pk=grants["revoked"].pk).update(revoked_at=timezone.now(), revoked_by=patient.user)
    past = timezone.now() - timedelta(days=9)
    grants["over"] = ConsentGrant.objects.create(
        patient=patient, scopes=["mri"], starts_at=past - timedelta(days=1), ends_at=past, text=text, language="en",
        given_by=patient.user, given_at=past - timedelta(days=1), grantee="coordination",
    )  # fmt: skip

    assert results(browser(platform_admin).get(listing(ConsentGrant, state=state))) == [grants[state]]


def test_a_consent_for_the_care_of_an_appointment_is_over_with_it(browser, platform_admin, patient, hospital, text):
    past = timezone.now() - timedelta(days=9)
    care = CareRelationship.objects.create(
        patient=patient, hospital=hospital, subject_type="appointment", subject_id=uuid4(), starts_at=past
    )
    grant = ConsentGrant.objects.create(
        patient=patient, scopes=["mri"], starts_at=past, text=text, language="en", given_by=patient.user, given_at=past,
        grantee="hospital", hospital=hospital, subject_type="appointment", subject_id=care.subject_id,
    )  # fmt: skip
    client, tab = browser(platform_admin), page(patient, "tab", "consents")
    assert results(client.get(listing(ConsentGrant, state="over"))) == []
    assert "Given" in shown(client.get(tab))

    CareRelationship.objects.filter(pk=care.pk).update(ends_at=timezone.now() - timedelta(days=1))

    assert results(client.get(listing(ConsentGrant, state="over"))) == [grant]
    assert results(client.get(listing(ConsentGrant, state="live"))) == []
    assert [row.cells[-1].text for row in client.get(tab).context["rows"]] == ["Over"]


def test_where_a_patient_sat_when_consenting_is_for_platform_admins(
    browser, platform_admin, coordinator, hospital_admin, patient, hospital, text
):
    grant = consent(patient, text, [Scope.MRI], grantee="hospital", hospital=hospital, address="203.0.113.77")
    assert "203.0.113.77" in shown(browser(platform_admin).get(page(grant)))
    for reader in (coordinator, hospital_admin):
        response = browser(reader).get(page(grant))
        assert response.status_code == 200
        assert "203.0.113.77" not in shown(response)


def test_a_published_text_cannot_be_changed_here(browser, platform_admin, text):
    client = browser(platform_admin)
    client.post(page(text), {f"body_{code}": "other" for code in TONGUES})
    text.refresh_from_db()

    assert text.body_en == "text in en"
    assert client.get(page(text, "move", "published")).status_code == 302


def test_a_draft_is_published_after_a_confirmation(browser, platform_admin, draft):
    client, address = browser(platform_admin), page(draft, "move", "published")
    assert "can never be changed" in shown(client.get(address))
    client.post(address, {"seen": "draft"})
    draft.refresh_from_db()

    assert draft.published_at is not None


def test_a_new_draft_gets_the_next_version(browser, platform_admin, text):
    browser(platform_admin).post(
        reverse("admin:clinical_consenttext_add"), {f"body_{code}": "more" for code in TONGUES}
    )
    assert ConsentText.objects.get(version=902).published_at is None


def test_a_text_is_looked_at_as_patients_see_it(browser, platform_admin, draft):
    body = shown(browser(platform_admin).get(page(draft, "preview", "ar")))
    assert '<article class="mv-phone" lang="ar" dir="rtl"><p>new text in ar</p>' in body


def test_coordinators_do_not_open_the_texts(browser, coordinator, draft):
    assert browser(coordinator).get(listing(ConsentText)).status_code == 403


# --- emergencies ---


def test_emergencies_to_review_stand_in_the_order_in_which_they_came(browser, platform_admin, emergency, doctor):
    now = timezone.now()
    newer = EmergencyAccess.objects.create(
        patient=emergency.patient, doctor=doctor, reason="Again unconscious, no relative there", starts_at=now,
        ends_at=now + timedelta(hours=2),
    )  # fmt: skip
    assert results(browser(platform_admin).get(listing(EmergencyAccess, review="to_review"))) == [emergency, newer]


def test_the_page_shows_what_was_read_on_this_ground_and_nothing_else(browser, platform_admin, emergency, doctor):
    for kind, ground in (("medicalrecord", emergency.pk), ("prescription", None)):
        ReadEntry.objects.create(
            at=emergency.starts_at, patient=emergency.patient, reader=doctor.user, object_type=f"clinical.{kind}",
            act="opened", ground="emergency", ground_id=ground, place="api",
        )  # fmt: skip
    response = browser(platform_admin).get(page(emergency))

    assert "<td>Medical record</td>" in shown(response)
    assert "<td>Prescription</td>" not in shown(response)


@pytest.mark.parametrize("verdict", ["justified", "not_justified"])
def test_a_reviewer_judges_with_a_note(browser, platform_admin, emergency, verdict):
    client, address = browser(platform_admin), page(emergency, "move", verdict)
    assert client.post(address, {"seen": "to_review", "note": ""}).status_code == 200
    client.post(address, {"seen": "to_review", "note": "Looked at the ward's log of that night."})
    emergency.refresh_from_db()

    assert (emergency.verdict, emergency.reviewed_by) == (verdict, platform_admin)


def test_a_verdict_is_given_once(browser, platform_admin, emergency):
    client = browser(platform_admin)
    client.post(page(emergency, "move", "justified"), {"seen": "to_review", "note": "Looked at the ward's log."})
    client.post(page(emergency, "move", "not_justified"), {"seen": "to_review", "note": "Another opinion of it."})
    emergency.refresh_from_db()

    assert emergency.verdict == "justified"


def test_the_first_page_counts_what_waits_for_a_reviewer(browser, platform_admin, coordinator, emergency):
    cards = {card.title: card.number for card in browser(platform_admin).get(reverse("admin:index")).context["cards"]}
    others = {card.title for card in browser(coordinator).get(reverse("admin:index")).context["cards"]}

    assert cards["Emergencies to review"] == "1"
    assert "Emergencies to review" not in others


# --- the read log ---


@pytest.fixture
def readings(patient, other_patient, doctor):
    return [
        ReadEntry.objects.create(
            at=timezone.now(), patient=whose, reader=doctor.user, object_type="clinical.medicalrecord",
            object_id=whose.pk, act="opened", ground="consent", place="api", user_agent="=1+1",
        )
        for whose in (patient, other_patient)
    ]  # fmt: skip


def test_the_log_is_searched_by_patient_reader_and_object(browser, platform_admin, readings, patient, doctor):
    client = browser(platform_admin)
    for term in (str(patient.pk), f"{patient.user.first_name} {patient.user.last_name}"):
        assert readings[0] in results(client.get(listing(ReadEntry, q=term)))
    assert results(client.get(listing(ReadEntry, q=str(patient.pk)))) == [readings[0]]
    assert set(results(client.get(listing(ReadEntry, q=doctor.user.email)))) == set(readings)


def test_the_log_says_how_far_it_is_sealed(browser, platform_admin, readings):
    client = browser(platform_admin)
    assert "No entry is sealed yet." in shown(client.get(listing(ReadEntry)))
    ReadSeal.objects.create(
        number=7, first_entry=readings[0].pk, last_entry=readings[0].pk, entry_count=1, digest="0" * 64,
        sealed_at=timezone.now(),
    )  # fmt: skip

    assert f"Sealed up to entry {readings[0].pk} (seal 7" in shown(client.get(listing(ReadEntry)))


def test_an_export_of_the_log_holds_what_the_list_showed_is_recorded_and_computes_nothing(
    browser, platform_admin, readings, patient
):
    address = reverse("admin:clinical_readentry_export", query={"q": str(patient.pk)})
    lines = b"".join(browser(platform_admin).get(address).streaming_content).decode().splitlines()

    assert len(lines) == 2
    assert str(patient.pk) in lines[1]
    assert ",'=1+1," in lines[1]
    assert AuditEntry.objects.get(action="read_log.exported").changes == {"entries": 1}


@pytest.mark.parametrize("who", ["coordinator", "hospital_admin", "support_agent", "translator"])
def test_nobody_else_opens_the_log_or_exports_it(browser, request, who):
    client = browser(request.getfixturevalue(who))
    assert client.get(listing(ReadEntry)).status_code == 403
    assert client.get(reverse("admin:clinical_readentry_export")).status_code == 403


# --- insurance ---


def test_whoever_verifies_sees_the_whole_number_while_it_waits_and_is_logged(browser, coordinator, policy):
    client = browser(coordinator)
    assert policy.number not in shown(client.get(listing(InsurancePolicy)))
    assert not ReadEntry.objects.exists()

    assert policy.number in shown(client.get(page(policy)))
    assert list(ReadEntry.objects.values_list("object_id", "reader", "act")) == [(policy.pk, coordinator.pk, "opened")]


def test_a_decided_policy_shows_its_end_only(browser, coordinator, policy):
    client = browser(coordinator)
    address = page(policy, "move", "verified")
    assert client.post(address, {"seen": "requested", "note": ""}).status_code == 200
    client.post(address, {"seen": "requested", "note": "Covers the operation, with a co-payment of 10 %"})
    policy.refresh_from_db()

    assert (policy.verification, policy.decided_by) == ("verified", coordinator)
    assert policy.number not in shown(client.get(page(policy)))


FIGURES = {
    "seen": "requested", "note": "By telephone", "reference": "R-77", "currency": "KWD", "coverage_amount": "1500.250",
    "deductible": "20", "co_pay_percent": "12.5", "valid_until": "2040-12-31",
}  # fmt: skip


def test_what_the_insurer_said_is_entered_with_its_figures_and_stands_on_the_page(browser, coordinator, policy):
    client = browser(coordinator)
    address = page(policy, "move", "verified")
    assert "never changed" in shown(client.get(address))
    client.post(address, FIGURES)

    asked = policy.verifications.get()
    assert (asked.coverage_amount, asked.deductible, asked.currency) == (Decimal("1500.250"), Decimal(20), "KWD")
    assert (asked.co_pay_percent, asked.reference, asked.valid) == (Decimal("12.5"), "R-77", True)
    assert "1,500.250" in shown(client.get(page(policy)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"coverage_amount": "1500.2505"}, {"currency": "JPY"}, {"currency": ""}, {"co_pay_percent": "100.01"},
        {"valid_until": "2020-01-01"}, {"deductible": "-1"},
    ],
)  # fmt: skip
def test_figures_that_cannot_be_stay_on_the_page_with_the_reason(browser, coordinator, policy, wrong):
    response = browser(coordinator).post(page(policy, "move", "verified"), FIGURES | wrong)
    assert response.status_code == 200
    policy.refresh_from_db()
    assert (policy.verification, policy.verifications.get().status) == ("requested", "staff")


def test_a_no_has_a_reason_and_asks_for_no_figures(browser, coordinator, policy):
    client = browser(coordinator)
    address = page(policy, "move", "rejected")
    assert "coverage_amount" not in shown(client.get(address))
    client.post(address, {"seen": "requested", "note": "Unknown number"})
    assert policy.verifications.get().valid is False


def test_an_admin_keeps_the_list_of_insurers_and_nobody_reads_a_secret_there(browser, platform_admin, coordinator):
    client, secret = browser(platform_admin), "a-secret-of-forty-characters-or-so-12345"
    given = {
        "code": "mutual", "country": "DE", "is_active": "on", "name_en": "Mutual", "verification_kind": "http",
        "endpoint": "https://insurer.example.com/policies", "secret": secret, "website": "", "phone": "",
    }  # fmt: skip
    response = client.post(reverse("admin:clinical_insuranceprovider_add"), given)
    assert response.status_code == 302, shown(response)
    provider = InsuranceProvider.objects.get()
    assert provider.secret == secret

    assert secret not in shown(client.get(page(provider)))
    client.post(page(provider), given | {"secret": "", "website": "https://www.example.com"})
    provider.refresh_from_db()
    assert (provider.secret, provider.website) == (secret, "https://www.example.com")
    assert "secret" not in shown(browser(coordinator).get(page(provider))).replace("csrf", "")


def test_policies_that_wait_stand_in_the_order_in_which_they_came(browser, coordinator, policy, other_patient):
    newer = InsurancePolicy.objects.create(
        patient=other_patient, insurer="Bupa", number="BUPA-1", verification="requested", requested_at=timezone.now()
    )
    InsurancePolicy.objects.create(patient=other_patient, insurer="Bupa", number="BUPA-2")
    found = results(browser(coordinator).get(listing(InsurancePolicy, verification__exact="requested")))

    assert found == [policy, newer]
