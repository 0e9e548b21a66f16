"""What hospitals are accredited for: who says it, who checks it, and what the public is told."""

import uuid
from datetime import timedelta
from threading import Barrier

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from apps.common.exceptions import Forbidden
from apps.hospitals import services
from apps.hospitals.models import Accreditation
from apps.hospitals.rules import MAX_ACCREDITATIONS
from apps.hospitals.workflow import Verification
from apps.notifications import rendering
from apps.notifications.models import Message
from tests.factories.hospitals import AccreditationBodyFactory, AccreditationFactory, HospitalStaffFactory
from tests.factories.media import DocumentFactory, StoredFileFactory

from .test_races import CROWD, codes, no_lock, together

pytestmark = pytest.mark.django_db
NEW = {"body": "JCI", "number": "JCI-77", "issued_on": "2024-05-01", "expires_on": "2027-04-30"}


def at(hospital, accreditation=None, verb=""):
    url = f"/api/v1/hospitals/{hospital.pk}/accreditations"
    return url + (f"/{accreditation.pk}" if accreditation else "") + verb


def today():
    return timezone.now().date()


def public(api, hospital):
    """What anyone reads of the hospital's accreditations."""
    response = api().get(f"/api/v1/hospitals/{hospital.pk}")
    assert response.status_code == 200
    return response.json()["data"]["accreditations"]


@pytest.fixture(autouse=True)
def jci(db):
    return AccreditationBodyFactory()


@pytest.fixture
def accreditation(hospital):
    return AccreditationFactory(hospital=hospital, number="JCI-1", expires_on=today() + timedelta(days=200))


@pytest.fixture
def cast(platform_admin, coordinator, support_agent, translator, hospital_admin, other_hospital_admin, doctor, patient):
    return {
        "anonymous": None, "admin": platform_admin, "coordinator": coordinator, "support": support_agent,
        "translator": translator, "hospital_admin": hospital_admin, "other_hospital_admin": other_hospital_admin,
        "doctor": doctor.user, "patient": patient.user,
    }  # fmt: skip


class TestAdding:
    def test_what_staff_say_waits_for_an_admin_and_is_not_public(self, api, hospital, hospital_admin):
        document = DocumentFactory(owner=hospital_admin)
        response = api(hospital_admin).post(at(hospital), {**NEW, "document_id": document.pk})
        data = response.json()["data"]
        assert response.status_code == 201, data
        assert (data["body"], data["number"], data["expires_on"]) == ("JCI", "JCI-77", "2027-04-30")
        assert (data["verification"], data["document"]["id"]) == ("pending", str(document.pk))
        assert data["document"]["url"]
        assert public(api, hospital) == []

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"body": "XYZ"}, "body"),
            ({"number": ""}, "number"),
            ({"number": "x" * 61}, "number"),
            ({"expires_on": "2024-04-30"}, "expires_on"),
            ({"expires_on": "soon"}, "expires_on"),
            ({"document_id": str(uuid.uuid4())}, "document_id"),
        ],
    )
    def test_what_cannot_be_is_refused_by_field(self, api, hospital, hospital_admin, change, named):
        response = api(hospital_admin).post(at(hospital), NEW | change)
        assert (response.status_code, list(response.json()["errors"])) == (400, [named]), response.json()
        assert not Accreditation.objects.exists()

    def test_a_strangers_document_and_a_public_picture_are_as_unknown_as_any(self, api, hospital, hospital_admin):
        client = api(hospital_admin)
        files = [DocumentFactory(), StoredFileFactory(owner=hospital_admin), DocumentFactory.build()]
        answers = [client.post(at(hospital), {**NEW, "document_id": file.pk}).json() for file in files]
        assert [answer["errors"] for answer in answers] == [answers[0]["errors"]] * 3
        assert list(answers[0]["errors"]) == ["document_id"]

    def test_a_colleagues_document_may_be_named_again(self, api, hospital, hospital_admin):
        colleague = HospitalStaffFactory(hospital=hospital).user
        document = DocumentFactory(owner=colleague)
        services.add_accreditation(hospital, by=colleague, body="JCI", number="1", document_id=document.pk)
        assert api(hospital_admin).post(at(hospital), {**NEW, "document_id": document.pk}).status_code == 201

    def test_one_number_of_a_body_is_named_once(self, api, hospital, hospital_admin, accreditation):
        response = api(hospital_admin).post(at(hospital), {**NEW, "number": "JCI-1"})
        assert (response.status_code, response.json()["code"]) == (409, "accreditation.exists")
        assert Accreditation.objects.count() == 1

    def test_another_hospital_may_have_the_same_number(self, api, other_hospital, other_hospital_admin, accreditation):
        response = api(other_hospital_admin).post(at(other_hospital), {**NEW, "number": "JCI-1"})
        assert response.status_code == 201

    def test_there_is_an_end_to_how_many(self, api, hospital, hospital_admin):
        AccreditationFactory.create_batch(MAX_ACCREDITATIONS - 1, hospital=hospital)
        client = api(hospital_admin)
        assert client.post(at(hospital), NEW).status_code == 201
        response = client.post(at(hospital), {**NEW, "number": "one more"})
        assert (response.status_code, response.json()["code"]) == (409, "accreditation.too_many")
        assert Accreditation.objects.count() == MAX_ACCREDITATIONS


class TestChanging:
    @pytest.mark.parametrize(
        "change", [{"number": "JCI-2"}, {"expires_on": "2031-01-31"}, {"body": "TEMOS"}, {"issued_on": "2020-01-01"}]
    )
    def test_what_was_approved_waits_again_after_a_change_by_staff(
        self, api, hospital, hospital_admin, accreditation, change
    ):
        AccreditationBodyFactory(code="TEMOS", name="Temos")
        assert len(public(api, hospital)) == 1
        response = api(hospital_admin).patch(at(hospital, accreditation), change)
        assert response.status_code == 200, response.json()
        assert response.json()["data"]["verification"] == "pending"
        assert response.json()["data"]["verified_at"] is None
        assert public(api, hospital) == []

    def test_saying_the_same_again_changes_nothing(self, api, hospital, hospital_admin, accreditation):
        same = {"number": accreditation.number, "expires_on": accreditation.expires_on.isoformat()}
        response = api(hospital_admin).patch(at(hospital, accreditation), same)
        assert response.json()["data"]["verification"] == "approved"

    def test_a_platform_admins_correction_stands(self, api, hospital, platform_admin, accreditation):
        response = api(platform_admin).patch(at(hospital, accreditation), {"number": "JCI-2"})
        assert (response.json()["data"]["number"], response.json()["data"]["verification"]) == ("JCI-2", "approved")

    def test_what_was_rejected_waits_again_once_it_is_corrected(self, api, hospital, hospital_admin, platform_admin):
        accreditation = AccreditationFactory(hospital=hospital, verification=Verification.PENDING)
        services.verify_accreditation(accreditation, by=platform_admin, verification="rejected", reason="Blurred.")
        data = api(hospital_admin).patch(at(hospital, accreditation), {"number": "X"}).json()["data"]
        assert (data["verification"], data["rejection_reason"]) == ("pending", "")

    def test_a_number_that_another_has_is_refused(self, api, hospital, hospital_admin, accreditation):
        AccreditationFactory(hospital=hospital, number="JCI-2")
        response = api(hospital_admin).patch(at(hospital, accreditation), {"number": "JCI-2"})
        assert (response.status_code, response.json()["code"]) == (409, "accreditation.exists")
        accreditation.refresh_from_db()
        assert (accreditation.number, accreditation.verification) == ("JCI-1", "approved")

    def test_another_last_day_is_warned_of_anew(self, hospital_admin, accreditation):
        Accreditation.objects.update(told_days=30)
        services.update_accreditation(accreditation, by=hospital_admin, number="JCI-2")
        assert Accreditation.objects.get().told_days == 30
        services.update_accreditation(accreditation, by=hospital_admin, expires_on=today() + timedelta(days=900))
        assert Accreditation.objects.get().told_days is None

    def test_staff_remove_it(self, api, hospital, hospital_admin, accreditation):
        assert api(hospital_admin).delete(at(hospital, accreditation)).status_code == 204
        assert not Accreditation.objects.exists()
        assert api(hospital_admin).delete(at(hospital, accreditation)).status_code == 404


class TestVerifying:
    def test_an_approved_one_is_public_and_staff_are_told(self, api, hospital, hospital_admin, platform_admin):
        accreditation = AccreditationFactory(
            hospital=hospital, number="77", verification="pending", expires_on=today(), document=DocumentFactory()
        )
        response = api(platform_admin).patch(at(hospital, accreditation, "/verify"), {"decision": "approved"})
        assert response.status_code == 200, response.json()
        assert public(api, hospital) == [
            {
                "body": "JCI", "name": "Joint Commission International", "number": "77",
                "website": "https://www.jointcommissioninternational.org", "expires_on": today().isoformat(),
            }
        ]  # fmt: skip
        message = Message.objects.get(recipient=hospital_admin, channel="email")
        assert message.kind == "hospitals.accreditation_approved"
        assert "JCI" in rendering.render(message).subject

    def test_a_rejected_one_is_not_public_and_staff_read_why(self, api, hospital, hospital_admin, platform_admin):
        accreditation = AccreditationFactory(hospital=hospital)
        client = api(platform_admin)
        url = at(hospital, accreditation, "/verify")
        assert client.patch(url, {"decision": "rejected"}).json()["code"] == "verification.reason_required"
        assert len(public(api, hospital)) == 1
        assert client.patch(url, {"decision": "rejected", "reason": "Another name."}).status_code == 200
        assert public(api, hospital) == []
        message = Message.objects.get(recipient=hospital_admin, channel="email")
        assert "Another name." in rendering.render(message).text
        page = api(hospital_admin).get(f"/api/v1/hospitals/{hospital.pk}").json()["data"]["management"]
        assert page["accreditations"][0]["rejection_reason"] == "Another name."

    @pytest.mark.parametrize("language", [code for code, _label in settings.LANGUAGES])
    def test_both_messages_read_well_in_every_language(self, hospital, hospital_admin, platform_admin, language):
        hospital_admin.language = language
        hospital_admin.save()
        row = AccreditationFactory(hospital=hospital, verification="pending", expires_on=today() + timedelta(days=9))
        services.verify_accreditation(row, by=platform_admin, verification="approved")
        hostile = "<script>alert(1)</script>\r\nBcc: x@example.com"
        services.verify_accreditation(row, by=platform_admin, verification="rejected", reason=hostile)
        messages = Message.objects.filter(recipient=hospital_admin, channel="email")
        assert {message.kind.rpartition("_")[2] for message in messages} == {"approved", "rejected"}
        for message in messages:
            rendered = rendering.render(message)
            assert hospital.name in rendered.subject
            assert "<script>" not in rendered.html
            assert "%(" not in rendered.subject + rendered.text

    def test_twice_is_refused_and_tells_nobody_twice(self, api, hospital, hospital_admin, platform_admin):
        accreditation = AccreditationFactory(hospital=hospital, verification="pending")
        url = at(hospital, accreditation, "/verify")
        answers = [api(platform_admin).patch(url, {"decision": "approved"}) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [200, 409]
        assert Message.objects.filter(recipient=hospital_admin, channel="email").count() == 1

    def test_what_has_lapsed_is_not_approved(self, api, hospital, hospital_admin, platform_admin):
        lapsed = AccreditationFactory(hospital=hospital, verification="pending", expires_on=today() - timedelta(days=1))
        response = api(platform_admin).patch(at(hospital, lapsed, "/verify"), {"decision": "approved"})
        assert (response.status_code, response.json()["code"]) == (409, "accreditation.lapsed")
        assert not Message.objects.exists()

    @pytest.mark.parametrize(("days", "is_shown"), [(1, True), (0, True), (-1, False), (None, True)])
    def test_it_is_public_through_its_last_day(self, api, hospital, days, is_shown):
        expires_on = None if days is None else today() + timedelta(days=days)
        AccreditationFactory(hospital=hospital, expires_on=expires_on)
        assert bool(public(api, hospital)) is is_shown


class TestWho:
    NOT_KEEPERS = ("anonymous", "coordinator", "support", "translator", "other_hospital_admin", "doctor", "patient")

    @pytest.mark.parametrize(
        ("who", "act"),
        [
            *((who, act) for who in NOT_KEEPERS for act in ("add", "change", "remove", "verify")),
            ("hospital_admin", "verify"),
        ],
    )
    def test_nobody_else_writes(self, api, cast, hospital, accreditation, who, act):
        one = at(hospital, accreditation)
        method, url, body = {
            "add": ("post", at(hospital), NEW),
            "change": ("patch", one, {"number": "CANARY"}),
            "remove": ("delete", one, None),
            "verify": ("patch", f"{one}/verify", {"decision": "rejected", "reason": "CANARY"}),
        }[act]
        response = getattr(api(cast[who]), method)(url, body)
        another = who == "other_hospital_admin" and act != "verify"
        assert response.status_code == (401 if who == "anonymous" else 404 if another else 403)
        accreditation.refresh_from_db()
        assert (accreditation.number, accreditation.verification) == ("JCI-1", "approved")
        assert Accreditation.objects.count() == 1

    def test_an_accreditation_is_found_below_its_own_hospital_only(
        self, api, platform_admin, hospital, other_hospital, accreditation
    ):
        assert api(platform_admin).delete(at(other_hospital, accreditation)).status_code == 404
        assert Accreditation.objects.exists()

    def test_staff_of_two_hospitals_keep_both(self, api, hospital, other_hospital, hospital_admin):
        HospitalStaffFactory(hospital=other_hospital, user=hospital_admin)
        client = api(hospital_admin)
        answers = [client.post(at(place), NEW) for place in (hospital, other_hospital)]
        assert [answer.status_code for answer in answers] == [201, 201]

    def test_staff_do_not_decide_by_asking_for_another_look(self, client, hospital, hospital_admin):
        rejected = AccreditationFactory(hospital=hospital, verification="rejected", rejection_reason="Blurred.")
        client.force_login(hospital_admin)
        page = client.get(reverse("admin:hospitals_accreditation_change", args=(rejected.pk,)))
        assert (page.status_code, page.context["moves"]) == (200, [])
        with pytest.raises(Forbidden):
            services.verify_accreditation(rejected, by=hospital_admin, verification="pending")
        rejected.refresh_from_db()
        assert rejected.verification == "rejected"
        assert not Message.objects.exists()

    def test_the_rule_holds_without_the_view(self, hospital, other_hospital_admin, accreditation):
        with pytest.raises(Forbidden):
            services.add_accreditation(hospital, by=other_hospital_admin, body="JCI", number="9")
        with pytest.raises(Forbidden):
            services.update_accreditation(accreditation, by=other_hospital_admin, number="9")
        with pytest.raises(Forbidden):
            services.remove_accreditation(accreditation, by=other_hospital_admin)


@pytest.mark.django_db(transaction=True)
def test_many_who_add_one_number_at_once_add_it_once(hospital, hospital_admin):
    add = lambda: services.add_accreditation(hospital, by=hospital_admin, body="JCI", number="7")  # noqa: E731
    assert codes(together(*[add] * CROWD)) == ["accreditation.exists"] * (CROWD - 1) + ["done"]


def approvals(hospital, platform_admin):
    accreditation = AccreditationFactory(hospital=hospital, verification="pending")
    return [lambda: services.verify_accreditation(accreditation, by=platform_admin, verification="approved")] * CROWD


@pytest.mark.django_db(transaction=True)
def test_many_who_approve_one_at_once_approve_it_once(hospital, hospital_admin, platform_admin):
    outcomes = together(*approvals(hospital, platform_admin))
    assert codes(outcomes) == ["done", *["workflow.move_not_allowed"] * (CROWD - 1)]
    assert Message.objects.filter(recipient=hospital_admin, channel="email").count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_lock_many_approvals_pass(hospital, hospital_admin, platform_admin, monkeypatch):
    acts = approvals(hospital, platform_admin)
    decide = Accreditation.decide
    barrier = Barrier(CROWD)

    def decide_together(self, *args, **kwargs):
        barrier.wait(timeout=20)
        decide(self, *args, **kwargs)

    with no_lock(monkeypatch):
        monkeypatch.setattr(Accreditation, "decide", decide_together)
        assert codes(together(*acts)) == ["done"] * CROWD
