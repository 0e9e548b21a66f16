"""Whoever is invited as hospital staff works for a hospital from the first moment: over the API and in the admin."""

import uuid

import pytest
from django.urls import reverse

from apps.accounts.models import User
from apps.hospitals.models import Hospital, HospitalStaff
from apps.notifications.models import Message

pytestmark = pytest.mark.django_db
ADD = reverse("admin:accounts_user_add")
PERSON = {"email": "grace@example.com", "first_name": "Grace", "last_name": "Mensah", "role": "hospital_admin"}


def nobody_was_invited():
    return not User.objects.filter(email=PERSON["email"]).exists() and not Message.objects.exists()


class TestOverTheApi:
    def invite(self, api, platform_admin, **more):
        return api(platform_admin).post("/api/v1/users", {**PERSON, **more}, format="json")

    def test_they_see_their_hospital_and_no_other(self, api, platform_admin, hospital, other_hospital):
        answer = self.invite(api, platform_admin, details={"hospital_id": str(hospital.pk)})

        assert answer.status_code == 201
        invited = User.objects.get(email=PERSON["email"])
        assert list(Hospital.objects.visible_to(invited)) == [hospital]
        assert Message.objects.filter(recipient=invited, kind="accounts.invitation").count() == 1

    @pytest.mark.parametrize(
        "more",
        [
            {},
            {"details": {}},
            {"details": {"hospital_id": ""}},
            {"details": {"hospital_id": "mine"}},
            {"details": {"hospital_id": str(uuid.uuid4())}},
        ],
    )
    def test_without_a_hospital_nobody_is_invited(self, api, platform_admin, hospital, more):
        answer = self.invite(api, platform_admin, **more)

        assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
        assert list(answer.json()["errors"]) == ["details.hospital_id"]
        assert nobody_was_invited()

    def test_other_roles_are_linked_to_no_hospital(self, api, platform_admin, hospital):
        answer = self.invite(api, platform_admin, role="coordinator", details={"hospital_id": str(hospital.pk)})

        assert answer.status_code == 201
        assert not HospitalStaff.objects.exists()


class TestInTheAdmin:
    @pytest.fixture
    def boss(self, client, platform_admin):
        client.force_login(platform_admin)
        return client

    def form(self, **more):
        return {**PERSON, "phone": "", "language": "fr", "time_zone": "Europe/Paris", "hospital_id": "", **more}

    def test_the_invitation_asks_for_the_hospital_and_links_the_person(self, boss, hospital):
        page = boss.get(ADD)
        assert 'name="hospital_id"' in page.content.decode()

        answer = boss.post(ADD, self.form(hospital_id=str(hospital.pk)))

        assert answer.status_code == 302, answer.context["adminform"].form.errors
        link = HospitalStaff.objects.get()
        assert (link.hospital, link.user.email) == (hospital, PERSON["email"])

    def test_the_hospital_is_looked_up_by_its_name(self, boss, hospital, other_hospital):
        widget = boss.get(ADD).context["adminform"].form.fields["hospital_id"].widget
        asked = {"app_label": "hospitals", "model_name": "hospitalstaff", "field_name": "hospital"}
        assert asked["field_name"] == widget.attrs.get("data-field-name", widget.field.name)

        found = boss.get(reverse("admin:autocomplete"), {**asked, "term": hospital.name})

        assert [row["id"] for row in found.json()["results"]] == [str(hospital.pk)]

    def test_a_missing_hospital_is_said_at_its_field_with_everything_as_typed(self, boss, hospital):
        answer = boss.post(ADD, self.form())

        assert answer.status_code == 200
        form = answer.context["adminform"].form
        assert "hospital_id" in form.errors
        assert form["first_name"].value() == "Grace"
        assert nobody_was_invited()

    def test_a_hospital_that_is_not_there_is_refused(self, boss, hospital):
        answer = boss.post(ADD, self.form(hospital_id=str(uuid.uuid4())))

        assert "hospital_id" in answer.context["adminform"].form.errors
        assert nobody_was_invited()

    def test_other_roles_need_none(self, boss, hospital):
        answer = boss.post(ADD, self.form(role="coordinator"))

        assert answer.status_code == 302
        assert not HospitalStaff.objects.exists()

    def test_the_page_of_a_person_asks_for_no_hospital(self, boss, hospital_admin):
        page = boss.get(reverse("admin:accounts_user_change", args=(hospital_admin.pk,)))
        assert "hospital_id" not in page.context["adminform"].form.fields
