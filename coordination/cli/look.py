"""The commands that only look: `get`, `ls`, `watch`, `health`."""

from __future__ import annotations

import click

from coordination.cli import show
from coordination.cli.errors import NOTHING
from coordination.cli.options import Settings, shared
from coordination.lease import Lease


@click.command(epilog="Example: coordination get nightly-report --json")
@click.argument("name")
@shared
@click.pass_obj
def get(settings: Settings, name: str) -> None:
    """Show who holds the lease NAME.

    Ends with 1 if nobody does.
    """
    with settings.manager() as manager:
        lease = manager.get_lease(name)
        now = manager.clock.wall()
    if settings.json:
        show.echo_json(None if lease is None else show.fields(lease))
    elif lease is not None:
        click.echo("\n".join(show.details(lease, now)))
    else:
        click.echo(f"nobody holds {show.visible(name)}", err=True)
    if lease is None:
        raise SystemExit(NOTHING)


@click.command(short_help="List the leases that are held.", epilog="Example: coordination ls shop-")
@click.argument("prefix", default="")
@shared
@click.pass_obj
def ls(settings: Settings, prefix: str) -> None:
    """List the leases that are held, all or those whose names start with PREFIX.

    Locks, leaders, groups and pools are in `coordination top`.
    """
    with settings.manager() as manager:
        leases = manager.list_leases(prefix)
        now = manager.clock.wall()
    if settings.json:
        show.echo_json([show.fields(lease) for lease in leases])
    elif leases:
        show.table(leases, now)
    else:
        click.echo("no lease is held", err=True)


@click.command(epilog="Example: coordination watch nightly-report --timeout 60")
@click.argument("name")
@click.option("--timeout", type=float, metavar="S", help="Seconds to watch; else until ^C.")
@shared
@click.pass_obj
def watch(settings: Settings, name: str, timeout: float | None) -> None:
    """Show who holds the lease NAME now, then every change, a line each.

    Changes in quick succession may come as one.
    """
    before: Lease | None = None
    with settings.manager() as manager:
        for lease in manager.watch(name, timeout):
            if settings.json:
                show.echo_json({"name": name, "lease": None if lease is None else show.fields(lease)})
            else:
                at = show.time_of_day(manager.clock.wall())
                click.echo(f"{at}  {show.visible(name)}  {_change(before, lease)}")
            before = lease


@click.command(epilog="Example: coordination health --store file:///var/lib/shop/leases")
@shared
@click.pass_obj
def health(settings: Settings) -> None:
    """Ask the store how it is.

    Ends with 0 if there is nothing to say, 1 if it has conditions that an operator should look at,
    122 if it cannot be reached.
    """
    with settings.manager() as manager:
        conditions = manager.health()
    if settings.json:
        show.echo_json({"healthy": not conditions, "conditions": conditions})
    else:
        click.echo("\n".join(map(show.visible, conditions)) or "healthy")
    if conditions:
        raise SystemExit(NOTHING)


def _change(before: Lease | None, lease: Lease | None) -> str:
    if lease is None:
        return "free"
    left = f"{show.duration(lease.time_remaining)} left"
    if before is not None and before.token == lease.token:
        return f"renewed, {left}"
    return f"held by {show.visible(lease.machine_id)} ({show.where(lease)}), token {lease.token}, {left}"
