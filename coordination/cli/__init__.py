"""The command `coordination`; the library itself needs neither click nor rich."""

from __future__ import annotations

import sys
from importlib.util import find_spec

_NEEDED = ("click", "rich")

_INTERRUPTED = 130
"""As `errors.INTERRUPTED`, which is not loaded yet."""


def main() -> None:
    """The entry point; says in one line what to install when the command's own needs are missing."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        needs = " and ".join(missing)
        sys.stderr.write(f"coordination: the command needs {needs}: pip install 'coordination[cli]'\n")
        sys.exit(2)
    try:
        from coordination.cli.app import coordination

        coordination(prog_name="coordination")
    except KeyboardInterrupt:  # While the command's own modules are loaded; later on they see to it.
        sys.exit(_INTERRUPTED)
