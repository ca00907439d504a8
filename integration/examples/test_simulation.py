"""The example of the simulator: it finds the mistake, and nothing in the version without it."""

from __future__ import annotations

import re

from integration.examples.test_examples import example, finish


def test_the_mistake_is_found_and_told() -> None:
    """Two do the job in the first version, the schedule that shows it is printed; the second one stands."""
    told = finish(example("simulate_a_recipe.py"))
    assert re.search(r"looks first: done twice: by \[\w+, \w+\]\n  replay it: simulation\.replay\(", told)
    assert told.count("does the job\n") == 2
    assert re.search(r"\ncreates: nothing found in \d{4,} schedules\n$", told)
