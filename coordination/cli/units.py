"""`coordination units POOL`: the units of a pool, and adding, updating and removing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from coordination.cli import show
from coordination.cli.errors import NOTHING
from coordination.cli.options import Settings, shared
from coordination.cli.units_shown import print_units, watch_units
from coordination.pool import Pool


@click.command(
    short_help="Show the units of POOL, or edit them.",
    epilog="Example: coordination units jobs --add shard-17 --payload eu-west",
)
@click.argument("pool")
@click.option("--add", multiple=True, metavar="NAME", help="Define a unit; may be given several times.")
@click.option("--update", metavar="NAME", help="Give a unit the --payload.")
@click.option("--remove", multiple=True, metavar="NAME", help="Remove a unit; may be given several times.")
@click.option("--payload", metavar="TEXT", help="What it carries, for who owns it; with --add or --update.")
@click.option("--weight", type=float, metavar="W", help="Its part of a share by weight; with --add. Else 1.")
@click.option("--watch", is_flag=True, help="Then a line for each that is added, removed or changes hands.")
@click.option("--timeout", type=float, metavar="S", help="Seconds to watch; else until ^C.")
@shared
@click.pass_obj
def units(
    settings: Settings,
    pool: str,
    *,
    add: tuple[str, ...],
    update: str | None,
    remove: tuple[str, ...],
    payload: str | None,
    weight: float | None,
    watch: bool,
    timeout: float | None,
) -> None:
    """Show the units of POOL and who owns them; or add, update or remove some.

    UNTIL is when a unit is free unless its owner lives on. A removed unit loses its checkpoint, and its
    owner is asked to let go. Ends with 1 if there are no units, if one to --add was there already and
    stays as it was, or if there is none to --update or --remove; the others are done all the same.
    """
    _demand_sense(bool(add), update is not None, bool(remove), watch)
    _demand_use("--payload", payload, add or update is not None, "--add or --update")
    _demand_use("--weight", weight, add, "--add")
    _demand_use("--timeout", timeout, watch, "--watch")
    if update is not None and payload is None:
        raise click.UsageError("--update needs the --payload")
    with settings.manager() as manager:
        units = manager.pool(pool)
        if add:
            heavy = 1.0 if weight is None else weight
            _edit(
                settings, units, add, lambda name: units.add(name, payload, heavy), "added", "there already"
            )
        elif update is not None:
            _edit(settings, units, [update], lambda name: units.update(name, payload), "updated", "unknown")
        elif remove:
            _edit(settings, units, remove, units.remove, "removed", "unknown")
        elif watch:
            watch_units(settings, manager, units, timeout)
        else:
            print_units(settings, units)


def _demand_sense(*ways: bool) -> None:
    if sum(ways) > 1:
        raise click.UsageError("--add, --update, --remove and --watch exclude each other")


def _demand_use(option: str, given: object, used: object, by: str) -> None:
    if given is not None and not used:
        raise click.UsageError(f"{option} is for {by}")


def _edit(
    settings: Settings, pool: Pool, names: Sequence[str], change: Callable[[str], bool], done: str, why: str
) -> None:
    """Change one unit after the other; say what became of each."""
    changed: list[str] = []
    unchanged: list[str] = []
    for name in names:
        succeeded = change(name)
        (changed if succeeded else unchanged).append(name)
        if not settings.json:
            where = f"{show.visible(pool.name)}/{show.visible(name)}"
            click.echo(f"{done} {where}" if succeeded else f"{where} is {why}", err=not succeeded)
    if settings.json:
        show.echo_json({"pool": pool.name, done: changed, why.replace(" ", "_"): unchanged})
    if unchanged:
        raise SystemExit(NOTHING)
