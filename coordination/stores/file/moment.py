"""Times as liblease writes them: RFC 3339 with nanoseconds, any offset."""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta

_FORM = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d{1,9})\d*)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_BILLION = 1_000_000_000


@functools.lru_cache(maxsize=128)
def written(unix: float) -> str:
    """Unix seconds as text, in UTC; ValueError or OverflowError beyond the calendar."""
    whole, nanos = divmod(round(unix * _BILLION), _BILLION)
    moment = _EPOCH + timedelta(seconds=whole)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanos:09d}Z"


@functools.lru_cache(maxsize=128)
def read(text: str) -> float:
    """Text as Unix seconds; ValueError if it is not a time."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"not an RFC 3339 time: {text!r}")
    day, time, fraction, offset = match.groups()
    offset = "+00:00" if offset in "Zz" else offset
    whole = datetime.fromisoformat(f"{day}T{time}{offset}") - _EPOCH
    seconds = whole.days * 86_400 + whole.seconds
    return (seconds * _BILLION + int((fraction or "").ljust(9, "0"))) / _BILLION
