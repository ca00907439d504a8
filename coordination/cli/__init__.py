"""The command `coordination`; the library itself needs neither click nor rich."""

from __future__ import annotations

import sys

_NEEDED = ("click", "rich")


def main() -> None:
    """The entry point; says in one line what to install when the command's own needs are missing."""
    try:
        from coordination.cli.app import coordination
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _NEEDED:
            raise
        sys.stderr.write("coordination: the command needs click and rich: pip install 'coordination[cli]'\n")
        sys.exit(2)
    coordination(prog_name="coordination")
