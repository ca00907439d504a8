"""`coordination elect NAME`: leading while a command runs, and looking at who leads."""

from __future__ import annotations

import click

from coordination import arguments, timing
from coordination.cli.incumbents import show_leader, watch_leaders
from coordination.cli.options import Settings, machine_id_option, shared
from coordination.cli.supervised import (
    ENDINGS,
    REST,
    carry_out,
    demand_posix,
    name_and_perhaps_command,
)
from coordination.cli.words import NameThenCommand
from coordination.locking import TTL
from coordination.recipes.leading.candidate import LEADERS
from coordination.record import key_of

HELP = f"""Run COMMAND while leading NAME; it never runs on after that.

Campaigns until it leads, and runs COMMAND in a process group of its own, with COORDINATION_NAME, the
fencing token COORDINATION_TOKEN and COORDINATION_VERSION in its environment. {ENDINGS}

A newer --version takes over from an older one, and once it has led, older ones do not compete any more.
COMMAND of the older one gets TERM then, and KILL --grace seconds later; the newer one begins as soon as
it has ended, and a ttl later at the latest.

If the store confirms nothing any more, the group gets TERM, and KILL before others can lead; --grace
seconds lie between the two, but at most a quarter of the ttl. If the leadership is deleted, the group
gets TERM and KILL at once.

With --again it campaigns anew a second after COMMAND ended, whatever its code, or the leadership was
lost: until INT, TERM or QUIT is passed on or ends COMMAND, HUP ends it, or it cannot be executed.

With --show or --watch nothing is run: they show who leads now, or every change of that.

{REST}"""

_OF_RUNNING = ("version", "value", "ttl", "machine_id", "grace", "quiet", "again")


@click.command(
    "elect",
    help=HELP,
    short_help="Run a command while leading NAME.",
    cls=NameThenCommand,
    epilog="Example: coordination elect --version 2 --again scheduler -- ./scheduler.sh",
)
@name_and_perhaps_command
@click.option("--version", type=int, metavar="N", default=0, help="COMMAND's version, for rolling upgrades.")
@click.option("--value", metavar="TEXT", help="Proclaimed while COMMAND runs, for who looks.")
@click.option("--again", is_flag=True, help="Campaign anew when COMMAND ended or the leadership was lost.")
@click.option(
    "--ttl",
    type=float,
    metavar="S",
    default=TTL,
    show_default=True,
    help="Seconds after which others may lead when this machine is gone.",
)
@machine_id_option
@click.option("--show", is_flag=True, help="Show who leads; ends with 1 if nobody does.")
@click.option("--watch", is_flag=True, help="Show who leads, then every change, for --timeout seconds.")
@shared
@click.pass_obj
@click.pass_context
def elect(
    context: click.Context,
    settings: Settings,
    *,
    name: str,
    command: tuple[str, ...],
    timeout: float | None,
    grace: float,
    quiet: bool,
    version: int,
    value: str | None,
    again: bool,
    ttl: float,
    machine_id: str | None,
    show: bool,
    watch: bool,
) -> None:
    """See HELP, which is what people read."""
    if sum((bool(command), show, watch)) != 1:
        raise click.UsageError("give either a COMMAND behind --, or --show, or --watch")
    key_of(settings.namespace, LEADERS, name)
    if show or watch:
        _demand_only_looking(context, with_timeout=watch)
        look = watch_leaders if watch else show_leader
        look(settings, name, timing.waiting(timeout, "--timeout"))
        return
    demand_posix("elect")
    from coordination.cli.supervise.command import VERSION_VARIABLE
    from coordination.cli.supervise.electing import Electing

    electing = Electing(name, arguments.version(version), timing.positive(ttl, "--ttl"), value)
    carry_out(
        settings,
        electing.obtain,
        name=name,
        command=command,
        machine_id=machine_id,
        timeout=timeout,
        grace=grace,
        quiet=quiet,
        again=again,
        variables={VERSION_VARIABLE: str(version)},
        awaits=True,
    )


def _demand_only_looking(context: click.Context, *, with_timeout: bool) -> None:
    """Refuse options that would have no effect."""
    for name in (*_OF_RUNNING, *(() if with_timeout else ("timeout",))):
        if context.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            raise click.UsageError(f"--{name.replace('_', '-')} has no use with --show or --watch")
