"""`coordination run NAME -- COMMAND…`: the options, and the refusal where it cannot work."""

from __future__ import annotations

import os
from functools import partial

import click

from coordination import timing
from coordination.cli.errors import NOT_ACQUIRED
from coordination.cli.options import Settings, holder, shared
from coordination.cli.words import NameThenCommand
from coordination.errors import AcquireTimeout
from coordination.record import lease_key

HELP = """Run COMMAND while holding the lease NAME; it never runs on after the lease.

Waits for the lease, keeps it alive, and runs COMMAND in a process group of its own, with
COORDINATION_NAME and the fencing token COORDINATION_TOKEN in its environment. Signals are passed on
to the group. When COMMAND ends, whatever it left in its group is ended too, then the lease is
released. A process that leaves the group (a daemon with a session of its own) is not followed.

If the store confirms no renewal, the group gets TERM, and KILL before the lease can be another's;
--grace seconds lie between the two, but at most a quarter of the period. If the lease is stolen or
deleted, the group gets TERM and KILL at once.

The options end where COMMAND begins, with or without --.

Standard output is COMMAND's alone. Messages go to standard error: a line when something went wrong,
or with --json an object for every event.

\b
Exit codes: COMMAND's own (128 + n if signal n ended it); 2 wrong usage;
120 not acquired in time; 121 the lease was lost; 122 the store cannot be reached;
126 COMMAND cannot be executed; 127 COMMAND was not found.
"""

NO_WINDOWS = "run is not supported on Windows yet: no job object"


def _or_none(ctx: click.Context, param: click.Parameter, value: str) -> float | None:
    if value == "none":
        return None
    try:
        return float(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is neither seconds nor none", ctx, param) from error


@click.command(
    "run",
    help=HELP,
    short_help="Run a command while holding NAME.",
    cls=NameThenCommand,
    epilog="Example: coordination run --timeout 0 nightly-report -- ./report.sh",
)
@click.argument("name")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- COMMAND...")
@click.option(
    "--timeout",
    metavar="S|none",
    callback=_or_none,
    default="none",
    show_default=True,
    help="Seconds to wait for the lease; 0: one try.",
)
@click.option(
    "--grace",
    type=float,
    metavar="S",
    default=5.0,
    show_default=True,
    help="Seconds between TERM and KILL while renewal is unconfirmed; at most a quarter of the period.",
)
@click.option("--quiet", is_flag=True, help="No message when the lease is not acquired: 120 says it.")
@holder
@shared
@click.pass_obj
def run(
    settings: Settings,
    *,
    name: str,
    command: tuple[str, ...],
    timeout: float | None,
    grace: float,
    quiet: bool,
    machine_id: str | None,
    lease_version: int,
    period: float,
) -> None:
    """See HELP, which is what people read."""
    if os.name != "posix":
        raise click.UsageError(NO_WINDOWS)
    from coordination.cli.supervise.session import Request, Session

    # What can never work is told before anything is forked.
    lease_key(settings.namespace, name)
    settings.demand_shared()
    request = Request(
        name=name,
        command=command,
        connect=partial(settings.manager, machine_id),
        version=lease_version,
        period=timing.positive(period, "--period"),
        timeout=timing.waiting(timeout, "--timeout"),
        grace=timing.waiting(grace, "--grace") or 0.0,
        as_json=settings.json,
    )
    try:
        raise SystemExit(Session(request).run())
    except AcquireTimeout:
        if not quiet:
            raise
        raise SystemExit(NOT_ACQUIRED) from None
