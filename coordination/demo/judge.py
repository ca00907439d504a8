"""The judge: from the entries of the fenced logs to violations. Pure; it knows no lease and no store.

A token's tenure is the time from its first to its last accepted entry. One rule per function; each
looks at one unit, so that a violation can name it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from coordination.demo.log import REFUSED, START, STOP, Entry
from coordination.demo.story import Kill, Story

ONE_OWNER = "at most one owner of a unit at every moment"
OWNED_AT_START = "every unit owned at the start"
OWNED_AGAIN = "every unit owned again after the kill"
TOKENS_RISE = "tokens rise per unit"
DEAD_IS_DEAD = "nothing written by the killed machine after its death"
RULES = (ONE_OWNER, OWNED_AT_START, OWNED_AGAIN, TOKENS_RISE, DEAD_IS_DEAD)


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule, with the unit and what the log shows."""

    rule: str
    unit: str
    text: str


def judge(logs: Mapping[str, Sequence[Entry]], story: Story) -> list[Violation]:
    """Every violation in the logs, by unit; `logs` has an item for every unit, also the unowned ones."""
    found: list[Violation] = []
    if story.kill is None:
        found.append(Violation(OWNED_AGAIN, "every unit", "no machine was killed, so nothing is shown"))
    for unit, entries in sorted(logs.items()):
        for rule, text in _broken(entries, story):
            found.append(Violation(rule, unit, text))
    return found


def accepted(entries: Sequence[Entry]) -> list[Entry]:
    """The entries the resource took."""
    return [entry for entry in entries if entry.kind != REFUSED]


def owner_at(entries: Sequence[Entry], at: float, fresh: float) -> Entry | None:
    """The last accepted entry up to `at`, unless it says stop or is older than `fresh` seconds."""
    past = [entry for entry in accepted(entries) if entry.at <= at]
    if not past or past[-1].kind == STOP or past[-1].at < at - fresh:
        return None
    return past[-1]


def takeover(entries: Sequence[Entry], kill: Kill) -> float | None:
    """Seconds from the kill to the first accepted entry of a living machine; None if there is none."""
    later = (e.at for e in accepted(entries) if e.machine != kill.victim and e.at > kill.sent)
    first = next(later, None)
    return None if first is None else first - kill.sent


def _broken(entries: Sequence[Entry], story: Story) -> Iterator[tuple[str, str]]:
    yield from ((ONE_OWNER, text) for text in _believed_twice(entries))
    yield from ((ONE_OWNER, text) for text in _shared(entries))
    yield from ((ONE_OWNER, text) for text in _overlapping(entries))
    yield from ((TOKENS_RISE, text) for text in _falling(entries))
    yield from ((TOKENS_RISE, text) for text in _reused(entries))
    yield from ((OWNED_AT_START, text) for text in _unowned_at_start(entries, story))
    if story.kill is not None:
        yield from ((OWNED_AGAIN, text) for text in _unowned_later(entries, story, story.kill))
        yield from ((DEAD_IS_DEAD, text) for text in _posthumous(entries, story.kill))


def _believed_twice(entries: Sequence[Entry]) -> Iterator[str]:
    """A refused writer had called itself the owner while another one wrote."""
    for entry in entries:
        if entry.kind == REFUSED:
            yield f"{entry.machine} believed it held token {entry.token}, and was refused at {entry.at:.3f}"


def _shared(entries: Sequence[Entry]) -> Iterator[str]:
    """A token was given to two machines."""
    owner: dict[int, str] = {}
    for entry in accepted(entries):
        first = owner.setdefault(entry.token, entry.machine)
        if first != entry.machine:
            yield f"{first} and {entry.machine} both wrote with token {entry.token}"


def _overlapping(entries: Sequence[Entry]) -> Iterator[str]:
    """Two tenures share a moment."""
    tenures: dict[int, tuple[float, float]] = {}
    for entry in accepted(entries):
        first, last = tenures.get(entry.token, (entry.at, entry.at))
        tenures[entry.token] = (min(first, entry.at), max(last, entry.at))
    in_time = sorted((first, last, token) for token, (first, last) in tenures.items())
    for (_, last, token), (first, _, other) in itertools.pairwise(in_time):
        if first <= last:
            yield f"token {other} was in use from {first:.3f}, token {token} until {last:.3f}"


def _falling(entries: Sequence[Entry]) -> Iterator[str]:
    """A lower token was accepted after a higher one."""
    highest = 0
    for entry in accepted(entries):
        if entry.token < highest:
            yield f"{entry.machine} wrote with token {entry.token} after token {highest}"
        highest = max(highest, entry.token)


def _reused(entries: Sequence[Entry]) -> Iterator[str]:
    """A token starts once, before anything else is written with it, and nothing follows its stop."""
    state: dict[int, str] = {}
    for entry in accepted(entries):
        before = state.get(entry.token)
        if (entry.kind == START) != (before is None):
            yield f"{entry.kind} with token {entry.token} after {before or 'nothing'}"
        elif before == STOP:
            yield f"{entry.kind} with token {entry.token} after its stop"
        state[entry.token] = entry.kind


def _unowned_at_start(entries: Sequence[Entry], story: Story) -> Iterator[str]:
    if owner_at(entries, story.settled, story.period) is None:
        yield "nobody owned it before the kill"


def _unowned_later(entries: Sequence[Entry], story: Story, kill: Kill) -> Iterator[str]:
    took = takeover(entries, kill)
    if took is None:
        yield "nobody owned it after the kill"
    elif took > story.bound:
        yield f"owned again {took:.2f} s after the kill; the bound is {story.bound:g} s"


def _posthumous(entries: Sequence[Entry], kill: Kill) -> Iterator[str]:
    for entry in entries:
        if entry.machine == kill.victim and entry.at > kill.gone:
            yield f"{kill.victim} wrote {entry.at - kill.gone:.3f} s after its death"
