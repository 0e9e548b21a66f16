"""The verification queue: what waits, each beside its papers, decided there by the same rules as on its own page."""

from datetime import date, timedelta

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.common.models import AuditEntry
from apps.hospitals.models import DoctorDocument, HospitalDocument
from apps.hospitals.workflow import Verification
from apps.notifications.models import Message
from tests.factories.hospitals import (
    AccreditationFactory,
    DoctorFactory,
    HospitalFactory,
    HospitalStaffFactory,
    LicenceFactory,
)
from tests.factories.media import DocumentFactory

pytestmark = pytest.mark.django_db

QUEUE = "/admin/verification/"
PENDING = {"verification": Verification.PENDING}


@pytest.fixture
def browser(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def days_ago(days):
    return timezone.now() - timedelta(days=days)


@pytest.fixture
def applicant(db):
    """A doctor who waits with an unapproved licence and two papers."""
    doctor = DoctorFactory(**PENDING, onboarded_at=days_ago(2), licence=None)
    LicenceFactory(doctor=doctor, number="APP-77", document=DocumentFactory(), **PENDING)
    DoctorDocument.objects.create(doctor=doctor, kind="identity", file=DocumentFactory())
    return doctor


def item(kind, row):
    return f"{QUEUE}{kind}/{row.pk}/"


def decide(client, kind, row, to, note="", query=""):
    return client.post(
        f"{item(kind, row)}decide{query}", {"to": to, "seen": row.verification, "note": note}, follow=True
    )


def names(response):
    return [line["name"] for line in response.context["lines"]]


def test_the_longest_waiting_come_first_whatever_they_are(browser, platform_admin, applicant):
    hospital = HospitalFactory(**PENDING, onboarded_at=days_ago(9))
    renewed = LicenceFactory(doctor=DoctorFactory(), **PENDING)
    response = browser(platform_admin).get(QUEUE)
    assert names(response) == [str(hospital), str(applicant), str(renewed.doctor)]
    assert [(str(tab["title"]), tab["count"]) for tab in response.context["tabs"]] == [
        ("All", 3), ("Doctors", 1), ("Hospitals", 1), ("Licences", 1), ("Accreditations", 0),
    ]  # fmt: skip
    assert names(browser(platform_admin).get(f"{QUEUE}?kind=hospital")) == [str(hospital)]
    assert len(names(browser(platform_admin).get(f"{QUEUE}?kind=nonsense"))) == 3


def test_who_has_not_finished_or_waits_with_a_doctor_is_not_in_the_queue(browser, platform_admin, applicant):
    DoctorFactory(**PENDING)
    HospitalFactory(**PENDING)
    assert names(browser(platform_admin).get(QUEUE)) == [str(applicant)], "and the licence is decided with its doctor"


def test_the_sidebar_counts_what_waits_in_one_query(browser, platform_admin, applicant):
    client = browser(platform_admin)

    def badge():
        with CaptureQueriesContext(connection) as captured:
            navigation = client.get("/admin/hospitals/specialty/").context["sidebar_navigation"]
        found = [item for group in navigation for item in group["items"] if str(item["title"]) == "Verification"]
        return found[0].get("badge"), len(captured)

    badge()
    number, queries = badge()
    for _ in range(5):
        DoctorFactory(**PENDING, onboarded_at=days_ago(1))
    assert (number, badge()) == ("1", ("6", queries))


def test_the_queue_takes_the_same_queries_at_any_length(browser, platform_admin, applicant):
    client = browser(platform_admin)
    HospitalFactory(**PENDING, onboarded_at=days_ago(1))
    LicenceFactory(doctor=DoctorFactory(), **PENDING)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(QUEUE)
        return len(captured)

    queries()
    few = queries()
    for _ in range(8):
        DoctorFactory(**PENDING, onboarded_at=days_ago(1))
        HospitalFactory(**PENDING, onboarded_at=days_ago(1))
        LicenceFactory(doctor=DoctorFactory(), **PENDING)
    assert queries() == few
    assert few <= 14


def test_the_page_shows_the_data_beside_the_papers(browser, platform_admin, applicant):
    page = browser(platform_admin).get(item("doctor", applicant)).content.decode()
    assert applicant.user.email in page
    assert "APP-77" in page
    for file in [applicant.licences.get().document, applicant.documents.get().file]:
        assert f'<iframe src="{QUEUE}papers/{file.pk}#' in page
    assert "The doctor is listed, and told." in page


def test_approving_leads_to_the_next_one(browser, platform_admin, applicant):
    following = DoctorFactory(**PENDING, onboarded_at=days_ago(1))
    response = decide(browser(platform_admin), "doctor", applicant, "approved", query="?kind=doctor")
    applicant.refresh_from_db()
    assert applicant.verification == Verification.APPROVED
    assert response.redirect_chain[-1][0] == f"{item('doctor', following)}?kind=doctor"
    assert Message.objects.filter(recipient=applicant.user).exists(), "and the doctor is told"


def test_after_the_last_one_the_queue_says_that_nothing_waits(browser, platform_admin, applicant):
    response = decide(browser(platform_admin), "doctor", applicant, "approved")
    assert response.redirect_chain[-1][0] == QUEUE
    assert "Nothing is waiting" in response.content.decode()


def test_a_rejection_needs_its_reason(browser, platform_admin, applicant):
    client = browser(platform_admin)
    for note in ("", "   "):
        decide(client, "doctor", applicant, "rejected", note)
        applicant.refresh_from_db()
        assert applicant.verification == Verification.PENDING
    decide(client, "doctor", applicant, "rejected", "The licence cannot be read.")
    applicant.refresh_from_db()
    assert (applicant.verification, applicant.rejection_reason) == ("rejected", "The licence cannot be read.")


def test_what_stands_in_the_way_is_said_instead_of_the_button(browser, platform_admin):
    doctor = DoctorFactory(**PENDING, onboarded_at=days_ago(1), licence=None)
    LicenceFactory(doctor=doctor, expires_on=date(2020, 5, 1), **PENDING)
    client = browser(platform_admin)
    assert "expired on" in client.get(item("doctor", doctor)).content.decode()
    assert "expired on" in decide(client, "doctor", doctor, "approved").content.decode()
    doctor.refresh_from_db()
    assert doctor.verification == Verification.PENDING


def test_two_admins_do_not_decide_over_each_other(browser, platform_admin, applicant):
    client = browser(platform_admin)
    seen = applicant.verification
    decide(client, "doctor", applicant, "rejected", "No.")
    applicant.verification = seen
    response = decide(client, "doctor", applicant, "approved")
    applicant.refresh_from_db()
    assert applicant.verification == Verification.REJECTED
    assert "has just changed the status" in response.content.decode()


@pytest.mark.parametrize("who", ["hospital_admin", "coordinator", "support_agent", "translator"])
def test_the_queue_is_the_platform_admins_alone(browser, request, applicant, who):
    client = browser(request.getfixturevalue(who))
    paper = applicant.documents.get().file
    assert client.get(QUEUE).status_code == 403
    assert client.get(item("doctor", applicant)).status_code == 403
    assert decide(client, "doctor", applicant, "rejected", "No.").status_code == 403
    assert client.get(f"{QUEUE}papers/{paper.pk}").status_code == 404
    applicant.refresh_from_db()
    assert applicant.verification == Verification.PENDING


def test_nobody_opens_it_without_signing_in(client, applicant):
    paper = applicant.documents.get().file
    for address in (QUEUE, item("doctor", applicant), f"{QUEUE}papers/{paper.pk}"):
        assert client.get(address).status_code == 302


@pytest.mark.parametrize("address", ["doctor/not-an-id/", "user/01a1fe14-bdd0-765e-8df2-8227d16d9973/"])
def test_an_address_that_names_nothing_is_404(browser, platform_admin, address):
    assert browser(platform_admin).get(f"{QUEUE}{address}").status_code == 404


class TestPapers:
    @pytest.fixture
    def paper(self, applicant):
        file = applicant.documents.get().file
        storages["private"].save(file.key, ContentFile(b"%PDF-1.7 made up"))
        return file

    def test_a_paper_is_shown_in_a_frame_of_ours_and_nothing_runs_in_it(self, browser, platform_admin, paper):
        response = browser(platform_admin).get(f"{QUEUE}papers/{paper.pk}")
        assert b"".join(response.streaming_content) == b"%PDF-1.7 made up"
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"].startswith("inline")
        assert paper.original_name not in response["Content-Disposition"]
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response["Cache-Control"]
        policy = response["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy

    def test_opening_one_is_in_the_trail(self, browser, platform_admin, paper):
        browser(platform_admin).get(f"{QUEUE}papers/{paper.pk}").getvalue()
        entry = AuditEntry.objects.get(action="document.opened")
        assert (entry.actor, entry.object_id) == (platform_admin, str(paper.pk))

    def test_hospital_staff_read_their_own_hospitals_papers_and_no_others(self, browser, hospital, hospital_admin):
        own, others = DocumentFactory(), DocumentFactory()
        for file, place in ((own, hospital), (others, HospitalFactory())):
            storages["private"].save(file.key, ContentFile(b"%PDF-1.7"))
            HospitalDocument.objects.create(hospital=place, kind="licence", file=file)
        client = browser(hospital_admin)
        response = client.get(f"{QUEUE}papers/{own.pk}")
        assert b"".join(response.streaming_content) == b"%PDF-1.7"
        assert client.get(f"{QUEUE}papers/{others.pk}").status_code == 404

    @pytest.mark.parametrize("who", ["coordinator", "support_agent", "translator"])
    def test_of_the_platforms_staff_admins_alone_read_a_hospitals_papers(self, browser, request, who, hospital):
        certificate, paper = DocumentFactory(), DocumentFactory()
        AccreditationFactory(hospital=hospital, document=certificate)
        HospitalDocument.objects.create(hospital=hospital, kind="licence", file=paper)
        client = browser(request.getfixturevalue(who))
        for file in (certificate, paper):
            storages["private"].save(file.key, ContentFile(b"%PDF-1.7"))
            assert client.get(f"{QUEUE}papers/{file.pk}").status_code == 404

    def test_a_medical_record_is_no_paper(self, browser, platform_admin):
        record = DocumentFactory(purpose="medical_record")
        storages["private"].save(record.key, ContentFile(b"%PDF-1.7"))
        assert browser(platform_admin).get(f"{QUEUE}papers/{record.pk}").status_code == 404


def test_a_hospitals_page_shows_its_staff_and_accreditations(browser, platform_admin):
    hospital = HospitalFactory(**PENDING, onboarded_at=days_ago(1))
    staff = HospitalStaffFactory(hospital=hospital).user
    page = browser(platform_admin).get(item("hospital", hospital)).content.decode()
    assert staff.email in page
    assert "No documents were handed in." in page


def test_a_licence_of_a_listed_doctor_is_decided_by_itself(browser, platform_admin):
    doctor = DoctorFactory()
    licence = LicenceFactory(doctor=doctor, number="NEW-1", expires_on=date(2040, 1, 1), **PENDING)
    decide(browser(platform_admin), "licence", licence, "approved")
    licence.refresh_from_db()
    assert licence.verification == Verification.APPROVED
