"""The supervisor of the embedded servers, on real processes: what it starts, restarts, stops, never leaves behind."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redis

from medivoy import embedded
from medivoy.embedded import programs, servers
from tests.plugin_postgres import redis_url_of_worker

ROOT = Path(__file__).resolve().parent.parent
PATIENCE_SECONDS = 30.0
WE_ARE_ROOT = os.geteuid() == 0


@pytest.fixture
def directory():
    """Open to every user, unlike pytest's tmp_path, so that root's servers can run as somebody else in it."""
    path = Path(tempfile.mkdtemp(prefix="medivoy-supervised-", dir="/tmp"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def closed_directory(directory):
    """A directory inside another that only we may enter, such as a checkout in root's home."""
    closed = directory / "closed"
    closed.mkdir(mode=0o700)
    return closed / "data"


def wait_until(condition, *, what):
    deadline = time.monotonic() + PATIENCE_SECONDS
    pause = threading.Event()
    while not condition():
        assert time.monotonic() < deadline, f"not seen within {PATIENCE_SECONDS:.0f} s: {what}"
        pause.wait(0.02)


def processes_naming(text):
    """Running processes with this text in their command line, our own one aside."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            named = str(text).encode() in (process / "cmdline").read_bytes()
            is_zombie = "\nState:\tZ" in (process / "status").read_text()
        except OSError:  # it ended while we looked
            continue
        if named and not is_zombie:
            found.add(int(process.name))
    return found - {os.getpid()}


def sleeper(directory, title="sleeper", **changes):
    """A program that does nothing until it is stopped, findable by the directory in its command line."""
    command = (sys.executable, "-c", f"import time; time.sleep(600)  # {directory} {title}")
    return embedded.Program(title=title, command=command, log=directory / f"{title}.log", **changes)


def shell(directory, script, title="shell", **changes):
    return embedded.Program(title=title, command=("/bin/sh", "-c", script), log=directory / f"{title}.log", **changes)


def supervisor_in_another_process(directory, body):
    """A Python process that supervises something in `directory`, prints one line, and then waits for signals."""
    script = f"""
import sys
from pathlib import Path
from medivoy import embedded
directory = Path({str(directory)!r})
with embedded.Supervisor(directory) as supervisor, supervisor.heeding_signals():
    {body}
    print("up", flush=True)
    try:
        supervisor.run()
    except embedded.StopRequestedError:
        pass
print("stopped", flush=True)
"""
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "up\n"
    return process


class TestServers:
    def test_both_answer_and_keep_their_data_over_a_restart(self, directory):
        with embedded.run_servers(directory, durable=True) as addresses:
            with psycopg.connect(addresses.database_url) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 'row' AS value")
            with redis.Redis.from_url(addresses.redis_url) as client:
                client.set("kept", "key")
        with embedded.run_servers(directory, durable=True) as addresses:
            with psycopg.connect(addresses.database_url) as connection:
                assert connection.execute("SELECT value FROM kept").fetchone() == ("row",)
            with redis.Redis.from_url(addresses.redis_url) as client:
                assert client.get("kept") == b"key"
        assert processes_naming(directory) == set()

    def test_they_listen_on_sockets_that_nobody_else_can_enter_and_on_no_port(self, directory):
        with embedded.run_servers(directory, durable=False) as addresses:
            with psycopg.connect(addresses.database_url) as connection:
                assert connection.execute("SHOW listen_addresses").fetchone() == ("",)
            with redis.Redis.from_url(addresses.redis_url) as client:
                assert client.config_get("port") == {"port": "0"}
            assert stat.S_IMODE((directory / "run").stat().st_mode) == 0o700

    def test_they_run_as_an_unprivileged_user_even_when_we_are_root(self, directory):
        with embedded.run_servers(directory, durable=False):
            users = {Path(f"/proc/{pid}").stat().st_uid for pid in processes_naming(directory)}
        expected = programs.unprivileged_owner().uid if WE_ARE_ROOT else os.geteuid()
        assert users == {expected}
        assert users != {0}

    @pytest.mark.skipif(not WE_ARE_ROOT, reason="only root has to hand its servers to another user")
    def test_in_a_closed_directory_root_keeps_the_data_elsewhere_and_opens_nothing(
        self, directory, closed_directory, monkeypatch
    ):
        monkeypatch.setattr(programs, "SHARED_STATE", directory / "shared")
        with embedded.run_servers(closed_directory, durable=False) as addresses:
            psycopg.connect(addresses.database_url).close()
            home = (closed_directory / "elsewhere").resolve()
        assert home.parent == directory / "shared"
        assert (home / "postgres" / "PG_VERSION").exists()
        assert stat.S_IMODE(closed_directory.parent.stat().st_mode) == 0o700

    @pytest.mark.skipif(not WE_ARE_ROOT, reason="only root has to hand its servers to another user")
    def test_binaries_that_the_unprivileged_user_cannot_reach_are_copied_once(self, directory, monkeypatch):
        real = programs._runs
        monkeypatch.setattr(
            programs, "_runs", lambda program, owner: directory in program.parents and real(program, owner)
        )
        with embedded.run_servers(directory, durable=False) as addresses:
            psycopg.connect(addresses.database_url).close()
        (copied,) = directory.glob("programs-*")
        made_at = copied.stat().st_mtime_ns
        with embedded.run_servers(directory, durable=False) as addresses:
            psycopg.connect(addresses.database_url).close()
        assert [path.stat().st_mtime_ns for path in directory.glob("programs-*")] == [made_at]

    def test_a_path_too_long_for_a_socket_gets_a_short_one(self, directory):
        deep = directory / ("a-directory-with-a-long-name-" * 2) / ("and-another-one-inside-of-it-" * 2)
        deep.mkdir(parents=True)
        with embedded.run_servers(deep, durable=False) as addresses:
            psycopg.connect(addresses.database_url).close()
            socket_path = Path(urlsplit(addresses.redis_url).path)
        assert len(str(socket_path)) < programs.LONGEST_SOCKET_PATH
        assert deep not in socket_path.parents
        shutil.rmtree(socket_path.parent)

    def test_a_short_socket_directory_that_somebody_else_made_is_not_used(self, directory, monkeypatch):
        deep = directory / ("long-" * 25)
        expected = programs.socket_directory(deep, None)
        expected.rmdir()
        expected.symlink_to(directory)
        used = programs.socket_directory(deep, None)
        assert used != expected
        expected.unlink()
        used.rmdir()

    def test_data_of_another_major_version_is_refused_with_a_way_out(self, directory):
        with embedded.run_servers(directory, durable=False):
            pass
        (directory / "postgres" / "PG_VERSION").write_text("12\n")
        with (
            pytest.raises(embedded.SupervisorError, match="made by PostgreSQL 12"),
            embedded.run_servers(directory, durable=False),
        ):
            pytest.fail("it started")

    def test_missing_wheels_are_named_with_the_way_out(self, directory, monkeypatch):
        monkeypatch.setattr(programs.importlib.util, "find_spec", lambda name: None)
        with (
            pytest.raises(embedded.EmbeddedUnavailableError, match=r"install requirements/embedded\.txt"),
            embedded.run_servers(directory, durable=False),
        ):
            pytest.fail("it started")

    def test_the_addresses_of_running_servers_can_be_looked_up_and_those_of_stopped_ones_not(self, directory):
        assert embedded.running_addresses(directory) is None
        with embedded.run_servers(directory, durable=False) as addresses:
            assert embedded.running_addresses(directory) == addresses
        assert embedded.running_addresses(directory) is None

    def test_what_a_killed_test_run_left_behind_is_swept_away_and_a_live_one_is_not(self):
        left = Path(tempfile.mkdtemp(prefix=servers.THROW_AWAY_PREFIX, dir="/tmp"))
        (left / "children.lock").touch()
        with embedded.throw_away() as first:
            assert not left.exists()
            with embedded.throw_away() as second:
                assert second.database_url != first.database_url
                psycopg.connect(first.database_url).close()


class TestSupervisor:
    def test_a_killed_postgres_is_started_again_with_its_data(self, directory):
        told = []
        with embedded.Supervisor(directory, tell=told.append) as supervisor:
            addresses = embedded.start_servers(supervisor, durable=True)
            with psycopg.connect(addresses.database_url) as connection:
                connection.execute("CREATE TABLE kept AS SELECT 1 AS value")
            postgres = supervisor.children[0]
            os.kill(postgres.process.pid, signal.SIGKILL)

            def is_back():
                supervisor.look_after()
                return postgres.restarts and postgres.is_ready

            wait_until(is_back, what="PostgreSQL is back")
            with psycopg.connect(addresses.database_url) as connection:
                assert connection.execute("SELECT value FROM kept").fetchone() == (1,)
        assert "PostgreSQL ended (by signal SIGKILL); starting it again" in told[0]
        assert "PostgreSQL is back" in told[-1]

    def test_a_program_that_keeps_dying_is_started_ever_more_rarely(self, directory):
        with embedded.Supervisor(directory) as supervisor:
            supervisor.start(shell(directory, "exit 3"))
            (child,) = supervisor.children

            def has_died(times):
                supervisor.look_after()
                return child.failures >= times

            wait_until(lambda: has_died(1), what="the first end")
            assert child.restarts == 1  # at once
            wait_until(lambda: has_died(2), what="the second end")
            pause = child.restart_at - time.monotonic()
            assert child.process is None
            assert 1 < pause <= 2

    def test_a_program_whose_work_ends_is_tried_until_it_is_done_and_stands_back_for_others(self, directory):
        # The first run fails, the second notes its niceness and is done.
        script = f"test -e {directory}/tried && nice >{directory}/done || {{ touch {directory}/tried; exit 1; }}"
        told = []
        with embedded.Supervisor(directory, tell=told.append) as supervisor:
            supervisor.start(sleeper(directory), shell(directory, script, title="drawing", ends=True, niceness=7))

            def is_forgotten():
                supervisor.look_after()
                return [child.program.title for child in supervisor.children] == ["sleeper"]

            wait_until(is_forgotten, what="the program that is done is no longer looked after")
            assert (directory / "done").read_text() == f"{os.nice(0) + 7}\n"
        assert "ended (with code 1)" in told[0]
        assert "drawing: done" in told[-1]

    def test_a_killed_supervisor_leaves_no_process_behind_and_the_next_one_starts(self, directory):
        supervisor = supervisor_in_another_process(
            directory,
            "embedded.start_servers(supervisor, durable=True); "
            "supervisor.start(embedded.Program('sleeper', ('/bin/sleep', '6543'), directory / 'sleeper.log'))",
        )
        assert len(processes_naming(directory)) >= 3
        supervisor.kill()
        supervisor.wait()
        supervisor.stdout.close()
        with embedded.run_servers(directory, durable=True) as addresses:  # waits for the last of them to end
            assert processes_naming("sleep\x006543") == set()
            psycopg.connect(addresses.database_url).close()
        assert processes_naming(directory) == set()

    def test_a_second_supervisor_is_told_that_one_is_running(self, directory):
        with (
            embedded.Supervisor(directory),
            pytest.raises(embedded.SupervisorError, match=f"running already .process {os.getpid()}"),
            embedded.Supervisor(directory),
        ):
            pytest.fail("it started")
        with embedded.Supervisor(directory):
            pass  # the first has ended, its lock file still lies there, and the way is free

    @pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_it_stops_cleanly_on_a_signal(self, directory, number):
        supervisor = supervisor_in_another_process(
            directory,
            "supervisor.start(embedded.Program('sleeper', ('/bin/sleep', '600'), directory / 'sleeper.log'))",
        )
        supervisor.send_signal(number)
        assert supervisor.communicate(timeout=PATIENCE_SECONDS) == ("stopped\n", None)
        assert supervisor.returncode == 0
        assert processes_naming(directory) == set()

    def test_the_newest_child_is_stopped_first(self, directory):
        order = directory / "order"
        script = "trap 'echo {title} >> {order}; exit 0' TERM; touch {ready}; while :; do sleep 0.01; done"
        with embedded.Supervisor(directory) as supervisor:
            for title in ("database", "web", "worker"):
                ready = directory / f"{title}.ready"
                supervisor.start(
                    shell(
                        directory,
                        script.format(title=title, order=order, ready=ready),
                        title=title,
                        ready=ready.exists,
                    )
                )
        assert order.read_text().split() == ["worker", "web", "database"]

    def test_a_child_that_heeds_no_signal_is_killed_with_all_its_own_children(self, directory):
        told = []
        ready = directory / "ready"
        script = f"trap '' TERM; (sleep 600; : {directory}) & touch {ready}; while :; do sleep 0.01; done"
        with embedded.Supervisor(directory, tell=told.append) as supervisor:
            supervisor.start(shell(directory, script, title="deaf", ready=ready.exists, stop_seconds=0.2))
        assert told == ["deaf did not stop within 0 s and is killed"]
        # The whole group has its signal; the system ends the children of the child in its own time.
        wait_until(lambda: processes_naming(directory) == set(), what="the end of all of them")

    def test_the_children_of_a_killed_child_are_killed_before_it_is_started_again(self, directory):
        ready = directory / "ready"
        with embedded.Supervisor(directory) as supervisor:
            script = f"sleep 600 & echo $! > {ready}; wait"
            supervisor.start(shell(directory, script, ready=lambda: ready.exists() and ready.read_text().strip() != ""))
            (child,) = supervisor.children
            grandchild = Path(f"/proc/{ready.read_text().strip()}")
            os.kill(child.process.pid, signal.SIGKILL)

            def is_back():
                supervisor.look_after()
                return child.restarts == 1

            wait_until(is_back, what="the restart")
            wait_until(
                lambda: not grandchild.exists() or "\nState:\tZ" in (grandchild / "status").read_text(),
                what="the end of the grandchild",
            )

    def test_a_program_that_ends_too_early_is_reported_with_the_end_of_its_log(self, directory):
        with (
            embedded.Supervisor(directory) as supervisor,
            pytest.raises(embedded.ChildFailedError, match=r"(?s)shell ended before it was ready.*no such port"),
        ):
            supervisor.start(shell(directory, "echo no such port; exit 1", ready=lambda: False))

    def test_a_program_that_never_answers_is_reported(self, directory):
        with (
            embedded.Supervisor(directory) as supervisor,
            pytest.raises(embedded.ChildFailedError, match="did not answer within"),
        ):
            supervisor.start(sleeper(directory, ready=lambda: False, start_seconds=0.1))
        assert processes_naming(directory) == set()

    def test_a_step_that_fails_is_reported_and_one_that_succeeds_is_forgotten(self, directory):
        with embedded.Supervisor(directory) as supervisor:
            supervisor.run_to_end(shell(directory, "exit 0"))
            assert supervisor.children == ()
            with pytest.raises(embedded.ChildFailedError, match=r"(?s)failed .with code 2.*relation is missing"):
                supervisor.run_to_end(shell(directory, "echo relation is missing; exit 2"))


@pytest.mark.parametrize(
    ("url", "worker", "expected"),
    [
        ("unix:///run/valkey.sock?db=0", None, "unix:///run/valkey.sock?db=0"),
        ("unix:///run/valkey.sock?db=0", "gw0", "unix:///run/valkey.sock?db=1"),
        ("unix:///run/valkey.sock", "gw1", "unix:///run/valkey.sock?db=2"),
        ("redis://localhost:6379/0", "gw0", "redis://localhost:6379/1"),
        ("redis://:secret@localhost:6379", None, "redis://:secret@localhost:6379/0"),
    ],
)
def test_each_worker_has_its_own_redis_database(url, worker, expected):
    assert redis_url_of_worker(url, worker) == expected
