"""Spans for an OpenTelemetry tracer, if a lock was given one; OpenTelemetry itself is not needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

NAME, TOKEN, OUTCOME = "coordination.lock.name", "coordination.lock.token", "coordination.lock.outcome"

Note = Callable[[str, Any], None]


@contextmanager
def span(tracer: Any, what: str, name: str) -> Iterator[Note]:
    """A span `coordination.lock.WHAT` around the block, which notes attributes; nothing without a tracer."""
    if tracer is None:
        yield _nothing
        return
    with tracer.start_as_current_span(f"coordination.lock.{what}", attributes={NAME: name}) as current:
        try:
            yield current.set_attribute
        except BaseException as error:
            current.set_attribute(OUTCOME, type(error).__name__)
            raise


def _nothing(_attribute: str, _value: Any) -> None:
    """There is no span."""
