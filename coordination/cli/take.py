"""The commands that take a name: `acquire` and `steal`.

Each ends at once, so what it took lasts for its period, and is taken up again by secret (`hold`).
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import click

from coordination.cli import secrets, show
from coordination.cli.options import Settings, holder, metadata_option, secret_file, shared
from coordination.cli.waiting import acquire_within
from coordination.errors import AcquireTimeout, ConfigurationError
from coordination.lease import Lease
from coordination.manager import Manager
from coordination.timing import waiting
from coordination.value import new_secret

_KEPT = "Where the new lease's secret is written, for you alone to read."
_LEFT_ALONE = "nobody can renew or release it: give --secret-file"


@click.command(
    short_help="Acquire the lease NAME for a period.",
    epilog="Example: coordination acquire backup --period 60 --secret-file backup.secret",
)
@click.argument("name")
@click.option("--timeout", type=float, metavar="S", help="Wait up to so many seconds for it.")
@click.option("--wait", is_flag=True, help="Wait for it as long as it takes.")
@metadata_option
@holder
@secret_file(_KEPT)
@shared
@click.pass_obj
def acquire(
    settings: Settings,
    name: str,
    timeout: float | None,
    wait: bool,
    meta: dict[str, str],
    machine_id: str | None,
    lease_version: int,
    period: float,
    secret_file: str | None,
) -> None:
    """Acquire the lease NAME for a period; without --timeout or --wait there is one try.

    Nothing renews it: do so with `renew`, or use `run`. Its secret is new and goes to --secret-file;
    without that option, it is what COORDINATION_SECRET says. An existing FILE is replaced only if it
    holds nothing but such a secret and is closed to others. Ends with 120 if NAME is held.
    """
    chosen = None if secret_file else secrets.from_environment()
    file = _checked(secret_file)
    limit = waiting(timeout) if wait or timeout is not None else 0.0
    with settings.manager(machine_id) as manager:
        secret = chosen or new_secret()
        attempt = partial(
            manager.acquire_with_secret, name, secret, None, lease_version, period, metadata=meta
        )
        lease = acquire_within(manager, name, attempt, limit)
        if lease is None:
            raise AcquireTimeout(_held(manager, name))
        _keep(lease, file)
    settings.tell("acquired", lease)
    if chosen is None and file is None:
        _note(settings, f"{_LEFT_ALONE}, or set {secrets.VARIABLE}")


@click.command(epilog="Example: coordination steal backup --index 1763731494000001")
@click.argument("name")
@click.option(
    "--index", type=int, required=True, metavar="N", help="As `get` showed it; any change since saves it."
)
@holder
@secret_file(_KEPT)
@shared
@click.pass_obj
def steal(
    settings: Settings,
    name: str,
    index: int,
    machine_id: str | None,
    lease_version: int,
    period: float,
    secret_file: str | None,
) -> None:
    """Take the lease NAME from its holder, as you saw it at --index.

    The holder learns of it at its next look: fence what it may still be writing. Ends with 120 if
    NAME changed since, be it by a renewal, or is gone. The secret is always new: COORDINATION_SECRET
    does not count here, so without --secret-file nobody can renew or release what you stole.
    """
    file = _checked(secret_file)
    with settings.manager(machine_id) as manager:
        lease = manager.steal_lease(name, None, lease_version, period, index)
        if lease is None:
            raise AcquireTimeout(f"{show.visible(name)} is not at index {index} any more")
        _keep(lease, file)
    settings.tell("stole", lease)
    if file is None:
        _note(settings, _LEFT_ALONE)


def _note(settings: Settings, text: str) -> None:
    """On stderr, as the errors are."""
    click.echo(json.dumps({"note": text}) if settings.json else text, err=True)


def _checked(secret_file: str | None) -> Path | None:
    if secret_file is None:
        return None
    path = Path(secret_file)
    secrets.demand_writable(path)
    return path


def _keep(lease: Lease, file: Path | None) -> None:
    """Write the secret; a lease whose secret nobody knows would only stand in the way."""
    if file is None or lease.secret is None:
        return
    try:
        secrets.write(file, lease.secret)
    except ConfigurationError:
        lease.release()
        raise


def _held(manager: Manager, name: str) -> str:
    lease = manager.get_lease(name)
    if lease is None:
        return f"{show.visible(name)} was held by another"
    left = show.duration(lease.time_remaining)
    return (
        f"{show.visible(name)} is held by {show.visible(lease.machine_id)} ({show.where(lease)}), {left} left"
    )
