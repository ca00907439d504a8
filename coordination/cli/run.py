"""`coordination run NAME -- COMMAND…`: running a command under a lease."""

from __future__ import annotations

import click

from coordination import timing
from coordination.cli.options import Settings, holder, shared
from coordination.cli.supervised import ENDINGS, REST, carry_out, demand_posix, name_and_command
from coordination.cli.words import NameThenCommand
from coordination.record import lease_key

HELP = f"""Run COMMAND while holding the lease NAME; it never runs on after the lease.

Waits for the lease, keeps it alive, and runs COMMAND in a process group of its own, with
COORDINATION_NAME and the fencing token COORDINATION_TOKEN in its environment. {ENDINGS}

If the store confirms no renewal, the group gets TERM, and KILL before the lease can be another's;
--grace seconds lie between the two, but at most a quarter of the period. If the lease is stolen or
deleted, the group gets TERM and KILL at once.

{REST}"""


@click.command(
    "run",
    help=HELP,
    short_help="Run a command while holding the lease NAME.",
    cls=NameThenCommand,
    epilog="Example: coordination run --timeout 0 nightly-report -- ./report.sh",
)
@name_and_command
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
    demand_posix("run")
    from coordination.cli.supervise.leasing import Leasing

    lease_key(settings.namespace, name)
    leasing = Leasing(name, lease_version, timing.positive(period, "--period"))
    carry_out(
        settings,
        leasing.obtain,
        name=name,
        command=command,
        machine_id=machine_id,
        timeout=timeout,
        grace=grace,
        quiet=quiet,
    )
