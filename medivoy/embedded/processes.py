"""A supervisor: starts programs in order, restarts what dies, stops in reverse, and leaves nothing behind."""

import fcntl
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from .programs import Owner

LAUNCHER = Path(__file__).with_name("launch.py")
LARGEST_LOG_BYTES = 10_000_000
# A child that lived this long before it died is started again at once; others wait twice as long each time.
HEALTHY_SECONDS = 20.0
FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 30.0
# How long children of a killed supervisor may take to end by themselves before they are killed, too.
LEFTOVERS_SECONDS = 15.0

STOP_REQUESTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

log = logging.getLogger(__name__)


class SupervisorError(Exception):
    """The supervisor cannot do what was asked; the message is for the person at the keyboard."""


class StopRequestedError(Exception):
    """Somebody pressed Ctrl-C or sent a TERM; raised wherever the supervisor was waiting."""


class ChildFailedError(SupervisorError):
    """A program ended, or did not answer in time, while it was being started."""

    def __init__(self, program: "Program", what: str) -> None:
        super().__init__(f"{program.title} {what}. The end of {program.log}:\n{_tail(program.log)}")


@dataclass(frozen=True)
class Program:
    """How to start one program, how to see that it answers, and how to stop it. `command[0]` is an absolute path."""

    title: str
    command: tuple[str, ...]
    log: Path
    environ: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    ready: Callable[[], bool] = lambda: True
    start_seconds: float = 60.0
    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    # What the kernel sends it when the supervisor is killed.
    death_signal: signal.Signals = signal.SIGTERM
    owner: Owner | None = None
    directory: Path = Path("/")
    # Its work comes to an end: with code 0 it is done, and not started again.
    ends: bool = False
    # How far it stands back for the others, as of nice(1).
    niceness: int = 0


@dataclass
class Child:
    """One supervised program and what became of it so far. `process` is None while a restart is waited for."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    restart_at: float = 0.0
    is_ready: bool = False
    restarts: int = 0


class Supervisor:
    """Keeps programs running; one supervisor a directory. Use it as a context manager, from the main thread only.

    (From the main thread, since Linux counts the end of the thread that forked as the death of the parent.)
    """

    def __init__(
        self,
        directory: Path,
        *,
        tell: Callable[[str], None] = log.info,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        self.directory = directory
        self._tell = tell
        self._tick = tick
        self._children: list[Child] = []
        self._stop_requests = 0
        self._wake: int | None = None
        self._own_lock: int | None = None
        self._children_lock: int | None = None

    def __enter__(self) -> Self:
        self.directory.mkdir(parents=True, exist_ok=True)
        self._own_lock = os.open(self.directory / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o644)
        if not _locked(self._own_lock):
            running = os.read(self._own_lock, 20).decode().strip()
            os.close(self._own_lock)
            raise SupervisorError(f"it is running already (process {running}, data in {self.directory})")
        os.truncate(self._own_lock, 0)
        os.write(self._own_lock, f"{os.getpid()}\n".encode())
        # Every child inherits this second lock and so holds it for as long as it lives, whatever becomes of us.
        self._children_lock = os.open(self.directory / "children.lock", os.O_RDWR | os.O_CREAT, 0o644)
        self._wait_for_leftovers(self._children_lock)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.stop()
        finally:
            for descriptor in (self._children_lock, self._own_lock):
                if descriptor is not None:
                    os.close(descriptor)
            self._children_lock = self._own_lock = None

    @property
    def children(self) -> tuple[Child, ...]:
        return tuple(self._children)

    @contextmanager
    def heeding_signals(self) -> Iterator[None]:
        """Ctrl-C, TERM and HUP ask for a stop; a child's death wakes the supervisor at once."""

        def request_stop(number: int, frame: FrameType | None) -> None:
            self._stop_requests += 1

        reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        former = {number: signal.signal(number, request_stop) for number in STOP_REQUESTS}
        former[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda number, frame: None)
        former_wakeup = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        self._wake = reading
        try:
            yield
        finally:
            self._wake = None
            signal.set_wakeup_fd(former_wakeup)
            for number, handler in former.items():
                signal.signal(number, handler)
            os.close(reading)
            os.close(writing)

    def start(self, *programs: Program) -> None:
        """Start these side by side, and come back when all of them answer."""
        starting = [Child(program) for program in programs]
        for child in starting:
            self._children.append(child)
            self._spawn(child)
        for child in starting:
            self._wait_until_ready(child)

    def run_to_end(self, program: Program) -> None:
        """Run one program that ends by itself, such as a migration; it must end with code 0."""
        child = Child(program)
        self._children.append(child)
        process = self._spawn(child)
        while process.poll() is None:
            if time.monotonic() - child.started_at > program.start_seconds:
                raise ChildFailedError(program, f"did not end within {program.start_seconds:.0f} seconds")
            self._pause(0.05)
        self._children.remove(child)
        if process.returncode:
            raise ChildFailedError(program, f"failed ({_how_it_ended(process.returncode)})")

    def look_after(self) -> None:
        """Start again what has died, after a pause that grows while it keeps dying. Never waits."""
        for child in tuple(self._children):
            now = time.monotonic()
            if child.process is not None and child.process.poll() is not None:
                if child.program.ends and child.process.returncode == 0:
                    self._children.remove(child)
                    self._tell(f"{child.program.title}: done after {now - child.started_at:.0f} s")
                    continue
                self._bury(child, child.process, now)
            if child.process is None and now >= child.restart_at:
                child.restarts += 1
                self._spawn(child)
            if child.process is not None and not child.is_ready and child.program.ready():
                child.is_ready = True
                self._tell(f"{child.program.title} is back after {time.monotonic() - child.started_at:.1f} s")

    def run(self) -> None:
        """Look after the children until somebody asks to stop, which raises StopRequestedError."""
        while True:
            self.look_after()
            settled = all(child.process is not None and child.is_ready for child in self._children)
            self._pause(5.0 if settled and self._wake is not None else 0.1)

    def stop(self) -> None:
        """Stop all children, the newest first, each by its own signal; kill what does not end in time."""
        while self._children:
            child = self._children.pop()
            if child.process is None:
                continue
            if child.process.poll() is None:
                child.process.send_signal(child.program.stop_signal)
                self._wait_for_end(child.process, child.program)
            _kill_group(child.process.pid)
            child.process.wait()

    def _spawn(self, child: Child) -> subprocess.Popen[bytes]:
        program = child.program
        program.log.parent.mkdir(parents=True, exist_ok=True)
        if program.log.exists() and program.log.stat().st_size > LARGEST_LOG_BYTES:
            program.log.replace(program.log.with_suffix(".log.1"))
        user = (program.owner.uid, program.owner.gid) if program.owner else (-1, -1)
        # -I -S: the launcher needs the standard library only, and starts in a third of the time.
        launch = [sys.executable, "-I", "-S", str(LAUNCHER)]
        settings = [str(value) for value in (os.getpid(), int(program.death_signal), *user)]
        if self._children_lock is None:
            raise SupervisorError("a supervisor starts programs inside its `with` block only")
        with program.log.open("ab") as output:
            child.process = subprocess.Popen(
                [*launch, *settings, *program.command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=program.directory,
                env=dict(program.environ),
                start_new_session=True,  # Ctrl-C reaches the supervisor alone, which then stops in order
                pass_fds=(self._children_lock,),
            )
        if program.niceness:
            os.setpriority(os.PRIO_PROCESS, child.process.pid, program.niceness)
        child.started_at = time.monotonic()
        child.is_ready = False
        return child.process

    def _wait_until_ready(self, child: Child) -> None:
        program = child.program
        while not program.ready():
            if child.process is None or child.process.poll() is not None:
                ended = "" if child.process is None else f" ({_how_it_ended(child.process.returncode)})"
                raise ChildFailedError(program, f"ended before it was ready{ended}")
            if time.monotonic() - child.started_at > program.start_seconds:
                raise ChildFailedError(program, f"did not answer within {program.start_seconds:.0f} seconds")
            self._pause(0.05)
        child.is_ready = True

    def _bury(self, child: Child, process: subprocess.Popen[bytes], now: float) -> None:
        _kill_group(process.pid)  # its own children would hold sockets and locks
        child.failures = 0 if now - child.started_at > HEALTHY_SECONDS else child.failures + 1
        pause = 0.0 if child.failures <= 1 else min(FIRST_RETRY_SECONDS * 2**child.failures, LONGEST_RETRY_SECONDS)
        when = "starting it again" if not pause else f"starting it again in {pause:.0f} s"
        self._tell(
            f"{child.program.title} ended ({_how_it_ended(process.returncode)}); {when}, see {child.program.log}"
        )
        child.process = None
        child.restart_at = now + pause

    def _wait_for_end(self, process: subprocess.Popen[bytes], program: Program) -> None:
        deadline = time.monotonic() + program.stop_seconds
        requests = self._stop_requests
        while process.poll() is None:
            if time.monotonic() > deadline:
                self._tell(f"{program.title} did not stop within {program.stop_seconds:.0f} s and is killed")
                return
            if self._stop_requests > max(requests, 1):
                self._tell(f"{program.title} is killed, as you asked again")
                return
            self._sleep(0.02)

    def _pause(self, seconds: float) -> None:
        self._tick()
        if self._stop_requests:
            raise StopRequestedError
        self._sleep(seconds)
        if self._stop_requests:
            raise StopRequestedError

    def _sleep(self, seconds: float) -> None:
        if self._wake is None:
            time.sleep(seconds)
        elif select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, 4096)

    def _wait_for_leftovers(self, lock: int) -> None:
        deadline = time.monotonic() + LEFTOVERS_SECONDS
        told = killed = False
        while not _locked(lock):
            if not told:
                self._tell("Waiting for the processes of a killed run to end")
                told = True
            if time.monotonic() > deadline:
                if killed:
                    raise SupervisorError(
                        f"processes of an earlier run hold {self.directory}/children.lock and do not end"
                    )
                for pid in _holders(self.directory / "children.lock"):
                    os.kill(pid, signal.SIGKILL)
                killed = True
                deadline += LEFTOVERS_SECONDS
            self._pause(0.05)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holders(lock: Path) -> list[int]:
    """Other processes that have this file open; only where there is a /proc to look it up."""
    held = set()
    for link in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if link.readlink() == lock.resolve():
                held.add(int(link.parts[2]))
        except OSError:  # it ended while we looked, or belongs to somebody else
            continue
    return sorted(held - {os.getpid()})


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        return


def _how_it_ended(code: int) -> str:
    return f"by signal {signal.Signals(-code).name}" if code < 0 else f"with code {code}"


def _tail(path: Path, lines: int = 15) -> str:
    if not path.exists():
        return "(empty)"
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
