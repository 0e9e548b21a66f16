"""A hospital comes into the directory: staff complete its page and its papers, submit it, and an admin decides."""

import pytest
from django.urls import reverse

from apps.common import texts
from apps.common.exceptions import Forbidden
from apps.hospitals import services
from apps.hospitals.models import Hospital, HospitalDocument, HospitalImage
from apps.hospitals.rules import MAX_HOSPITAL_DOCUMENTS
from apps.hospitals.selectors import verification as queue
from apps.hospitals.workflow import Verification
from apps.notifications import rendering
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory
from tests.factories.catalogue import OfferFactory
from tests.factories.hospitals import (
    AccreditationFactory,
    AffiliationFactory,
    HospitalDocumentFactory,
    HospitalFactory,
    HospitalImageFactory,
    HospitalStaffFactory,
    SpecialtyFactory,
)
from tests.factories.media import DocumentFactory, StoredFileFactory

from .test_races import CROWD, codes, together

pytestmark = pytest.mark.django_db


def page(hospital, verb=""):
    return f"/api/v1/hospitals/{hospital.pk}{verb}"


def papers(hospital, document=None):
    return page(hospital, "/documents") + (f"/{document.pk}" if document else "")


def management(api, user, hospital):
    return api(user).get(page(hospital)).json()["data"]["management"]


@pytest.fixture
def hospital(db):
    """Named by an admin, and nothing more."""
    return HospitalFactory(verification=Verification.PENDING)


@pytest.fixture
def complete(hospital):
    """All that a page needs."""
    hospital.specialties.add(SpecialtyFactory())
    HospitalDocumentFactory(hospital=hospital)
    changes = {"description": {"en": "By the sea."}, "address": "1 Beach Road", "email": "desk@example.com"}
    return services.update_hospital(hospital, by=None, **changes)


@pytest.fixture
def cast(platform_admin, coordinator, support_agent, translator, hospital_admin, other_hospital_admin, doctor, patient):
    return {
        "anonymous": None, "admin": platform_admin, "coordinator": coordinator, "support": support_agent,
        "translator": translator, "hospital_admin": hospital_admin, "other_hospital_admin": other_hospital_admin,
        "doctor": doctor.user, "patient": patient.user,
    }  # fmt: skip


class TestSubmitting:
    def test_the_page_says_what_is_missing(self, api, hospital, hospital_admin):
        assert management(api, hospital_admin, hospital)["missing"] == [
            "description", "address", "contact", "specialties", "documents",
        ]  # fmt: skip

    def test_an_incomplete_page_is_refused_by_field_and_nobody_is_told(self, api, hospital, hospital_admin):
        response = api(hospital_admin).post(page(hospital, "/submit"))
        assert (response.status_code, response.json()["code"]) == (409, "hospital.page_incomplete")
        assert list(response.json()["errors"]) == ["description", "address", "contact", "specialties", "documents"]
        hospital.refresh_from_db()
        assert hospital.onboarded_at is None
        assert not Message.objects.exists()

    @pytest.mark.parametrize(
        ("without", "missing"),
        [
            ({"description": {"en": "", "fr": "Au bord de la mer."}}, "description"),
            ({"address": ""}, "address"),
            ({"email": ""}, "contact"),
            ({"specialties": []}, "specialties"),
        ],
    )
    def test_each_part_is_needed(self, api, complete, hospital_admin, without, missing):
        services.update_hospital(complete, by=hospital_admin, **without)
        assert management(api, hospital_admin, complete)["missing"] == [missing]
        assert list(api(hospital_admin).post(page(complete, "/submit")).json()["errors"]) == [missing]

    def test_a_phone_number_is_as_good_as_an_address_for_mail(self, api, complete, hospital_admin):
        services.update_hospital(complete, by=hospital_admin, email="", phone="+914428290200")
        assert management(api, hospital_admin, complete)["missing"] == []

    def test_a_complete_page_waits_in_the_admins_queue_and_they_are_told(
        self, api, complete, hospital_admin, platform_admin
    ):
        colleague = UserFactory(role="admin", language="ar")
        UserFactory(role="admin", is_active=False)
        assert [one.pk for one in queue.waiting(platform_admin, "hospital")] == []
        response = api(hospital_admin).post(page(complete, "/submit"))
        assert response.status_code == 200, response.json()
        assert response.json()["data"]["management"]["onboarded_at"]
        assert [one.pk for one in queue.waiting(platform_admin, "hospital")] == [complete.pk]
        messages = Message.objects.filter(kind="hospitals.hospital_submitted", channel="email")
        assert {message.recipient for message in messages} == {platform_admin, colleague}
        assert complete.name in rendering.render(messages.get(recipient=platform_admin)).subject
        assert api().get(page(complete)).status_code == 404, "not public before an admin has approved it"

    def test_once_is_enough(self, api, complete, hospital_admin, platform_admin):
        answers = [api(hospital_admin).post(page(complete, "/submit")) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 409]
        assert answers[1].json()["code"] == "workflow.move_not_allowed"
        assert Message.objects.filter(recipient=platform_admin, channel="email").count() == 1

    def test_rejected_corrected_and_submitted_again(self, api, complete, hospital_admin, platform_admin):
        client, boss = api(hospital_admin), api(platform_admin)
        client.post(page(complete, "/submit"))
        verify = page(complete, "/verify")
        assert boss.patch(verify, {"decision": "rejected", "reason": "The licence is blurred."}).status_code == 200
        told = Message.objects.get(kind="hospitals.hospital_rejected", recipient=hospital_admin, channel="email")
        assert "The licence is blurred." in rendering.render(told).text
        assert management(api, hospital_admin, complete)["rejection_reason"] == "The licence is blurred."

        again = client.post(page(complete, "/submit")).json()["data"]["management"]
        assert (again["verification"], again["rejection_reason"]) == ("pending", "")
        submitted = Message.objects.filter(kind="hospitals.hospital_submitted", channel="email")
        assert submitted.filter(recipient=platform_admin).count() == 2

        assert boss.patch(verify, {"decision": "approved"}).status_code == 200
        assert api().get(page(complete)).status_code == 200
        assert Message.objects.filter(kind="hospitals.hospital_approved", recipient=hospital_admin).exists()
        approved = client.post(page(complete, "/submit"))
        assert (approved.status_code, approved.json()["code"]) == (409, "workflow.move_not_allowed")

    @pytest.mark.parametrize(
        ("who", "status"),
        [
            ("anonymous", 401), ("admin", 403), ("coordinator", 403), ("support", 403), ("translator", 403),
            ("other_hospital_admin", 404), ("doctor", 403), ("patient", 403), ("hospital_admin", 200),
        ],
    )  # fmt: skip
    def test_a_hospitals_own_staff_submit_it(self, api, cast, complete, who, status):
        assert api(cast[who]).post(page(complete, "/submit")).status_code == status
        complete.refresh_from_db()
        assert (complete.onboarded_at is not None) is (status == 200)

    @pytest.mark.parametrize("verification", ["pending", "rejected"])
    def test_staff_find_one_button_for_it_in_the_admin(self, client, complete, hospital_admin, verification):
        reason = "No." if verification == "rejected" else ""
        Hospital.objects.update(verification=verification, rejection_reason=reason)
        client.force_login(hospital_admin)
        url = reverse("admin:hospitals_hospital_change", args=(complete.pk,))
        assert [(move.to, move.reason) for move in client.get(url).context["moves"]] == [("pending", "")]

    def test_the_rule_holds_without_the_view(self, complete, other_hospital_admin, platform_admin):
        for stranger in (other_hospital_admin, platform_admin):
            with pytest.raises(Forbidden):
                services.submit_hospital(complete, by=stranger)

    def test_a_withdrawn_approval_takes_its_doctors_practice_off(self, api, doctor, platform_admin):
        place = HospitalFactory()
        AffiliationFactory(doctor=doctor, hospital=place, is_primary=False)
        profile = f"/api/v1/doctors/{doctor.pk}"
        listed = lambda: [row["id"] for row in api().get(profile).json()["data"]["hospitals"]]  # noqa: E731
        assert str(place.pk) in listed()
        withdrawn = {"decision": "rejected", "reason": "Closed by the authority."}
        assert api(platform_admin).patch(page(place, "/verify"), withdrawn).status_code == 200
        assert str(place.pk) not in listed()
        assert api().get(page(place, "/doctors")).status_code == 404


class TestPapers:
    def test_staff_add_list_and_remove_them(self, api, hospital, hospital_admin):
        client, file = api(hospital_admin), DocumentFactory(owner=hospital_admin)
        added = client.post(papers(hospital), {"kind": "licence", "file_id": file.pk})
        assert added.status_code == 201, added.json()
        listed = client.get(papers(hospital)).json()["data"]
        assert [(row["kind"], row["file"]["id"]) for row in listed] == [("licence", str(file.pk))]
        assert listed[0]["file"]["url"], "a link that works for five minutes"
        assert client.delete(f"{papers(hospital)}/{listed[0]['id']}").status_code == 204
        assert client.get(papers(hospital)).json()["data"] == []

    def test_one_file_is_one_paper_of_the_kind_said_last(self, api, hospital, hospital_admin):
        client, file = api(hospital_admin), DocumentFactory(owner=hospital_admin)
        for kind in ("licence", "insurance"):
            assert client.post(papers(hospital), {"kind": kind, "file_id": file.pk}).status_code == 201
        assert [row["kind"] for row in client.get(papers(hospital)).json()["data"]] == ["insurance"]

    @pytest.mark.parametrize("what", ["a stranger's", "a picture", "none"])
    def test_only_ones_own_documents(self, api, hospital, hospital_admin, what):
        files = {
            "a stranger's": DocumentFactory, "none": DocumentFactory.build,
            "a picture": lambda: StoredFileFactory(owner=hospital_admin),
        }  # fmt: skip
        answer = api(hospital_admin).post(papers(hospital), {"kind": "licence", "file_id": files[what]().pk})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["file_id"])
        assert not HospitalDocument.objects.exists()

    def test_there_is_an_end_to_how_many(self, api, hospital, hospital_admin):
        HospitalDocumentFactory.create_batch(MAX_HOSPITAL_DOCUMENTS, hospital=hospital)
        file = DocumentFactory(owner=hospital_admin)
        answer = api(hospital_admin).post(papers(hospital), {"kind": "other", "file_id": file.pk})
        assert (answer.status_code, answer.json()["code"]) == (409, "hospital.too_many_papers")
        present = HospitalDocument.objects.first()
        again = api(hospital_admin).post(papers(hospital), {"kind": "other", "file_id": present.file_id})
        assert again.status_code == 201, "one that is there already is not one more"

    def test_what_an_approval_rests_on_is_removed_by_an_admin_only(self, api, hospital, hospital_admin, platform_admin):
        document = HospitalDocumentFactory(hospital=hospital)
        services.verify_hospital(hospital, by=platform_admin, verification="approved")
        refused = api(hospital_admin).delete(papers(hospital, document))
        assert (refused.status_code, refused.json()["code"]) == (403, "hospital.papers_locked")
        assert api(platform_admin).delete(papers(hospital, document)).status_code == 204

    @pytest.mark.parametrize(
        "who", ["anonymous", "coordinator", "support", "translator", "other_hospital_admin", "doctor", "patient"]
    )
    def test_nobody_else_reads_or_writes_them(self, api, cast, hospital, who):
        document = HospitalDocumentFactory(hospital=hospital)
        expected = {"anonymous": 401, "other_hospital_admin": 404}.get(who, 403)
        client = api(cast[who])
        body = {"kind": "licence", "file_id": document.file_id}
        assert client.get(papers(hospital)).status_code == expected
        assert client.post(papers(hospital), body).status_code == expected
        assert client.delete(papers(hospital, document)).status_code == expected
        assert HospitalDocument.objects.filter(pk=document.pk).exists()

    def test_a_paper_is_found_below_its_own_hospital_only(self, api, hospital, other_hospital, platform_admin):
        document = HospitalDocumentFactory(hospital=hospital)
        assert api(platform_admin).delete(papers(other_hospital, document)).status_code == 404

    def test_the_rule_holds_without_the_view(self, hospital, other_hospital_admin):
        document = HospitalDocumentFactory(hospital=hospital)
        file = DocumentFactory(owner=other_hospital_admin)
        with pytest.raises(Forbidden):
            services.add_hospital_document(hospital, by=other_hospital_admin, kind="other", file_id=file.pk)
        with pytest.raises(Forbidden):
            services.remove_hospital_document(document, by=other_hospital_admin)


class TestWhatKeepersSee:
    def test_everything_with_its_state(self, api, complete, hospital_admin):
        AccreditationFactory(hospital=complete, verification="pending", document=DocumentFactory())
        HospitalImageFactory(hospital=complete, caption="Lobby")
        AffiliationFactory(hospital=complete)
        AffiliationFactory(hospital=complete, status="pending")
        OfferFactory(hospital=complete)
        shown = management(api, hospital_admin, complete)
        assert shown["counts"] == {"doctors": 1, "proposed_doctors": 1, "offers": 1}
        assert [row["verification"] for row in shown["accreditations"]] == ["pending"]
        assert shown["accreditations"][0]["document"]["url"]
        assert [row["texts"]["caption"]["en"] for row in shown["images"]] == ["Lobby"]
        assert [row["kind"] for row in shown["documents"]] == ["licence"]

    def test_which_texts_are_missing_reviewed_or_outdated(self, api, complete, hospital_admin):
        client = api(hospital_admin)
        client.patch(page(complete), {"description": {"fr": "Au bord de la mer."}})
        client.patch(page(complete), {"description": {"en": "By the river."}})
        status = management(api, hospital_admin, complete)["text_status"]["description"]
        assert {code: status[code]["status"] for code in ("fr", "ar")} == {"fr": "outdated", "ar": "missing"}

    def test_a_machines_text_is_named_as_one(self, api, platform_admin):
        place = HospitalFactory(name="Sea View", name_fr="Vue de mer")
        status = {"name": {"fr": {"status": "machine"}}}
        Hospital.objects.filter(pk=place.pk).update(text_status=status)
        data = api().get(page(place), {"lang": "fr"}).json()["data"]
        assert (data["languages"]["name"], data["machine"]) == ("fr", ["name"])

    def test_a_machines_text_is_named_as_one_in_whichever_language_it_is_shown(self, api):
        place = HospitalFactory()
        with texts.by_machine():
            Hospital.objects.update(description_es="Junto al mar.")
            HospitalImageFactory(hospital=place, caption_es="Vestíbulo")
        HospitalImage.objects.update(caption_en="")
        data = api().get(page(place), {"lang": "ar"}).json()["data"]
        assert (data["languages"]["description"], data["machine"]) == ("es", ["description"])
        assert (data["images"][0]["languages"]["caption"], data["images"][0]["machine"]) == ("es", ["caption"])

    @pytest.mark.parametrize("who", ["coordinator", "support", "translator"])
    def test_staff_of_the_platform_open_no_papers_here(self, api, cast, complete, who):
        AccreditationFactory(hospital=complete, document=DocumentFactory())
        shown = management(api, cast[who], complete)
        assert shown["documents"] == []
        assert shown["missing"] == [], "what is missing is told from all there is"
        assert [row["document"]["url"] for row in shown["accreditations"]] == ([] if who == "translator" else [None])

    @pytest.mark.parametrize("rows", [1, 8])
    def test_a_page_takes_the_same_queries_however_much_hangs_on_it(
        self, api, complete, hospital_admin, platform_admin, django_assert_num_queries, rows
    ):
        services.verify_hospital(complete, by=platform_admin, verification="approved")
        for factory in (AccreditationFactory, HospitalImageFactory, HospitalDocumentFactory, AffiliationFactory):
            factory.create_batch(rows, hospital=complete)
        keeper = api(hospital_admin)
        with django_assert_num_queries(1):
            api().get(page(complete))
        with django_assert_num_queries(7):
            assert keeper.get(page(complete)).json()["data"]["management"]["documents"]


@pytest.mark.django_db(transaction=True)
class TestTwoAtOnce:
    def test_many_colleagues_submit_once(self, complete, hospital_admin, platform_admin):
        staff = [hospital_admin, *(HospitalStaffFactory(hospital=complete).user for _ in range(CROWD - 1))]
        outcomes = together(*[lambda user=user: services.submit_hospital(complete, by=user) for user in staff])
        assert codes(outcomes) == ["done", *["workflow.move_not_allowed"] * (CROWD - 1)]
        assert Message.objects.filter(recipient=platform_admin, channel="email").count() == 1

    def test_submitting_again_while_an_admin_approves_leaves_an_approved_hospital(
        self, complete, hospital_admin, platform_admin
    ):
        services.verify_hospital(complete, by=platform_admin, verification="rejected", reason="No.")
        outcomes = together(
            lambda: services.submit_hospital(complete, by=hospital_admin),
            lambda: services.verify_hospital(complete, by=platform_admin, verification="approved"),
        )
        complete.refresh_from_db()
        assert outcomes[1] is None
        assert (complete.verification, complete.rejection_reason) == ("approved", "")
        was_submitted = outcomes[0] is None
        assert (complete.onboarded_at is not None) is was_submitted
