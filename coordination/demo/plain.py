"""The demo without a terminal: one line per event."""

from __future__ import annotations

from collections.abc import Callable

from coordination.demo.scene import Scene


class PlainLines:
    """A view that writes what is new, a line at a time, through `write`."""

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write
        self._told = 0

    def __call__(self, scene: Scene) -> None:
        """Write the events since the last time."""
        lines = scene.lines()
        for line in lines[self._told :]:
            self._write(line)
        self._told = len(lines)


def silent(scene: Scene) -> None:
    """The view of somebody who only wants the summary."""
