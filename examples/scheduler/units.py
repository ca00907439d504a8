"""The units of the scheduler: added with the command to run, listed with who owns them, removed.

    COORDINATION_URL=… python examples/scheduler/units.py add NAME -- COMMAND…
    COORDINATION_URL=… python examples/scheduler/units.py list
    COORDINATION_URL=… python examples/scheduler/units.py remove NAME

See README.md for the machines.
"""

from __future__ import annotations

import argparse
import sys

from coordination import connect
from coordination.pool import Pool


def add(pool: Pool, name: str, command: list[str]) -> int:
    """Have some machine run the command; 1 if there is a unit of that name."""
    return 0 if pool.add(name, {"command": command}) else 1


def remove(pool: Pool, name: str) -> int:
    """Have it run no more; 1 if there is no such unit."""
    return 0 if pool.remove(name) else 1


def show(pool: Pool) -> int:
    """Who owns what."""
    for unit in pool.units():
        print(unit.name, unit.machine_id or "-", unit.token or "-", *unit.payload["command"])
    return 0


def main(arguments: list[str]) -> int:
    """Do one thing; the exit code."""
    parser = argparse.ArgumentParser(description="Units of the scheduler.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list")
    for verb in ("add", "remove"):
        verbs.add_parser(verb).add_argument("name")
    verbs.choices["add"].add_argument("command", nargs="+")
    options = parser.parse_args(arguments)
    with connect() as manager:
        pool = manager.pool("work")
        if options.verb == "add":
            return add(pool, options.name, options.command)
        return remove(pool, options.name) if options.verb == "remove" else show(pool)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
