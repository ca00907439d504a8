"""Work under a term, on the thread of whoever asked for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from coordination.interrupts import deferred
from coordination.recipes.leading.handover import conclude
from coordination.recipes.leading.outcome import Outcome, cut_off, sorted_out
from coordination.recipes.leading.working import Stopping, Working
from coordination.runtime import Runtime, run
from coordination.term import Term


def work(runtime: Runtime, term: Term, callback: Callable[[Term], Any], stopping: Stopping) -> Outcome:
    """Call it, and when it has ended give up the term, whatever became of it."""
    tenure, thread = term.tenure, threading.get_ident()
    working = tenure.working = Working(term.halt, lambda: threading.get_ident() == thread)
    value: Any = None
    error: BaseException | None = None
    begun = False
    try:
        try:
            stopping.then(term.halt)
            value = callback(term)
        except BaseException as raised:  # noqa: BLE001 - sorted out, and raised, below
            error = raised
        with deferred():
            begun = True
            run(conclude(runtime, tenure))
    except BaseException:
        if not begun:  # Interrupted at the very door.
            tenure.working = None
            tenure.retire()
            working.over(handed_over=False, released=True)
        raise
    lost = None if tenure.lost is None else cut_off(tenure)
    return sorted_out(tenure, value, error, lost)
