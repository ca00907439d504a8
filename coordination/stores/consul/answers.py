"""Making sense of answers, which may come from anything that listens on the port.

Every wrong type, a depth that no answer has, and more small parts than records have, are one thing:
an answer that makes no sense.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any

from coordination.record import Record
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.message import Answer, Failed

HIGHEST = 2**63 - 1

_PART = 14
_CONTAINER = 50
"""Bytes of text for each part, and each object, of an answer at least; records have half as many."""

_TEXTS = 16
"""Bytes for each text at least; an entry has one for every twenty or so."""

_ANYHOW = 4096
"""Parts that any answer may have."""


_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"')


class Entry:
    """One KV entry of an answer: the fields that matter, of the right types."""

    __slots__ = ("created", "index", "key", "session", "value")

    def __init__(self, fields: Any) -> None:
        try:
            self.key: str = fields["Key"]
            self.index: int = fields["ModifyIndex"]
            self.created: int = fields["CreateIndex"]
            self.value = decoded(fields.get("Value"))
            self.session: str = fields.get("Session", "")
        except (TypeError, LookupError, AttributeError):
            raise nonsense("an entry without its fields") from None
        texts = type(self.key) is type(self.session) is str
        if not (texts and _number(self.index) and _number(self.created)):
            raise nonsense("an entry with fields of other types")

    def record(self, keys: Keys) -> Record:
        """The record it holds."""
        return Record(keys.contract(self.key), self.value, self.created, self.index, self.session or None)


def parsed(answer: Answer) -> Any:
    """The JSON of an answer, its KV entries made sense of one by one, as they are met."""
    body = answer.body
    if _too_many_parts(body, len(body)):
        # Strangers' keys may hold anything, so what looks wrong is counted without its texts; not if it
        # has more texts than entries have, for taking those out would cost what is to be avoided.
        texts = body.count(b'"') // 2
        if texts > len(body) // _TEXTS or _too_many_parts(_TEXT.sub(b"", body), len(body)):
            raise nonsense("JSON of too many parts")
    try:
        return _DECODER.decode(body.decode())
    except (ValueError, RecursionError):
        raise nonsense("no JSON") from None


def _too_many_parts(body: bytes, size: int) -> bool:
    containers = body.count(b"{") + body.count(b"[")
    parts = containers + body.count(b",")
    return parts > _ANYHOW + size // _PART or containers > _ANYHOW + size // _CONTAINER


def entries(answer: Answer) -> list[Entry]:
    """The entries of an answer of /v1/kv, none if it is a 404."""
    if answer.status == 404:
        return []
    listed = parsed(answer)
    if not isinstance(listed, list) or not all(isinstance(entry, Entry) for entry in listed):
        raise nonsense("no list of entries")
    return listed


def decoded(value: object) -> bytes:
    """Base64; null stands for nothing at all."""
    if value is None:
        return b""
    try:
        return base64.b64decode(value, validate=True)  # type: ignore[arg-type]
    except (TypeError, ValueError, binascii.Error):
        raise nonsense("a value that is not base64") from None


def names(answer: Answer, folder: str) -> list[str]:
    """The stored keys below a folder, none if the answer is a 404."""
    if answer.status == 404:
        return []
    listed = parsed(answer)
    if not isinstance(listed, list) or not all(type(it) is str and it.startswith(folder) for it in listed):
        raise nonsense("no list of the keys below a folder")
    return listed


def nonsense(what: str) -> Failed:
    """The answer came, and nobody can say what it means."""
    return Failed(f"its answer makes no sense: {what}", sent=True)


def _met(fields: dict[str, Any]) -> Any:
    """Called for each JSON object: thousands of entries as dicts of texts would take much memory."""
    if "ModifyIndex" in fields and "Key" in fields:
        return Entry(fields)
    return fields["KV"] if "KV" in fields and len(fields) == 1 else fields


def _number(value: object) -> bool:
    return type(value) is int and 0 < value <= HIGHEST


_DECODER = json.JSONDecoder(object_hook=_met)
