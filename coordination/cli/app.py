"""The command `coordination`: its subcommands, and how their errors end."""

from __future__ import annotations

from typing import Any

import click

from coordination import __version__
from coordination.cli import errors
from coordination.cli.contenders import ask, break_, holders
from coordination.cli.demo import demo
from coordination.cli.elect import elect
from coordination.cli.hold import release, renew
from coordination.cli.lock import lock
from coordination.cli.look import get, health, ls, watch
from coordination.cli.members import members
from coordination.cli.options import Settings, shared
from coordination.cli.run import run
from coordination.cli.take import acquire, steal
from coordination.cli.top import top
from coordination.cli.units import units
from coordination.cli.words import asks_for_json, note_ours
from coordination.errors import CoordinationError


class _Reporting(click.Group):
    """Turns errors into a message on standard error, as JSON if that was asked for, and an exit code."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember the words before they are parsed."""
        note_ours(ctx, args)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the subcommand."""
        try:
            return super().invoke(ctx)
        except CoordinationError as error:
            for_programs = ctx.ensure_object(Settings).json
            told = errors.as_json if for_programs else errors.as_text
            click.echo(told(error, ctx.invoked_subcommand or ""), err=True)
            raise SystemExit(errors.exit_code(error)) from error
        except click.UsageError as error:
            if not (ctx.ensure_object(Settings).json or asks_for_json(ctx)):
                raise
            click.echo(errors.usage_as_json(error.format_message()), err=True)
            raise SystemExit(errors.USAGE) from error
        except KeyboardInterrupt as error:
            raise SystemExit(errors.INTERRUPTED) from error


@click.group(
    cls=_Reporting,
    epilog="Example: coordination run --timeout 0 nightly-report -- ./report.sh",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="coordination")
@shared
def coordination() -> None:
    """Leases, locks, leaders, groups and pools for processes on many machines, with fencing tokens.

    A lease, a lock and a leadership of one name have nothing to do with each other.

    Exit codes: 0 done; 1 nobody holds or leads it (get, holders, break, ask, elect --show), nobody
    or nothing is there (members, units) or something wrong (health, demo); 2 wrong usage; 120 not
    acquired; 121 lost; 122 the store cannot be reached; 130 interrupted by ^C; `run`, `lock`,
    `elect` and `members --join`: the command's own.
    """


for _command in (
    acquire,
    ask,
    break_,
    demo,
    elect,
    get,
    health,
    holders,
    lock,
    ls,
    members,
    release,
    renew,
    run,
    steal,
    top,
    units,
    watch,
):
    coordination.add_command(_command)
