"""The rules of the demo, one function each: what the logs show against the story is yielded.

A rule of which the director played nothing is broken: what was not shown is not passed.
"""

from __future__ import annotations

from collections.abc import Iterator

from coordination.demo.log import Logs
from coordination.demo.order import out_of_order, owned_twice
from coordination.demo.scheduler.leading import LEADER
from coordination.demo.story import Story
from coordination.demo.tenures import accepted, had, owner_at, takeover, tenures, units_of, version_gap

Found = Iterator[tuple[str, str]]
"""Name and text of each violation."""

PROCESSES, EVERY_UNIT = "every process", "every unit"


def one_owner(logs: Logs, _story: Story) -> Found:
    """No two owners of a unit at any moment."""
    if not units_of(logs):
        yield EVERY_UNIT, "nobody ever owned one"
    for unit, log in units_of(logs).items():
        yield from ((unit, text) for text in owned_twice(log))


def one_leader(logs: Logs, _story: Story) -> Found:
    """No two leaders at any moment, and no older version after a newer one."""
    log = logs.get(LEADER, ())
    if not accepted(log):
        yield LEADER, "nobody ever led"
    yield from ((LEADER, text) for text in owned_twice(log))
    newest = 0
    for entry in accepted(log):
        if entry.version < newest:
            yield LEADER, f"{entry.who} led after version {newest} had"
        newest = max(newest, entry.version)


def in_order(logs: Logs, _story: Story) -> Found:
    """Tokens rise."""
    if not logs:
        yield EVERY_UNIT, "nobody ever wrote"
    for name, log in sorted(logs.items()):
        yield from ((name, text) for text in out_of_order(log))


def owned_at_start(logs: Logs, story: Story) -> Found:
    """Each unit has an owner when the director says that all have."""
    for unit in story.units:
        if story.settled is None or owner_at(logs.get(unit, ()), story.settled, story.ttl) is None:
            yield unit, "nobody owned it at the start"


def edited(logs: Logs, story: Story) -> Found:
    """The unit that was added has an owner in time, the one that was removed has none any more."""
    if story.added is None or story.removed is None:
        yield EVERY_UNIT, "none was added and removed"
        return
    unit, since = story.added.unit, story.added.at
    first = next((entry.at for entry in accepted(logs.get(unit, ()))), None)
    if first is None or first > since + story.bound:
        yield unit, "was added, and nobody owned it in time"
    unit, since = story.removed.unit, story.removed.at
    late = [entry for entry in accepted(logs.get(unit, ())) if entry.at > since + story.bound]
    if late:
        yield unit, f"was removed, and {late[-1].who} still wrote {late[-1].at - since:.2f} s later"


def owned_again(logs: Logs, story: Story) -> Found:
    """Each unit has an owner in time after the kill."""
    if story.kill is None:
        yield EVERY_UNIT, "no machine was killed, so nothing is shown"
        return
    for unit in sorted(story.wanted()):
        took = takeover(logs.get(unit, ()), story.kill)
        if took is None:
            yield unit, "nobody owned it after the kill"
        elif took > story.bound:
            yield unit, f"owned again {took:.2f} s after the kill; the bound is {story.bound:g} s"


def dead_is_dead(logs: Logs, story: Story) -> Found:
    """Nothing of the killed machine lives, or writes."""
    if story.kill is None:
        yield PROCESSES, "no machine was killed"
        return
    for pid in sorted(story.kill.outlived):
        yield PROCESSES, f"pid {pid} outlived {story.kill.who}"
    for name, log in sorted(logs.items()):
        for entry in log:
            if entry.who == story.kill.who and entry.at > story.kill.gone:
                yield name, f"{entry.who} wrote {entry.at - story.kill.gone:.3f} s after its death"


def late_refused(logs: Logs, story: Story) -> Found:
    """What was written under the tokens of the killed machine afterwards was refused."""
    orphaned = had(logs, story.kill, story.ttl) if story.kill else {}
    if not orphaned:
        yield EVERY_UNIT, "none was a killed machine's"
    for unit, last in orphaned.items():
        if not any(entry.refused and entry.token == last.token for entry in logs[unit]):
            yield unit, f"the resource never refused the killed machine's token {last.token}"


def taken_over(logs: Logs, story: Story) -> Found:
    """The newer version led sooner than the ttl of the older one ended."""
    gap = version_gap(logs.get(LEADER, ()))
    if gap is None:
        yield LEADER, "version 2 did not take over from version 1"
    elif gap >= story.ttl:
        yield LEADER, f"version 2 led {gap:.2f} s after version 1: it waited for the ttl"


def upgraded(logs: Logs, story: Story) -> Found:
    """All was owned by version 2 then."""
    for name in sorted({LEADER, *story.wanted()}):
        owner = owner_at(logs.get(name, ()), story.upgraded, story.ttl) if story.upgraded else None
        if owner is None or owner.version != 2:
            yield name, f"{'nobody' if owner is None else owner.who} had it when all was upgraded"


def handed_over(logs: Logs, story: Story) -> Found:
    """Machines that were drained said of each unit that they let go, and another had it in time."""
    if story.drain is None:
        yield EVERY_UNIT, "no machine was drained"
    for gone in story.handovers:
        for pid in sorted(gone.outlived):
            yield PROCESSES, f"pid {pid} outlived {gone.who}"
        for unit, last in had(logs, gone, story.ttl).items():
            mine = next(it for it in tenures(logs[unit]) if it.token == last.token)
            took = takeover(logs[unit], gone)
            if not mine.ended:
                yield unit, f"{gone.who} was drained and never let go of it"
            elif took is None or took > story.bound:
                yield unit, f"nobody had it within {story.bound:g} s of the drain of {gone.who}"


def nothing_left(_logs: Logs, story: Story) -> Found:
    """No process of the demo is there at its end."""
    if story.ended is None:
        yield PROCESSES, "the demo did not come to its end"
    yield from ((PROCESSES, f"pid {pid} is still there") for pid in sorted(story.left))
