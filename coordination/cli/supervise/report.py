"""What the supervisor says, on stderr and never on stdout, which is the command's.

Plain: a line in words when something went wrong, nothing otherwise, because cron mails every line.
With --json: one object per event. A line that cannot be written at once is dropped: a stalled
reader of stderr must not delay a kill.
"""

from __future__ import annotations

import json
import os
import select

STDERR = 2


class Report:
    """Tells events about one name."""

    def __init__(self, name: str, *, as_json: bool) -> None:
        self._name = name
        self._as_json = as_json

    def note(self, event: str, **fields: object) -> None:
        """Something that goes as it should."""
        if self._as_json:
            self._json(event, fields)

    def warn(self, event: str, text: str, **fields: object) -> None:
        """Something the user should know; `text` is one line in plain words."""
        if self._as_json:
            self._json(event, {**fields, "message": text})
        else:
            _write(f"coordination: {text}")

    def _json(self, event: str, fields: dict[str, object]) -> None:
        _write(json.dumps({"event": event, "name": self._name, **fields}))


def _write(line: str) -> None:
    try:
        _, writable, _ = select.select([], [STDERR], [], 0)
        if writable:
            os.write(STDERR, f"{' '.join(line.splitlines())}\n".encode(errors="backslashreplace"))
    except (OSError, ValueError):
        return  # stderr is closed: there is nobody to tell
