"""`coordination members GROUP`: who is in a group, and who comes and goes."""

from __future__ import annotations

from typing import Any

import click

from coordination.cli import show
from coordination.cli.errors import NOTHING
from coordination.cli.options import Settings, shared
from coordination.cli.tables import table
from coordination.manager import Manager
from coordination.recipes.members import Member, MembershipEvent

_HEADINGS = ("MACHINE", "TOKEN", "SINCE", "AGE", "WHERE", "META")
_NUMBERS = ("TOKEN", "SINCE", "AGE")


@click.command(epilog="Example: coordination members web --watch")
@click.argument("group")
@click.option("--watch", is_flag=True, help="Then a line for each that joins or leaves.")
@click.option("--timeout", type=float, metavar="S", help="Seconds to watch; else until ^C.")
@shared
@click.pass_obj
def members(settings: Settings, group: str, watch: bool, timeout: float | None) -> None:
    """Show the live members of GROUP, by machine.

    One whose process is gone is shown for up to its ttl. Ends with 1 if there are none. --watch tells
    those who are there as having joined; who comes and goes in quick succession may not be told.
    """
    if timeout is not None and not watch:
        raise click.UsageError("--timeout is for --watch")
    with settings.manager() as manager:
        if watch:
            _watch(settings, manager, group, timeout)
        else:
            _list(settings, manager, group)


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
