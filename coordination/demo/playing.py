"""What the acts are made of: starting and ending machines, and waiting for what is to be seen in the log."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from coordination.clock import Clock
from coordination.demo.pids import alive
from coordination.demo.resource import Resource
from coordination.demo.scene import Scene
from coordination.demo.stage import Stage
from coordination.demo.story import Gone, Story

REFRESH = 0.2
LIMIT = 45.0
"""Seconds beyond the bound of the story that an act gets until what it waits for is seen."""
DYING = 5.0
"""Seconds that processes get to be gone once their machine is."""


class Playing:
    """One run: what was done, what is shown, and what kept it from being played."""

    def __init__(
        self,
        units: tuple[str, ...],
        ttl: float,
        namespace: str,
        view: Callable[[Scene], None],
        stage: Stage,
        resource: Resource,
        clock: Clock,
    ) -> None:
        self.story = Story(ttl, units, began=clock.now())
        self.scene = Scene(began=self.story.began, ttl=ttl)
        self.failures: list[str] = []
        self._options = ("--ttl", f"{ttl:g}", "--namespace", namespace, "--resource", resource.address)
        self._view = view
        self.stage = stage
        self.resource = resource
        self.clock = clock
        self.versions: dict[str, int] = {}

    def start(self, name: str, version: int) -> None:
        """Start a machine of this version."""
        self.versions[name] = version
        self.tell(f"{name} starts at version {version}")
        self.stage.start(name, version, *self._options)

    def drained(self, name: str) -> Gone:
        """Ask it to hand over and end, and wait until it is gone."""
        version = self.versions.pop(name)
        asked = self.tell(f"{name} v{version} is drained")
        self.stage.drain(name, version)
        self.until(lambda: not self.stage.runs(name, version), f"{name} gone after its drain")
        return self.gone(name, version, asked)

    def gone(self, name: str, version: int, asked: float) -> Gone:
        """Wait until its children are gone as well, and what they had sent before is in the logs."""
        known = self.children(f"{name} v{version}")
        left = self.outlived(known)
        end = self.clock.now() + DYING
        while not self.resource.heard_out(known - left) and self.clock.now() < end:
            self.clock.sleep(0.02)
        return Gone(name, version, asked, self.clock.now(), left)

    def children(self, who: str | None) -> set[int]:
        """The pids that wrote for a machine, or at all; not our own, of the late writes."""
        logs = self.resource.logs().values()
        return {it.pid for log in logs for it in log if who in (None, it.who)} - {self.stage.pid}

    def outlived(self, known: set[int], *, others: bool = False) -> frozenset[int]:
        """Those of them that are still there after a while; with `others`, whoever is there of this demo."""
        end = self.clock.now() + DYING
        while left := self._alive(known, others):
            if self.clock.now() > end:
                break
            self.clock.sleep(0.1)
        return frozenset(left)

    def _alive(self, known: set[int], others: bool) -> set[int]:
        found = alive(self.resource.address, known)
        return found if others else found & known

    def leading_machine(self) -> str | None:
        """The machine that leads; if none does, that is the end of the play."""
        self.look()
        owner = self.scene.leader.owner
        if owner is None and not self.spoiled:
            self.failures.append("nobody leads")
        return None if owner is None else owner.split(" ")[0]

    def shared(self) -> bool:
        """Whether exactly the wanted units are owned, by every machine there is, and one of these leads.

        By each as many as by another, or one more: else some are still to change hands, in the middle of
        what is played next.
        """
        machines = {f"{name} v{version}" for name, version in self.versions.items()}
        owners = self.scene.owners
        counts = Counter(owners.values())
        if owners.keys() != self.story.wanted() or counts.keys() != machines:
            return False
        return max(counts.values()) - min(counts.values()) <= 1 and self.scene.leader.owner in machines

    def led_by_version(self, version: int) -> bool:
        """Whether a machine of this version leads."""
        owner = self.scene.leader.owner
        return owner is not None and owner.endswith(f" v{version}")

    @property
    def spoiled(self) -> bool:
        """Whether to go on is pointless: the outcome is known already."""
        return bool(self.scene.refused or self.failures)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until it is so; a failure if it is not so in time."""
        limit = self.story.bound + LIMIT
        end = self.clock.now() + limit
        self.look()
        while not self.spoiled and not condition():
            if self.clock.now() > end:
                self.failures.append(f"not seen within {limit:g} s: {what}")
            self.clock.sleep(REFRESH)
            self.look()

    def pause(self, seconds: float) -> None:
        """Let some time pass."""
        end = self.clock.now() + seconds
        while not self.spoiled and self.clock.now() < end:
            self.clock.sleep(REFRESH)
            self.look()

    def tell(self, text: str) -> float:
        """Note what is done now; the time."""
        now = self.clock.now()
        self.scene.tell(now, text)
        return now

    def look(self) -> None:
        """See what has happened since the last time, and show it."""
        self.scene.refresh(self.resource.logs(), self.clock.now())
        self.failures = list(dict.fromkeys([*self.failures, *self.stage.failures()]))
        self._view(self.scene)
