"""A patient's care in time order: what each reader finds on it, what they do not, and that reading it is logged."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.roles import Role
from apps.clinical.models import (
    CareRelationship,
    ConsentGrant,
    ConsentText,
    EmergencyAccess,
    Laboratory,
    LabResult,
    LabTest,
    MedicalRecord,
    Prescription,
    ReadEntry,
    Scope,
)
from apps.common.exceptions import Invalid, NotFound
from apps.interop.selectors import timeline as selectors
from tests.factories.accounts import UserFactory
from tests.factories.bookings import AppointmentFactory

pytestmark = pytest.mark.django_db
TONGUES = ("en", "ar", "hi", "es", "fr")
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def at(days, **more):
    return NOW + timedelta(days=days, **more)


@pytest.fixture
def text():
    return ConsentText.objects.create(version=901, published_at=at(-100), **{f"body_{c}": "x" for c in TONGUES})


@pytest.fixture
def story(patient, doctor, hospital):
    """One of everything, a day apart, the oldest first in `story`."""
    type(patient).objects.filter(pk=patient.pk).update(onboarded_at=at(-9))
    record = MedicalRecord.objects.create(
        patient=patient, type="mri", title="MRI of the knee", recorded_on=date(2026, 11, 13), uploaded_by=patient.user
    )
    prescription = Prescription.objects.create(
        patient=patient, doctor=doctor, hospital=hospital, valid_until=date(2040, 1, 1)
    )
    Prescription.objects.filter(pk=prescription.pk).update(created_at=at(-7), status="signed", signed_at=at(-7))
    laboratory = Laboratory.objects.create(hospital=hospital, name="Chennai Lab", country="IN", city="Chennai")
    test = LabTest.objects.create(patient=patient, doctor=doctor, laboratory=laboratory, name="Ferritin")
    LabTest.objects.filter(pk=test.pk).update(created_at=at(-6), status="reviewed", released_at=at(-4))
    result = LabResult.objects.create(lab_test=test, reported_by=doctor.user, reported_at=at(-5))
    emergency = EmergencyAccess.objects.create(
        patient=patient, doctor=doctor, reason="Brought in unconscious after a fall", starts_at=at(-3), ends_at=at(-2)
    )
    appointment = AppointmentFactory(
        patient=patient, doctor=doctor, hospital=hospital, starts_at=at(2), status="appointment_confirmed"
    )
    return {
        "onboarding": patient, "record": record, "prescription": prescription, "test_requested": test,
        "result": result, "emergency": emergency, "appointment": appointment,
    }  # fmt: skip


@pytest.fixture
def care(patient, doctor, hospital):
    return CareRelationship.objects.create(
        patient=patient, doctor=doctor, hospital=hospital, subject_type="appointment", subject_id=doctor.pk,
        starts_at=at(-30),
    )  # fmt: skip


def consent(patient, text, scopes, **grantee):
    return ConsentGrant.objects.create(
        patient=patient, scopes=scopes, starts_at=timezone.now() - timedelta(days=1),
        ends_at=timezone.now() + timedelta(days=30), text=text, language="en", given_by=patient.user,
        given_at=at(-10), **grantee,
    )  # fmt: skip


def read(patient, reader, **more):
    more.setdefault("now", NOW)
    return selectors.timeline(patient.pk, reader=reader, act="listed", place="api", **more)


def events(found):
    return [entry.event for entry in found.entries]


def test_a_patient_reads_everything_of_their_own_newest_first(patient, story):
    assert events(read(patient, patient.user)) == [*reversed(story)]


def test_a_patient_does_not_read_a_result_that_is_not_released(patient, story):
    LabTest.objects.filter(pk=story["test_requested"].pk).update(released_at=None)

    assert "result" not in events(read(patient, patient.user))


def test_a_coordinator_without_consent_finds_appointments_and_the_onboarding_only(patient, story, coordinator):
    assert events(read(patient, coordinator)) == ["appointment", "onboarding"]


def test_a_consent_opens_what_it_names_and_no_more(patient, story, coordinator, text):
    consent(patient, text, [Scope.MRI], grantee="coordination")

    assert events(read(patient, coordinator)) == ["appointment", "record", "onboarding", "consent_given"]


def test_revoking_a_consent_closes_what_it_opened_at_once_and_is_itself_told(patient, story, coordinator, text):
    grant = consent(patient, text, [Scope.MRI], grantee="coordination")
    ConsentGrant.objects.filter(pk=grant.pk).update(revoked_at=at(-1), revoked_by=patient.user)

    assert events(read(patient, coordinator)) == ["appointment", "consent_revoked", "onboarding", "consent_given"]


def test_a_record_that_is_not_shared_is_told_to_nobody_nor_counted(patient, story, coordinator, text):
    consent(patient, text, Scope.values, grantee="coordination")
    shared = read(patient, coordinator)
    MedicalRecord.objects.filter(pk=story["record"].pk).update(is_shared=False)
    kept = read(patient, coordinator)

    assert "record" in events(shared)
    assert "record" not in events(kept)
    assert str(kept.notice) == str(shared.notice) != ""


def test_those_who_see_everything_are_not_told_that_there_may_be_more(patient, story, platform_admin):
    assert read(patient, platform_admin).notice == ""
    assert read(patient, patient.user).notice == ""


def test_a_hospitals_staff_reads_their_own_appointments_and_what_consent_opens(
    patient, story, hospital_admin, hospital, care, text
):
    AppointmentFactory(patient=patient, starts_at=at(3))
    assert events(read(patient, hospital_admin)).count("appointment") == 1
    consent(patient, text, [Scope.LAB_REPORT], grantee="hospital", hospital=hospital)

    assert {"test_requested", "result"} <= set(events(read(patient, hospital_admin)))
    assert not {"record", "emergency", "prescription"} & set(events(read(patient, hospital_admin)))


def test_whoever_does_not_see_the_patient_finds_nothing(patient, story, other_patient, other_hospital_admin):
    for stranger in (other_patient.user, other_hospital_admin, UserFactory(role=Role.SUPPORT)):
        with pytest.raises(NotFound):
            read(patient, stranger)
    assert not ReadEntry.objects.exists()


def test_what_is_shown_of_the_record_is_in_the_log_with_its_ground(patient, story, coordinator, text):
    grant = consent(patient, text, [Scope.MRI, Scope.LAB_REPORT], grantee="coordination")
    read(patient, coordinator)

    logged = ReadEntry.objects.values_list("object_id", "ground", "ground_id", "reader", "act", "place")
    assert sorted(logged) == sorted(
        (story[name].pk, "consent", grant.pk, coordinator.pk, "listed", "api")
        for name in ("record", "test_requested", "result")
    )


def test_narrowed_to_a_kind_nothing_else_is_read_or_logged(patient, story, platform_admin):
    assert events(read(patient, platform_admin, kind="laboratory")) == ["result", "test_requested"]
    assert ReadEntry.objects.count() == 2


def test_pages_join_without_a_gap_or_a_repetition(patient, story, platform_admin):
    whole = [entry.mark for entry in read(patient, platform_admin).entries]
    pages, before = [], ""
    while before is not None:
        page = read(patient, platform_admin, limit=2, before=before)
        pages += [entry.mark for entry in page.entries]
        before = page.older

    assert pages == whole


def test_records_of_one_day_are_paged_through_one_by_one(patient, platform_admin):
    for number in range(5):
        MedicalRecord.objects.create(
            patient=patient, type="xray", title=str(number), recorded_on=date(2026, 11, 13), uploaded_by=patient.user
        )
    titles, before = [], ""
    while before is not None:
        page = read(patient, platform_admin, limit=1, before=before)
        titles += [entry.title for entry in page.entries]
        before = page.older

    assert sorted(titles) == ["0", "1", "2", "3", "4"]


def test_a_version_that_was_replaced_is_not_told_and_one_entered_in_error_as_such(patient, platform_admin):
    for status in ("superseded", "entered_in_error"):
        MedicalRecord.objects.create(
            patient=patient, type="xray", title=status, recorded_on=date(2026, 11, 13), uploaded_by=patient.user,
            status=status, ended_at=NOW, error_reason="Of another patient",
        )  # fmt: skip
    (entry,) = read(patient, platform_admin).entries

    assert (entry.title, entry.tone, entry.status_label) == ("entered_in_error", "danger", "Entered in error")


@pytest.mark.parametrize("before", ["x", "2026-11-21~", "2026-11-21T10:00:00~" + "0" * 32, "2026-11-21T10:00:00Z~zz"])
def test_a_place_in_time_that_no_page_named_is_refused(patient, platform_admin, before):
    with pytest.raises(Invalid):
        read(patient, platform_admin, before=before)


def test_it_takes_the_same_queries_however_long_the_history(patient, platform_admin, story, django_assert_num_queries):
    with django_assert_num_queries(13) as few:
        read(patient, platform_admin)
    for number in range(40):
        MedicalRecord.objects.create(
            patient=patient, type="xray", title=str(number), recorded_on=date(2026, 10, 1), uploaded_by=patient.user
        )
        AppointmentFactory(patient=patient, starts_at=at(30 + number))
    with django_assert_num_queries(len(few)):
        read(patient, platform_admin)


# --- over the API ---


def address(patient):
    return f"/api/v1/patients/{patient.pk}/timeline"


def test_the_api_gives_instants_on_every_clock_and_days_as_days(api, patient, story):
    patient.user.time_zone = "Africa/Lagos"
    patient.user.save()
    entries = {entry["event"]: entry for entry in api(patient.user).get(address(patient)).json()["data"]["entries"]}

    assert entries["appointment"]["at"] == "2026-11-23T10:00:00Z"
    assert entries["appointment"]["hospital_time"]["time"] == "2026-11-23T15:30:00+05:30"
    assert entries["appointment"]["patient_time"]["time"] == "2026-11-23T11:00:00+01:00"
    assert (entries["record"]["at"], entries["record"]["on"]) == (None, "2026-11-13")
    assert entries["record"]["subject"] == {"type": "clinical.medicalrecord", "id": str(story["record"].pk)}


def test_the_api_is_paged_by_what_it_named_itself(api, patient, story):
    client = api(patient.user)
    first = client.get(address(patient), {"limit": 3}).json()["data"]
    second = client.get(address(patient), {"limit": 10, "before": first["older"]}).json()["data"]

    assert [entry["event"] for entry in first["entries"] + second["entries"]] == [*reversed(story)]
    assert second["older"] is None


@pytest.mark.parametrize("query", [
    {"kind": "gossip"}, {"before": "yesterday"}, {"limit": "0"}, {"limit": "101"},
    {"before": f"0001-01-01T00:00:00+14:00~{'0' * 32}"}, {"before": f"9999-12-31T23:59:59-12:00~{'0' * 32}"},
])  # fmt: skip
def test_the_api_refuses_what_it_does_not_know(api, patient, query):
    assert api(patient.user).get(address(patient), query).status_code == 400


@pytest.mark.parametrize(
    ("who", "status"), [("other_patient", 404), ("support_agent", 403), ("translator", 403), ("coordinator", 200)]
)
def test_who_the_api_answers(api, request, patient, who, status):
    user = request.getfixturevalue(who)
    assert api(getattr(user, "user", user)).get(address(patient)).status_code == status


# --- the page ---


def page(patient, **query):
    return reverse("timeline:patient", args=(patient.pk,), query=query)


@pytest.fixture
def browser():
    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def test_the_page_groups_by_month_and_links_each_entry(browser, patient, story, platform_admin):
    response = browser(platform_admin).get(page(patient))
    text = response.content.decode()

    assert [month for month, _lines in response.context["months"]] == ["November 2026"]
    assert "MRI of the knee" in text
    assert reverse("admin:clinical_medicalrecord_change", args=(story["record"].pk,)) in text
    assert ReadEntry.objects.filter(place="admin", act="listed").count() == 4


def test_printing_is_logged_as_printing(browser, patient, story, platform_admin):
    assert browser(platform_admin).get(page(patient, print="1")).status_code == 200
    assert set(ReadEntry.objects.values_list("act", flat=True)) == {"printed"}


def test_an_empty_history_says_so(browser, patient, platform_admin):
    assert "Nothing yet that you may see" in browser(platform_admin).get(page(patient)).content.decode()


@pytest.mark.parametrize(
    ("who", "status"),
    [
        ("coordinator", 200), ("hospital_admin", 404), ("support_agent", 403), ("translator", 403),
    ],
)  # fmt: skip
def test_who_opens_the_page(browser, request, patient, who, status):
    assert browser(request.getfixturevalue(who)).get(page(patient)).status_code == status
