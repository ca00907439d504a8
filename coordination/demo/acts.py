"""The acts of the demo: what is done to the machines, and what has to be seen before the next one.

Three machines of version 1; a unit added, and one removed; the leader's machine killed; one machine after
the other upgraded to version 2; the leader's machine drained; late writers; the end.
"""

from __future__ import annotations

from functools import partial

from coordination.demo.operator import Operator
from coordination.demo.playing import Playing
from coordination.demo.scheduler.writer import WORK, Writer
from coordination.demo.story import Edit
from coordination.demo.tenures import had

NAMES = ("machine-1", "machine-2", "machine-3")
UNITS = tuple(f"unit-{n:02}" for n in range(1, 13))
ADDED, REMOVED = "unit-13", "unit-05"


class Acts(Playing):
    """All of them, in their order."""

    def play(self, operator: Operator) -> None:
        """All of it, or as far as it goes; nothing runs afterwards."""
        self._begin(operator)
        for act in (partial(self._edit, operator), self._kill, self._upgrade, self._drain, self._come_late):
            if not self.spoiled:
                act()
        self._end()

    # The acts.

    def _begin(self, operator: Operator) -> None:
        for unit in UNITS:
            operator.add(unit)
        for name in NAMES:
            self.start(name, 1)
        self.until(self.shared, "every unit owned, by all three machines")
        self.pause(1.25 * self.story.ttl)  # So that nothing is still owned without a renewal.
        self.until(self.shared, "every unit owned a while later")
        self.story.settled = None if self.spoiled else self.scene.now

    def _edit(self, operator: Operator) -> None:
        self.tell(f"{ADDED} is added, {REMOVED} is removed")
        operator.add(ADDED)
        self.story.added = Edit(ADDED, self.clock.now())
        operator.remove(REMOVED)
        self.story.removed = Edit(REMOVED, self.clock.now())
        self.until(self.shared, "the added unit owned, and the removed one by nobody")

    def _kill(self) -> None:
        victim = self.leading_machine()
        if victim is None:
            return
        asked = self.tell(f"{victim} v1, which leads, is killed with SIGKILL")
        self.stage.kill(victim, 1)
        del self.versions[victim]
        self.story.kill = self.gone(victim, 1, asked)
        self.scene.dead.add(self.story.kill.who)
        self.until(self.shared, "every unit owned again, and somebody leads")

    def _upgrade(self) -> None:
        for name in NAMES:  # The one that was killed first: it comes back at version 2, and takes over.
            if name not in self.versions:
                self.start(name, 2)
                self.until(lambda: self.shared() and self.led_by_version(2), "version 2 leads")
        for name in [name for name, version in self.versions.items() if version == 1]:
            if not self.spoiled:
                self.story.upgrades.append(self.drained(name))
                self.start(name, 2)
                self.until(self.shared, f"{name} at version 2 owns units")
        self.story.upgraded = None if self.spoiled else self.scene.now

    def _drain(self) -> None:
        name = self.leading_machine()
        if name is not None:
            self.story.drain = self.drained(name)
            self.until(self.shared, "the two that are left own every unit, and one leads")
            self.pause(1.0)  # For whoever watches.

    def _come_late(self) -> None:
        """Write under the tokens that the killed machine had, as if it had only been asleep."""
        if self.story.kill is None:
            return
        self.tell(f"late writes, under the tokens that {self.story.kill.who} had")
        for unit, last in had(self.resource.logs(), self.story.kill, self.story.ttl).items():
            with Writer(self.resource.address, unit, last.token, "somebody", 1) as writer:
                writer.write(WORK, until=0.0)
        self.look()

    def _end(self) -> None:
        self.look()
        self.tell("the end: every machine is stopped")
        self.stage.stop()
        seen = self.stage.pids() | self.children(None)
        self.story.left = self.outlived(seen, others=True)
        self.story.processes = frozenset(seen)
        self.failures = list(dict.fromkeys([*self.failures, *self.stage.failures()]))
        self.look()
        self.story.ended = self.clock.now()
