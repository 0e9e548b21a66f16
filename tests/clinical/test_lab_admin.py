"""Laboratories and tests in the admin: queues, moves, and the page on which results are written."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.clinical.models import LabResult, ReadEntry
from tests.factories.laboratories import CRITICAL, NORMAL, LabTestFactory, with_result
from tests.factories.media import pdf

LIST = reverse("admin:clinical_labtest_changelist")

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(hospital_admin):
    client = Client()
    client.force_login(hospital_admin)
    return client


def address(page, test, *args):
    return reverse(f"admin:clinical_labtest_{page}", args=(test.pk, *args))


def form(*rows, **more):
    """What the page posts: rows of values, and the rest."""
    data = {"values-TOTAL_FORMS": len(rows), "values-INITIAL_FORMS": 0}
    for number, row in enumerate(rows):
        data |= {f"values-{number}-{name}": value for name, value in row.items()}
    return data | more


POTASSIUM = {
    "name": "Potassium", "code": "2823-3", "value": "6.9", "unit": "mmol/L", "low": "3.5", "high": "5.1",
    "critical_low": "2.5", "critical_high": "6.5",
}  # fmt: skip


def test_each_queue_lists_what_waits_and_every_row_shown_is_logged(
    staff, patient, doctor, laboratory, care, hospital_admin
):
    given = {"patient": patient, "doctor": doctor, "laboratory": laboratory}
    asked = LabTestFactory(**given, status="requested")
    taken = LabTestFactory(**given)
    critical, normal = LabTestFactory(**given), LabTestFactory(**given)
    with_result(critical, hospital_admin, values=[CRITICAL])
    with_result(normal, hospital_admin)
    everything = {asked, taken, critical, normal}

    for queue, found in (
        ("plan", {asked}), ("sample", set()), ("result", {taken}), ("acknowledge", {critical}),
        ("review", {critical, normal}),
    ):  # fmt: skip
        before = ReadEntry.objects.count()
        html = staff.get(f"{LIST}?queue={queue}").content.decode()
        assert {test for test in everything if test.number in html} == found, queue
        assert ReadEntry.objects.count() - before == len(found)


def test_a_test_is_found_by_its_number(staff, lab_test):
    other = LabTestFactory(laboratory=lab_test.laboratory)

    html = staff.get(f"{LIST}?q={lab_test.number.lower()}").content.decode()

    assert lab_test.number in html
    assert other.number not in html


def test_the_result_page_is_filled_in_for_an_adult_of_known_sex(staff, lab_test):
    type(lab_test.patient).objects.filter(pk=lab_test.patient_id).update(gender="male", birth_date=date(1980, 1, 1))
    type(lab_test).objects.filter(pk=lab_test.pk).update(code="718-7")
    html = staff.get(address("result", lab_test)).content.decode()
    assert 'value="13.5"' in html
    assert 'value="17.5"' in html

    child = timezone.now().date() - timedelta(days=3000)
    type(lab_test.patient).objects.filter(pk=lab_test.patient_id).update(birth_date=child)
    html = staff.get(address("result", lab_test)).content.decode()
    assert 'value="Haemoglobin"' in html
    assert 'value="13.5"' not in html


def test_nothing_is_stored_before_its_flags_were_seen(staff, lab_test):
    url = address("result", lab_test)

    page = staff.post(url, form(POTASSIUM, {"value": ""}, _store=""))
    assert page.status_code == 200
    assert "Critically high" in page.content.decode()
    assert not LabResult.objects.exists()

    checked = page.context["form"]["checked"].value()
    changed = staff.post(url, form(POTASSIUM | {"value": "6.6"}, _store="", checked=checked))
    assert "please look at the flags first" in changed.content.decode()
    assert not LabResult.objects.exists()

    checked = changed.context["form"]["checked"].value()
    stored = staff.post(url, form(POTASSIUM | {"value": "6.6"}, _store="", checked=checked))
    assert stored.status_code == 302
    [value] = LabResult.objects.get().values.all()
    assert (str(value.number), value.flag) == ("6.600000", "critical_high")


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"value": "1,5"}, "decimal point"),
        ({"value": "٥٫١"}, "decimal point"),
        ({"name": "", "value": "5"}, "This is missing."),
        ({"value": "5", "low": "9"}, "not in order"),
        ({"value": "12345678901"}, "digits"),
    ],
)
def test_a_wrong_value_is_told_at_its_place(row, text, staff, lab_test):
    page = staff.post(address("result", lab_test), form(POTASSIUM | row, _check=""))

    assert text in page.content.decode()
    assert page.context["preview"] is None
    assert not LabResult.objects.exists()


def test_a_value_in_words_is_flagged_by_hand(staff, lab_test):
    url, row = address("result", lab_test), {"name": "Haemolysis", "value": "< 0.5", "said": "abnormal"}
    checked = staff.post(url, form(row, _check="")).context["form"]["checked"].value()
    staff.post(url, form(row, _store="", checked=checked))

    [value] = LabResult.objects.get().values.all()
    assert (value.number, value.text, value.flag) == (None, "< 0.5", "abnormal")


@pytest.mark.django_db(transaction=True)
def test_a_report_that_was_sent_stays_for_the_second_step(staff, lab_test, hospital_admin):
    url = address("result", lab_test)
    page = staff.post(url, form(_check="", file=SimpleUploadedFile("r.pdf", pdf())))
    kept = page.context["form"]["kept_file"].value()
    checked = page.context["form"]["checked"].value()
    staff.post(url, form(_store="", kept_file=kept, checked=checked))

    result = LabResult.objects.get()
    assert (str(result.file_id), result.file.owner) == (str(kept), hospital_admin)
    opened = staff.get(address("file", lab_test, 1))
    assert opened.status_code == 302
    assert ReadEntry.objects.filter(act="downloaded", ground="care", place="admin").count() == 1


def test_a_correction_begins_with_what_stands_and_needs_a_reason(staff, lab_test, hospital_admin):
    with_result(lab_test, hospital_admin, values=[NORMAL])
    url = address("result", lab_test)
    assert 'value="5.1"' in staff.get(url).content.decode()

    page = staff.post(url, form(POTASSIUM, _check="", corrects_version=1))
    assert "correction_reason" in page.context["form"].errors
    more = {"corrects_version": 1, "correction_reason": "Tubes were mixed up"}
    checked = staff.post(url, form(POTASSIUM, _check="", **more)).context["form"]["checked"].value()
    assert staff.post(url, form(POTASSIUM, _store="", checked=checked, **more)).status_code == 302

    html = staff.get(address("change", lab_test)).content.decode()
    assert "Tubes were mixed up" in html
    assert "Replaced by a newer version" in html


@pytest.mark.parametrize("is_said", [True, False])
def test_what_was_said_to_be_critical_stays_so_in_a_correction_until_it_is_unsaid(
    staff, lab_test, hospital_admin, is_said
):
    with_result(lab_test, hospital_admin, values=[NORMAL], is_critical=is_said)
    page = staff.get(address("result", lab_test))
    assert page.context["form"]["is_critical"].value() is is_said


def test_a_sample_is_planned_by_the_hospitals_clock(staff, patient, doctor, laboratory, care):
    test = LabTestFactory(patient=patient, doctor=doctor, laboratory=laboratory, status="requested")
    day = timezone.now().date() + timedelta(days=3)

    staff.post(address("schedule", test), {"scheduled_at_0": day.isoformat(), "scheduled_at_1": "09:00"})

    test.refresh_from_db()
    assert (test.status, f"{test.scheduled_at:%H:%M}") == ("scheduled", "03:30")


def test_what_is_not_of_ones_laboratory_is_not_there(lab_test, other_hospital_admin):
    client = Client()
    client.force_login(other_hospital_admin)

    assert lab_test.number not in client.get(LIST).content.decode()
    for page in ("schedule", "result"):
        assert client.get(address(page, lab_test)).status_code == 404
    assert client.get(address("file", lab_test, 1)).status_code == 404
    assert not ReadEntry.objects.exists()


def test_staff_add_a_laboratory_of_their_own_hospital(staff, hospital, other_hospital):
    url = reverse("admin:clinical_laboratory_add")
    given = {"hospital": str(hospital.pk), "country": "IN", "is_active": "on", "name_en": "Lotus", "city_en": "Chennai"}

    assert staff.post(url, given | {"hospital": str(other_hospital.pk)}).status_code == 200
    assert not hospital.laboratories.exists()
    assert not other_hospital.laboratories.exists()
    assert staff.post(url, given).status_code == 302
    assert hospital.laboratories.get().name == "Lotus"
