"""`coordination run` from its first fork to its exit code; `supervisor` is the part in the middle."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from coordination.cli.errors import LOST
from coordination.cli.supervise import exits
from coordination.cli.supervise.command import NAME_VARIABLE, PausedCommand
from coordination.cli.supervise.group import Group, adopt_orphans, reap
from coordination.cli.supervise.guardian import Guardian
from coordination.cli.supervise.inbox import ASKING, Inbox, unblock
from coordination.cli.supervise.kept import Kept
from coordination.cli.supervise.patience import Interrupted, Waiting
from coordination.cli.supervise.report import Report
from coordination.cli.supervise.supervisor import PATIENCE, Supervisor
from coordination.cli.supervise.terminal import Terminal
from coordination.clock import default_clock
from coordination.errors import LeaseLost, StoreError
from coordination.manager import Manager


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for; durations in seconds, `timeout` None to wait for ever.

    `connect` makes the manager, and `obtain` waits for what `name` names and keeps it alive; they are
    called after the last fork, because they may start threads. `variables` are for the command.
    `awaits`: who steals it waits for the end of what we were granted. `known`: the store has answered
    an earlier run.
    """

    name: str
    command: Sequence[str]
    connect: Callable[[], Manager]
    obtain: Callable[[Manager, Waiting], Kept]
    timeout: float | None
    grace: float
    as_json: bool
    variables: Mapping[str, str] = field(default_factory=dict)
    awaits: bool = False
    known: bool = False


class Session:
    """One run. Made while the process has no threads; it forks twice."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._report = Report(request.name, as_json=request.as_json)
        self._now = default_clock().now
        _open_standard_files()
        self._command = PausedCommand(request.command, {NAME_VARIABLE: request.name, **request.variables})
        self._guardian = Guardian(self._command.pid, self._now)
        adopt_orphans()
        self._inbox = Inbox()
        unblock()
        self._terminal = Terminal()
        self.wanted = True
        """False once somebody asked for its end, or the command can never run: do not begin again."""

    def run(self) -> int:
        """The exit code, or the error that kept the command from running.

        Nobody of the command's group is left then, and nothing is held.
        """
        try:
            return self._run()
        except Interrupted as interruption:
            self.wanted = False
            return exits.of_signal(interruption.signum)
        finally:
            self._clear_away()

    def _run(self) -> int:
        with self._request.connect() as manager:
            try:
                kept = self._obtained(manager)
                supervisor = Supervisor(
                    kept,
                    self._command,
                    guardian=self._guardian,
                    inbox=self._inbox,
                    terminal=self._terminal,
                    report=self._report,
                    grace=self._request.grace,
                    awaits=self._request.awaits,
                    now=self._now,
                )
                supervisor.supervise()
            finally:
                self._clear_away()  # before the manager closes and thereby releases
            return self._settled(kept, supervisor)

    def _obtained(self, manager: Manager) -> Kept:
        self._report.note("waiting")
        timeout = self._request.timeout
        until = math.inf if timeout is None else self._now() + timeout
        waiting = Waiting(until, self._inbox, self._report, self._now, self._request.known)
        return self._request.obtain(manager, waiting)

    def _settled(self, kept: Kept, supervisor: Supervisor) -> int:
        """The group is gone: give back what was held, and say how it went."""
        self.wanted = not supervisor.passed_on & ASKING
        if supervisor.lost is not None or supervisor.status is None:
            _tell_thief(kept)
            return LOST
        code = exits.of_status(supervisor.status)
        self.wanted &= code not in map(exits.of_signal, (signal.SIGHUP, *ASKING))
        if why := self._command.failure():
            self._report.warn("not-started", f"{self._request.command[0]}: {why}")
            self.wanted = False
        try:
            kept.release()
            self._report.note("released", token=kept.token)
        except StoreError as error:
            text = f"could not release {kept.name!r}, which ends by itself: {error}"
            self._report.warn("not-released", text)
        return code

    def rest(self, seconds: float) -> int | None:
        """Wait; the signal that ends the rest and everything, if one comes."""
        until = self._now() + seconds
        while True:
            while (signum := self._inbox.take()) is not None:
                if signum in ASKING or signum == signal.SIGHUP:
                    return signum
            left = until - self._now()
            if left <= 0:
                return None
            self._inbox.wait(left)

    def _clear_away(self) -> None:
        """Whatever happened: end the group, then let the guardian go. May be called twice."""
        self._command.call_off()
        group = Group(self._command.pid)
        until = self._now() + PATIENCE
        while _running(group):
            group.send(signal.SIGKILL)
            if self._now() > until:
                os._exit(LOST)  # without closing the manager: somebody may still be at work
            self._inbox.wait(0.02)
        self._guardian.dismiss()


def _tell_thief(kept: Kept) -> None:
    """Whoever stole it may be waiting to hear that the command has stopped."""
    if kept.lost is not None:
        with suppress(LeaseLost, StoreError):
            kept.release()


def _running(group: Group) -> bool:
    for _ in reap():
        pass
    return group.running()


def _open_standard_files() -> None:
    """Have 0, 1 and 2 open, so that none of our pipes gets a number that others write to."""
    while (opened := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(opened, True)
    os.close(opened)
