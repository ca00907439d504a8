"""`coordination top`: everything in a namespace at a glance, again and again."""

from __future__ import annotations

import click

from coordination import timing
from coordination.cli import show
from coordination.cli.live import programs
from coordination.cli.live.fitting import cut
from coordination.cli.live.panels import panels, summary
from coordination.cli.options import Settings, shared
from coordination.cli.tables import table
from coordination.manager import Manager
from coordination.recipes.overview.model import Overview
from coordination.recipes.overview.survey import survey
from coordination.runtime import run

INTERVAL = 2.0
"""Seconds between two looks."""

ONCE = 20
"""Rows of a kind that are printed once."""


@click.command(
    short_help="Show leaders, pools, locks, groups and leases, live.",
    epilog="Example: coordination top --interval 5",
)
@click.option("--once", is_flag=True, help="Print it once; so it is where there is no terminal.")
@click.option(
    "--interval",
    type=float,
    metavar="S",
    default=INTERVAL,
    show_default=True,
    help="Seconds between two looks.",
)
@shared
@click.pass_obj
def top(settings: Settings, once: bool, interval: float) -> None:
    """Show leaders, pools, locks, groups and leases, and who lost what to whom meanwhile.

    On a terminal until q or ^C. A look is one list of each kind, so it is of no single moment, and
    what comes and goes between two looks is not seen. The latest changes and the newest leases come
    first, and the locks that most wait for; how many did not fit is said. --json prints one look, with
    every lease, but units only by machine: `coordination units` has each.
    """
    seconds = timing.positive(interval, "--interval")
    with settings.manager() as manager:
        if settings.json:
            show.echo_json(programs.as_json(_look(manager)))
        elif once or not _on_terminal():
            _print(_look(manager))
        else:
            from coordination.cli.live.screen import watch

            watch(lambda: _look(manager), manager.clock, seconds)


def _look(manager: Manager) -> Overview:
    return run(survey(manager.keeper.runtime, manager.keeper))


def _on_terminal() -> bool:
    from rich.console import Console

    console = Console()
    return console.is_terminal and not console.is_dumb_terminal


def _print(look: Overview) -> None:
    click.echo(summary(look))
    for panel in (cut(each, ONCE) for each in panels(look)):
        click.echo()
        table(panel.headings, panel.rows, panel.whole)
        if panel.more:
            click.echo(f"… {panel.more} more")
