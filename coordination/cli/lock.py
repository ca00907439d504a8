"""`coordination lock NAME -- COMMAND…`: running a command under a lock."""

from __future__ import annotations

import click

from coordination import arguments, timing
from coordination.cli.options import Settings, machine_id_option, metadata_option, shared
from coordination.cli.supervised import ENDINGS, REST, carry_out, demand_posix, name_and_command
from coordination.cli.words import NameThenCommand
from coordination.locking import TTL
from coordination.record import key_of
from coordination.sharing.values import LOCKS

HELP = f"""Run COMMAND while holding the lock NAME; it never runs on after the lock.

Waits for its turn, first come, first served, and runs COMMAND in a process group of its own, with
COORDINATION_NAME and the fencing token COORDINATION_TOKEN in its environment. {ENDINGS}

If the store confirms nothing any more, the group gets TERM, and KILL before the lock can be
another's; --grace seconds lie between the two, but at most a quarter of the ttl. If the lock is
broken or deleted, the group gets TERM and KILL at once.

With --release-on-request COMMAND gets TERM when somebody asks for the lock (`coordination ask`), and
may take its time to end; without it, asking changes nothing.

A lock and a lease of the same name have nothing to do with each other.

{REST}"""


@click.command(
    "lock",
    help=HELP,
    short_help="Run a command while holding the lock NAME.",
    cls=NameThenCommand,
    epilog="Example: coordination lock --timeout 60 orders -- ./migrate.sh",
)
@name_and_command
@click.option(
    "--ttl",
    type=float,
    metavar="S",
    default=TTL,
    show_default=True,
    help="Seconds after which others may have it when this machine is gone.",
)
@metadata_option
@machine_id_option
@click.option("--release-on-request", is_flag=True, help="TERM to COMMAND when somebody asks for NAME.")
@shared
@click.pass_obj
def lock(
    settings: Settings,
    *,
    name: str,
    command: tuple[str, ...],
    timeout: float | None,
    grace: float,
    quiet: bool,
    ttl: float,
    meta: dict[str, str],
    machine_id: str | None,
    release_on_request: bool,
) -> None:
    """See HELP, which is what people read."""
    demand_posix("lock")
    from coordination.cli.supervise.locking import Locking

    key_of(settings.namespace, LOCKS, name)
    locking = Locking(name, timing.positive(ttl, "--ttl"), arguments.metadata(meta), release_on_request)
    carry_out(
        settings,
        locking.obtain,
        name=name,
        command=command,
        machine_id=machine_id,
        timeout=timeout,
        grace=grace,
        quiet=quiet,
    )
