"""The race itself is on trial here: three schemes known to be wrong must fail it."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.figure import Figure
from benchmarks.prove.naive import ReadBack, ReadThenReplace, UnlinkStale
from benchmarks.prove.race import race

ROUNDS = 300
SCHEMES = {"52 read then replace": ReadThenReplace, "53 read back": ReadBack, "54 unlink stale": UnlinkStale}


def figures() -> Iterator[Figure]:
    """One figure per scheme: double winners without and with delays."""
    for name, scheme in SCHEMES.items():
        plain = race(scheme, ROUNDS)
        delayed = race(scheme, ROUNDS, delay=0.03, groups=4)
        yield Figure(
            name=f"naive scheme of row {name}",
            target="fails the race: double winners with 0-30 ms delays",
            measured=f"{delayed.double} of {ROUNDS} rounds double ({plain.double} without delays)",
            passed=delayed.double > 0,
            parts={"rounds with repeated tokens": f"{delayed.repeated} ({plain.repeated} without delays)"},
        )
