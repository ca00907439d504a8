"""Where the program of a server comes from: a binary on the PATH, else Debian's packages."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from integration.servers.debian import CACHE, NoPackages, unpacked

ANY = ""
"""In place of a version: whichever there is."""


class NoServer(RuntimeError):
    """No server can be had here; the message says how to get one."""


@dataclass(frozen=True)
class Program:
    """A server's program, and in which `packages` of which releases of Debian its versions are."""

    name: str
    beside: tuple[str, ...]
    ask: str
    says: str
    packages: tuple[str, ...]
    suites: Mapping[str, str]
    given: str

    @property
    def versions(self) -> tuple[str, ...]:
        """What tests run on wherever it can be had: "3.4", or `ANY` alone."""
        return tuple(self.suites)

    def binary(self, version: str = ANY) -> Path:
        """One of `version`, with what belongs `beside` it. `NoServer` if there is none to be had."""
        return self.on_path().get(version) or self.from_debian(version)

    def on_path(self) -> dict[str, Path]:
        """Those in all folders of PATH by version, or the first as `ANY`; of two equal ones the first."""
        found: dict[str, Path] = {}
        path = os.environ.get("PATH", "")
        for binary, version in _candidates(self.name, self.beside, self.ask, self.says, path):
            line = ANY if ANY in self.suites else ".".join(version.split(".")[:2])
            found.setdefault(line, binary)
        return found

    def from_debian(self, version: str = ANY, folder: Path = CACHE) -> Path:
        """The one in Debian's packages, fetched into the checkout at the first call; or `NoServer`."""
        suite = self.suites.get(version)
        if suite is None:
            reason = f"Debian has no {self.name} {version} but {', '.join(self.versions)}"
            raise NoServer(self.how_to_get_one(reason))
        try:
            root = unpacked(suite, self.packages, folder)
        except NoPackages as error:
            wanted = f"{self.name} {version}".rstrip()
            reason = f"the packages of Debian {suite} with {wanted} cannot be fetched: {error}"
            raise NoServer(self.how_to_get_one(reason)) from error
        return root / "usr/bin" / self.name

    def how_to_get_one(self, reason: str) -> str:
        """The sentence for whoever lacks a server."""
        programs = " and ".join((self.name, *self.beside))
        return (
            f"there is no {self.name} for these tests: {reason}. Set {self.given} to the endpoints of a "
            f"server (host:port,host:port), or start Docker, or put a folder with {programs} on your PATH"
        )

    def version_of(self, binary: Path) -> str:
        """What the binary says of itself, "3.4.23"; "" if it does not run or is something else."""
        return _version(binary, self.ask, self.says)


@cache
def _candidates(
    name: str, beside: tuple[str, ...], ask: str, says: str, path: str
) -> tuple[tuple[Path, str], ...]:
    """All of that name in the folders of `path` that run, with their versions."""
    folders = [Path(folder or ".").absolute() for folder in path.split(os.pathsep)]
    whole = [folder / name for folder in folders if all((folder / it).is_file() for it in (name, *beside))]
    versions = [(binary, _version(binary, ask, says)) for binary in whole]
    return tuple((binary, version) for binary, version in versions if version)


def _version(binary: Path, ask: str, says: str) -> str:
    try:
        done = subprocess.run([binary, ask], capture_output=True, text=True, timeout=30, check=False, env={})
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(says, done.stdout)
    return found[1] if found else ""
