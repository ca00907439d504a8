"""Who leads: in a line, or a line for every change."""

from __future__ import annotations

from typing import Any

import click

from coordination.cli import show, values
from coordination.cli.errors import NOTHING
from coordination.cli.options import Settings
from coordination.recipes.leading.observing import Incumbent


def show_leader(settings: Settings, name: str, _timeout: float | None) -> None:
    """Who leads now; ends with 1 if nobody does."""
    with settings.manager() as manager:
        leader = manager.leader(name).current()
    if settings.json:
        show.echo_json(None if leader is None else _fields(leader))
    elif leader is None:
        click.echo(f"nobody leads {show.visible(name)}", err=True)
    else:
        since = f", since {show.moment(leader.since)}" if leader.since else ""
        click.echo(f"{show.visible(name)}  {_text(leader)}{since}")
    if leader is None:
        raise SystemExit(NOTHING)


def watch_leaders(settings: Settings, name: str, timeout: float | None) -> None:
    """Who leads now, then every change of that, of what was proclaimed, and the end of a takeover."""
    with settings.manager() as manager:
        leader = manager.leader(name)
        leader.current()  # A store that never answers is told; later on it is waited for.
        for found in leader.observe(timeout):
            if settings.json:
                show.echo_json({"name": name, "leader": None if found is None else _fields(found)})
            else:
                at = show.time_of_day(manager.clock.wall())
                click.echo(f"{at}  {show.visible(name)}  {'nobody' if found is None else _text(found)}")


def _text(leader: Incumbent) -> str:
    how = "being taken over by" if leader.taking_over else "led by"
    who = f"{show.visible(leader.machine_id)} ({show.where(leader)})"
    value = "" if leader.value is None else f", value {values.as_text(leader.value)}"
    return f"{how} {who}, version {leader.version}, token {leader.token}{value}"


def _fields(leader: Incumbent) -> dict[str, Any]:
    """For programs; `since` in Unix seconds."""
    return {
        "name": leader.name,
        "machine_id": leader.machine_id,
        "version": leader.version,
        "token": leader.token,
        "value": values.as_json(leader.value),
        "taking_over": leader.taking_over,
        "host": leader.host,
        "pid": leader.pid,
        "since": leader.since,
    }
