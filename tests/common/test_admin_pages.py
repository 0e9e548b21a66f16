"""Lists that stay quick and never fail on an address; saves that lose nothing."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.common.admin import BoundedPaginator
from apps.common.admin.forms import EDITED_FROM
from apps.hospitals.models import Affiliation, Hospital
from tests.factories.hospitals import AffiliationFactory, DoctorFactory, HospitalFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.common.admin_pages")]
HOSPITALS = "/admin/hospitals/hospital/"


@pytest.fixture
def boss(client, platform_admin):
    client.force_login(platform_admin)
    return client


def change_url(hospital):
    return reverse("admin:hospitals_hospital_change", args=(hospital.pk,))


def form_of(boss, hospital):
    """What the browser would send back unchanged."""
    page = boss.get(change_url(hospital))
    form = page.context["adminform"].form
    data = {name: form[name].value() or "" for name in form.fields}
    for formset in page.context["inline_admin_formsets"]:
        data |= {
            f"{formset.formset.prefix}-{name}": value for name, value in formset.formset.management_form.initial.items()
        }
        for row in formset.formset.forms:
            data |= {row.add_prefix(name): row[name].value() or "" for name in row.fields}
    return data | {EDITED_FROM: form.edited_from}


class TestLists:
    @pytest.mark.parametrize(
        "query",
        [
            {"id__exact": "not-a-uuid"},
            {"pk": "nonsense"},
            {"verification__exact": ["approved", "x" * 3000]},
            {"p": "abc"},
            {"p": "-1"},
            {"p": "999999999"},
            {"o": "99.-7.x"},
            {"q": "%"},
            {"q": "'\"\\;--"},
            {"all": "1"},
            {"_facets": "True"},
            {"e": "1"},
        ],
    )
    def test_any_address_ends_in_a_list(self, boss, hospital, query):
        response = boss.get(HOSPITALS, query, follow=True)
        assert response.status_code == 200
        assert response.request["PATH_INFO"] == HOSPITALS

    def test_an_unknown_value_says_so_and_shows_the_whole_list(self, boss, hospital):
        response = boss.get(HOSPITALS, {"id__exact": "not-a-uuid"}, follow=True)
        assert "Here is the whole list" in response.content.decode()
        assert hospital.name in response.content.decode()

    def test_counting_stops_at_the_bound(self, boss, monkeypatch):
        HospitalFactory.create_batch(5)
        monkeypatch.setattr(BoundedPaginator, "bound", 3)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page = boss.get(HOSPITALS).content.decode()
        assert "more than 3" in page
        counts = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
        assert counts
        assert all("LIMIT" in sql for sql in counts), counts

    def test_an_exact_count_is_said(self, boss):
        HospitalFactory.create_batch(2)
        assert "2 rows" in boss.get(HOSPITALS).content.decode()

    def test_the_number_of_queries_does_not_grow_with_the_rows(self, boss, hospital):
        boss.get(HOSPITALS)
        with CaptureQueriesContext(connection) as few:
            boss.get(HOSPITALS)
        HospitalFactory.create_batch(30)
        with CaptureQueriesContext(connection) as many:
            boss.get(HOSPITALS)
        assert len(many) == len(few)


class TestSaves:
    def test_an_edit_is_saved_and_django_s_own_log_stays_empty(self, boss, hospital):
        data = form_of(boss, hospital) | {"beds": "40"}
        assert boss.post(change_url(hospital), data).status_code == 302
        hospital.refresh_from_db()
        assert hospital.beds == 40
        assert not LogEntry.objects.exists()

    def test_an_edit_of_a_row_that_changed_meanwhile_is_refused_and_nothing_is_lost(self, boss, hospital):
        data = form_of(boss, hospital) | {"beds": "40"}
        Hospital.objects.filter(pk=hospital.pk).update(beds=55, updated_at=timezone.now() + timedelta(seconds=1))
        response = boss.post(change_url(hospital), data)
        page = response.content.decode()
        assert response.status_code == 200
        assert "Someone else saved this" in page
        assert "<strong>beds</strong>: 55" in page.lower()
        assert 'value="40"' in page
        hospital.refresh_from_db()
        assert hospital.beds == 55

    def test_saving_again_replaces_what_the_editor_has_now_seen(self, boss, hospital):
        data = form_of(boss, hospital) | {"beds": "40"}
        Hospital.objects.filter(pk=hospital.pk).update(beds=55, updated_at=timezone.now() + timedelta(seconds=1))
        refused = boss.post(change_url(hospital), data)
        shown = refused.context["adminform"].form.edited_from
        assert boss.post(change_url(hospital), data | {EDITED_FROM: shown}).status_code == 302
        hospital.refresh_from_db()
        assert hospital.beds == 40

    def test_a_refusal_of_the_service_is_shown_on_the_page_with_what_was_typed(self, boss, hospital):
        data = form_of(boss, hospital) | {"beds": "13", "name_en": "Typed Name"}
        response = boss.post(change_url(hospital), data)
        page = response.content.decode()
        assert response.status_code == 200
        assert "Thirteen beds are bad luck." in page
        assert response.context["adminform"].form.errors["beds"] == ["Not thirteen."]
        assert "Typed Name" in page
        hospital.refresh_from_db()
        assert hospital.beds != 13

    def test_what_the_database_refuses_is_a_message_and_not_a_defect(self, boss, hospital, monkeypatch):
        doctor = DoctorFactory()
        AffiliationFactory(doctor=doctor, hospital=hospital)
        monkeypatch.setattr(Affiliation, "validate_constraints", lambda *args, **kwargs: None)
        monkeypatch.setattr(Affiliation, "validate_unique", lambda *args, **kwargs: None)
        form = {"doctor": doctor.pk, "hospital": hospital.pk}
        response = boss.post("/admin/hospitals/affiliation/add/", form)
        assert response.status_code == 200
        assert response.context["adminform"].form.non_field_errors()
        assert Affiliation.objects.filter(doctor=doctor, hospital=hospital).count() == 1

    def test_the_default_language_is_required_and_the_others_are_not(self, boss, hospital):
        data = form_of(boss, hospital) | {"name_en": "", "name_ar": ""}
        response = boss.post(change_url(hospital), data)
        assert set(response.context["adminform"].form.errors) == {"name_en"}

    def test_arabic_is_typed_from_the_right(self, boss, hospital):
        form = boss.get(change_url(hospital)).context["adminform"].form
        assert form.fields["name_ar"].widget.attrs["dir"] == "rtl"
        assert form.fields["name_en"].widget.attrs["dir"] == "ltr"
