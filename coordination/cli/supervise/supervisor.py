"""The loop that watches a lease or a lock, its command and the signals, and ends the command in time.

It wakes at every signal, child's change and loss, and every 50 ms besides, and reads only what
needs no I/O: a heartbeat that hangs in a dead store delays nothing here.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from coordination.cli.supervise import exits
from coordination.cli.supervise.command import PausedCommand
from coordination.cli.supervise.group import Group, reap
from coordination.cli.supervise.guardian import Guardian
from coordination.cli.supervise.inbox import Inbox
from coordination.cli.supervise.jobs import JobControl
from coordination.cli.supervise.kept import Kept
from coordination.cli.supervise.report import Report
from coordination.cli.supervise.schedule import Schedule, schedule
from coordination.cli.supervise.terminal import Terminal

UNCONFIRMED = "unconfirmed"
"""Why a group is ended although nothing is lost yet."""
TICK = 0.05
BETWEEN_TERM_AND_KILL = 0.05
"""Seconds after a steal or revoke: another holder is already at work."""
LEFTOVER_GRACE = 1.0
"""Seconds for what the command left behind in its group."""
PATIENCE = 5.0
"""Seconds until a group that survives SIGKILL is worth a message."""


class Supervisor:
    """Runs one command under what is kept for it. `now` is the clock that `kept.deadline` counts on.

    `grace`: seconds between TERM and KILL while renewal is unconfirmed, and after a steal if whoever
    steals it `awaits` the end of what was granted to us.
    """

    def __init__(
        self,
        kept: Kept,
        command: PausedCommand,
        *,
        guardian: Guardian,
        inbox: Inbox,
        terminal: Terminal,
        report: Report,
        grace: float,
        awaits: bool,
        now: Callable[[], float],
    ) -> None:
        self._kept = kept
        self._command = command
        self._guardian = guardian
        self._inbox = inbox
        self._terminal = terminal
        self._report = report
        self._grace = grace
        self._awaits = awaits
        self._now = now
        self._group = Group(command.pid)
        self._jobs = JobControl(self._group, terminal)
        self.status: int | None = None
        self.lost: str | None = None
        self.passed_on: set[int] = set()
        self._kill_at: float | None = None
        self._told_stuck = False

    def supervise(self) -> None:
        """Start the command; return when it has ended and, but for a told exception, its group is gone."""
        self._kept.on_lost(lambda *_: self._inbox.wake())
        self._inbox.listen(signal.SIGTSTP, signal.SIGWINCH)
        self._guardian.kill_at(self._schedule().belief_ends)
        self._start()
        while not self._over():
            self._inbox.wait(self._until_next())
            self._step()
        self._terminal.take_back(repair=self.lost is not None)

    def _start(self) -> None:
        if not self._kept.held:
            self._command.call_off()
            self._lose(self._kept.lost or "expired", self._now())
            return
        self._terminal.lend_at_start(self._command.pid)
        self._command.go(self._kept.token)
        self._report.note("started", token=self._kept.token, pid=self._command.pid)

    def _step(self) -> None:
        plan = self._schedule()
        self._guardian.kill_at(plan.belief_ends)
        if self._kill_at is not None and self._now() >= self._kill_at:
            self._group.send(signal.SIGKILL)
        self._look_at_kept(plan)
        self._collect_children(plan)
        while (signum := self._inbox.take()) is not None:
            self._pass_on(signum)

    def _look_at_kept(self, plan: Schedule) -> None:
        if self.lost not in (None, UNCONFIRMED):
            return
        now = self._now()
        running = self._kill_at is None
        # The time first: asking one that just ran out why it is lost may log, which takes time.
        if running and now >= (plan.kill if self._jobs.suspended else plan.term):
            self._lose(UNCONFIRMED, plan.kill)
        elif (reason := self._kept.lost) is not None:
            if self.lost is None or reason != "expired":  # else that is only what we were sure of
                self._lose(reason, self._kill_for(reason, now, plan))
        elif running and self._jobs.suspended and now < plan.term:
            self._jobs.resume()
            self._report.note("resumed")

    def _kill_for(self, reason: str, now: float, plan: Schedule) -> float:
        if reason == "stolen" and self._awaits:
            return min(now + self._grace, plan.kill)
        return now + BETWEEN_TERM_AND_KILL

    def _lose(self, reason: str, kill_at: float) -> None:
        """End the group: TERM now, KILL at `kill_at`. There is no way back from here."""
        self.lost = reason
        if self._jobs.suspended:
            kill_at = self._now()  # it must not run one more instruction
        else:
            self._ask_to_end()
        self._kill_at = kill_at if self._kill_at is None else min(self._kill_at, kill_at)
        self._report.warn("lost", _loss(self._kept.name, reason), reason=reason, token=self._kept.token)

    def _ask_to_end(self) -> None:
        if not self._group.terminate():
            self._report.warn("not-permitted", "may not signal the command: it belongs to another user now")

    def _collect_children(self, plan: Schedule) -> None:
        for pid, status in reap():
            if pid == self._guardian.pid and not os.WIFSTOPPED(status):
                self._report.warn("unguarded", "the guardian was killed; do not kill this process with -9")
            elif pid != self._command.pid:
                continue  # an orphan we adopted, or a guardian that only stands still
            elif os.WIFSTOPPED(status):
                self._report.note("stopped", signal=os.WSTOPSIG(status))
                self._jobs.command_stopped(os.WSTOPSIG(status))
            else:
                self._ended(status, plan)

    def _ended(self, status: int, plan: Schedule) -> None:
        self.status = status
        self._report.note("ended", code=exits.of_status(status))
        self._terminal.take_back(repair=os.WIFSIGNALED(status))
        if self._kill_at is None and self._group.running():
            self._ask_to_end()
            self._kill_at = min(self._now() + LEFTOVER_GRACE, plan.kill)

    def _pass_on(self, signum: int) -> None:
        if signum == signal.SIGTSTP:
            self._jobs.stop_asked()
            return
        self._report.note("signal", signal=signum)
        self.passed_on.add(signum)
        self._group.send(signum)

    def _over(self) -> bool:
        if self.status is None:
            return False
        if not self._group.running():
            return True
        if self._kill_at is None or self._now() < self._kill_at + PATIENCE:
            return False
        if not self._told_stuck:
            self._told_stuck = True
            self._report.warn("stuck", f"processes of group {self._group.pgid} survive SIGKILL")
        return not self._kept.held  # until then it is ours to keep, because somebody may be at work

    def _schedule(self) -> Schedule:
        return schedule(self._kept.deadline, self._kept.time_remaining, self._grace)

    def _until_next(self) -> float:
        due = self._kill_at
        if due is None:
            plan = self._schedule()
            due = plan.kill if self._jobs.suspended else plan.term
        left = due - self._now()
        return TICK if left <= 0 else min(TICK, left)


def _loss(name: str, reason: str) -> str:
    if reason == UNCONFIRMED:
        return f"the store confirmed no renewal of {name!r} in time; ending the command before that ends"
    return f"lost {name!r} ({reason}); ending the command"
