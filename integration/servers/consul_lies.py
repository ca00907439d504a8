"""What a broken or malicious agent might say in correct HTTP: lies about indexes, types, numbers.

Each lie makes a false answer out of a true one; `HttpProxy.always(match, HttpFault(lie=...))` tells it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from integration.servers.http_manners import Manner
from integration.servers.http_wire import Answer

Lie = Callable[[Answer], Answer]

WRONG: list[Any] = [None, True, -1, 2**70, 1.5, "", "x", [], {}]
"""What may stand where something else belongs."""


def at_index(*indexes: object) -> Lie:
    """Answers that were made at these indexes, one after the other and again from the start."""
    told = itertools.cycle(indexes)
    return lambda true: true.saying("X-Consul-Index", str(next(told)))


def without_index(true: Answer) -> Answer:
    """An answer that does not say at which index it was made."""
    kept = tuple((name, value) for name, value in true.headers if name.lower() != "x-consul-index")
    return Answer(true.status, true.body, kept)


INDEXES: dict[str, Callable[[], Lie]] = {
    "zero": lambda: at_index(0),
    "one": lambda: at_index(1),
    "equal": lambda: at_index(5),
    "going_back": lambda: at_index(9, 5),
    "rising": lambda: at_index(*range(2, 1_000)),
    "ahead": lambda: at_index(1_000_000),
    "negative": lambda: at_index(-7),
    "huge": lambda: at_index(2**64 - 1),
    "beyond": lambda: at_index("9" * 4_000),
    "no_number": lambda: at_index("soon"),
    "empty": lambda: at_index(""),
    "missing": lambda: without_index,
}
"""How the index of a blocking query may misbehave, by name; each made afresh, since some remember.

True indexes are higher than most of these, so a query that asks for what comes after one is answered
at once; one that is ahead makes the query wait although something happens."""


def at_once(key: str, *indexes: int) -> Manner:
    """No waiting for anything to happen: an answer that it has, to this key, at these indexes in turn."""
    told = itertools.cycle(indexes)

    async def manner(writer: asyncio.StreamWriter) -> None:
        index = next(told)
        entry = {"Key": key, "CreateIndex": 1, "ModifyIndex": max(index, 1), "Value": None}
        writer.write(Answer(200).telling([entry]).saying("X-Consul-Index", str(index)).encoded())

    return manner


SPINNING: dict[str, Sequence[int]] = {
    "zero": [0],
    "equal": [5],
    "going-back": [9, 5],
    "zero-five-three": [0, 5, 3],
    "rising": range(2, 100_000),
}
"""By which indexes, told at once, an agent may make a blocking query spin."""


def misshapen(document: Any) -> Iterator[Any]:
    """The document with one thing in it, at any level, replaced by one of another type or taken away."""
    for wrong in WRONG:
        if wrong != document or type(wrong) is not type(document):
            yield wrong
    if isinstance(document, dict):
        for key, value in document.items():
            yield {name: kept for name, kept in document.items() if name != key}
            for wrong in misshapen(value):
                yield {**document, key: wrong}
    if isinstance(document, list):
        yield document + document
        for number, value in enumerate(document):
            for wrong in misshapen(value):
                yield [*document[:number], wrong, *document[number + 1 :]]


def ways_to_misshape(true: Answer) -> list[Any]:
    """All documents that `misshapen` makes of what this answer says."""
    return list(misshapen(json.loads(true.body)))
