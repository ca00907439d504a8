"""One request to an agent and its answer, as plain data."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Effect(enum.Enum):
    """What a request does if it is asked twice, because the first answer was lost."""

    NONE = "reads"
    HARMLESS = "harmless twice"
    ONCE = "only once"


SMALL = 1_048_576
"""Bytes of an answer: a value of the largest size Consul takes, in base64, and then some."""

LARGE = 1_572_864
"""Bytes of an answer that lists records: some two thousand leases."""


@dataclass(frozen=True, slots=True)
class Request:
    """`path` is escaped and begins with /v1/; `query` has no question mark. `limit` is in bytes."""

    method: str
    path: str
    query: str = ""
    body: bytes | None = None
    effect: Effect = Effect.NONE
    limit: int = SMALL


@dataclass(frozen=True, slots=True)
class Answer:
    """`index` is X-Consul-Index; 0 if it is missing, or no positive number."""

    status: int
    index: int
    body: bytes

    @property
    def text(self) -> str:
        """The beginning of the body, for messages: one line, printable."""
        line = " ".join(self.body[:400].decode("utf-8", "replace").split())
        return "".join(letter if letter.isprintable() else "?" for letter in line)[:300]


class Failed(Exception):
    """No answer. `sent` is false if the agent certainly did not get the whole request."""

    def __init__(
        self, reason: str, *, sent: bool, hopeless: bool = False, ended: bool = False, late: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.late = late
        """The time was over."""
        self.ended = ended
        """The agent has ended the connection, which it may do with an old one at any time."""
        self.hopeless = hopeless
        """It would fail the same way again: nobody is trusted, or we are not."""

    def __str__(self) -> str:
        return self.reason


class TooMuch(Failed):
    """The answer is longer than its limit."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"its answer has more than {limit} bytes", sent=True)
