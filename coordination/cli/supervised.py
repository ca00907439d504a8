"""What `run`, `lock` and `elect` have in common: the options of running a COMMAND, and how that ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

import click

from coordination import timing
from coordination.cli.errors import NOT_ACQUIRED
from coordination.cli.options import Settings
from coordination.errors import AcquireTimeout

if TYPE_CHECKING:
    from coordination.cli.supervise.kept import Kept
    from coordination.cli.supervise.patience import Waiting
    from coordination.manager import Manager

Command = TypeVar("Command", bound=Callable[..., object])

NO_WINDOWS = "{} is not supported on Windows yet: no job object"

ENDINGS = """Signals are passed on to the group. When COMMAND ends, whatever it left in its group is ended
too, then NAME is released. A process that leaves the group (a daemon with a session of its own) is
not followed."""

REST = """The options end where COMMAND begins, with or without --.

Standard output is COMMAND's alone. Messages go to standard error: a line when something went wrong,
or with --json an object for every event.

\b
Exit codes: COMMAND's own (128 + n if signal n ended it); 2 wrong usage;
120 not acquired in time; 121 lost while COMMAND ran; 122 the store cannot be reached;
126 COMMAND cannot be executed; 127 COMMAND was not found.
"""


def name_and_command(command: Command) -> Command:
    """The arguments, and `--timeout`, `--grace` and `--quiet`."""
    return _supervised(command, required=True, metavar="-- COMMAND...")


def name_and_perhaps_command(command: Command) -> Command:
    """The same, where a command may be left out."""
    return _supervised(command, required=False, metavar="[-- COMMAND...]")


def _supervised(command: Command, **how: Any) -> Command:
    command = click.option(
        "--quiet", is_flag=True, help="No message when NAME is not acquired: 120 says it."
    )(command)
    command = click.option(
        "--grace",
        type=float,
        metavar="S",
        default=5.0,
        show_default=True,
        help="Seconds between TERM and KILL while renewal is unconfirmed; at most a quarter of the period.",
    )(command)
    command = click.option(
        "--timeout",
        metavar="S|none",
        callback=_or_none,
        default="none",
        show_default=True,
        help="Seconds to wait for NAME; 0: one try.",
    )(command)
    command = click.argument("command", nargs=-1, type=click.UNPROCESSED, **how)(command)
    return click.argument("name")(command)


def demand_posix(command: str) -> None:
    """Refuse where there are no process groups."""
    if os.name != "posix":
        raise click.UsageError(NO_WINDOWS.format(command))


def carry_out(
    settings: Settings,
    obtain: Callable[[Manager, Waiting], Kept],
    *,
    name: str,
    command: tuple[str, ...],
    machine_id: str | None,
    timeout: float | None,
    grace: float,
    quiet: bool,
    again: bool = False,
    **more: Any,
) -> None:
    """Run it under what `obtain` gets, and end as it ended. What can never work is told before any fork.

    `again`: begin anew when it has ended, until somebody ends that. `more`: what else a `Request` has.
    """
    from coordination.cli.supervise.again import begin_again, is_not_the_first
    from coordination.cli.supervise.session import Request, Session

    settings.demand_shared()
    request = Request(
        name=name,
        command=command,
        connect=partial(settings.manager, machine_id),
        obtain=obtain,
        timeout=timing.waiting(timeout, "--timeout"),
        grace=timing.waiting(grace, "--grace") or 0.0,
        as_json=settings.json,
        known=is_not_the_first() and again,
        **more,
    )
    try:
        session = Session(request)
        code = session.run()
        raise SystemExit(begin_again(session) if again and session.wanted else code)
    except AcquireTimeout:
        if not quiet:
            raise
        raise SystemExit(NOT_ACQUIRED) from None


def _or_none(ctx: click.Context, param: click.Parameter, value: str) -> float | None:
    if value == "none":
        return None
    try:
        return float(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is neither seconds nor none", ctx, param) from error
