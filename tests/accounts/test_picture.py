"""A person's picture: a public image of their own, shown with its thumbnails wherever the account is."""

import pytest

from tests.factories.media import DocumentFactory, StoredFileFactory

PROFILE = "/api/v1/auth/profile"


@pytest.fixture
def person(patient):
    return patient.user


def test_a_person_without_a_picture_has_none(api, person):
    assert api(person).get(PROFILE).json()["data"]["picture"] is None


def test_a_person_shows_and_removes_a_picture_of_their_own(api, person):
    file = StoredFileFactory(owner=person)
    response = api(person).patch(PROFILE, {"picture_id": file.pk})
    assert response.status_code == 200
    picture = response.json()["data"]["picture"]
    assert picture["url"].endswith(file.key)
    assert set(picture["thumbnails"]) == {"small", "medium", "large"}
    assert api(person).get(PROFILE).json()["data"]["picture"] == picture
    assert api(person).patch(PROFILE, {"first_name": "Amina"}).json()["data"]["picture"] == picture
    assert api(person).patch(PROFILE, {"picture_id": None}).json()["data"]["picture"] is None


@pytest.mark.parametrize(
    "make",
    [
        lambda person, other: StoredFileFactory(owner=other),
        lambda person, other: StoredFileFactory(owner=person, visibility="private"),
        lambda person, other: StoredFileFactory(owner=person, status="pending"),
        lambda person, other: DocumentFactory(owner=person),
    ],
    ids=["another's", "private", "not stored yet", "a document"],
)
def test_what_is_not_a_ready_public_image_of_ones_own_is_refused(api, person, other_patient, make):
    file = make(person, other_patient.user)
    response = api(person).patch(PROFILE, {"picture_id": file.pk, "first_name": "Changed"})
    assert response.status_code == 400
    assert set(response.json()["errors"]) == {"picture_id"}
    person.refresh_from_db()
    assert (person.picture, person.first_name == "Changed") == (None, False)


def test_an_admin_gives_a_person_any_picture_and_sees_it_in_the_list(api, person, platform_admin):
    file = StoredFileFactory(owner=platform_admin)
    assert api(platform_admin).patch(f"/api/v1/users/{person.pk}", {"picture_id": file.pk}).status_code == 200
    rows = api(platform_admin).get("/api/v1/users").json()["data"]
    assert {row["id"]: bool(row["picture"]) for row in rows}[str(person.pk)]


def test_the_list_of_accounts_costs_no_query_a_picture(api, platform_admin, django_assert_max_num_queries):
    for _ in range(5):
        file = StoredFileFactory()
        file.owner.picture = file
        file.owner.save()
    client = api(platform_admin)
    with django_assert_max_num_queries(2):
        assert sum(bool(row["picture"]) for row in client.get("/api/v1/users").json()["data"]) == 5
