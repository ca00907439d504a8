"""Which lines of the panels fit: small panels whole, and the large ones share what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from coordination.cli.live.panels import Panel

AROUND = 2
"""Lines of a panel besides its rows: its headings, and one that keeps it apart."""

LEAST = 2
"""Lines for rows that a panel has even where nothing fits; the last says how many more there are."""


def fitted(panels: Sequence[Panel], lines: int) -> list[Panel]:
    """The panels, cut to fit into so many lines if they can."""
    wanted = [len(panel.rows) for panel in panels]
    room = shares(wanted, lines - AROUND * len(panels))
    return [cut(panel, max(LEAST, allowed)) for panel, allowed in zip(panels, room, strict=True)]


def shares(wanted: Sequence[int], room: int) -> list[int]:
    """What each gets of `room`: no more than it wants, and nobody less than another without wanting less."""
    given = [0] * len(wanted)
    left = max(0, room)
    asking = sorted(range(len(wanted)), key=lambda place: wanted[place])
    for served, place in enumerate(asking):
        given[place] = min(wanted[place], left // (len(asking) - served))
        left -= given[place]
    return given


def cut(panel: Panel, lines: int) -> Panel:
    """The first rows, so that they and the line that says how many more there are take so many lines."""
    if len(panel.rows) <= lines:
        return panel
    shown = max(0, lines - 1)
    return replace(panel, rows=panel.rows[:shown], more=len(panel.rows) - shown)
