"""Values of the user's own as text: what a leader proclaims, what a unit of work carries.

None, bytes, or anything that JSON can hold. The first letter says which: `j` and JSON, `b` and base64.
"""

from __future__ import annotations

import base64
import json
from typing import Any

from coordination.errors import ConfigurationError


def encode(value: object) -> str:
    """The text of a value; `ConfigurationError` for one that is none of these."""
    if isinstance(value, bytes | bytearray | memoryview):
        return "b" + base64.b64encode(value).decode()
    try:
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"a value must be None, bytes, or what JSON can hold: {error}") from error
    return "j" + text


def decode(text: str) -> Any:
    """The value of a text; `ConfigurationError` for one that `encode` cannot have made."""
    kind, rest = text[:1], text[1:]
    try:
        if kind == "j":
            return json.loads(rest)
        if kind == "b":
            return base64.b64decode(rest, validate=True)
    except (ValueError, RecursionError) as error:
        raise ConfigurationError("the text is no value of this library") from error
    raise ConfigurationError("the text is no value of this library")
