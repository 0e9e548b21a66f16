"""A hospital's logo, cover and gallery: what the public sees, in which order, and who keeps it."""

import uuid

import pytest
from django.db import IntegrityError

from apps.common.exceptions import Forbidden
from apps.hospitals import exceptions, services
from apps.hospitals.models import Hospital, HospitalImage
from apps.hospitals.rules import MAX_IMAGES
from apps.hospitals.services import gallery
from apps.media.models import StoredFile
from tests.factories.hospitals import HospitalImageFactory, HospitalStaffFactory
from tests.factories.media import DocumentFactory, StoredFileFactory

from .test_races import CROWD, codes, no_lock, together

pytestmark = pytest.mark.django_db


def page(hospital):
    return f"/api/v1/hospitals/{hospital.pk}"


def at(hospital, image=None):
    return f"{page(hospital)}/images" + (f"/{image.pk}" if image else "")


def captions(hospital):
    """The gallery in its order; the places are 0, 1, 2, ..."""
    images = list(HospitalImage.objects.filter(hospital=hospital))
    assert [image.position for image in images] == list(range(len(images)))
    return [image.caption_en for image in images]


@pytest.fixture
def abc(hospital):
    """A gallery of three."""
    return [HospitalImageFactory(hospital=hospital, caption=name, position=place) for place, name in enumerate("ABC")]


@pytest.fixture
def upload(hospital_admin):
    return StoredFileFactory(owner=hospital_admin)


@pytest.fixture
def cast(platform_admin, coordinator, support_agent, translator, hospital_admin, other_hospital_admin, doctor, patient):
    return {
        "anonymous": None, "admin": platform_admin, "coordinator": coordinator, "support": support_agent,
        "translator": translator, "hospital_admin": hospital_admin, "other_hospital_admin": other_hospital_admin,
        "doctor": doctor.user, "patient": patient.user,
    }  # fmt: skip


class TestWhatThePublicSees:
    def test_the_gallery_in_its_order_with_thumbnails_and_captions_in_the_language_asked_for(self, api, hospital, abc):
        HospitalImage.objects.filter(pk=abc[1].pk).update(caption_ar="غرفة")
        images = api().get(page(hospital), {"lang": "ar"}).json()["data"]["images"]
        assert [image["caption"] for image in images] == ["A", "غرفة", "C"]
        assert [image["languages"]["caption"] for image in images] == ["en", "ar", "en"]
        assert [image["machine"] for image in images] == [[], [], []]
        for image, row in zip(images, abc, strict=True):
            assert image["id"] == str(row.pk)
            assert image["picture"]["url"].endswith(row.file.key)
            assert set(image["picture"]["thumbnails"]) == {"small", "medium", "large"}

    def test_logo_and_cover_on_the_page_and_in_the_list(self, api, hospital, hospital_admin, upload):
        logo = StoredFileFactory(owner=hospital_admin)
        changed = api(hospital_admin).patch(page(hospital), {"logo_id": logo.pk, "cover_id": upload.pk})
        assert changed.status_code == 200, changed.json()
        for data in [api().get(page(hospital)).json()["data"], api().get("/api/v1/hospitals").json()["data"][0]]:
            assert data["logo"]["url"].endswith(logo.key)
            assert data["cover"]["thumbnails"]["medium"].endswith(upload.variants["medium"]["key"])

    def test_a_hospital_without_pictures_says_so(self, api, hospital):
        data = api().get(page(hospital)).json()["data"]
        assert (data["logo"], data["cover"], data["images"]) == (None, None, [])


class TestLogoAndCover:
    def test_null_takes_them_off_and_what_is_not_named_stays(self, api, hospital, hospital_admin, upload):
        client = api(hospital_admin)
        client.patch(page(hospital), {"logo_id": upload.pk, "cover_id": upload.pk})
        client.patch(page(hospital), {"beds": 12})
        client.patch(page(hospital), {"logo_id": None})
        hospital.refresh_from_db()
        assert (hospital.logo_id, hospital.cover_id) == (None, upload.pk)

    def test_an_admin_adds_a_hospital_with_both(self, api, platform_admin, upload):
        new = {"name": {"en": "Petra"}, "city": {"en": "Amman"}, "country": "JO", "time_zone": "Asia/Amman"}
        given = {**new, "currency": "JOD", "logo_id": upload.pk, "cover_id": upload.pk}
        data = api(platform_admin).post("/api/v1/hospitals", given).json()["data"]
        assert data["logo"]["url"] == data["cover"]["url"]

    @pytest.mark.parametrize("field", ["logo_id", "cover_id"])
    def test_only_ones_own_ready_public_pictures(self, api, hospital, hospital_admin, field):
        client = api(hospital_admin)
        refused = [
            StoredFileFactory().pk,
            StoredFileFactory(owner=hospital_admin, visibility="private").pk,
            StoredFileFactory(owner=hospital_admin, status=StoredFile.Status.PENDING).pk,
            DocumentFactory(owner=hospital_admin).pk,
            uuid.uuid4(),
        ]
        answers = [client.patch(page(hospital), {field: pk}) for pk in refused]
        assert {answer.status_code for answer in answers} == {400}
        assert [answer.json()["errors"] for answer in answers] == [answers[0].json()["errors"]] * len(refused)
        assert list(answers[0].json()["errors"]) == [field]
        hospital.refresh_from_db()
        assert (hospital.logo_id, hospital.cover_id) == (None, None)

    def test_a_picture_that_a_colleague_put_into_the_gallery_may_be_the_cover(self, api, hospital, hospital_admin, abc):
        assert api(hospital_admin).patch(page(hospital), {"cover_id": abc[0].file_id}).status_code == 200
        hospital.refresh_from_db()
        assert hospital.cover_id == abc[0].file_id

    def test_one_of_another_hospitals_gallery_may_not(self, api, other_hospital, other_hospital_admin, abc):
        answer = api(other_hospital_admin).patch(page(other_hospital), {"cover_id": abc[0].file_id})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["cover_id"])


class TestAdding:
    def test_a_picture_comes_last(self, api, hospital, hospital_admin, abc, upload):
        given = {"file_id": upload.pk, "caption": {"en": "D", "fr": "Dé"}}
        response = api(hospital_admin).post(at(hospital), given)
        data = response.json()["data"]
        assert response.status_code == 201, data
        assert (data["position"], data["file_id"], data["texts"]["caption"]["fr"]) == (3, str(upload.pk), "Dé")
        assert captions(hospital) == ["A", "B", "C", "D"]

    @pytest.mark.parametrize(("position", "order"), [(0, "DABC"), (1, "ADBC"), (3, "ABCD"), (900, "ABCD")])
    def test_or_at_the_place_that_is_named(self, api, hospital, hospital_admin, abc, upload, position, order):
        given = {"file_id": upload.pk, "caption": {"en": "D"}, "position": position}
        assert api(hospital_admin).post(at(hospital), given).status_code == 201
        assert captions(hospital) == list(order)

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"file_id": str(uuid.uuid4())}, "file_id"),
            ({"file_id": "x"}, "file_id"),
            ({"caption": {"en": "x" * 201}}, "caption"),
            ({"caption": {"xx": "?"}}, "caption"),
            ({"position": -1}, "position"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, api, hospital, hospital_admin, upload, change, named):
        response = api(hospital_admin).post(at(hospital), {"file_id": str(upload.pk)} | change)
        assert (response.status_code, list(response.json()["errors"])) == (400, [named]), response.json()
        assert captions(hospital) == []

    def test_a_picture_is_there_once(self, api, hospital, hospital_admin, upload):
        answers = [api(hospital_admin).post(at(hospital), {"file_id": upload.pk}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 400]
        assert list(answers[1].json()["errors"]) == ["file_id"]

    def test_thirty_and_no_more(self, api, hospital, hospital_admin):
        HospitalImageFactory.create_batch(MAX_IMAGES - 1, hospital=hospital)
        first, second = StoredFileFactory.create_batch(2, owner=hospital_admin)
        assert api(hospital_admin).post(at(hospital), {"file_id": first.pk}).status_code == 201
        answer = api(hospital_admin).post(at(hospital), {"file_id": second.pk})
        assert (answer.status_code, answer.json()["code"]) == (409, "hospital.gallery_full")
        assert HospitalImage.objects.count() == MAX_IMAGES == 30


class TestChanging:
    def test_captions_are_written_by_language(self, api, hospital, hospital_admin, abc):
        changed = api(hospital_admin).patch(at(hospital, abc[0]), {"caption": {"es": "Sala"}})
        data = changed.json()["data"]
        assert (data["texts"]["caption"]["en"], data["texts"]["caption"]["es"]) == ("A", "Sala")
        assert [data["text_status"]["caption"][code]["status"] for code in ("es", "fr")] == ["reviewed", "missing"]
        assert captions(hospital) == ["A", "B", "C"]

    @pytest.mark.parametrize(("position", "order"), [(0, "CAB"), (1, "ACB"), (2, "ABC"), (9, "ABC")])
    def test_a_picture_moves(self, api, hospital, hospital_admin, abc, position, order):
        assert api(hospital_admin).patch(at(hospital, abc[2]), {"position": position}).status_code == 200
        assert captions(hospital) == list(order)

    def test_the_whole_order_at_once(self, api, hospital, hospital_admin, abc):
        answer = api(hospital_admin).put(f"{at(hospital)}/order", {"ids": [abc[n].pk for n in (2, 0, 1)]})
        assert answer.status_code == 200
        assert [image["texts"]["caption"]["en"] for image in answer.json()["data"]] == ["C", "A", "B"]
        assert captions(hospital) == ["C", "A", "B"]

    @pytest.mark.parametrize("ids", [[0, 1], [0, 1, 2, None], [], [0, 1, None]])
    def test_an_order_of_other_pictures_is_refused(self, api, hospital, hospital_admin, other_hospital, abc, ids):
        stranger = HospitalImageFactory(hospital=other_hospital)
        wanted = [stranger.pk if number is None else abc[number].pk for number in ids]
        answer = api(hospital_admin).put(f"{at(hospital)}/order", {"ids": wanted})
        assert (answer.status_code, answer.json()["code"]) == (409, "hospital.gallery_changed")
        assert captions(hospital) == ["A", "B", "C"]

    def test_an_order_that_names_one_twice_is_refused(self, api, hospital, hospital_admin, abc):
        answer = api(hospital_admin).put(f"{at(hospital)}/order", {"ids": [abc[0].pk, *(row.pk for row in abc)]})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["ids"])

    def test_a_removed_picture_leaves_no_gap_and_its_file(self, api, hospital, hospital_admin, abc):
        assert api(hospital_admin).delete(at(hospital, abc[1])).status_code == 204
        assert captions(hospital) == ["A", "C"]
        assert StoredFile.objects.filter(pk=abc[1].file_id).exists()
        assert api(hospital_admin).delete(at(hospital, abc[1])).status_code == 404


class TestWho:
    @pytest.mark.parametrize("act", ["add", "change", "remove", "order"])
    @pytest.mark.parametrize(
        "who", ["anonymous", "coordinator", "support", "translator", "other_hospital_admin", "doctor", "patient"]
    )
    def test_nobody_but_its_keepers_changes_a_gallery(self, api, cast, hospital, abc, who, act):
        file = StoredFileFactory(**({"owner": cast[who]} if cast[who] else {}))
        method, url, body = {
            "add": ("post", at(hospital), {"file_id": file.pk}),
            "change": ("patch", at(hospital, abc[0]), {"caption": {"en": "CANARY"}}),
            "remove": ("delete", at(hospital, abc[0]), None),
            "order": ("put", f"{at(hospital)}/order", {"ids": [row.pk for row in reversed(abc)]}),
        }[act]
        response = getattr(api(cast[who]), method)(url, body)
        assert response.status_code == {"anonymous": 401, "other_hospital_admin": 404}.get(who, 403)
        assert captions(hospital) == ["A", "B", "C"]

    def test_a_picture_is_found_below_its_own_hospital_only(self, api, platform_admin, other_hospital, abc):
        client = api(platform_admin)
        assert client.patch(at(other_hospital, abc[0]), {"position": 2}).status_code == 404
        assert client.delete(at(other_hospital, abc[0])).status_code == 404

    def test_staff_of_two_hospitals_use_one_upload_at_both(self, api, hospital, other_hospital, hospital_admin, upload):
        HospitalStaffFactory(hospital=other_hospital, user=hospital_admin)
        answers = [api(hospital_admin).post(at(place), {"file_id": upload.pk}) for place in (hospital, other_hospital)]
        assert [answer.status_code for answer in answers] == [201, 201]

    def test_the_rule_holds_without_the_view(self, hospital, other_hospital_admin, abc):
        file = StoredFileFactory(owner=other_hospital_admin)
        with pytest.raises(Forbidden):
            services.add_image(hospital, by=other_hospital_admin, file_id=file.pk)
        with pytest.raises(Forbidden):
            services.update_image(abc[0], by=other_hospital_admin, position=1)
        with pytest.raises(Forbidden):
            services.remove_image(abc[0], by=other_hospital_admin)
        with pytest.raises(Forbidden):
            services.order_images(hospital, [row.pk for row in abc], by=other_hospital_admin)
        assert captions(hospital) == ["A", "B", "C"]


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_of_two_orders_one_stands_whole(self, hospital, hospital_admin, abc):
        ids = [row.pk for row in abc]
        orders = [[ids[2], ids[0], ids[1]], [ids[1], ids[2], ids[0]]]
        outcomes = together(
            *[lambda order=order: services.order_images(hospital, order, by=hospital_admin) for order in orders * 4]
        )
        assert codes(outcomes) == ["done"] * 8
        assert captions(hospital) in (["C", "A", "B"], ["B", "C", "A"])

    def test_an_order_and_a_new_picture_leave_places_without_gaps(self, hospital, hospital_admin, abc, upload):
        order = [row.pk for row in reversed(abc)]
        outcomes = together(
            lambda: services.add_image(hospital, by=hospital_admin, file_id=upload.pk, caption={"en": "D"}, position=0),
            lambda: services.order_images(hospital, order, by=hospital_admin),
        )
        assert outcomes[0] is None
        expected = ["D", "A", "B", "C"] if isinstance(outcomes[1], exceptions.GalleryChanged) else ["D", "C", "B", "A"]
        assert captions(hospital) == expected

    def many(self, hospital, hospital_admin):
        HospitalImageFactory.create_batch(MAX_IMAGES - 1, hospital=hospital)
        files = StoredFileFactory.create_batch(CROWD, owner=hospital_admin)
        return [lambda file=file: services.add_image(hospital, by=hospital_admin, file_id=file.pk) for file in files]

    def test_of_many_who_add_the_thirtieth_one_does(self, hospital, hospital_admin):
        outcomes = together(*self.many(hospital, hospital_admin))
        assert codes(outcomes) == ["done", *["hospital.gallery_full"] * (CROWD - 1)]

    def test_control_without_the_lock_there_are_more_than_thirty(self, hospital, hospital_admin, monkeypatch):
        acts = self.many(hospital, hospital_admin)
        monkeypatch.setattr(gallery, "_number", lambda images: None)
        with no_lock(monkeypatch):
            together(*acts)
        assert Hospital.objects.get(pk=hospital.pk).images.count() > MAX_IMAGES

    def test_the_database_takes_a_picture_once(self, hospital, abc):
        with pytest.raises(IntegrityError):
            HospitalImageFactory(hospital=hospital, file=abc[0].file)
