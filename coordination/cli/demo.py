"""`coordination demo`: how it is watched and how it ends; the play itself is in `coordination.demo`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from coordination.cli import show
from coordination.cli.errors import NOTHING
from coordination.cli.options import Settings, json_option
from coordination.demo.director import Plan, perform
from coordination.demo.plain import PlainLines, silent
from coordination.demo.report import Report


@click.command(epilog="Example: coordination demo --plain")
@click.option("--plain", is_flag=True, help="A line per event instead of a live table.")
@click.option("--keep", type=click.Path(path_type=Path), metavar="DIR", help="Keep logs and leases in DIR.")
@click.option("--break-store", is_flag=True, hidden=True)
@json_option
@click.pass_obj
def demo(settings: Settings, plain: bool, keep: Path | None, break_store: bool) -> None:
    """Three machines own twelve units, one is killed, the others take its units over.

    Real processes, leases on files in a folder of its own. It ends by itself in less than half a
    minute, with a summary judged from what the machines wrote to the units' fenced logs, and with 1
    if anything was not as promised.
    """
    plan = Plan(keep=keep, break_store=break_store)
    report = _watched(plan, plain, settings.json)
    if settings.json:
        show.echo_json({**report.as_json(), "kept": str(keep.absolute()) if keep else None})
    else:
        click.echo("\n".join(["", *report.lines()]))
        if keep is not None:
            click.echo(f"kept in {keep.absolute()}")
    if not report.ok:
        raise SystemExit(NOTHING)


def _watched(plan: Plan, plain: bool, as_json: bool) -> Report:
    if as_json:
        return perform(plan, silent)
    if plain or not sys.stdout.isatty():
        return perform(plan, PlainLines(click.echo))
    from coordination.demo.table import LiveTable

    with LiveTable() as view:
        return perform(plan, view)
