"""One's own profile, and accounts kept by admins: list, invite, change, deactivate at once, activate."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts import exceptions, services
from apps.accounts.models import Session, User
from apps.accounts.roles import Role
from apps.accounts.services import management
from apps.common import ids
from apps.common.models import AuditEntry
from apps.notifications.models import Message
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db

PROFILE = "/api/v1/auth/profile"
USERS = "/api/v1/users"


def of(user, act=""):
    return f"{USERS}/{user.pk}{act}"


@pytest.fixture
def user(db):
    return UserFactory(first_name="Amina", last_name="Okafor", email="amina@example.com", phone="+442079460018")


# --- One's own profile -----------------------------------------------------------------------------------------------


def test_one_changes_ones_own_names_phone_language_and_zone(api, user):
    changes = {
        "first_name": "Aminah",
        "last_name": "Bello",
        "phone": "+2348031234567",
        "language": "ar",
        "time_zone": "Africa/Lagos",
    }
    answer = api(user).patch(PROFILE, changes)

    assert answer.status_code == 200
    assert {name: answer.json()["data"][name] for name in changes} == changes
    user.refresh_from_db()
    assert (user.full_name, user.language) == ("Aminah Bello", "ar")


def test_what_is_not_given_stays(api, user):
    api(user).patch(PROFILE, {"language": "hi"})
    user.refresh_from_db()
    assert (user.first_name, str(user.phone), user.language) == ("Amina", "+442079460018", "hi")


@pytest.mark.parametrize(
    ("phone", "is_verified"),
    [("+442079460018", True), ("+44 20 7946 0018", True), ("+442079460019", False), ("", False)],
)
def test_a_new_phone_number_has_to_be_verified_again(api, user, phone, is_verified):
    User.objects.filter(pk=user.pk).update(phone_verified_at=timezone.now())
    answer = api(user).patch(PROFILE, {"phone": phone})
    assert answer.json()["data"]["is_phone_verified"] is is_verified


@pytest.mark.parametrize("field", ["email", "role", "is_active", "id", "email_verified_at", "password", "is_staff"])
def test_the_profile_does_not_change_what_is_not_its_own_to_say(api, user, field):
    before = User.objects.filter(pk=user.pk).values().get()
    api(user).patch(PROFILE, {field: "admin"})
    after = User.objects.filter(pk=user.pk).values().get()
    assert {**after, "updated_at": ""} == {**before, "updated_at": ""}


@pytest.mark.parametrize(
    ("field", "value"),
    [("first_name", ""), ("last_name", " "), ("phone", "123"), ("language", "xx"), ("time_zone", "Nowhere/Land")],
)
def test_an_impossible_value_is_named_and_nothing_changes(api, user, field, value):
    answer = api(user).patch(PROFILE, {field: value})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_the_change_stands_in_the_audit_trail_under_ones_own_name(api, user):
    api(user).patch(PROFILE, {"last_name": "Bello"}, REMOTE_ADDR="192.0.2.3")
    entry = AuditEntry.objects.filter(action="changed", object_id=str(user.pk)).latest("id")
    assert (entry.actor_id, entry.address) == (user.pk, "192.0.2.3")
    assert entry.changes == {"last_name": ["Okafor", "Bello"]}


# --- The list --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("user_type=patient", {"amina", "zoe"}),
        ("user_type=doctor", {"jose"}),
        ("is_active=false", {"zoe"}),
        ("is_active=true&user_type=patient", {"amina"}),
        ("search=okafor", {"amina"}),
        ("search=oka", {"amina"}),
        ("search=OKAFOR amina", {"amina"}),
        ("search=jose", {"jose"}),
        ("search=garcía", {"jose"}),
        ("search=garcia márquez", {"jose"}),
        ("search=jose@clinic", {"jose"}),
        ("search=clinic", {"jose"}),
        ("search=nobody", set()),
        ("search=' | '", set()),
        ("search=!:*%26|()\\", set()),
    ],
)
def test_admins_find_accounts_by_role_state_and_words(api, user, platform_admin, query, found):
    UserFactory(first_name="José", last_name="García Márquez", email="jose@clinic.example", role=Role.DOCTOR)
    UserFactory(first_name="Zoë", last_name="Ng", email="zoe@example.com", is_active=False)
    answer = api(platform_admin).get(f"{USERS}?{query}")

    assert answer.status_code == 200
    assert {row["email"].split("@")[0] for row in answer.json()["data"]} - {platform_admin.email} == found


@pytest.mark.parametrize(
    "query", ["user_type=root", "is_active=maybe", "is_active=1", "sort_by=password", "sort_order=up", "limit=0"]
)
def test_an_unknown_filter_value_is_400(api, platform_admin, query):
    answer = api(platform_admin).get(f"{USERS}?{query}")
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [query.split("=")[0]]


@pytest.mark.parametrize("column", ["created_at", "email", "last_name"])
def test_the_list_is_sorted_both_ways(api, platform_admin, user, column):
    UserFactory(email="a@example.com", last_name="A")
    client = api(platform_admin)
    up = [row["id"] for row in client.get(f"{USERS}?sort_by={column}").json()["data"]]
    down = [row["id"] for row in client.get(f"{USERS}?sort_by={column}&sort_order=desc").json()["data"]]
    assert len(up) == 3
    assert up != down


def test_a_page_of_accounts_costs_two_queries_however_many_there_are(api, platform_admin, django_assert_num_queries):
    client = api(platform_admin)
    UserFactory.create_batch(25)
    with django_assert_num_queries(2):
        assert len(client.get(f"{USERS}?limit=20").json()["data"]) == 20


def test_a_search_by_words_uses_the_index(db):
    from django.db import connection

    with connection.cursor() as cursor:
        # A word index is read by bitmap: with so few rows any other way would be cheaper.
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    assert "user_by_words" in User.objects.search("okafor").explain()


@pytest.mark.parametrize("role", [role for role in Role.values if role != "admin"])
def test_nobody_but_platform_admins_lists_or_invites(api, role):
    client = api(UserFactory(role=role))
    body = {"email": "x@example.com", "first_name": "X", "last_name": "Y", "role": "admin"}
    assert client.get(USERS).status_code == 403
    assert client.post(USERS, body).status_code == 403
    assert not User.objects.filter(email="x@example.com").exists()
    assert not Message.objects.exists()


# --- One account -----------------------------------------------------------------------------------------------------


def test_one_opens_ones_own_account_and_admins_open_all(api, user, platform_admin):
    assert api(user).get(of(user)).json()["data"]["email"] == user.email
    assert api(platform_admin).get(of(user)).json()["data"]["email"] == user.email


@pytest.mark.parametrize("role", [role for role in Role.values if role != "admin"])
@pytest.mark.parametrize("method", ["get", "patch"])
def test_anothers_account_is_404_as_a_random_one_is(api, user, role, method):
    client = api(UserFactory(role=role))
    another, random = (getattr(client, method)(f"{USERS}/{pk}") for pk in [user.pk, ids.uuid7()])
    assert another.status_code == random.status_code == 404
    assert {**another.json(), "timestamp": ""} == {**random.json(), "timestamp": ""}
    assert user.email not in another.content.decode()


@pytest.mark.parametrize("path", [f"{USERS}/not-a-uuid", f"{USERS}/1"])
def test_what_is_no_id_is_404(api, platform_admin, path):
    assert api(platform_admin).get(path).status_code == 404


@pytest.mark.parametrize("changes", [{"role": "admin"}, {"is_active": False}, {"role": "patient", "first_name": "X"}])
def test_one_cannot_change_ones_own_role_or_state(api, user, changes):
    answer = api(user).patch(of(user), changes)
    assert (answer.status_code, answer.json()["code"]) == (403, "auth.forbidden")
    user.refresh_from_db()
    assert (user.role, user.is_active, user.first_name) == ("patient", True, "Amina")


def test_one_changes_ones_own_account_as_the_profile(api, user):
    assert api(user).patch(of(user), {"first_name": "Aminah"}).json()["data"]["first_name"] == "Aminah"


def test_an_admin_changes_names_and_the_role_of_staff(api, platform_admin, support_agent):
    answer = api(platform_admin).patch(of(support_agent), {"role": "coordinator", "first_name": "Ada"})
    assert answer.status_code == 200
    support_agent.refresh_from_db()
    assert (support_agent.role, support_agent.first_name) == ("coordinator", "Ada")


@pytest.mark.parametrize(
    ("who", "changes", "code"),
    [
        ("oneself", {"role": "support"}, "accounts.not_yourself"),
        ("oneself", {"is_active": False}, "accounts.not_yourself"),
        ("a patient", {"role": "coordinator"}, "accounts.role_is_fixed"),
        ("an agent", {"role": "patient"}, "accounts.role_is_fixed"),
        ("a patient", {"role": "coordinator", "first_name": "Changed"}, "accounts.role_is_fixed"),
    ],
)
def test_an_admins_refused_change_changes_nothing(api, platform_admin, user, support_agent, who, changes, code):
    target = {"oneself": platform_admin, "a patient": user, "an agent": support_agent}[who]
    before = User.objects.filter(pk=target.pk).values().get()
    answer = api(platform_admin).patch(of(target), changes)
    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert User.objects.filter(pk=target.pk).values().get() == before


# --- Deactivation ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "act", "status"), [("patch", "/deactivate", 200), ("delete", "", 204)])
def test_a_deactivated_person_is_out_at_once_and_their_history_stays(
    api, post, patient, platform_admin, method, act, status
):
    device = api(patient.user)
    assert device.get(PROFILE).status_code == 200
    assert getattr(api(platform_admin), method)(of(patient.user, act)).status_code == status

    assert device.get(PROFILE).status_code == 401
    assert post("auth/login", {"email": patient.user.email, "password": PASSWORD}).status_code == 401
    device.session_row.refresh_from_db()
    assert device.session_row.end_reason == "deactivated"
    patient.refresh_from_db()
    assert User.objects.get(pk=patient.user_id).is_active is False


def test_deactivating_by_a_plain_change_ends_the_sessions_too(api, user, platform_admin):
    device = api(user)
    api(platform_admin).patch(of(user), {"is_active": False})
    assert device.get(PROFILE).status_code == 401


def test_an_activated_person_signs_in_again_but_old_sessions_stay_ended(api, post, user, platform_admin):
    device, admin = api(user), api(platform_admin)
    admin.patch(of(user, "/deactivate"))
    answer = admin.patch(of(user, "/activate"))

    assert answer.json()["data"]["is_active"] is True
    assert device.get(PROFILE).status_code == 401
    assert post("auth/login", {"email": user.email, "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("act", ["/activate", "/deactivate"])
def test_doing_it_twice_changes_nothing_more(api, user, platform_admin, act):
    client = api(platform_admin)
    client.patch(of(user, act))
    entries = AuditEntry.objects.filter(object_id=str(user.pk)).count()
    assert client.patch(of(user, act)).status_code == 200
    assert AuditEntry.objects.filter(object_id=str(user.pk)).count() == entries


@pytest.mark.parametrize("role", [role for role in Role.values if role != "admin"])
def test_nobody_but_platform_admins_deactivates_not_even_themselves(api, user, role):
    person = UserFactory(role=role)
    client = api(person)
    for target in [user, person]:
        assert client.delete(of(target)).status_code == 403
        assert client.patch(of(target, "/deactivate")).status_code == 403
        assert client.patch(of(target, "/activate")).status_code == 403
        target.refresh_from_db()
        assert target.is_active


def test_an_admin_does_not_deactivate_themself(api, platform_admin):
    answer = api(platform_admin).delete(of(platform_admin))
    assert (answer.status_code, answer.json()["code"]) == (409, "accounts.not_yourself")


@pytest.mark.django_db(transaction=True)
def test_two_admins_who_deactivate_one_another_at_once_leave_one(together):
    for _round in range(5):
        User.objects.filter(role=Role.ADMIN).update(is_active=False)
        pair = UserFactory.create_batch(2, role=Role.ADMIN)

        def act(number, pair=pair):
            try:
                services.deactivate_user(pair[1 - number], by=pair[number])
            except exceptions.LastAdmin:
                return "refused"
            return "done"

        assert sorted(together(2, act)) == ["done", "refused"]
        assert User.objects.filter(role=Role.ADMIN, is_active=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_without_the_admins_locks_both_are_gone(together, monkeypatch):
    import threading

    pair = UserFactory.create_batch(2, role=Role.ADMIN)
    looked = threading.Barrier(2, timeout=10)

    def unlocked(user_id):
        others = User.objects.filter(role=Role.ADMIN, is_active=True).exclude(pk=user_id).count()
        looked.wait()
        return User.objects.get(pk=user_id), others

    monkeypatch.setattr(management, "_lock_beside_admins", unlocked)
    together(2, lambda number: services.deactivate_user(pair[1 - number], by=pair[number]))

    assert not User.objects.filter(role=Role.ADMIN, is_active=True).exists()


# --- Cleaning up -----------------------------------------------------------------------------------------------------


def test_cleaning_up_removes_what_is_long_over_and_nothing_else(user, api):
    now = timezone.now()
    live, fresh, old, expired = (api(user).session_row for _ in range(4))
    Session.objects.filter(pk=fresh.pk).update(ended_at=now - timedelta(days=29), end_reason="revoked")
    Session.objects.filter(pk=old.pk).update(ended_at=now - timedelta(days=31), end_reason="revoked")
    Session.objects.filter(pk=expired.pk).update(expires_at=now - timedelta(days=31))
    secret = user.secrets.create(purpose="verify_email", digest="a", expires_at=now - timedelta(hours=1))
    user.secrets.create(purpose="verify_email", digest="b", expires_at=now - timedelta(days=2))

    removed = services.clean_up()

    assert removed == {"sessions": 2, "secrets": 1, "browser_sessions": 0, "idempotency_keys": 0}
    assert set(Session.objects.values_list("pk", flat=True)) == {live.pk, fresh.pk}
    assert user.secrets.get() == secret
    assert services.clean_up() == dict.fromkeys(removed, 0), "once more changes nothing"
