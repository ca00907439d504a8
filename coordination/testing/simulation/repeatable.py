"""What is random in recipes and sessions is the same in every schedule, or a schedule would not replay."""

from __future__ import annotations

import gc
import itertools
import random
import secrets
import typing
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

MEMBERS = "_get_protocol_attrs"
"""What Python 3.11 asks at each look whether a store offers something, and 3.12 once: 6 % of all the time."""


@contextmanager
def repeatable() -> Iterator[Callable[[], None]]:
    """Call what this yields before each schedule. While it lasts, no other thread should need randomness."""
    token_hex, state, threshold = secrets.token_hex, random.getstate(), gc.get_threshold()
    members = getattr(typing, MEMBERS, None)
    if members is not None:
        setattr(typing, MEMBERS, cache(members))
    gc.set_threshold(50_000, 20, 100)  # A world is all cycles, and gone as a whole soon after it was made.

    def begin() -> None:
        numbers = itertools.count(1)
        random.seed(0)
        setattr(secrets, "token_hex", lambda size=32: f"{next(numbers):0{2 * size}x}")  # noqa: B010 - typed

    try:
        yield begin
    finally:
        setattr(secrets, "token_hex", token_hex)  # noqa: B010 - mypy would not have a function assigned
        random.setstate(state)
        gc.set_threshold(*threshold)
        if members is not None:
            setattr(typing, MEMBERS, members)
