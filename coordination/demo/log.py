"""The entries of the resource's log: what was written by whom, under which token, and what was refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from coordination.demo.scheduler.writer import START, STOP, WORK

KINDS = (START, WORK, STOP)


@dataclass(frozen=True, slots=True)
class Entry:
    """One write, or an attempt at one; `at` is in seconds on the boot clock, as the resource read it.

    `refused`: a newer token had been there. `believed`: the writer might still have acted at that moment,
    as far as it knew.
    """

    kind: str
    token: int
    machine: str
    version: int
    pid: int
    at: float
    refused: bool = False
    believed: bool = True

    @property
    def who(self) -> str:
        """The writer's machine, for people."""
        return f"{self.machine} v{self.version}"


Logs = Mapping[str, Sequence[Entry]]
"""The entries of each name, in the order in which the resource took them."""


def keep(logs: Logs, path: Path) -> None:
    """Write them to a file, a line of JSON for each."""
    lines = [json.dumps({"name": name, **asdict(entry)}) for name, log in logs.items() for entry in log]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def kept(path: Path) -> dict[str, list[Entry]]:
    """What `keep` wrote."""
    logs: dict[str, list[Entry]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        logs.setdefault(fields.pop("name"), []).append(Entry(**fields))
    return logs
