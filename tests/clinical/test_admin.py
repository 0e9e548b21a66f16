"""Patients in the admin: found and corrected by coordinators and admins; seen by a hospital's staff that cares for
them."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories.clinical import PatientFactory

pytestmark = pytest.mark.django_db
LIST = reverse("admin:clinical_patient_changelist")


@pytest.fixture
def browser():
    def sign_in(user):
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def page(patient):
    return reverse("admin:clinical_patient_change", args=[patient.pk])


@pytest.mark.parametrize(
    ("who", "list_status", "page_status"),
    [
        ("platform_admin", 200, 200),
        ("coordinator", 200, 200),
        ("support_agent", 403, 403),
        ("hospital_admin", 200, 302),
        ("translator", 403, 403),
    ],
)
def test_who_opens_the_register_of_patients(browser, request, patient, who, list_status, page_status):
    client = browser(request.getfixturevalue(who))
    assert client.get(LIST).status_code == list_status
    assert client.get(page(patient)).status_code == page_status


@pytest.mark.parametrize("term", ["ngozi", "EZE", "ngozi eze", "ngozi@ex"])
def test_a_patient_is_found_by_name_or_address(browser, coordinator, term):
    patient = PatientFactory(user__first_name="Ngozi", user__last_name="Eze", user__email="ngozi@example.com")
    PatientFactory()
    assert list(browser(coordinator).get(LIST, {"q": term}).context["cl"].result_list) == [patient]


def test_a_coordinator_corrects_a_patient(browser, coordinator, patient):
    client = browser(coordinator)
    shown = client.get(page(patient)).context
    data = {"gender": "female", "country": "NG", "city": "Lagos"}
    data["_edited_from"] = shown["adminform"].form.edited_from
    for table in shown["inline_admin_formsets"]:
        form = table.formset.management_form
        data |= {form.add_prefix(name): value for name, value in form.initial.items()}
    assert client.post(page(patient), data | {"birth_date": "2999-01-01"}).status_code == 200
    patient.refresh_from_db()
    assert patient.city == ""
    assert client.post(page(patient), data | {"birth_date": "1990-04-01"}).status_code == 302
    patient.refresh_from_db()
    assert (patient.city, patient.gender, str(patient.birth_date)) == ("Lagos", "female", "1990-04-01")


def test_the_list_takes_the_same_queries_at_any_number_of_patients(
    browser, coordinator, patient, django_assert_max_num_queries
):
    client = browser(coordinator)
    with django_assert_max_num_queries(20) as few:
        client.get(LIST)
    PatientFactory.create_batch(30)
    with django_assert_max_num_queries(20) as many:
        client.get(LIST)
    assert len(many) <= len(few)
