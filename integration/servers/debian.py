"""Programs out of Debian's packages, without root and without installing anything.

apt does the fetching and the checking of signatures, on a configuration, lists and a cache of its
own: so it works on a machine whose indices were never updated, for another release of Debian than
the machine's, and for several processes at once.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock

CACHE = Path(__file__).resolve().parents[2] / ".servers"
"""In the checkout, so that it goes with it; `make clean` removes it."""

_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
_PATIENCE = 300.0
"""Seconds for one command of apt; a slow line needs one or two minutes for an index."""


class NoPackages(RuntimeError):
    """This machine cannot fetch Debian's packages; the message says why."""


def is_debian() -> bool:
    """Whether this machine runs Debian itself, not one of its descendants: their archives differ."""
    system = Path("/etc/os-release")
    return system.exists() and "ID=debian" in system.read_text().splitlines()


def unpacked(suite: str, packages: Sequence[str], cache: Path = CACHE) -> Path:
    """The folder with these packages of `suite` unpacked, fetched at the first call; or `NoPackages`.

    Processes that ask at once wait for the first of them. The folder appears under its name only
    when everything is in it, so what was interrupted is fetched anew.
    """
    folder = cache / f"{'-'.join(packages)}-{suite}"
    if folder.is_dir():
        return folder
    _check_for_tools()
    cache.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock", timeout=3 * _PATIENCE):
        if not folder.is_dir():
            _fetch(suite, packages, folder)
    return folder


def _fetch(suite: str, packages: Sequence[str], folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f"{folder.name}-unfinished-") as place:
        apt = _private_apt(suite, Path(place))
        archives = Path(place, "archives")
        archives.mkdir()
        _run([*apt, "update"], archives)
        _run([*apt, "download", *packages], archives)
        root = Path(place, "root")
        for archive in sorted(archives.glob("*.deb")):
            _run(["dpkg", "-x", str(archive), str(root)], archives)
        root.rename(folder)


def _private_apt(suite: str, place: Path) -> list[str]:
    """apt-get with nothing of the machine's but its way to the archive: its address, proxy, credentials."""
    signed = f"[signed-by={_KEYRING}] " if _KEYRING.exists() else ""
    sources = place / "sources.list"
    sources.write_text(f"deb {signed}{_archive()} {suite} main\n")
    for folder in ("lists/partial", "cache/archives/partial"):
        (place / folder).mkdir(parents=True)
    options = {
        "Dir::Etc::SourceList": sources,
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": "/dev/null",
        "Dir::State::Lists": place / "lists",
        "Dir::Cache": place / "cache",
        "APT::Default-Release": "",
        "APT::Sandbox::User": "root",  # or apt as root drops to a user who may not see this place
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
    }
    return ["apt-get", "--quiet", *(f"--option={name}={value}" for name, value in options.items())]


def _archive() -> str:
    """Where this machine gets Debian from, as its own configuration says it.

    Without release info apt also tells of indices that were never downloaded. A hyphen marks the
    archives beside the main one (bookworm-updates, bookworm-security).
    """
    form = "$(RELEASE) $(COMPONENT) $(REPO_URI)"
    command = ["apt-get", "indextargets", "--no-release-info", "--format", form, "Created-By: Packages"]
    for line in _run(command, Path("/")).splitlines():
        release, component, address = line.split(maxsplit=2)
        if component == "main" and "-" not in release:
            return address
    raise NoPackages("apt's configuration names no Debian archive")


def _check_for_tools() -> None:
    if not is_debian():
        raise NoPackages("this is no Debian")
    missing = [tool for tool in ("apt-get", "dpkg") if shutil.which(tool) is None]
    if missing:
        raise NoPackages(f"there is no {missing[0]}")


def _run(command: Sequence[str], folder: Path) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise NoPackages(f"{command[0]} took more than {_PATIENCE} s") from error
    if done.returncode != 0:
        raise NoPackages(f"{command[0]} failed: {done.stderr.strip()}")
    return done.stdout
