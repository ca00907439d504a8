"""The commands about a lock that others hold: `holders`, `break`, `ask`."""

from __future__ import annotations

from typing import Any

import click

from coordination.cli import show
from coordination.cli.errors import NOTHING
from coordination.cli.options import Settings, shared
from coordination.cli.tables import table
from coordination.errors import AcquireTimeout
from coordination.recipes.inspecting import Contender

_HEADINGS = ("PLACE", "TOKEN", "MACHINE", "SINCE", "AGE", "WHERE", "META")
_NUMBERS = ("PLACE", "TOKEN", "SINCE", "AGE")


@click.command(epilog="Example: coordination holders orders --json")
@click.argument("name")
@shared
@click.pass_obj
def holders(settings: Settings, name: str) -> None:
    """Show who holds the lock NAME, and who waits for it.

    The holder comes first, then those who wait, in their order. Ends with 1 if the lock is free.
    """
    with settings.manager() as manager:
        found = manager.holders(name)
    if settings.json:
        show.echo_json([_fields(contender, place) for place, contender in enumerate(found)])
    elif found:
        table(_HEADINGS, [_row(contender, place) for place, contender in enumerate(found)], _NUMBERS)
    else:
        click.echo(_free(name), err=True)
    if not found:
        raise SystemExit(NOTHING)


@click.command("break", epilog="Example: coordination break orders --token 1763731494000001")
@click.argument("name")
@click.option("--token", type=int, required=True, metavar="N", help="The holder's, as `holders` showed it.")
@shared
@click.pass_obj
def break_(settings: Settings, name: str, token: int) -> None:
    """Take the lock NAME away from the holder you saw at --token.

    The next one who waits has it then. The holder is told, but may go on for a moment, or for longer
    if it is paused: fence what it writes. Try `ask` before. Ends with 120 if somebody else holds it
    now, with 1 if nobody does; nothing happens then.
    """
    with settings.manager() as manager:
        broken = manager.break_lock(name, token)
        found = [] if broken else manager.holders(name)
    if found:
        raise AcquireTimeout(
            f"token {token} does not hold {show.visible(name)} any more: {show.visible(found[0].machine_id)} "
            f"does ({show.where(found[0])}), token {found[0].token}"
        )
    text = f"broke {show.visible(name)}: token {token}"
    _tell(settings, broken, text, _free(name), {"name": name, "token": token, "broken": broken})


@click.command(epilog="Example: coordination ask orders")
@click.argument("name")
@shared
@click.pass_obj
def ask(settings: Settings, name: str) -> None:
    """Ask the holder of the lock NAME to release it.

    The holder decides: `lock --release-on-request` ends its command, others do what they like.
    Does not wait for that. Ends with 1 if nobody holds it, or if its holder has no ear for it (yet).
    """
    with settings.manager() as manager:
        asked = manager.request_release(name)
        deaf = not asked and bool(manager.holders(name))
    shown = show.visible(name)
    nobody = f"the holder of {shown} cannot be asked now: try again, or break it" if deaf else _free(name)
    _tell(settings, asked, f"asked the holder of {shown}", nobody, {"name": name, "asked": asked})


def _tell(settings: Settings, done: bool, text: str, nobody: str, fields: dict[str, Any]) -> None:
    """What was done, or why not: there was nobody to do it to."""
    if settings.json:
        show.echo_json(fields)
    else:
        click.echo(text if done else nobody, err=not done)
    if not done:
        raise SystemExit(NOTHING)


def _free(name: str) -> str:
    return f"nobody holds {show.visible(name)}"


def _fields(contender: Contender, place: int) -> dict[str, Any]:
    """For programs; times in Unix seconds, durations in seconds. `place` 0 holds it."""
    return {
        "name": contender.name,
        "place": place,
        "waiting": contender.waiting,
        "token": contender.token,
        "machine_id": contender.machine_id,
        "host": contender.host,
        "pid": contender.pid,
        "since": contender.since,
        "age": round(contender.age, 3),
        "metadata": contender.metadata,
    }


def _row(contender: Contender, place: int) -> tuple[str, ...]:
    return (
        str(place) if contender.waiting else "holds",
        str(contender.token),
        show.visible(contender.machine_id),
        show.moment(contender.since) if contender.since else "-",
        show.duration(contender.age) if contender.since else "-",
        show.where(contender),
        show.metadata(contender) or "-",
    )
