"""The demo's own decisions; that it runs at all is seen by starting it (`make demo`)."""

import io
import os
import socket

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper

from medivoy import embedded
from medivoy.fake_gateway import setup
from medivoy.management.commands import demo


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def taken_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def test_outside_of_development_it_refuses_because_its_passwords_are_public(settings):
    settings.ENVIRONMENT = "production"
    with pytest.raises(CommandError, match="MEDIVOY_ENV=development only"):
        call_command("demo")


def test_a_port_in_use_is_passed_over(taken_port):
    found = demo.free_port("127.0.0.1", taken_port)
    assert taken_port < found < taken_port + demo.PORTS_TRIED


def test_no_free_port_is_said(taken_port, monkeypatch):
    monkeypatch.setattr(demo, "PORTS_TRIED", 1)
    with pytest.raises(CommandError, match="all taken"):
        demo.free_port("127.0.0.1", taken_port)


def test_a_web_process_that_does_not_listen_does_not_answer(taken_port):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        assert demo.answers(silent.getsockname()[1], "/api/v1/health") is False


def test_the_application_and_the_test_gateway_know_each_other_by_the_same_variables():
    environ = {"PUBLIC_URL": "http://localhost:8001"}
    environ |= demo.gateway_environment(environ, 8091)
    known = setup.endpoints(environ)
    assert {vendor: endpoint.webhook_url for vendor, endpoint in known.items()} == {
        vendor: f"http://localhost:8001/api/v1/webhooks/{vendor}" for vendor in ("stripe", "razorpay", "sandbox")
    }
    assert known["stripe"].key == environ["STRIPE_SECRET_KEY"]
    assert environ["STRIPE_API_BASE"] == "http://127.0.0.1:8091/stripe"


def test_a_vendor_whose_own_test_keys_are_set_is_left_alone():
    environ = {"PUBLIC_URL": "http://localhost:8001", "STRIPE_SECRET_KEY": "sk_test_of_somebody"}
    environ |= demo.gateway_environment(environ, 8091)
    assert "STRIPE_API_BASE" not in environ
    assert set(setup.endpoints(environ)) == {"razorpay", "sandbox"}


def test_it_stops_when_the_process_that_started_it_is_gone(monkeypatch):
    ticks = []
    tick = demo.stopping_with_parent(lambda: ticks.append("tick"))
    tick()
    monkeypatch.setattr(os, "getppid", lambda: 1_000_000)
    with pytest.raises(embedded.StopRequestedError):
        tick()
    assert ticks == ["tick"]


def test_a_database_remembers_what_it_was_prepared_from():
    with embedded.throw_away() as addresses:
        assert demo.prepared_from(addresses.database_url) is None
        demo.note_prepared(addresses.database_url, demo.fingerprint())
        assert demo.prepared_from(addresses.database_url) == demo.fingerprint()


@pytest.mark.parametrize("changed", ["apps/bookings/migrations/0002_new.py", "data/demo/hospitals.json"])
def test_a_new_migration_or_other_demo_data_changes_the_fingerprint(settings, tmp_path, changed):
    settings.BASE_DIR = tmp_path
    before = demo.fingerprint()
    path = tmp_path / changed
    path.parent.mkdir(parents=True)
    path.write_text("one")
    with_file = demo.fingerprint()
    path.write_text("two")
    assert len({before, with_file, demo.fingerprint()}) == 3


def test_the_welcome_names_the_addresses_and_everyone_who_can_sign_in():
    people = [
        {"role": "admin", "email": "ada@medivoy.example.com", "password": "Secret-1", "name": "Ada Admin"},
        {"role": "patient", "email": "p@medivoy.example.com", "password": "Secret-1", "name": "Pat Patient"},
    ]
    text = demo.welcome("http://localhost:8001", "http://127.0.0.1:8091", 12.34, people)
    assert "up after 12.3 s" in text
    for path in ("/\n", "/admin/", "/api-docs"):
        assert f"http://localhost:8001{path}" in text
    assert "http://127.0.0.1:8091/" in text
    for person in people:
        (line,) = [line for line in text.splitlines() if person["email"] in line]
        assert all(value in line for value in person.values())


def test_on_a_terminal_a_step_counts_its_seconds_in_place():
    out = Terminal()
    progress = demo.Progress(OutputWrapper(out))
    with progress.step("Database tables"):
        progress.tick()
    shown = out.getvalue()
    assert shown.count("\n") == 1
    assert shown.startswith("  Database tables ...\r")
    assert shown.endswith(" s\n")


def test_elsewhere_a_step_is_one_line_with_its_result():
    out = io.StringIO()
    progress = demo.Progress(OutputWrapper(out))
    with progress.step("Database tables"):
        progress.tick()
    assert out.getvalue().count("Database tables") == 1
    assert out.getvalue().endswith(" s\n")


def test_a_step_that_fails_claims_no_success():
    out = io.StringIO()
    progress = demo.Progress(OutputWrapper(out))
    with pytest.raises(RuntimeError), progress.step("Database tables"):
        raise RuntimeError
    assert out.getvalue() == ""
