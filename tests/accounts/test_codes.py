"""Six characters that prove an address or a phone: ten minutes, five tries however many at once, one use."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts import exceptions, services
from apps.accounts.models import OneTimeSecret, User
from apps.accounts.services import secrets
from apps.notifications.models import Message
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(db):
    return UserFactory(email="amina@example.com", email_verified_at=None)


@pytest.fixture
def code(user, post, sent):
    post("auth/resend-verification", {"email": user.email})
    return sent(user, "accounts.verify_email")["code"]


def other_than(code):
    return ("A" if code[0] != "A" else "B") + code[1:]


def verify(post, code, email="amina@example.com", **extra):
    return post("auth/verify-email", {"email": email, "code": code}, **extra)


def is_verified(user):
    user.refresh_from_db()
    return user.email_verified_at is not None


def test_the_code_proves_the_address(post, user, code):
    answer = verify(post, code)
    assert answer.status_code == 200
    assert answer.json()["data"] is None
    assert is_verified(user)


@pytest.mark.parametrize("typed", [str.lower, lambda code: f" {code} "])
def test_a_code_may_be_typed_in_lower_case_or_with_spaces_around(post, user, code, typed):
    assert verify(post, typed(code)).status_code == 200


def test_a_code_works_once(post, user, code):
    verify(post, code)
    assert verify(post, code).status_code == 400


@pytest.mark.parametrize(("seconds", "status"), [(599, 200), (601, 400)])
def test_a_code_is_good_for_ten_minutes(post, user, code, seconds, status):
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds), tick=False):
        assert verify(post, code).status_code == status


def test_after_five_wrong_tries_the_right_code_works_no_more(post, user, code):
    for _ in range(5):
        assert verify(post, other_than(code)).json()["code"] == "accounts.code_invalid"
    assert verify(post, code).status_code == 400
    assert not is_verified(user)
    assert OneTimeSecret.objects.get().failed_attempts == 5


def test_after_four_wrong_tries_the_right_code_still_works(post, user, code):
    for _ in range(4):
        verify(post, other_than(code))
    assert verify(post, code).status_code == 200


def test_a_new_code_replaces_the_one_before(post, user, code, sent):
    post("auth/resend-verification", {"email": user.email})
    newer = sent(user, "accounts.verify_email")["code"]

    assert verify(post, code).status_code == 400
    assert verify(post, newer).status_code == 200


def test_another_persons_code_does_not_work(post, user, code):
    other = UserFactory(email_verified_at=None)
    assert verify(post, code, email=other.email).status_code == 400
    assert not is_verified(other)


def test_an_unknown_address_gets_the_same_answer_as_a_wrong_code(post, user, code):
    known, unknown = verify(post, other_than(code)), verify(post, code, email="nobody@example.com")
    assert known.status_code == unknown.status_code == 400
    assert {**known.json(), "timestamp": ""} == {**unknown.json(), "timestamp": ""}


def test_a_deactivated_persons_code_does_not_work(post, user, code):
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert verify(post, code).status_code == 400


def test_verifying_again_keeps_the_first_moment(post, user, code, sent):
    verify(post, code)
    user.refresh_from_db()
    first = user.email_verified_at
    _secret, again = secrets.issue_code(user, "verify_email", sent_to=user.email, now=timezone.now())
    assert verify(post, again).status_code == 200
    user.refresh_from_db()
    assert user.email_verified_at == first


@pytest.mark.parametrize("kind", ["unknown", "verified", "inactive"])
def test_asking_for_a_code_answers_the_same_and_does_the_same_work_for_everyone(post, user, kind):
    if kind == "verified":
        UserFactory(email="other@example.com")
    if kind == "inactive":
        UserFactory(email="other@example.com", email_verified_at=None, is_active=False)
    with CaptureQueriesContext(connection) as for_known:
        known = post("auth/resend-verification", {"email": user.email})
    with CaptureQueriesContext(connection) as for_other:
        other = post("auth/resend-verification", {"email": "other@example.com"})

    assert known.status_code == other.status_code == 200
    assert {**known.json(), "timestamp": ""} == {**other.json(), "timestamp": ""}
    assert abs(len(for_known) - len(for_other)) <= 1, "one ends in a release, the other in a roll-back"
    assert Message.objects.count() == OneTimeSecret.objects.count() == 1, "nothing is kept or sent for the other"


def test_codes_are_asked_for_five_times_an_hour(post, user):
    statuses = [post("auth/resend-verification", {"email": user.email}).status_code for _ in range(7)]
    assert statuses == [200] * 5 + [429] * 2
    unknown = [post("auth/resend-verification", {"email": "nobody@example.com"}).status_code for _ in range(7)]
    assert unknown == statuses, "the limit tells nothing either"


def test_one_address_tries_fifty_codes_in_a_quarter_of_an_hour(post, user, code):
    statuses = [
        verify(post, "AAAAAA", email=f"n{number}@example.com", REMOTE_ADDR="192.0.2.1").status_code
        for number in range(51)
    ]
    assert statuses == [400] * 50 + [429]
    assert verify(post, code, REMOTE_ADDR="192.0.2.2").status_code == 200


# --- Five, however many at once --------------------------------------------------------------------------------------


@pytest.fixture
def compared(monkeypatch):
    """Every comparison of a typed code with the kept one."""
    seen = []
    compare = secrets.constant_time_compare

    def counted(*given):
        seen.append(given)
        return compare(*given)

    monkeypatch.setattr(secrets, "constant_time_compare", counted)
    return seen


@pytest.mark.django_db(transaction=True)
def test_of_32_codes_tried_at_once_exactly_five_are_compared(together, post, user, code, compared):
    answers = together(32, lambda _number: verify(post, other_than(code)))

    assert {answer.status_code for answer in answers} == {400}
    assert len(compared) == 5
    assert OneTimeSecret.objects.get().failed_attempts == 5


@pytest.mark.django_db(transaction=True)
def test_a_right_code_sent_32_times_at_once_is_used_once(together, post, user, code):
    answers = together(32, lambda _number: verify(post, code))
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 31


@pytest.mark.django_db(transaction=True)
def test_control_without_the_persons_lock_more_than_five_codes_are_compared(
    together, post, user, code, compared, monkeypatch
):
    looked = threading.Barrier(32, timeout=30)
    real = secrets.rules.why_not_use_secret

    def look(secret, *, now):
        answer = real(secret, now=now)
        looked.wait()
        return answer

    queryset = type(User.objects.all())
    monkeypatch.setattr(queryset, "select_for_update", lambda self, **_given: self)
    monkeypatch.setattr(secrets.rules, "why_not_use_secret", look)
    together(32, lambda _number: verify(post, other_than(code)))

    assert len(compared) > 5


# --- The phone -------------------------------------------------------------------------------------------------------


@pytest.fixture
def with_phone(db):
    return UserFactory(phone="+442079460018")


def phone_code(person):
    _secret, code = secrets.issue_code(person, "verify_phone", sent_to=str(person.phone), now=timezone.now())
    return code


def test_the_code_proves_the_phone(api, with_phone):
    answer = api(with_phone).post("/api/v1/auth/verify-phone", {"code": phone_code(with_phone)})
    assert answer.status_code == 200
    assert answer.json()["data"]["is_phone_verified"] is True


def test_a_code_for_the_phone_before_does_not_prove_a_new_one(api, with_phone):
    code = phone_code(with_phone)
    client = api(with_phone)
    client.patch("/api/v1/auth/profile", {"phone": "+442079460019"})
    assert client.post("/api/v1/auth/verify-phone", {"code": code}).json()["code"] == "accounts.code_invalid"


def test_wrong_phone_codes_are_counted_although_the_answer_is_a_refusal(api, with_phone):
    code, client = phone_code(with_phone), api(with_phone)
    for _ in range(5):
        assert client.post("/api/v1/auth/verify-phone", {"code": other_than(code)}).status_code == 400
    assert client.post("/api/v1/auth/verify-phone", {"code": code}).status_code == 400


def test_an_e_mail_code_proves_no_phone(api, with_phone):
    _secret, code = secrets.issue_code(with_phone, "verify_email", sent_to=with_phone.email, now=timezone.now())
    assert api(with_phone).post("/api/v1/auth/verify-phone", {"code": code}).status_code == 400


def test_without_an_sms_provider_asking_for_a_phone_code_says_so_and_keeps_nothing(api, with_phone):
    answer = api(with_phone).post("/api/v1/auth/phone-code")
    assert (answer.status_code, answer.json()["code"]) == (503, "notifications.channel_unavailable")
    assert not OneTimeSecret.objects.exists()


def test_with_an_sms_provider_the_code_is_asked_for_and_written_to_the_outbox(with_phone, monkeypatch):
    told = []
    monkeypatch.setattr(services.registration.signals.message_wanted, "send", lambda **given: told.append(given))
    services.send_phone_code(with_phone)
    assert (told[0]["kind"], told[0]["user"]) == ("accounts.verify_phone", with_phone)
    services.verify_phone(with_phone, code=told[0]["context"]["code"], address="")
    with_phone.refresh_from_db()
    assert with_phone.phone_verified_at is not None


def test_no_phone_or_a_verified_one_needs_no_code(api, user, with_phone):
    assert api(user).post("/api/v1/auth/phone-code").json()["code"] == "accounts.no_phone"
    User.objects.filter(pk=with_phone.pk).update(phone_verified_at=timezone.now())
    answer = api(with_phone).post("/api/v1/auth/phone-code")
    assert (answer.status_code, answer.json()["code"]) == (409, "accounts.phone_already_verified")


def test_a_lost_transaction_does_not_lose_the_count(user, code):
    """The refusal is raised after the transaction, so a caller that turns it into an answer cannot undo the count."""
    with pytest.raises(exceptions.CodeInvalid):
        services.verify_email(email=user.email, code=other_than(code), address="")
    assert OneTimeSecret.objects.get().failed_attempts == 1
