"""The live table: units, owners, tokens, ages and the latest events, drawn a few times a second."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.box import SIMPLE_HEAD
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from coordination.demo.scene import Row, Scene

_EVENTS = 5
"""So that all of it fits into 24 lines."""

_COLOURS = ("cyan", "magenta", "yellow", "blue")


class LiveTable:
    """A context that answers the view; the last picture stays on the screen."""

    def __init__(self) -> None:
        self._live = Live(refresh_per_second=5)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def __call__(self, scene: Scene) -> None:
        """Draw the scene."""
        self._live.update(picture(scene))


def picture(scene: Scene) -> Group:
    """The table and, below it, the latest events."""
    return Group(_units(scene), _latest(scene))


def _units(scene: Scene) -> Table:
    title = f"{scene.now - scene.began:.1f} s, ttl {scene.ttl:g} s, leader: {scene.leader.owner or 'nobody'}"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, show_edge=False)
    table.add_column("unit")
    table.add_column("owner", min_width=18)
    table.add_column("token", justify="right", min_width=16)
    table.add_column("age", justify="right", min_width=7)
    for row in scene.rows:
        table.add_row(row.unit, _owner(row, scene), _or_dash(row.token), _age(row))
    return table


def _owner(row: Row, scene: Scene) -> Text:
    if row.owner is None:
        return Text("nobody", style="dim")
    if row.owner in scene.dead:
        return Text(f"{row.owner} (killed)", style="red")
    return Text(row.owner, style=_COLOURS[sum(row.owner.split(" ")[0].encode()) % len(_COLOURS)])


def _age(row: Row) -> str:
    return "-" if row.age is None else f"{row.age:.1f} s"


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)


def _latest(scene: Scene) -> Text:
    lines = scene.lines()[-_EVENTS:]
    return Text("\n".join(["", *lines] + [""] * (_EVENTS - len(lines))))
