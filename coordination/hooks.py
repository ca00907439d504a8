"""How the library tells what happened: events with fields, through structlog, to the stdlib logger.

A program that configures no logging sees nothing: the logger `coordination` has a NullHandler, and
structlog is wrapped locally, so its global default (printing to stdout) never applies. structlog
costs some 60 ms to import, so it is loaded at the first event that somebody listens to.
Secrets are never passed in here.
"""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any

from coordination.errors import ConfigurationError
from coordination.forking import NO_FORK

LOGGER = "coordination"


def _to_stdlib(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> tuple[tuple[str], dict[str, Any]]:
    """A readable line as the message, and the fields for handlers that want them as such."""
    name = event.pop("event")
    line = " ".join([name, *(f"{key}={value}" for key, value in event.items())])
    return (line,), {"extra": {"event": name, "fields": dict(event)}}


class Events:
    """Where one manager's events go. `logger`: a stdlib or structlog logger; None for `coordination`."""

    def __init__(self, logger: Any = None) -> None:
        self._stdlib: logging.Logger | None = None
        self._bound: Any = logger
        if logger is None or isinstance(logger, logging.Logger):
            self._stdlib = logger or logging.getLogger(LOGGER)
            self._bound = None
        elif not all(callable(getattr(logger, method, None)) for method in ("debug", "info", "warning")):
            raise ConfigurationError(f"a logger must have debug, info and warning; {logger!r} has not")

    def debug(self, event: str, **fields: Any) -> None:
        """Something routine."""
        self._tell("debug", logging.DEBUG, event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """Something an operator may want to see."""
        self._tell("info", logging.INFO, event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Something that went wrong and that the library copes with, or a loss."""
        self._tell("warning", logging.WARNING, event, fields)

    def _tell(self, method: str, level: int, event: str, fields: dict[str, Any]) -> None:
        if self._stdlib is not None and not self._stdlib.isEnabledFor(level):
            return
        try:
            getattr(self._listener(), method)(event, **fields)
        except Exception:  # noqa: BLE001 - a broken log handler must not cost anybody a lease
            return

    def _listener(self) -> Any:
        if self._bound is None:
            with NO_FORK:
                import structlog

            self._bound = structlog.wrap_logger(
                self._stdlib,
                processors=[_to_stdlib],
                wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
                cache_logger_on_first_use=True,
            )
        return self._bound


logging.getLogger(LOGGER).addHandler(logging.NullHandler())
