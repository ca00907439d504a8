"""Who owned what over time, as SVG: a row for the leader and for each unit, a colour for each machine.

Drawn from the log of the resource and the director's story, so from what happened.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from coordination.demo.log import Logs
from coordination.demo.scheduler.leading import LEADER
from coordination.demo.story import Story
from coordination.demo.tenures import Tenure, tenures

WIDTH, LEFT, RIGHT, TOP = 1000, 70, 20, 96
ROW, BAR = 20, 14
"""Heights, in pixels, of a row and of what is drawn in it."""

COLOURS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9")
"""Okabe and Ito's, which the colour-blind can tell apart."""
PALE = 0.45
"""How opaque version 1 is; version 2 is wholly so."""
CROSS = "&#215;"
RED, GREY, INK = "#d00000", "#dddddd", "#222222"


def picture(logs: Logs, story: Story) -> str:
    """The whole drawing, a file of its own."""
    return "\n".join([*_Drawing(logs, story).lines(), ""])


class _Drawing:
    def __init__(self, logs: Logs, story: Story) -> None:
        self._logs = logs
        self._story = story
        self._names = [LEADER, *sorted(name for name in logs if name != LEADER)]
        last = max((log[-1].at for log in logs.values() if log), default=story.began)
        self._end = max(last, story.began + 1.0)
        machines = sorted({entry.machine for log in logs.values() for entry in log if not entry.refused})
        self._colours = {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(machines)}
        self._bottom = TOP + ROW * len(self._names)

    def lines(self) -> Iterator[str]:
        """All of it, from back to front."""
        height = self._bottom + 40
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" '
            f'height="{height}" font-family="sans-serif" font-size="11" fill="{INK}">'
        )
        yield "<title>Who led and who owned which unit, as the fenced resource saw it</title>"
        yield f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>'
        yield from self._legend()
        yield from self._axis()
        for row, name in enumerate(self._names):
            yield from self._row(TOP + ROW * row, name)
        for level, (at, text, colour) in enumerate(self._marks()):
            yield from self._mark(at, text, colour, 34 + 12 * (level % 5))
        yield "</svg>"

    def _legend(self) -> Iterator[str]:
        x = LEFT
        for name, colour in self._colours.items():
            for version, opacity in ((1, PALE), (2, 1.0)):
                yield _box(x, 8, 14, colour, opacity, "")
                yield f'<text x="{x + 18}" y="19">{escape(name)} v{version}</text>'
                x += 110
        yield f'<text x="{x}" y="19"><tspan fill="{RED}">{CROSS}</tspan> write refused by its token</text>'

    def _axis(self) -> Iterator[str]:
        seconds = int(self._end - self._story.began)
        for second in range(0, seconds + 1, 5):
            x = self._x(self._story.began + second)
            yield f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{self._bottom}" stroke="{GREY}"/>'
            yield f'<text x="{x}" y="{self._bottom + 16}" text-anchor="middle">{second} s</text>'

    def _row(self, y: int, name: str) -> Iterator[str]:
        yield f'<text x="{LEFT - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>'
        for tenure in tenures(self._logs.get(name, ())):
            yield self._bar(y, tenure)
        for entry in self._logs.get(name, ()):
            if entry.refused:
                x = self._x(entry.at)
                yield f'<text x="{x}" y="{y + 12}" text-anchor="middle" fill="{RED}">{CROSS}</text>'

    def _bar(self, y: int, tenure: Tenure) -> str:
        x = self._x(tenure.first)
        width = max(2.0, round(self._x(tenure.last) - x, 1))
        opacity = PALE if tenure.version == 1 else 1.0
        said = f"{tenure.who}, token {tenure.token}"
        return _box(x, y + (ROW - BAR) // 2, width, self._colours[tenure.machine], opacity, said)

    def _marks(self) -> list[tuple[float, str, str]]:
        """What the director did, in order of time."""
        story, marks = self._story, []
        if story.added and story.removed:
            marks.append((story.added.at, f"{story.added.unit} added, {story.removed.unit} removed", INK))
        if story.kill:
            marks.append((story.kill.asked, f"SIGKILL: {story.kill.who}", RED))
        marks += [(gone.asked, f"upgrade: {gone.who} drained", INK) for gone in story.upgrades]
        if story.drain:
            marks.append((story.drain.asked, f"{story.drain.who} drained", INK))
        leaders = tenures(self._logs.get(LEADER, ()))
        marks += [(tenure.first, f"{tenure.who} leads", "#555555") for tenure in leaders]
        return sorted(marks)

    def _mark(self, at: float, text: str, colour: str, y: int) -> Iterator[str]:
        x = self._x(at)
        anchor = "end" if x > WIDTH - 190 else "start"
        nudge = -3 if anchor == "end" else 3
        line = f'<line x1="{x}" y1="{y - 8}" x2="{x}" y2="{self._bottom}" stroke="{colour}"'
        yield f'{line} stroke-dasharray="3 3"/>'
        start = f'<text x="{x + nudge:.1f}" y="{y}" text-anchor="{anchor}" fill="{colour}">'
        yield f"{start}{escape(text)}</text>"

    def _x(self, at: float) -> float:
        share = (at - self._story.began) / (self._end - self._story.began)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _box(x: float, y: float, width: float, colour: str, opacity: float, said: str) -> str:
    title = f"<title>{escape(said)}</title>" if said else ""
    shape = f'<rect x="{x}" y="{y}" width="{width}" height="{BAR}" rx="2"'
    return f'{shape} fill="{colour}" fill-opacity="{opacity}">{title}</rect>'
