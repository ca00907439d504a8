"""The programs in examples/ run as their docstrings say, in processes of their own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import coordination

pytestmark = pytest.mark.untraced  # its processes go over lines that others cover

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A folder of leases for one test; not durable, as a slow fsync is not what a program is late for."""
    return f"{(tmp_path / 'leases').as_uri()}?durable=false"


def start(*words: str, **environment: str) -> subprocess.Popen[str]:
    """Start a program with the package importable and the command on PATH."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    full = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, **environment}
    return subprocess.Popen(words, env=full, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finish(program: subprocess.Popen[str]) -> str:
    """What it printed, once it ended well."""
    printed, _ = program.communicate(timeout=90)
    assert program.returncode == 0, printed
    return printed


def example(name: str, *arguments: str) -> subprocess.Popen[str]:
    """Start examples/NAME."""
    return start(sys.executable, str(ROOT / "examples" / name), *arguments)


def test_cron_guard_does_the_work(url: str) -> None:
    """Alone it runs its three steps under one token, and leaves the lease free."""
    printed = finish(example("cron_guard.py", url))
    steps = re.findall(r"^(\w+) under token (\d+)$", printed, re.MULTILINE)
    assert [step for step, _ in steps] == ["rotate", "report", "prune"]
    assert len({token for _, token in steps}) == 1
    with coordination.connect(url) as manager:
        assert manager.get_lease("nightly-report") is None


def test_cron_guard_leaves_when_another_has_it(url: str) -> None:
    """With the lease taken it does nothing and still exits with 0."""
    with coordination.connect(url) as manager:
        lease = manager.acquire_lease("nightly-report", period=60)
        assert lease is not None
        assert finish(example("cron_guard.py", url)) == "another machine does it tonight\n"
        assert lease.held


def test_unit_owner_hands_over(url: str) -> None:
    """Three machines raise one counter, each under its own token, and no count is lost or seen twice."""
    machines = [example("unit_owner.py", url, f"m{number}", "u1", "10") for number in range(3)]
    lines = [line for program in machines for line in finish(program).splitlines()]
    seen = [re.fullmatch(r"m\d token (\d+) count (\d+)", line) for line in lines]
    pairs = sorted((int(match[1]), int(match[2])) for match in seen if match)
    assert [count for _, count in pairs] == list(range(1, 31))
    assert len({token for token, _ in pairs}) == 3


def test_asyncio_units_take_turns(url: str) -> None:
    """Three machines, five units, a task for each: every unit is counted through under three tokens."""
    machines = [example("asyncio_units.py", url, f"m{number}", "5", "4") for number in range(3)]
    lines = [line for program in machines for line in finish(program).splitlines()]
    seen = [re.fullmatch(r"m\d (u\d) token (\d+) count (\d+)", line) for line in lines]
    assert all(seen), lines
    for unit in (f"u{number}" for number in range(5)):
        pairs = sorted((int(it[3]), int(it[2])) for it in seen if it and it[1] == unit)
        assert [count for count, _ in pairs] == list(range(1, 13))
        tokens = [token for _, token in pairs]
        assert (tokens, len(set(tokens))) == (sorted(tokens), 3)


def test_resume_by_secret(url: str) -> None:
    """A shell script keeps one lease over several commands, and gives it back."""
    printed = finish(start("sh", str(ROOT / "examples/resume.sh"), COORDINATION_URL=url))
    assert printed.index("step one") < printed.index("step two")
    with coordination.connect(url) as manager:
        assert manager.get_lease("migration") is None
