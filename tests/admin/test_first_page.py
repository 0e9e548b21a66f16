"""The first page and the sidebar: what each role is shown, and that the numbers are cheap."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils import timezone

from apps.accounts.roles import STAFF_ROLES, Role
from apps.billing.models import CancellationPolicyVersion
from apps.bookings.models import Appointment
from apps.bookings.workflow import AppointmentStatus
from apps.hospitals.workflow import Verification
from apps.notifications.models import CaughtEmail, Message
from medivoy import dashboard
from tests.factories.accounts import UserFactory
from tests.factories.billing import PaymentFactory
from tests.factories.bookings import AppointmentFactory
from tests.factories.catalogue import TreatmentFactory
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory, HospitalStaffFactory

pytestmark = pytest.mark.django_db


def first_page(client, user):
    client.force_login(user)
    response = client.get("/admin/")
    assert response.status_code == 200
    return response


def cards(response):
    return {str(card.title): card for card in response.context["cards"]}


def sidebar(response):
    return [
        str(item["title"]) for group in response.context["sidebar_navigation"] for item in group["items"]
    ]  # what is not for this role is left out


def staff_of(role, hospital):
    return HospitalStaffFactory(hospital=hospital).user if role == Role.HOSPITAL_ADMIN else UserFactory(role=role)


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_reviews_wait_only_for_those_who_verify_them(client, hospital, role):
    shown = sidebar(first_page(client, staff_of(role, hospital)))
    assert ("Reviews to verify" in shown) == (role in {Role.ADMIN, Role.SUPPORT})
    assert ("All reviews" in shown) == (role != Role.TRANSLATOR)


@pytest.mark.parametrize("role", sorted(STAFF_ROLES))
def test_every_role_that_works_here_has_a_first_page_without_dead_links(client, hospital, role):
    response = first_page(client, staff_of(role, hospital))
    addresses = [card.url for card in response.context["cards"]]
    addresses += [item["link"] for group in response.context["sidebar_navigation"] for item in group["items"]]
    assert addresses
    for address in addresses:
        assert client.get(address, follow=True).status_code == 200, address


def test_the_sidebar_offers_what_the_charter_names_and_no_more(client, hospital, translator, hospital_admin):
    assert sidebar(first_page(client, translator)) == [
        "Today", "Insurers", "Plans", "Laboratories", "Hospitals", "Doctors", "Affiliations", "Qualifications",
        "Gallery", "Treatments", "Offers", "Packages", "Treatment categories", "Specialties", "Procedures",
    ]  # fmt: skip
    assert "Audit trail" not in sidebar(first_page(client, hospital_admin))
    assert "Accounts" not in sidebar(first_page(client, hospital_admin))


def test_a_platform_admin_is_offered_everything_that_has_a_page(client, platform_admin, settings):
    settings.EMAIL_BACKEND = "apps.notifications.backends.CatchingEmailBackend"
    shown = {item["link"].partition("?")[0] for group in first_page(client, platform_admin).context[
        "sidebar_navigation"] for item in group["items"]}  # fmt: skip
    of_their_own = {
        "/admin/", "/admin/verification/", "/admin/calendar/", "/admin/billing/ledgerentry/reconciliation/",
    }  # fmt: skip
    assert of_their_own <= shown
    reached = {resolve(link).func.model_admin.model for link in shown - of_their_own}
    assert set(admin.site._registry) - reached == {CancellationPolicyVersion}, "reached from its policy"
    assert reached <= set(admin.site._registry)


def test_the_mailbox_is_offered_only_where_e_mails_are_caught(client, platform_admin, settings):
    settings.EMAIL_BACKEND = "apps.notifications.backends.CatchingEmailBackend"
    assert "Mailbox" in sidebar(first_page(client, platform_admin))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    assert "Mailbox" not in sidebar(first_page(client, platform_admin))
    assert admin.site.is_registered(CaughtEmail)


def test_one_entry_is_marked_as_the_page_one_is_on(client, platform_admin):
    client.force_login(platform_admin)
    for address, title in (
        ("/admin/", "Today"),
        ("/admin/bookings/appointment/?when=requests", "Requests"),
        ("/admin/bookings/appointment/?when=today", "Today's appointments"),
        ("/admin/bookings/appointment/", "All appointments"),
        ("/admin/hospitals/hospital/add/", "Hospitals"),
    ):
        navigation = client.get(address).context["sidebar_navigation"]
        active = [str(item["title"]) for group in navigation for item in group["items"] if item["active"]]
        assert active == [title]


class TestNumbers:
    @pytest.fixture
    def tomorrow(self):
        return timezone.now() + timedelta(days=1)

    def test_requests_that_can_still_be_answered_are_counted(self, client, coordinator, tomorrow):
        AppointmentFactory(starts_at=tomorrow)
        AppointmentFactory(starts_at=timezone.now() - timedelta(hours=2))
        AppointmentFactory(starts_at=tomorrow, status=AppointmentStatus.CONFIRMED)
        card = cards(first_page(client, coordinator))["Requests waiting"]
        assert (card.number, card.tone) == ("1", "warning")

    def test_what_is_over_and_has_no_outcome_is_counted_for_those_who_can_say_it(
        self, client, coordinator, support_agent
    ):
        AppointmentFactory(starts_at=timezone.now() - timedelta(hours=5), status=AppointmentStatus.CONFIRMED)
        AppointmentFactory(starts_at=timezone.now() - timedelta(hours=7), status=AppointmentStatus.COMPLETED)
        card = cards(first_page(client, coordinator))["Unresolved"]
        assert (card.number, card.tone) == ("1", "warning")
        assert len(client.get(card.url).context["cl"].result_list) == 1
        assert "Unresolved" not in cards(first_page(client, support_agent))

    def test_a_payment_without_a_time_is_a_coordinators(self, client, coordinator, hospital_admin, patient):
        lapsed = AppointmentFactory(patient=patient, status=AppointmentStatus.LAPSED)
        PaymentFactory(payer=patient.user, subject_type="appointment", subject_id=lapsed.pk)
        card = cards(first_page(client, coordinator))["Paid without a time"]
        assert (card.number, card.tone) == ("1", "danger")
        assert [row.pk for row in client.get(card.url).context["cl"].result_list] == [lapsed.pk]
        assert "Paid without a time" not in cards(first_page(client, hospital_admin))

    def test_a_request_older_than_a_day_is_red(self, client, coordinator, tomorrow):
        waiting = AppointmentFactory(starts_at=tomorrow)
        Appointment.objects.filter(pk=waiting.pk).update(created_at=timezone.now() - timedelta(hours=25))
        card = cards(first_page(client, coordinator))["Requests waiting"]
        assert (card.tone, card.note) == ("danger", "1 for more than a day")

    def test_hospital_staff_are_counted_only_their_own(self, client, hospital_admin, hospital, doctor, tomorrow):
        mine = AppointmentFactory(affiliation=doctor.affiliations.get(), starts_at=tomorrow)
        theirs = AppointmentFactory(starts_at=tomorrow)
        response = first_page(client, hospital_admin)
        assert cards(response)["Requests waiting"].number == "1"
        page = response.content.decode()
        assert mine.number in page
        assert theirs.number not in page
        assert theirs.hospital.name not in page

    def test_what_waits_for_a_decision_is_counted_for_whoever_decides(self, client, platform_admin, coordinator):
        now = timezone.now()
        DoctorFactory(verification=Verification.PENDING, onboarded_at=now - timedelta(days=3))
        DoctorFactory(verification=Verification.PENDING)  # who has registered and not said more
        HospitalFactory(verification=Verification.PENDING, onboarded_at=now)
        card = cards(first_page(client, platform_admin))["To verify"]
        assert (card.number, card.note) == ("2", "the oldest for 3 days")
        assert "To verify" not in cards(first_page(client, coordinator))

    def test_translators_are_told_what_is_missing_in_their_language(self, client, translator):
        TreatmentFactory(name_en="Hip replacement", name_ar="")
        TreatmentFactory(name_en="Knee replacement", name_ar="استبدال الركبة", name_hi="")
        translator.language = "ar"
        translator.save()
        response = first_page(client, translator)
        card = cards(response)["Treatments"]
        assert card.number == "1"
        assert client.get(card.url).context["cl"].result_count == 1

    def test_dead_messages_are_counted(self, client, coordinator):
        now = timezone.now()
        Message.objects.create(
            recipient=coordinator, channel="email", kind="x", event="x", due_at=now, status="dead", last_error="no"
        )
        assert cards(first_page(client, coordinator))["Messages given up"].number == "1"

    def test_counting_stops(self, client, coordinator, tomorrow, monkeypatch):
        monkeypatch.setattr(dashboard, "COUNTED", 2)
        for hours in range(4):
            AppointmentFactory(starts_at=tomorrow + timedelta(hours=hours))
        assert cards(first_page(client, coordinator))["Requests waiting"].number == "2+"

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, client, platform_admin, tomorrow):
        def queries():
            with CaptureQueriesContext(connection) as captured:
                first_page(client, platform_admin)
            return len(captured)

        AppointmentFactory(starts_at=tomorrow)
        queries()
        few = queries()
        for hours in range(1, 12):
            AppointmentFactory(affiliation=AffiliationFactory(), starts_at=tomorrow + timedelta(hours=hours))
        assert queries() == few
        assert few <= 34


def test_a_time_stands_there_as_the_hospitals_clock_shows_it(client, coordinator, doctor):
    starts = timezone.now().replace(hour=4, minute=0, second=0, microsecond=0) + timedelta(days=2)
    AppointmentFactory(affiliation=doctor.affiliations.get(), starts_at=starts)  # 09:30 in Chennai
    assert "9:30" in first_page(client, coordinator).content.decode()


def test_the_badge_names_the_environment(client, platform_admin):
    assert "Test" in first_page(client, platform_admin).content.decode()


@pytest.mark.parametrize("language", ["en", "ar", "hi", "es", "fr"])
def test_the_language_is_switched_by_a_form(client, platform_admin, language):
    client.force_login(platform_admin)
    client.post("/i18n/setlang/", {"language": language, "next": "/admin/"})
    page = client.get("/admin/").content.decode()
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}"' in page


def test_the_search_finds_pages_that_one_may_open_and_no_others(client, hospital_admin):
    client.force_login(hospital_admin)
    assert "/admin/hospitals/doctor/" in client.get("/admin/search/", {"s": "doctor"}).content.decode()
    for term in ("audit", "people", ""):
        assert "/admin/common/" not in client.get("/admin/search/", {"s": term}).content.decode()
    assert client.get("/admin/search/", {"s": "doctor", "page": "x"}).status_code == 200
