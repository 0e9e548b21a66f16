"""The demo's own decisions; that it runs at all is seen by starting it (`make demo`)."""

import io
import os
import socket

import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import OutputWrapper

from medivoy import embedded
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
        assert demo.web_answers(silent.getsockname()[1]) is False


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
    text = demo.welcome("http://localhost:8001", 12.34, people)
    assert "up after 12.3 s" in text
    for address in ("http://localhost:8001/\n", "http://localhost:8001/admin/", "http://localhost:8001/api-docs"):
        assert address in text
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
