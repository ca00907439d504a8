"""`coordination members GROUP`: who is in a group, who comes and goes; being in it while a command runs."""

from __future__ import annotations

from typing import Any

import click

from coordination import arguments, timing
from coordination.cli import show
from coordination.cli.errors import NOTHING
from coordination.cli.options import Settings, machine_id_option, metadata_option, shared
from coordination.cli.supervised import carry_out, demand_posix
from coordination.cli.tables import table
from coordination.cli.words import NameThenCommand
from coordination.manager import Manager
from coordination.recipes.members import MEMBERS, Member, MembershipEvent
from coordination.record import key_of

_HEADINGS = ("MACHINE", "TOKEN", "SINCE", "AGE", "WHERE", "META")
_NUMBERS = ("TOKEN", "SINCE", "AGE")


HELP = """Show the live members of GROUP, by machine; or be one while COMMAND runs.

One whose process is gone is shown for up to its ttl. Ends with 1 if there are none. --watch tells
those who are there as having joined; who comes and goes in quick succession may not be told.

With --join, COMMAND runs in a process group of its own, with COORDINATION_NAME and COORDINATION_TOKEN
in its environment. Signals are passed on to the process group. When COMMAND ends, whatever it left
there is ended too, then GROUP is left. A membership that was lost comes back by itself, and COMMAND
goes on meanwhile. Ends with COMMAND's own code, or with 120 if another process is in GROUP under
this machine id.
"""


@click.command(
    "members",
    help=HELP,
    short_help="Show the live members of GROUP, or be one.",
    cls=NameThenCommand,
    epilog="Example: coordination members web --join --meta address=10.0.0.7 -- ./serve.sh",
)
@click.argument("name", metavar="GROUP")
@click.argument("command", nargs=-1, type=click.UNPROCESSED, metavar="[-- COMMAND...]")
@click.option("--watch", is_flag=True, help="Then a line for each that joins or leaves.")
@click.option("--join", is_flag=True, help="Be a member while COMMAND runs.")
@click.option(
    "--timeout",
    type=float,
    metavar="S",
    help="With --watch, seconds to watch; else until ^C. With --join, seconds to wait for the end of a "
    "dead process of this machine id; else 35.",
)
@metadata_option
@machine_id_option
@shared
@click.pass_obj
def members(
    settings: Settings,
    *,
    name: str,
    command: tuple[str, ...],
    watch: bool,
    join: bool,
    timeout: float | None,
    meta: dict[str, str],
    machine_id: str | None,
) -> None:
    """See HELP, which is what people read."""
    if join != bool(command) or (join and watch):
        raise click.UsageError("--join needs a COMMAND behind --, and nothing else has one")
    if timeout is not None and not watch and not join:
        raise click.UsageError("--timeout is for --watch and --join")
    if not join and (meta or machine_id is not None):
        raise click.UsageError("--meta and --machine-id are for --join")
    if join:
        _join(settings, name, command, timeout, meta, machine_id)
        return
    with settings.manager() as manager:
        if watch:
            _watch(settings, manager, name, timeout)
        else:
            _list(settings, manager, name)


def _join(
    settings: Settings,
    group: str,
    command: tuple[str, ...],
    timeout: float | None,
    meta: dict[str, str],
    machine_id: str | None,
) -> None:
    demand_posix("members --join")
    from coordination.cli.supervise.joining import Joining

    key_of(settings.namespace, MEMBERS, group)
    joining = Joining(group, arguments.metadata(meta), timing.waiting(timeout, "--timeout"))
    carry_out(
        settings,
        joining.obtain,
        name=group,
        command=command,
        machine_id=machine_id,
        timeout=timeout,
        grace=0.0,
        quiet=False,
    )


def _list(settings: Settings, manager: Manager, group: str) -> None:
    now = manager.clock.wall()
    found = manager.membership(group).members()
    if settings.json:
        show.echo_json([_fields(member) for member in found])
    elif found:
        table(_HEADINGS, [_row(member, now) for member in found], _NUMBERS)
    else:
        click.echo(f"nobody is in {show.visible(group)}", err=True)
    if not found:
        raise SystemExit(NOTHING)


def _watch(settings: Settings, manager: Manager, group: str, timeout: float | None) -> None:
    for event in manager.membership(group).watch(timeout):
        if settings.json:
            show.echo_json({"event": event.kind, **_fields(event.member)})
        else:
            at = show.time_of_day(manager.clock.wall())
            click.echo(f"{at}  {show.visible(group)}  {_happened(event)}")


def _happened(event: MembershipEvent) -> str:
    member = event.member
    text = f"{show.visible(member.machine_id)} {event.kind} ({show.where(member)}), token {member.token}"
    return text + (f", {show.metadata(member)}" if member.metadata else "")


def _fields(member: Member) -> dict[str, Any]:
    """For programs; `since` in Unix seconds."""
    return {
        "group": member.group,
        "machine_id": member.machine_id,
        "token": member.token,
        "since": member.since,
        "host": member.host,
        "pid": member.pid,
        "metadata": member.metadata,
    }


def _row(member: Member, now: float) -> tuple[str, ...]:
    return (
        show.visible(member.machine_id),
        str(member.token),
        show.moment(member.since) if member.since else "-",
        show.duration(now - member.since) if member.since else "-",
        show.where(member),
        show.metadata(member) or "-",
    )
