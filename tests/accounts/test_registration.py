"""A patient or doctor registers: account, profile, tokens, welcome and code, all or nothing."""

import threading

import pytest
import redis as redis_library
from django.db import IntegrityError, transaction

from apps.accounts import exceptions, services, signals
from apps.accounts.models import OneTimeSecret, Session, User
from apps.accounts.roles import Role
from apps.clinical.models import Patient
from apps.common import redis
from apps.common.models import AuditEntry
from apps.hospitals.models import Doctor
from apps.notifications.models import Message
from tests.factories.accounts import PASSWORD, UserFactory

pytestmark = pytest.mark.django_db


def nothing_was_made():
    return not (
        User.objects.exists() or OneTimeSecret.objects.exists() or Session.objects.exists() or Message.objects.exists()
    )


def test_a_patient_registers_and_is_signed_in_with_a_profile_a_welcome_and_a_code(post, api, registration, sent):
    answer = post("auth/register", registration)

    assert answer.status_code == 201
    data = answer.json()["data"]
    assert set(data) == {
        "access", "refresh", "access_expires_at", "refresh_expires_at", "session_id", "user",
    }  # fmt: skip
    user = User.objects.get()
    assert data["user"] == {
        "id": str(user.pk),
        "email": "amina.okafor@example.com",
        "is_email_verified": False,
        "phone": "+2348031234567",
        "is_phone_verified": False,
        "first_name": "Amina",
        "last_name": "Okafor",
        "full_name": "Amina Okafor",
        "role": "patient",
        "is_active": True,
        "language": "fr",
        "time_zone": "Africa/Lagos",
        "picture": None,
        "last_sign_in_at": None,
        "created_at": data["user"]["created_at"],
    }
    patient = Patient.objects.get(user=user)
    assert (patient.country.code, patient.city) == ("NG", "Lagos")
    code = sent(user, "accounts.welcome")["code"]
    assert len(code) == 6
    client = api()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {data['access']}")
    assert client.get("/api/v1/auth/profile").json()["data"]["id"] == str(user.pk)


def test_a_doctor_registers_with_a_profile_that_waits_for_verification(post, registration):
    answer = post("auth/register", {**registration, "role": "doctor", "details": {}})

    assert answer.status_code == 201
    assert Doctor.objects.get(user__email=registration["email"]).verification == "pending"
    assert not Patient.objects.exists()


@pytest.mark.parametrize("role", [role for role in Role.values if role not in {"patient", "doctor"}] + ["", "root"])
def test_no_other_role_is_open_for_registration(post, registration, role):
    answer = post("auth/register", {**registration, "role": role})

    assert answer.status_code == 400
    assert "role" in answer.json()["errors"]
    assert nothing_was_made()


def test_the_service_itself_refuses_another_role(registration):
    with pytest.raises(exceptions.CannotRegisterAs):
        services.register(**{**registration, "role": "admin"}, origin=services.Origin())
    assert nothing_was_made()


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Sh0rt-a", "too short by one"),
        ("A1-" + "a" * 126, "too long by one"),
        ("no-upper-case-7", "no upper case"),
        ("NO-LOWER-CASE-7", "no lower case"),
        ("No-digit-here", "no digit"),
        ("NoSpecial777", "no special character"),
        ("No Special 777", "a space is not special"),
        ("Amina.Okafor@Example1", "like the person's own address"),
        ("P@ssw0rd", "common"),
    ],
)
def test_a_weak_password_is_refused_and_nothing_is_made(post, registration, password, why):
    answer = post("auth/register", {**registration, "password": password})

    assert answer.status_code == 400, why
    assert list(answer.json()["errors"]) == ["password"]
    assert password not in answer.content.decode()
    assert nothing_was_made()


@pytest.mark.parametrize("password", ["Abcd-ef7", "Aa1-" + "x" * 124, "Пароль-сложный-7Я", "Correct Horse 7!"])
def test_a_strong_password_of_eight_to_128_characters_is_taken(post, registration, password):
    assert post("auth/register", {**registration, "password": password}).status_code == 201


@pytest.mark.parametrize("taken", ["amina.okafor@example.com", "AMINA.Okafor@Example.COM"])
def test_a_taken_address_is_a_conflict_whatever_its_case(post, registration, taken):
    UserFactory(email="amina.okafor@example.com")
    answer = post("auth/register", {**registration, "email": taken})

    assert (answer.status_code, answer.json()["code"]) == (409, "accounts.email_taken")
    assert list(answer.json()["errors"]) == ["email"]
    assert User.objects.count() == 1
    assert not Session.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not-an-address"),
        ("email", "a" * 250 + "@example.com"),
        ("first_name", ""),
        ("first_name", "x" * 101),
        ("last_name", None),
        ("last_name", "Okafor\r\nBcc: everyone@example.com"),
        ("phone", "12"),
        ("phone", "08031234567"),
        ("language", "de"),
        ("time_zone", "Mars/Olympus"),
        ("time_zone", "../../etc/passwd"),
        ("details", ["not", "an object"]),
        ("details", {"country": "XX"}),
        ("details", {"birth_date": "yesterday"}),
        ("details", {"birth_date": "2999-01-01"}),
        ("details", {"country": {"deep": "thing"}}),
    ],
)
def test_an_impossible_field_is_named_and_nothing_is_made(post, registration, field, value):
    answer = post("auth/register", {**registration, field: value})

    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    assert answer.json()["errors"]
    assert nothing_was_made()


@pytest.mark.parametrize(
    ("field", "value"),
    [("country", "XX"), ("birth_date", "yesterday"), ("birth_date", "2999-01-01"), ("gender", "x" * 20)],
)
def test_an_error_of_the_profile_is_named_where_the_caller_wrote_it(post, registration, field, value):
    answer = post("auth/register", {**registration, "details": {field: value}})

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [f"details.{field}"]
    assert answer.json()["errors"][f"details.{field}"][0]
    assert nothing_was_made()


def test_who_says_no_language_is_written_to_in_the_language_of_the_request(post, registration):
    del registration["language"]
    post("auth/register", registration, HTTP_ACCEPT_LANGUAGE="ar")
    assert User.objects.get().language == "ar"


def test_a_role_that_no_app_makes_a_profile_for_is_a_defect_and_rolls_back(registration, monkeypatch):
    monkeypatch.setattr(signals.user_registered, "send", lambda **_given: [(None, None)])
    with pytest.raises(exceptions.ProfileMissing):
        services.register(**registration, origin=services.Origin())
    assert nothing_was_made()


def test_a_message_that_cannot_be_written_undoes_the_account(registration, monkeypatch):
    def fail(**_given):
        raise RuntimeError("the outbox is broken")

    monkeypatch.setattr(signals.message_wanted, "send", fail)
    with pytest.raises(RuntimeError):
        services.register(**registration, origin=services.Origin())
    assert nothing_was_made()
    assert not Patient.objects.exists()


def test_registering_stands_in_the_audit_trail_without_password_or_code(post, registration, sent):
    post("auth/register", registration)
    user = User.objects.get()

    entries = AuditEntry.objects.filter(object_type="accounts.user", object_id=str(user.pk))
    assert {"created", "registered"} <= set(entries.values_list("action", flat=True))
    trail = str(list(AuditEntry.objects.values_list("changes", flat=True)))
    assert PASSWORD not in trail
    assert user.password not in trail
    assert sent(user, "accounts.welcome")["code"] not in trail


def test_a_code_is_kept_only_as_a_keyed_hash(post, registration, sent, settings):
    post("auth/register", registration)
    row = OneTimeSecret.objects.get()
    code = sent(row.user, "accounts.welcome")["code"]

    assert code not in row.digest
    assert len(row.digest) == 64
    settings.SECRET_KEY = "another key, under which the same code has another hash"
    assert not services_accept(row, code)


def services_accept(row, code):
    try:
        services.verify_email(email=row.user.email, code=code, address="")
    except exceptions.CodeInvalid:
        return False
    return True


def test_one_address_makes_a_hundred_accounts_an_hour_at_most(post, registration):
    def one(number, address):
        return post("auth/register", {**registration, "email": f"n{number}@example.com"}, REMOTE_ADDR=address)

    assert {one(number, "192.0.2.1").status_code for number in range(100)} == {201}
    refused = one(100, "192.0.2.1")
    assert (refused.status_code, refused.json()["code"]) == (429, "request.throttled")
    assert int(refused["Retry-After"]) > 3000
    assert one(101, "192.0.2.2").status_code == 201


def test_people_register_when_redis_is_gone(post, registration, monkeypatch):
    def gone(*_args, **_kwargs):
        raise redis_library.ConnectionError

    monkeypatch.setattr(redis, "breaker", redis.Breaker(redis.LEFT_ALONE_SECONDS))
    monkeypatch.setattr(redis_library.Redis, "execute_command", gone)
    assert post("auth/register", registration).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_of_two_registrations_of_one_address_at_once_one_wins_and_one_is_told(together, post, registration):
    answers = together(8, lambda _number: post("auth/register", registration))

    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"accounts.email_taken"}
    assert User.objects.count() == Patient.objects.count() == Session.objects.count() == 1
    assert Message.objects.filter(kind="accounts.welcome").count() == 1


@pytest.mark.django_db(transaction=True)
def test_control_looking_first_instead_of_letting_the_database_decide_fails(together, registration):
    """What the test above would see without the unique e-mail and its handling: both look, both insert, one breaks."""

    looked = threading.Barrier(2, timeout=10)

    def naive(_number):
        try:
            with transaction.atomic():
                if User.objects.by_email(registration["email"]).exists():
                    return "told"
                looked.wait()
                User(email=registration["email"], first_name="A", last_name="B").save(force_insert=True)
        except IntegrityError:
            return "broke"
        return "won"

    assert sorted(together(2, naive)) == ["broke", "won"]
