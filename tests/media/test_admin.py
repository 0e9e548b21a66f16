"""The media library: who sees which files there, what each shows, and that nothing in use is removed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.media import rules, services
from apps.media.models import StoredFile
from apps.media.uploads import BoundedUpload
from tests.factories.media import DocumentFactory, StoredFileFactory, pdf, picture

from .conftest import objects_in, upload

LIBRARY = reverse("admin:media_storedfile_changelist")
ADD = reverse("admin:media_storedfile_add")

pytestmark = pytest.mark.django_db


@pytest.fixture
def browse(client):
    def sign_in(user):
        client.force_login(user)
        return client

    return sign_in


def page_of(file):
    return reverse("admin:media_storedfile_change", args=(file.pk,))


def deleted(browser, file):
    return browser.post(reverse("admin:media_storedfile_delete", args=(file.pk,)), {"post": "yes"}, follow=True)


def test_hospital_staff_find_their_own_uploads_and_admins_all(
    browse, hospital_admin, other_hospital_admin, platform_admin
):
    mine, theirs = StoredFileFactory(owner=hospital_admin), StoredFileFactory(owner=other_hospital_admin)
    html = browse(hospital_admin).get(LIBRARY).content.decode()
    assert page_of(mine) in html
    assert page_of(theirs) not in html
    assert browse(hospital_admin).get(page_of(theirs)).status_code == 302
    assert browse(hospital_admin).get(f"{page_of(theirs)[:-7]}open").status_code == 404
    html = browse(platform_admin).get(LIBRARY).content.decode()
    assert page_of(mine) in html
    assert page_of(theirs) in html


@pytest.mark.parametrize("who", ["coordinator", "support_agent", "translator"])
def test_nobody_else_has_a_library(browse, request, who):
    assert browse(request.getfixturevalue(who)).get(LIBRARY).status_code == 403


def test_a_file_shows_its_picture_and_what_uses_it(browse, platform_admin, patient):
    file = StoredFileFactory()
    patient.user.picture = file
    patient.user.save()
    for url in (LIBRARY, page_of(file)):
        html = browse(platform_admin).get(url).content.decode()
        assert "/media/public/" in html
        assert "localhost:8000" not in html, "pictures come from wherever the reader is"
        assert reverse("admin:accounts_user_change", args=(patient.user.pk,)) in html


def test_the_names_that_people_gave_their_files_are_theirs(browse, platform_admin, hospital_admin):
    file = StoredFileFactory(owner=hospital_admin, original_name="Amina's scan.jpg")
    for url in (LIBRARY, page_of(file)):
        assert "Amina" not in browse(platform_admin).get(url).content.decode()
        assert "Amina" in browse(hospital_admin).get(url).content.decode()


def test_an_admin_opens_a_document_and_no_medical_record(browse, platform_admin, person):
    document = services.store_document(upload(pdf()), by=person)
    record = DocumentFactory(purpose="medical_record")
    opened = browse(platform_admin).get(reverse("admin:media_storedfile_open", args=(document.pk,)))
    assert opened.status_code == 302
    assert opened["Location"].startswith("/media/private/")
    assert browse(platform_admin).get(reverse("admin:media_storedfile_open", args=(record.pk,))).status_code == 403
    assert "/media/private/" not in browse(platform_admin).get(page_of(record)).content.decode()


def test_the_list_takes_the_same_number_of_queries_whatever_its_length(
    browse, platform_admin, django_assert_num_queries
):
    browser = browse(platform_admin)
    StoredFileFactory()
    browser.get(LIBRARY)
    with CaptureQueriesContext(
        connection,
    ) as few:
        browser.get(LIBRARY)
    StoredFileFactory.create_batch(10)
    with django_assert_num_queries(len(few)):
        browser.get(LIBRARY)


def test_files_are_found_by_id_and_digest_and_by_whether_they_are_used(browse, platform_admin, person):
    used, unused = StoredFileFactory(), StoredFileFactory()
    person.picture = used
    person.save()

    def found(query):
        html = browse(platform_admin).get(f"{LIBRARY}?{query}").content.decode()
        return {file for file in (used, unused) if page_of(file) in html}

    assert found(f"q={used.pk}") == found(f"q={used.sha256.upper()}") == found("used=yes") == {used}
    assert found("used=no") == {unused}
    assert found("q=nonsense") == set()


def test_files_are_found_by_the_names_that_one_gave_them_oneself(browse, platform_admin, hospital_admin):
    mine = StoredFileFactory(owner=platform_admin, original_name="Ward 3, west.jpg")
    theirs = StoredFileFactory(owner=hospital_admin, original_name="Ward 4, west.jpg")
    html = browse(platform_admin).get(f"{LIBRARY}?q=west+ward").content.decode()
    assert page_of(mine) in html
    assert page_of(theirs) not in html


# --- uploading -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "visibility"),
    [("public", picture(), "public"), ("private", picture(), "private"), ("document", pdf(), "private")],
)
def test_an_upload_is_kept_though_nothing_uses_it_yet(browse, hospital_admin, kind, content, visibility):
    response = browse(hospital_admin).post(ADD, {"kind": kind, "file": SimpleUploadedFile("a", content)})
    assert response.status_code == 302, response.content.decode()
    file = StoredFile.objects.get()
    assert (file.owner, file.visibility, file.status, file.is_kept) == (hospital_admin, visibility, "ready", True)


def test_a_refusal_is_shown_on_the_form_and_nothing_is_stored(browse, platform_admin, local_store):
    file = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>")
    response = browse(platform_admin).post(ADD, {"kind": "public", "file": file})
    assert response.status_code == 200
    assert "This kind of file is not accepted here" in response.content.decode()
    assert StoredFile.objects.count() == 0
    assert objects_in(local_store) == []


def test_a_file_that_is_too_large_is_not_read_to_its_end_and_the_form_says_so(browse, platform_admin, monkeypatch):
    monkeypatch.setattr(BoundedUpload, "max_bytes", 64 * 1024)
    file = SimpleUploadedFile("a.pdf", pdf() + bytes(200 * 1024))
    response = browse(platform_admin).post(ADD, {"kind": "document", "file": file})
    assert response.status_code == 200
    assert f"at most {rules.MAX_BYTES['document'] // rules.MEGABYTE} MB" in response.content.decode()
    assert StoredFile.objects.count() == 0


def test_an_upload_from_another_form_is_handed_back_to_it(browse, platform_admin):
    body = {"kind": "public", "file": SimpleUploadedFile("a", picture()), "_popup": "1"}
    response = browse(platform_admin).post(ADD, body)
    assert response.status_code == 200
    assert str(StoredFile.objects.get().pk) in response.content.decode()


# --- keeping and removing --------------------------------------------------------------------------------------------


def test_an_admin_says_that_a_file_is_kept(browse, platform_admin):
    file = StoredFileFactory()
    assert browse(platform_admin).post(page_of(file), {"is_kept": "on"}).status_code == 302
    file.refresh_from_db()
    assert file.is_kept


def test_a_file_in_use_is_not_removed_one_that_is_not_is(browse, platform_admin, person):
    used, unused = StoredFileFactory(), StoredFileFactory()
    person.picture = used
    person.save()
    html = deleted(browse(platform_admin), used).content.decode()
    assert "This file is in use and cannot be removed." in html or "People: 1" in html
    deleted(browse(platform_admin), unused)
    assert list(StoredFile.objects.all()) == [used]


def test_of_many_chosen_files_those_in_use_stay(browse, platform_admin, person):
    used, unused = StoredFileFactory(), StoredFileFactory()
    person.picture = used
    person.save()
    body = {"action": "delete_selected", "_selected_action": [used.pk, unused.pk], "post": "yes"}
    browse(platform_admin).post(LIBRARY, body, follow=True)
    assert StoredFile.objects.filter(pk=used.pk).exists()


def test_staff_remove_their_own_uploads_only(browse, hospital_admin, other_hospital_admin):
    mine, theirs = StoredFileFactory(owner=hospital_admin), StoredFileFactory(owner=other_hospital_admin)
    deleted(browse(hospital_admin), theirs)
    deleted(browse(hospital_admin), mine)
    assert list(StoredFile.objects.all()) == [theirs]


@pytest.mark.parametrize(
    ("scan", "said"), [("waiting", "Waits for the scanner"), ("infected", "Infected, in quarantine")]
)
def test_what_is_not_scanned_or_infected_is_shown_with_its_state_and_opened_by_nobody(
    browse, platform_admin, hospital_admin, scan, said
):
    file = DocumentFactory(owner=hospital_admin, scan=scan, threat="Eicar-Test-Signature" if scan == "infected" else "")
    fit = DocumentFactory(owner=hospital_admin, scan="clean")
    for reader in (platform_admin, hospital_admin):
        browser = browse(reader)
        everything, only_fit = (
            browser.get(f"{LIBRARY}{narrowed}").content.decode() for narrowed in ("", "?scan__exact=clean")
        )
        assert everything.count(said) == only_fit.count(said) + 1, "beside what the filter offers"
        page = browser.get(page_of(file)).content.decode()
        assert said in page
        assert "Nobody can open this file" in page
        assert browser.get(reverse("admin:media_storedfile_open", args=(file.pk,))).status_code == 403
        assert browser.get(reverse("admin:media_storedfile_open", args=(fit.pk,))).status_code == 302


def test_the_library_is_narrowed_to_what_was_found_infected(browse, platform_admin):
    infected, clean = DocumentFactory(scan="infected"), DocumentFactory(scan="clean")
    html = browse(platform_admin).get(f"{LIBRARY}?scan__exact=infected").content.decode()
    assert page_of(infected) in html
    assert page_of(clean) not in html
