"""Spans for an OpenTelemetry tracer, if a lock was given one; OpenTelemetry itself is not needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

NAME, TOKEN, OUTCOME = "coordination.lock.name", "coordination.lock.token", "coordination.lock.outcome"

Note = Callable[[str, Any], None]


@contextmanager
def span(tracer: Any, what: str, name: str) -> Iterator[Note]:
    """A span `coordination.lock.WHAT` around the block, which notes attributes; nothing without a tracer.

    What a tracer raises is dropped: it must not cost anybody a lock, or leave one behind.
    """
    if tracer is None:
        yield _nothing
        return
    around: Any = None
    current: Any = None
    with suppress(Exception):
        around = tracer.start_as_current_span(f"coordination.lock.{what}", attributes={NAME: name})
        current = around.__enter__()

    def note(attribute: str, value: Any) -> None:
        with suppress(Exception):
            current.set_attribute(attribute, value)

    try:
        yield note
    except BaseException as error:
        note(OUTCOME, type(error).__name__)
        _end(around, current, type(error), error, error.__traceback__)
        raise
    _end(around, current, None, None, None)


def _end(around: Any, current: Any, *raised: Any) -> None:
    if current is not None:
        with suppress(Exception):
            around.__exit__(*raised)


def _nothing(_attribute: str, _value: Any) -> None:
    """There is no span."""
