"""Tables: drawn on a terminal, aligned columns in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

import click

Row = Sequence[str]


def table(headings: Row, rows: Sequence[Row], whole: Collection[str]) -> None:
    """Print the rows; columns whose headings are in `whole` are never broken into lines."""
    if sys.stdout.isatty():
        _drawn(headings, rows, whole)
        return
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(padded).rstrip())


def _drawn(headings: Row, rows: Sequence[Row], whole: Collection[str]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        drawn.add_column(heading, overflow="fold", no_wrap=heading in whole)
    for row in rows:
        drawn.add_row(*map(Text, row))
    Console().print(drawn)
