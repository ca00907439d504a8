"""Where an etcd of a wanted version comes from: a binary on the PATH, else Debian's packages."""

from __future__ import annotations

import os
import re
import subprocess
from functools import cache
from pathlib import Path

from integration.servers.debian import CACHE, NoPackages, unpacked

VERSIONS = ("3.4", "3.5")
"""What is promised to work, and tested wherever it can be had."""

_SUITES = {"3.4": "bookworm", "3.5": "trixie"}
"""The releases of Debian that have them. etcd needs no library but a libc, and any of these years will do."""


class NoServer(RuntimeError):
    """No server can be had here; the message says how to get one."""


def etcd_binary(version: str) -> Path:
    """An etcd of `version` ("3.4"), with its etcdctl beside it. `NoServer` if there is none to be had."""
    return on_path().get(version) or from_debian(version)


def on_path() -> dict[str, Path]:
    """The etcds in all folders of PATH, by version ("3.4"); of two equal ones the first."""
    return _found(os.environ.get("PATH", ""))


def from_debian(version: str, folder: Path = CACHE) -> Path:
    """The etcd in Debian's packages, fetched into the checkout at the first call; or `NoServer`."""
    suite = _SUITES.get(version)
    if suite is None:
        raise NoServer(how_to_get_one(f"Debian has no etcd {version} but {', '.join(_SUITES)}"))
    try:
        root = unpacked(suite, ("etcd-server", "etcd-client"), folder)
    except NoPackages as error:
        reason = f"the packages of Debian {suite} with etcd {version} cannot be fetched: {error}"
        raise NoServer(how_to_get_one(reason)) from error
    return root / "usr/bin/etcd"


def how_to_get_one(reason: str) -> str:
    """The sentence for whoever lacks a server."""
    return (
        f"there is no etcd for these tests: {reason}. Set COORDINATION_TEST_ETCD to the endpoints of a "
        "server (host:port,host:port), or start Docker, or put a folder with etcd and etcdctl on your PATH"
    )


@cache
def _found(path: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for folder in path.split(os.pathsep):
        binary = Path(folder or ".", "etcd").absolute()
        if binary.is_file() and binary.with_name("etcdctl").is_file():
            version = version_of(binary)
            found.setdefault(".".join(version.split(".")[:2]), binary)
    found.pop("", None)  # something else of that name
    return found


def version_of(binary: Path) -> str:
    """What the binary says of itself, "3.4.23"; "" if it does not run or is no etcd."""
    try:
        done = subprocess.run(
            [binary, "--version"], capture_output=True, text=True, timeout=30, check=False, env={}
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"etcd Version: (\S+)", done.stdout)
    return found[1] if found else ""
