"""The terminal: an overview drawn again and again on a screen of its own, until q or ^C."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.live import Live
from rich.table import Table
from rich.text import Text

from coordination.cli import show
from coordination.cli.live.fitting import fitted
from coordination.cli.live.history import History
from coordination.cli.live.keyboard import Keyboard
from coordination.cli.live.panels import Panel, panels, summary
from coordination.clock import Clock
from coordination.errors import StoreError
from coordination.recipes.overview.comparing import Change
from coordination.recipes.overview.model import Overview

HEAD = 3
"""Lines above the panels."""


def watch(look: Callable[[], Overview], clock: Clock, interval: float) -> None:
    """Draw what `look` answers every `interval` seconds; a store that does not answer is ridden out.

    But for the first time: then its error is raised.
    """
    history = History()
    last, trouble = look(), ""
    history.add(last)
    live = Live(screen=True, auto_refresh=False)
    with live, Keyboard(clock, live.stop, partial(live.start, refresh=True)) as keyboard:
        while True:
            live.update(Picture(last, history.changes, trouble, interval), refresh=True)
            if keyboard.asked_to_end(interval):
                return
            try:
                last, trouble = look(), ""
                history.add(last)
            except StoreError as error:
                trouble = str(error)


@dataclass(frozen=True, slots=True)
class Picture:
    """One screen full; `trouble` is why it is older than it should be, else empty."""

    look: Overview
    changes: Sequence[Change]
    trouble: str
    interval: float

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """For the size that the terminal has now."""
        lines = options.height or console.height
        yield self._head()
        shown = fitted(panels(self.look, self.changes), lines - HEAD)
        yield Group(*(_drawn(panel) for panel in shown))

    def _head(self) -> Text:
        head = Text(no_wrap=True, overflow="ellipsis")
        head.append(f"{show.time_of_day(self.look.at)}  every {self.interval:g} s, q ends\n", "dim")
        head.append(f"{summary(self.look)}\n", "bold")
        if self.trouble:
            head.append(f"no newer look: {show.visible(self.trouble)}", "bold red")
        return head


def _drawn(panel: Panel) -> RenderableType:
    table = Table(box=None, pad_edge=False, header_style="bold cyan", padding=(0, 2, 0, 0))
    for heading, *cells in zip(panel.headings, *panel.rows, strict=True):
        whole = max(map(len, (heading, *cells))) if heading in panel.whole else None
        table.add_column(heading, no_wrap=True, overflow="ellipsis", min_width=whole)
    for row in panel.rows:
        table.add_row(*map(Text, row))
    more = f"… {panel.more} more\n" if panel.more else ""
    return Group(table, Text(more, "dim"))
