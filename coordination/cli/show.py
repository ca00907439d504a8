"""How leases, ages and processes look: for people, for pipes, for programs. Never a secret."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

import click

from coordination.cli import tables
from coordination.lease import Lease

_HEADINGS = ("NAME", "MACHINE", "TOKEN", "VERSION", "HELD FOR", "TIME LEFT", "WHERE")
_NUMBERS = ("TOKEN", "VERSION", "HELD FOR", "TIME LEFT")


class Placed(Protocol):
    """Somebody whose process is known: a lease's holder, a contender, a member, a leader."""

    @property
    def host(self) -> str:
        """Empty if unknown."""
        ...

    @property
    def pid(self) -> int:
        """0 if unknown."""
        ...


class Described(Protocol):
    """Somebody with something to tell."""

    @property
    def metadata(self) -> dict[str, str]:
        """What he wants known."""
        ...


def fields(lease: Lease) -> dict[str, Any]:
    """A lease for programs; times in Unix seconds, durations in seconds, 0 or empty where unknown.

    `time_remaining` is null for a record that never expires.
    """
    return {
        "name": lease.name,
        "machine_id": lease.machine_id,
        "version": lease.version,
        "token": lease.token,
        "index": lease.index,
        "period": lease.period,
        "time_remaining": None if math.isinf(lease.time_remaining) else round(lease.time_remaining, 3),
        "acquired_at": lease.acquired_at,
        "renewed_at": lease.renewed_at,
        "pid": lease.pid,
        "host": lease.host,
        "metadata": lease.metadata,
    }


def echo_json(value: object) -> None:
    """One value on one line."""
    click.echo(json.dumps(value))


def duration(seconds: float) -> str:
    """`4.2 s`, `3 m 12 s`, `5 h 10 m`, `2 d 3 h`, `for ever`."""
    if math.isinf(seconds):
        return "for ever"
    if seconds < 10:
        return f"{max(0.0, seconds):.1f} s"
    whole = round(seconds)
    for big, small, sizes in (("d", "h", (86400, 3600)), ("h", "m", (3600, 60)), ("m", "s", (60, 1))):
        if whole >= sizes[0]:
            return f"{whole // sizes[0]} {big} {whole % sizes[0] // sizes[1]} {small}"
    return f"{whole} s"


def visible(text: str) -> str:
    """Text that others wrote, without what a terminal would obey."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def where(holder: Placed) -> str:
    """The process of who holds or waits, as far as it is known."""
    parts = [f"pid {holder.pid}" if holder.pid else "", f"on {visible(holder.host)}" if holder.host else ""]
    return " ".join(filter(None, parts)) or "-"


def metadata(holder: Described) -> str:
    """`key=value`, separated by commas."""
    return ", ".join(f"{visible(key)}={visible(value)}" for key, value in sorted(holder.metadata.items()))


def moment(at: float) -> str:
    """Unix seconds as the local time."""
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M:%S %z}"


def time_of_day(at: float) -> str:
    """Unix seconds as the local time, for lines that are written as they happen."""
    return f"{datetime.fromtimestamp(at).astimezone():%H:%M:%S}"


def details(lease: Lease, now: float) -> list[str]:
    """One lease, a line per property; `now` in Unix seconds."""
    pairs = (
        ("name", visible(lease.name)),
        ("machine", visible(lease.machine_id)),
        ("where", where(lease)),
        ("version", str(lease.version)),
        ("token", str(lease.token)),
        ("index", str(lease.index)),
        ("held for", _held_for(lease, now) + _since(lease)),
        ("time left", f"{duration(lease.time_remaining)} of {duration(lease.period)}"),
        ("meta", metadata(lease) or "-"),
    )
    return [f"{label:<10} {text}" for label, text in pairs]


def table(leases: Sequence[Lease], now: float) -> None:
    """Print many leases, a row each."""
    tables.table(_HEADINGS, [_row(lease, now) for lease in leases], _NUMBERS)


def _row(lease: Lease, now: float) -> tuple[str, ...]:
    return (
        visible(lease.name),
        visible(lease.machine_id),
        str(lease.token),
        str(lease.version),
        _held_for(lease, now),
        duration(lease.time_remaining),
        where(lease),
    )


def _held_for(lease: Lease, now: float) -> str:
    return duration(now - lease.acquired_at) if lease.acquired_at else "-"


def _since(lease: Lease) -> str:
    if not lease.acquired_at:
        return ""
    return f", since {moment(lease.acquired_at)}"
