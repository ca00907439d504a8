"""Virtual environments with other libraries than ours has: old and new protobuf, somebody's client.

pip makes each in the checkout at its first use, from the requirements in pyproject.toml, and it stays
until these change or `make clean` removes it. Our package itself is found through PYTHONPATH.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".venv-extras"
PROGRAMS = Path(__file__).with_name("programs")

_PATIENCE = 400.0
"""Seconds for one environment: some 15 MB to fetch, on a busy machine."""


@dataclass(frozen=True)
class Environment:
    """What `pip install 'coordination[EXTRAS]' ALSO` makes."""

    name: str
    extras: Sequence[str]
    also: Sequence[str] = ()

    def start(self, program: str, *arguments: object, **variables: str) -> subprocess.Popen[str]:
        """Start one of the programs beside this file."""
        theirs = ("ETCDCTL_", "CONSUL_")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(theirs)}
        return subprocess.Popen(
            [self._python(), "-X", "faulthandler", str(PROGRAMS / program), *map(str, arguments)],
            env=clean | {"PYTHONPATH": str(ROOT)} | variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, program: str, *arguments: object, **variables: str) -> str:
        """What the program printed; it must end well, and in time."""
        return finished(self.start(program, *arguments, **variables))

    def _python(self) -> str:
        wanted = [*_required(self.extras), *self.also]
        mark = hashlib.sha256("\n".join([sys.version, *wanted]).encode()).hexdigest()[:12]
        folder = CACHE / f"{self.name}-{mark}"
        python, made = folder / "bin/python", folder / ".made"
        CACHE.mkdir(exist_ok=True)
        with FileLock(CACHE / f"{self.name}.lock", timeout=_PATIENCE):
            if not made.exists():
                for outdated in CACHE.glob(f"{self.name}-*"):
                    shutil.rmtree(outdated)
                # Our own pip serves all of them, and most of what they get is never loaded: half the time.
                _run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(folder)])
                how = ("-qq", "--disable-pip-version-check", "--prefer-binary", "--no-compile")
                _run([sys.executable, "-m", "pip", "--python", str(python), "install", *how, *wanted])
                made.touch()
        return str(python)


def finished(program: subprocess.Popen[str]) -> str:
    """All that it printed since it was last read from; fails if it did not end well."""
    try:
        printed, _ = program.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        program.send_signal(signal.SIGABRT)  # It then says where each of its threads is.
        raise AssertionError(f"it hangs, having printed:\n{program.communicate()[0]}") from None
    assert program.returncode == 0, printed
    return printed


def _required(extras: Sequence[str]) -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    return [*project["dependencies"], *(line for extra in extras for line in optional[extra])]


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE, check=False)
    assert done.returncode == 0, f"{command}:\n{done.stderr[-3000:]}"


_OLDEST_GRPCIO = ["grpcio==1.51.1"] if sys.version_info < (3, 12) else []
"""Newer Pythons have no wheels of it, and building one takes a quarter of an hour."""

OLDEST = Environment("oldest", ["etcd", "etcd3"], ["protobuf==3.20.2", *_OLDEST_GRPCIO])
ETCD3 = Environment("etcd3", ["etcd3"])
FOUR = Environment("protobuf4", ["etcd"], ["protobuf==4.*"])
FIVE = Environment("protobuf5", ["etcd"], ["protobuf==5.*", "etcd-sdk-python"])
SIX = Environment("protobuf6", ["etcd"], ["protobuf==6.*", "etcd-sdk-python"])
NEWEST = Environment("newest", ["etcd"], ["etcd-sdk-python", "etcd3>=0.12"])

ALL = {"3.20.2": OLDEST, "3.20": ETCD3, "4": FOUR, "5": FIVE, "6": SIX, "": NEWEST}
"""By what the version of protobuf in it begins with."""

PYTHON_CONSUL = Environment("python-consul", ["python-consul"])
OLD_PYTHON_CONSUL = Environment(
    "old-python-consul", ["python-consul"], ["python-consul==1.1.0", "requests==2.30.0", "urllib3==2.0.2"]
)
PY_CONSUL = Environment("py-consul", ["consul"], ["py-consul"])
