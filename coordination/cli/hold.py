"""The commands of who holds a name already: `renew` and `release`, proven by the secret."""

from __future__ import annotations

import click

from coordination.cli import secrets, show
from coordination.cli.options import Settings, secret_file, shared

_READ = "Where `acquire` wrote the secret; else COORDINATION_SECRET."


@click.command(epilog="Example: coordination renew backup --secret-file backup.secret")
@click.argument("name")
@click.option("--period", type=float, metavar="S", help="Seconds from now; else as before.")
@secret_file(_READ)
@shared
@click.pass_obj
def renew(settings: Settings, name: str, period: float | None, secret_file: str | None) -> None:
    """Keep the lease NAME for another period; its token stays.

    Ends with 121 if it is not yours any more.
    """
    secret = secrets.given(secret_file)
    with settings.manager() as manager:
        lease = manager.resume(name, secret)
        if period is not None:
            lease.renew(period)
    settings.tell("renewed", lease)


@click.command(epilog="Example: coordination release backup --secret-file backup.secret")
@click.argument("name")
@secret_file(_READ)
@shared
@click.pass_obj
def release(settings: Settings, name: str, secret_file: str | None) -> None:
    """Give the lease NAME up, so that the next one gets it at once.

    Ends with 121 if it is not yours any more; another's lease is never touched.
    """
    secret = secrets.given(secret_file)
    with settings.manager() as manager:
        manager.resume(name, secret).release()
    if settings.json:
        show.echo_json({"name": name, "released": True})
    else:
        click.echo(f"released {show.visible(name)}")
