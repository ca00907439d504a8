"""Where a schedule's choices come from: a list of numbers, or dice; and how they are written down.

A choice is the number of an option among those there are, in an order that only the choices before
it decide. So the list of choices is the schedule. Option 0 is always "the one that is ready for
longest goes on"; what is beyond the end of a list is 0.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from coordination.testing.simulation.fates import COUNTED, Fate

if TYPE_CHECKING:
    from coordination.testing.simulation.turns import Turn

Fault = tuple[Fate, "Turn"]
"""What goes wrong, and at whose turn."""

RATES = (-1, 1, 0)
"""Slow, fast, right: the clocks of the first, second and third client, unless dice say otherwise."""

SIGNS = "-=+"

ODDS = (0.06, 0.12, 0.25)
"""How likely a fault is where one may be; each schedule has its own, so that faults come early, and late."""


AFTERWARDS, SOON, SAME = 4, 0.3, 0.7
"""For so many choices after a fault the next one is so likely, and so likely to strike the same client."""


FIRST = 0.75
"""How likely it is that the first fault is one that makes a schedule count."""


class Listed:
    """The choices of a list, then 0. `trace` has those made, `counts` how many options each had."""

    def __init__(self, given: Sequence[int] = (), rates: Sequence[int] = ()) -> None:
        self.trace: list[int] = []
        self.counts: list[int] = []
        self.rates = list(rates)
        self._given = given

    def considers_faults(self) -> bool:
        """Whether the next choice may be a fault: what could go wrong is only looked for then."""
        return True

    def pick(self, plain: int, faults: Sequence[Fault] = ()) -> int:
        """One of `plain` options and, numbered after them, of `faults`: what goes wrong, and for whom."""
        options = plain + len(faults)
        at = len(self.trace)
        chosen = self._given[at] if at < len(self._given) else 0
        if chosen >= options:
            raise ValueError(f"choice {at} is {chosen}, of {options} options: not of this scenario")
        self.trace.append(chosen)
        self.counts.append(options)
        return chosen

    def rate(self, number: int) -> int:
        """-1, 0 or 1: whether the clock of that client is slow, right, or fast."""
        while number >= len(self.rates):
            self.rates.append(RATES[len(self.rates) % 3])
        return self.rates[number]


class Dice:
    """Random choices, all of them from one seed; faults are rarer than the rest."""

    def __init__(self, seed: int) -> None:
        self.trace: list[int] = []
        self.rates: list[int] = []
        self._random = random.Random(seed).random  # noqa: S311 - schedules, not secrets
        self._odds = ODDS[int(self._random() * len(ODDS))]
        self._soon = 0
        self._counted = False
        self._struck: object = None

    def considers_faults(self) -> bool:
        """Now and then, and more often right after another one: misfortunes that meet are the worst."""
        if self._soon:
            self._soon -= 1
            return self._random() < SOON
        return self._random() < self._odds

    def pick(self, plain: int, faults: Sequence[Fault] = ()) -> int:
        """As a list would; a fault, if any is given: each kind as likely as any other."""
        if faults:
            chosen = plain + self._fault(faults)
        else:
            chosen = int(self._random() * plain) if plain > 1 else 0
        self.trace.append(chosen)
        return chosen

    def _fault(self, faults: Sequence[Fault]) -> int:
        """Each kind as likely as any other; right after a fault rather for the same client again."""
        dice = self._random
        struck = [number for number, fault in enumerate(faults) if fault[1].client is self._struck]
        open_to = struck if self._soon and struck and dice() < SAME else range(len(faults))
        kinds = list(dict.fromkeys(faults[number][0] for number in open_to))
        if not self._counted and dice() < FIRST:
            kinds = [kind for kind in kinds if kind in COUNTED] or kinds
        kind = kinds[int(dice() * len(kinds))]
        numbers = [number for number in open_to if faults[number][0] is kind]
        chosen = numbers[int(dice() * len(numbers))]
        self._counted = self._counted or kind in COUNTED
        self._struck, self._soon = faults[chosen][1].client, AFTERWARDS
        return chosen

    def rate(self, number: int) -> int:
        """As a list would."""
        while number >= len(self.rates):
            self.rates.append(RATES[int(self._random() * 3)])
        return self.rates[number]


Choices = Listed | Dice


def written(trace: Sequence[int], rates: Sequence[int]) -> str:
    """A schedule as a short text that `read` takes: the rates, a colon, the choices up to the last but 0."""
    told = list(trace)
    while told and not told[-1]:
        told.pop()
    return f"{''.join(SIGNS[rate + 1] for rate in rates)}:{'.'.join(map(str, told))}"


def read(schedule: str) -> Listed:
    """The choices that `written` wrote down; `ValueError` for anything else."""
    rates, colon, trace = schedule.partition(":")
    if not colon:
        raise ValueError(f"a schedule looks like '-+=:0.2.1', not {schedule!r}")
    return Listed(
        [int(number) for number in trace.split(".") if number], [SIGNS.index(sign) - 1 for sign in rates]
    )
