"""`coordination demo`: how it is watched and how it ends; the play itself is in `coordination.demo`.

That is imported when it is played: it would be a fifth of the start of every other command.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from coordination.cli import show
from coordination.cli.errors import NOTHING
from coordination.cli.options import Settings, json_option, store_option

if TYPE_CHECKING:
    from coordination.demo.director import Plan
    from coordination.demo.report import Report


@click.command(
    short_help="Play a cluster scheduler on three machines.",
    epilog="Example: coordination demo --store etcd://127.0.0.1:2379 --plain",
)
@click.option("--plain", is_flag=True, help="A line per event instead of a live table.")
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Keep logs and files in DIR.")
@click.option("--picture", "drawn", type=click.Path(path_type=Path), metavar="FILE", help="Draw it as SVG.")
@click.option("--break-store", is_flag=True, hidden=True)
@store_option("etcd://host:port, consul://host:port, …; else files in a folder of its own.")
@json_option
@click.pass_obj
def demo(settings: Settings, plain: bool, keep: Path | None, drawn: Path | None, break_store: bool) -> None:
    """A cluster scheduler on three machines: one killed, all upgraded, one drained.

    Real processes; on files in a folder of its own, or on --store in a namespace of its own. It ends by
    itself in about half a minute, with a summary judged from what was written to a fenced resource, and
    with 1 if anything was not as promised.
    """
    from coordination.demo.director import Plan

    if settings.store is not None:
        settings.demand_shared()
    report = _watched(Plan(store=settings.store, keep=keep, break_store=break_store), plain, settings.json)
    if drawn is not None:
        from coordination.demo.picture import picture

        drawn.write_text(picture(report.logs, report.story), encoding="utf-8")
    if settings.json:
        show.echo_json({**report.as_json(), "kept": str(keep.absolute()) if keep else None})
    else:
        click.echo("\n".join(["", *report.lines()]))
        if keep is not None:
            click.echo(f"kept in {keep.absolute()}")
    if not report.ok:
        raise SystemExit(NOTHING)


def _watched(plan: Plan, plain: bool, as_json: bool) -> Report:
    from coordination.demo.director import perform
    from coordination.demo.plain import PlainLines, silent

    if as_json:
        return perform(plan, silent)
    if plain or not sys.stdout.isatty():
        return perform(plan, PlainLines(click.echo))
    from coordination.demo.table import LiveTable

    with LiveTable() as view:
        return perform(plan, view)
