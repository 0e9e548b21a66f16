"""People in the admin: found, invited, activated, deactivated, signed out."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts import second_factor
from apps.accounts.models import Session, User
from apps.accounts.roles import Role
from apps.common.admin.forms import EDITED_FROM
from apps.notifications.models import Message
from tests.accounts.test_second_factor import code_of
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
PEOPLE = "/admin/accounts/user/"


@pytest.fixture
def boss(client, platform_admin):
    client.force_login(platform_admin)
    return client


def session_of(user):
    now = timezone.now()
    return Session.objects.create(
        user=user, rotated_at=now, last_seen_at=now, expires_at=now + timedelta(days=7), device="Pixel 9"
    )


def act(client, action, *users):
    data = {"action": action, "_selected_action": [str(user.pk) for user in users]}
    return client.post(PEOPLE, data, follow=True)


def page_of(user):
    return reverse("admin:accounts_user_change", args=(user.pk,))


def found(client, term):
    return {row.email for row in client.get(PEOPLE, {"q": term}).context["cl"].result_list}


def test_people_are_found_by_the_beginnings_of_names_and_address_in_any_order(boss):
    ada = UserFactory(first_name="Ada", last_name="Okafor", email="ada@example.org")
    bo = UserFactory(first_name="Bo", last_name="Adamson", email="bo@example.org")
    assert found(boss, "okaf ada") == {ada.email}
    assert found(boss, "ADA") == {ada.email, bo.email}
    assert found(boss, "bo@example.org") == {bo.email}
    assert found(boss, "kafor") == set()


def test_an_invitation_makes_an_account_without_a_password_and_sends_a_link(boss, platform_admin):
    form = {
        "email": "New.Person@Example.com", "first_name": "New", "last_name": "Person", "phone": "",
        "role": Role.COORDINATOR, "language": "fr", "time_zone": "Europe/Paris",
    }  # fmt: skip
    response = boss.post(f"{PEOPLE}add/", form)
    assert response.status_code == 302
    invited = User.objects.get(email="new.person@example.com")
    assert not invited.has_usable_password()
    assert (invited.role, invited.language, invited.time_zone) == (Role.COORDINATOR, "fr", "Europe/Paris")
    assert Message.objects.filter(recipient=invited, kind="accounts.invitation").count() == 1


def test_an_address_that_is_taken_is_refused_on_the_page(boss, coordinator):
    form = {
        "email": coordinator.email.upper(), "first_name": "New", "last_name": "Person", "phone": "",
        "role": Role.COORDINATOR, "language": "fr", "time_zone": "UTC",
    }  # fmt: skip
    before = User.objects.count()
    response = boss.post(f"{PEOPLE}add/", form)
    assert response.status_code == 200
    assert response.context["adminform"].form.errors
    assert User.objects.count() == before


def change(client, user, **changes):
    form = client.get(page_of(user)).context["adminform"].form
    data = {name: form[name].value() for name in form.fields if form[name].value() not in (None, False)}
    data |= {"is_active": "on"} if user.is_active else {}
    management = {f"sessions-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS")}
    data = {**data, **management, EDITED_FROM: form.edited_from, **changes}
    return client.post(page_of(user), {name: value for name, value in data.items() if value is not None})


def test_a_change_goes_through_the_service(boss, coordinator):
    assert change(boss, coordinator, first_name="Other", role=Role.SUPPORT).status_code == 302
    coordinator.refresh_from_db()
    assert (coordinator.first_name, coordinator.role) == ("Other", Role.SUPPORT)


def test_deactivating_in_the_form_ends_the_sessions(boss, coordinator):
    session = session_of(coordinator)
    assert change(boss, coordinator, is_active=None).status_code == 302
    session.refresh_from_db()
    coordinator.refresh_from_db()
    assert not coordinator.is_active
    assert session.ended_at is not None


def test_the_services_refusal_is_shown_and_changes_nothing(boss, platform_admin):
    response = change(boss, platform_admin, is_active=None)
    assert response.status_code == 200
    assert response.context["adminform"].form.non_field_errors()
    platform_admin.refresh_from_db()
    assert platform_admin.is_active


def test_activating_and_deactivating_several_tells_each_refusal(boss, platform_admin, coordinator, support_agent):
    UserFactory(role=Role.ADMIN)
    page = act(boss, "deactivate", coordinator, support_agent, platform_admin).content.decode()
    assert "2 people are deactivated." in page
    assert "You cannot deactivate yourself" in page
    act(boss, "activate", coordinator)
    coordinator.refresh_from_db()
    support_agent.refresh_from_db()
    platform_admin.refresh_from_db()
    assert (coordinator.is_active, support_agent.is_active, platform_admin.is_active) == (True, False, True)


def test_a_lost_phone_is_removed_by_an_admin(boss, coordinator):
    second_factor.confirm(coordinator, code_of(second_factor.begin(coordinator)))
    act(boss, "remove_second_factor", coordinator)
    assert not second_factor.is_enrolled(coordinator)


@pytest.mark.parametrize("chosen", ["not-a-uuid", "a\0b"])
def test_an_action_on_what_is_no_id_is_a_message_and_not_a_defect(boss, chosen):
    page = boss.post(PEOPLE, {"action": "deactivate", "_selected_action": [chosen]}, follow=True)
    assert page.status_code == 200
    assert "Please correct the marked fields." in page.content.decode()


def test_nobody_removes_their_own_second_factor_without_its_code(boss, platform_admin):
    second_factor.confirm(platform_admin, code_of(device := second_factor.begin(platform_admin)))
    session = boss.session
    session["otp_device_id"] = device.persistent_id
    session.save()
    page = act(boss, "remove_second_factor", platform_admin).content.decode()
    assert "Give the code of your authenticator app as well." in page
    assert second_factor.is_enrolled(platform_admin)


def test_one_device_is_signed_out_by_its_button(boss, coordinator):
    one, other = session_of(coordinator), session_of(coordinator)
    button = reverse("admin:accounts_user_end_session", args=(coordinator.pk, one.pk))
    assert button in boss.get(page_of(coordinator)).content.decode()
    assert boss.get(button).status_code == 405
    boss.post(button)
    one.refresh_from_db()
    other.refresh_from_db()
    assert one.ended_at is not None
    assert other.ended_at is None


def test_all_devices_are_signed_out_by_the_action(boss, coordinator):
    session_of(coordinator), session_of(coordinator)
    act(boss, "sign_out", coordinator)
    assert not coordinator.sessions.filter(ended_at=None).exists()


@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.SUPPORT])
def test_others_look_and_change_nothing(client, patient, role):
    client.force_login(UserFactory(role=role))
    session = session_of(patient.user)
    page = client.get(page_of(patient.user))
    assert page.status_code == 200
    assert "Pixel 9" not in page.content.decode()
    act(client, "deactivate", patient.user)
    client.post(page_of(patient.user), {"first_name": "Hacked"})
    end = reverse("admin:accounts_user_end_session", args=(patient.user.pk, session.pk))
    assert client.post(end).status_code == 403
    assert client.get(f"{PEOPLE}add/").status_code == 403
    patient.user.refresh_from_db()
    session.refresh_from_db()
    assert patient.user.is_active
    assert patient.user.first_name != "Hacked"
    assert session.ended_at is None


def test_hospital_staff_and_translators_see_no_register_of_people(client, hospital_admin, translator):
    for user in (hospital_admin, translator):
        client.force_login(user)
        assert client.get(PEOPLE).status_code == 403


def test_nobody_is_deleted(boss, coordinator):
    assert boss.post(reverse("admin:accounts_user_delete", args=(coordinator.pk,)), {"post": "yes"}).status_code == 403
    assert "delete_selected" not in boss.get(PEOPLE).content.decode()
    assert User.objects.filter(pk=coordinator.pk).exists()


def test_no_page_holds_a_password(boss, coordinator):
    for page in (PEOPLE, page_of(coordinator), reverse("admin:accounts_user_history", args=(coordinator.pk,))):
        content = boss.get(page).content.decode()
        assert coordinator.password not in content
        assert "md5$" not in content
