"""The options that commands share, and what they come to: the right store, the right kind of answer.

They are taken before and after the name of the command; what stands later wins.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import click

from coordination.cli import show
from coordination.connect import connect
from coordination.errors import ConfigurationError
from coordination.lease import Lease
from coordination.manager import PERIOD, Manager

Command = TypeVar("Command", bound=Callable[..., object])


@dataclass
class Settings:
    """What the shared options said; `json` for programs instead of people."""

    store: str | None = None
    namespace: str = ""
    json: bool = False

    def manager(self, machine_id: str | None = None) -> Manager:
        """A manager on the store; nothing is contacted yet."""
        self.demand_shared()
        return connect(self.store, namespace=self.namespace, machine_id=machine_id)

    def demand_shared(self) -> None:
        """Refuse a store that no other process could see: a lease there would guard nothing."""
        url = self.store or os.environ.get("COORDINATION_URL") or ""
        if url.partition(":")[0].lower() == "memory":
            raise ConfigurationError(
                f"{url} ends with this process and guards nothing: "
                "use file:///folder in --store or COORDINATION_URL"
            )

    def tell(self, verb: str, lease: Lease) -> None:
        """Print what was done to a lease that is ours now."""
        if self.json:
            show.echo_json(show.fields(lease))
            return
        left = show.duration(lease.time_remaining)
        click.echo(f"{verb} {show.visible(lease.name)}: token {lease.token}, {left} left")


def _note(ctx: click.Context, param: click.Parameter, value: object) -> None:
    settings = ctx.ensure_object(Settings)
    if value and param.name is not None:
        setattr(settings, param.name, value)


def json_option(command: Command) -> Command:
    """`--json`."""
    return click.option(
        "--json", is_flag=True, expose_value=False, callback=_note, help="For programs: JSON."
    )(command)


def shared(command: Command) -> Command:
    """`--store`, `--namespace` and `--json`."""
    command = json_option(command)
    command = click.option(
        "--namespace", metavar="NAME", expose_value=False, callback=_note, help="Names are kept apart by it."
    )(command)
    return store_option(
        "file:///folder, etcd://host:port/prefix, …; else COORDINATION_URL, else your own files."
    )(command)


def store_option(text: str) -> Callable[[Command], Command]:
    """`--store`, explained by `text`."""
    return click.option("--store", metavar="URL", expose_value=False, callback=_note, help=text)


def holder(command: Command) -> Command:
    """Who holds and for how long: `--machine-id`, `--lease-version`, `--period`."""
    command = click.option(
        "--period",
        type=float,
        metavar="S",
        default=PERIOD,
        show_default=True,
        help="Seconds it lasts without a renewal.",
    )(command)
    command = click.option(
        "--lease-version",
        type=int,
        metavar="N",
        default=0,
        help="The holder's version, for rolling upgrades.",
    )(command)
    return machine_id_option(command)


def machine_id_option(command: Command) -> Command:
    """`--machine-id`."""
    return click.option(
        "--machine-id", metavar="ID", help="The holder's name as others see it; else the host's name."
    )(command)


def metadata_option(command: Command) -> Command:
    """`--meta`, as often as one likes."""
    return click.option(
        "--meta", multiple=True, metavar="KEY=VALUE", callback=_metadata, help="Told to who looks."
    )(command)


def secret_file(text: str) -> Callable[[Command], Command]:
    """`--secret-file`, explained by `text`."""
    return click.option("--secret-file", "secret_file", type=click.Path(), metavar="FILE", help=text)


def _metadata(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for value in values:
        key, separator, text = value.partition("=")
        if not separator or not key:
            raise click.BadParameter(f"{value!r} is not KEY=VALUE", ctx, param)
        if key in pairs:
            raise click.BadParameter(f"the key {key!r} is given twice", ctx, param)
        pairs[key] = text
    return pairs
