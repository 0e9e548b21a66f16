"""Insurers asked by our computers: what goes over the wire, what is believed of it, and what failures lead to."""

import json
import logging
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, transaction
from django.utils import timezone

from apps.clinical import insurers, rules, services
from apps.clinical.insurers import http
from apps.clinical.models import InsurancePolicy, InsuranceVerification
from apps.common.exceptions import Forbidden, Invalid
from apps.common.models import AuditEntry
from apps.notifications.models import Message
from tests.factories.clinical import InsurerFactory, OnboardedFactory, PolicyFactory, VerificationFactory
from tests.fakes.insurer import SIGNATURE, InsurerServer

pytestmark = pytest.mark.django_db
QUESTION = insurers.Question("request-1", "LH-7788", "Ada Bello", date(1980, 2, 29))
HOLDS = {
    "valid": True, "coverage": {"amount": "50000.00", "currency": "USD"}, "co_pay_percent": "12.5",
    "deductible": {"amount": "250.00", "currency": "USD"}, "valid_until": "2040-12-31",
}  # fmt: skip


@pytest.fixture
def server(monkeypatch):
    server = InsurerServer()
    monkeypatch.setenv("SSL_CERT_FILE", server.certificate_file)
    http._trusted.cache_clear()
    yield server
    server.close()
    http._trusted.cache_clear()


@pytest.fixture
def provider(server):
    return InsurerFactory(verification_kind="http", endpoint=server.url, secret=server.secret)


@pytest.fixture
def patient():
    return OnboardedFactory(user__first_name="Ada", user__last_name="Bello")


@pytest.fixture
def policy(patient, provider):
    return PolicyFactory(patient=patient, provider=provider, number="LH-7788", holder="Ada Bello")


@pytest.fixture
def asked(policy):
    return services.request_insurance_verification(policy.patient, by=policy.patient.user, policy=policy)[0]


def run(after=timedelta()):
    with time_machine.travel(timezone.now() + after, tick=True):
        return services.ask_insurers(timezone.now())


def ask(server, **changes):
    return insurers.Http(server.url, changes.get("secret", server.secret), time_limit_seconds=2).ask(QUESTION)


# --- over the wire ---


def test_an_insurer_learns_number_holder_and_birth_date_and_nothing_else(server):
    ask(server)
    assert server.asked == [
        {"request": "request-1", "policy_number": "LH-7788", "holder": "Ada Bello", "birth_date": "1980-02-29"}
    ]


def test_what_it_says_of_a_policy_that_holds_is_read_exactly(server):
    server.policies["LH-7788"] = HOLDS
    assert ask(server) == insurers.Answer(
        valid=True,
        figures=insurers.Figures(
            coverage_amount=Decimal("50000.00"), deductible=Decimal("250.00"), currency="USD",
            co_pay_percent=Decimal("12.5"), valid_until=date(2040, 12, 31),
        ),
        reference="R1",
    )  # fmt: skip


def test_a_policy_that_does_not_hold_has_no_figures(server):
    server.policies["LH-7788"] = HOLDS | {"valid": False}
    assert ask(server) == insurers.Answer(valid=False, figures=insurers.Figures(), reference="R1")


def test_a_question_signed_with_another_secret_is_refused(server):
    with pytest.raises(insurers.InsurerFailed, match="answered 401"):
        ask(server, secret="x" * 40)
    assert (server.asked, server.unsigned) == ([], 1)


@pytest.mark.parametrize(
    ("misbehaves", "why"),
    [
        ({"status": 500}, "answered 500"),
        ({"status": 302, "headers": {"Location": "https://127.0.0.1:1/elsewhere"}}, "answered 302"),
        ({"hangs": True}, "ReadTimeout"),
        ({"is_unsigned": True}, "not signed"),
        ({"signs_with": "another-secret-that-is-long-enough-too"}, "another secret"),
        ({"signed_at": 1_600_000_000}, "another time"),
        ({"says": b"<html>Maintenance</html>"}, "not as agreed"),
        ({"says": b"[]"}, "not as agreed"),
        ({"says": b'"yes"'}, "not as agreed"),
        ({"says": b"x" * 70_000}, "too large"),
        ({"says": b'{"request": "request-2", "valid": true}'}, "not as agreed"),
        ({"says": b'{"request": "request-1", "valid": "yes"}'}, "not as agreed"),
        ({"says": b'{"request": "request-1", "valid": true, "co_pay_percent": 12.5}'}, "not as agreed"),
        ({"says": b'{"request": "request-1", "valid": true, "co_pay_percent": "NaN"}'}, "not as agreed"),
        ({"says": b'{"request": "request-1", "valid": true, "valid_until": "soon"}'}, "not as agreed"),
        ({"says": b'{"request": "request-1", "valid": true, "reference": 7}'}, "not as agreed"),
        (
            {
                "says": b'{"request": "request-1", "valid": true, "coverage": {"amount": "1", "currency": "USD"},'
                b' "deductible": {"amount": "1", "currency": "EUR"}}'
            },
            "not as agreed",
        ),
    ],
)
def test_what_is_no_answer_is_a_failure_that_says_why_and_names_nobody(server, misbehaves, why, monkeypatch):
    monkeypatch.setattr(http, "MAX_BYTES", 64_000)
    for name, value in misbehaves.items():
        setattr(server, name, value)
    with pytest.raises(insurers.InsurerFailed, match=why) as caught:
        ask(server)
    assert not re.search("7788|Ada|1980", str(caught.value))


def test_an_insurer_is_never_asked_but_over_https(server):
    with pytest.raises(insurers.InsurerFailed, match="https"):
        insurers.Http(server.url.replace("https", "http"), server.secret).ask(QUESTION)


def test_an_insurer_whose_certificate_nobody_vouches_for_is_told_nothing(server, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")
    http._trusted.cache_clear()
    with pytest.raises(insurers.InsurerFailed, match="ConnectError"):
        ask(server)
    assert server.asked == []


def test_the_signature_covers_time_and_body():
    signature = http.sign(b"{}", "secret", at=1_700_000_000)
    assert signature == "t=1700000000,v1=b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
    assert http.sign(b"{ }", "secret", at=1_700_000_000) != signature != http.sign(b"{}", "secret", at=1_700_000_001)
    assert SIGNATURE == http.SIGNATURE


# --- the job ---


def test_the_answer_is_kept_and_the_policy_follows_it(asked, policy, server):
    server.policies["LH-7788"] = HOLDS
    assert run() == 1

    asked.refresh_from_db()
    policy.refresh_from_db()
    assert (asked.status, asked.kind, asked.valid, asked.decided_by) == ("decided", "http", True, None)
    assert (asked.coverage_amount, asked.currency, asked.deductible) == (Decimal(50000), "USD", Decimal(250))
    assert (asked.co_pay_percent, asked.valid_until, asked.reference) == (Decimal("12.5"), date(2040, 12, 31), "R1")
    assert (policy.verification, policy.decided_at) == ("verified", asked.decided_at)
    assert Message.objects.filter(kind="clinical.insurance_decided", recipient=policy.patient.user).exists()
    assert run() == 0


def test_coordinators_are_not_troubled_while_our_computers_ask(coordinator, asked):
    assert asked.status == "asking"
    assert not Message.objects.filter(kind="clinical.insurance_to_verify").exists()


def test_a_failed_question_waits_longer_each_time_and_after_five_a_coordinator_asks(coordinator, asked, server):
    server.status = 500
    waits = []
    for _attempt in range(rules.MAX_ATTEMPTS - 1):
        run(timedelta(days=len(waits)))
        asked.refresh_from_db()
        waits.append(asked.due_at - asked.updated_at)
        assert asked.status == "asking"
    assert [round(wait.total_seconds() / 60) for wait in waits] == [1, 5, 20, 60]

    run(timedelta(days=9))
    asked.refresh_from_db()
    assert (asked.status, asked.kind, asked.due_at) == ("staff", "manual", None)
    assert asked.last_error == "the insurer answered 500"
    assert Message.objects.filter(kind="clinical.insurance_to_verify", recipient=coordinator).exists()
    assert run(timedelta(days=10)) == 0
    assert len(server.asked) == rules.MAX_ATTEMPTS
    assert {each["request"] for each in server.asked} == {str(asked.pk)}


def test_an_answer_that_cannot_be_is_no_answer(asked, server):
    for wrong in (
        {"coverage": {"amount": "1.005", "currency": "USD"}},
        {"coverage": {"amount": "1.00", "currency": "XYZ"}},
        {"coverage": {"amount": "0.5", "currency": "JPY"}},
        {"co_pay_percent": "101"},
        {"valid_until": "2020-01-01"},
    ):
        server.decided.clear()
        server.policies["LH-7788"] = {"valid": True, **wrong}
        run(timedelta(days=1))
        asked.refresh_from_db()
        assert asked.last_error.startswith("the answer contradicts itself"), wrong
        InsuranceVerification.objects.filter(pk=asked.pk).update(attempts=0, due_at=timezone.now())
    assert asked.valid is None


def test_an_insurer_that_is_switched_over_meanwhile_is_asked_by_a_coordinator(coordinator, asked, provider, server):
    services.update_insurer(provider, by=None, verification_kind="manual")
    run()
    asked.refresh_from_db()
    assert (asked.status, asked.kind) == ("staff", "manual")
    assert server.asked == []
    assert Message.objects.filter(kind="clinical.insurance_to_verify", recipient=coordinator).exists()


def test_a_policy_that_is_changed_meanwhile_is_not_decided_by_the_answer_about_the_old_one(asked, policy, server):
    server.policies["LH-7788"] = HOLDS
    server.before_answer = lambda: None
    real = http.Http.ask

    def changed_meanwhile(self, question):
        answer = real(self, question)
        services.change_entry(policy, "insurance_policies", by=policy.patient.user, number="LH-9999")
        return answer

    http.Http.ask = changed_meanwhile
    try:
        assert run() == 0
    finally:
        http.Http.ask = real
    asked.refresh_from_db()
    policy.refresh_from_db()
    assert (asked.status, asked.valid, policy.verification) == ("withdrawn", None, "unverified")
    assert not Message.objects.filter(kind="clinical.insurance_decided").exists()


def test_a_coordinator_may_decide_while_our_computers_ask(coordinator, asked, policy, server):
    server.status = 500
    run()
    services.decide_insurance(policy, verified=False, note="They know no such policy", by=coordinator)
    asked.refresh_from_db()
    assert (asked.status, asked.kind, asked.valid) == ("decided", "manual", False)
    assert run(timedelta(days=1)) == 0


def test_nothing_of_a_question_stands_in_logs_or_in_the_trail(asked, server, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    server.policies["LH-7788"] = HOLDS | {"reference": "REF-SECRET"}
    server.status = 500
    run()
    server.status = None
    run(timedelta(hours=1))
    asked.refresh_from_db()
    assert asked.status == "decided"
    said = caplog.text + "".join(capsys.readouterr())
    rows = AuditEntry.objects.filter(object_type__startswith="clinical.insurance")
    trail = json.dumps(list(rows.values_list("changes", flat=True)))
    for private in ("LH-7788", "Ada", "1980", "REF-SECRET", "50000", server.secret):
        assert private not in said, private
        assert private not in trail, private


# --- what the table holds ---


def test_what_is_decided_never_changes_and_is_never_deleted(asked, server):
    run()
    for change in (lambda rows: rows.update(note="x"), lambda rows: rows.delete()):
        with pytest.raises(ProgrammingError), transaction.atomic():
            change(InsuranceVerification.objects.filter(pk=asked.pk))


@pytest.mark.parametrize(
    "figures",
    [
        {"co_pay_percent": Decimal(101)},
        {"co_pay_percent": Decimal("-0.01")},
        {"coverage_amount": Decimal(-1), "currency": "USD"},
        {"coverage_amount": Decimal("0.5"), "currency": "JPY"},
        {"deductible": Decimal("0.001"), "currency": "USD"},
        {"coverage_amount": Decimal(1)},
        {"currency": "USD"},
        {"valid": False, "valid_until": date(2040, 1, 1)},
        {"valid": None},
        {"decided_at": None},
        {"due_at": timezone.now()},
    ],
)
def test_the_table_refuses_figures_that_cannot_be(figures):
    decided = {"status": "decided", "valid": True, "decided_at": timezone.now()}
    with pytest.raises(IntegrityError), transaction.atomic():
        VerificationFactory(**decided | figures)


def test_an_insurer_is_asked_about_a_policy_once_at_a_time(asked, policy):
    assert services.request_insurance_verification(policy.patient, by=policy.patient.user, policy=policy) == (
        asked, False,
    )  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        VerificationFactory(policy=policy)


# --- policies and the list ---


def test_a_policy_of_an_insurer_on_the_list_has_its_name(patient, provider):
    def add(**given):
        return services.add_entry(patient, "insurance_policies", by=patient.user, **given)

    policy = add(provider_id=provider.pk, number="AB-1")
    assert (policy.provider, policy.insurer) == (provider, provider.name_en)
    policy = services.change_entry(policy, "insurance_policies", by=patient.user, insurer="Another Mutual")
    assert (policy.provider, policy.insurer) == (None, "Another Mutual")
    services.update_insurer(provider, by=None, is_active=False)
    with pytest.raises(Invalid):
        add(provider_id=provider.pk, number="AB-2")


def test_a_removed_policy_is_kept_for_what_its_insurer_said_and_its_number_can_be_given_again(
    patient, policy, asked, coordinator
):
    services.remove_entry(policy, "insurance_policies", by=patient.user)
    asked.refresh_from_db()
    assert asked.status == "withdrawn"
    assert not InsurancePolicy.objects.standing().exists()
    again, is_news = services.request_insurance_verification(patient, by=patient.user, insurer="X", number="LH-7788")
    assert is_news
    assert again.policy_id != policy.pk
    assert list(InsuranceVerification.objects.visible_to(patient.user)) == [again]
    assert InsuranceVerification.objects.visible_to(coordinator).count() == 2


def test_an_insurer_that_a_policy_names_is_switched_off_and_another_removed(policy, provider, platform_admin):
    idle = InsurerFactory()
    for each in (provider, idle):
        services.remove_insurer(each, by=platform_admin)
    provider.refresh_from_db()
    assert not provider.is_active
    assert not type(idle).objects.filter(pk=idle.pk).exists()


def test_only_platform_admins_keep_the_list(provider, coordinator):
    with pytest.raises(Forbidden):
        services.update_insurer(provider, by=coordinator, is_active=False)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"endpoint": "http://insurer.example.com"}, "endpoint"),
        ({"endpoint": "https://me:secret@insurer.example.com"}, "endpoint"),
        ({"endpoint": ""}, "endpoint"),
        ({"secret": "short"}, "secret"),
        ({"secret": ""}, "secret"),
    ],
)
def test_our_computers_ask_only_with_an_address_of_https_and_a_secret(provider, changes, field):
    with pytest.raises(Exception, match=r".") as caught:
        services.update_insurer(provider, by=None, **changes)
    assert field in str(getattr(caught.value, "errors", None) or caught.value)
    provider.refresh_from_db()
    assert provider.endpoint.startswith("https://")
