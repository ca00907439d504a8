"""What a leader proclaims and what a unit carries: None, bytes, or anything that JSON can hold."""

from __future__ import annotations

import base64
import json

from coordination.cli import show


def as_text(value: object) -> str:
    """For people: text as it is, of bytes only how many, the rest as JSON."""
    if value is None:
        return "-"
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    return show.visible(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def as_json(value: object) -> object:
    """For programs: bytes, which JSON has not, as an object with their base64."""
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return value
