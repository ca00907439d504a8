"""What an exploration found."""

from __future__ import annotations

from dataclasses import dataclass, field

LONGEST = 150
"""Lines of a story that are shown."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A schedule that broke a rule: what was seen, how to see it again, and how it came about."""

    schedule: str
    what: str
    story: tuple[str, ...] = ()
    seed: int | None = None

    def __str__(self) -> str:
        seed = "" if self.seed is None else f" (seed {self.seed})"
        left_out = [f"  … {len(self.story) - LONGEST} lines"] if len(self.story) > LONGEST else []
        story = [*self.story[:LONGEST], *left_out]
        return "\n".join([self.what, f'  replay it: simulation.replay("{self.schedule}"){seed}', *story])


@dataclass(slots=True)
class Report:
    """Sums of an exploration."""

    runs: int = 0
    seconds: float = 0.0
    complete: bool = False
    """Whether an exhaustive exploration came to its end."""
    seen: set[int] = field(default_factory=set, repr=False)
    findings: list[Finding] = field(default_factory=list)

    @property
    def distinct(self) -> int:
        """How many different schedules with a crash or a lost answer were run."""
        return len(self.seen)

    def add(self, other: Report) -> None:
        """Take in what another process did meanwhile."""
        self.runs += other.runs
        self.seconds += other.seconds
        self.seen |= other.seen
        self.findings += other.findings

    def demand(self) -> None:
        """Raise the first finding, if there is one."""
        if self.findings:
            raise AssertionError(str(self.findings[0]))
