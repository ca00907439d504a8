"""A machine's part: units and their children, which begin and end in the order that is safe."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from coordination import Manager, connect
from coordination.clock import SystemClock
from coordination.demo.scheduler.owning import Owner

SAYS = """
import os, sys
said = open(sys.argv[1], "a", buffering=1)
told = ("NAME", "TOKEN", "MACHINE", "VERSION")
print("began", *(os.environ["COORDINATION_" + key] for key in told), file=said)
for line in sys.stdin:
    if line == "stop\\n":
        print("stopped", file=said)
        break
else:
    print("let go", file=said)
"""


@pytest.fixture
def manager(request: pytest.FixtureRequest) -> Iterator[Manager]:
    """A machine on a store of the test's own."""
    with connect(f"memory://{request.node.name}", machine_id="m1") as connected:
        yield connected


@pytest.fixture
def owner(manager: Manager) -> Iterator[Owner]:
    owning = Owner(manager.pool("work"), SystemClock(), "m1", 3)
    yield owning
    owning.stop()


def until(condition: Callable[[], object]) -> None:
    """Wait for it, within reason."""
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def machine_of(manager: Manager, unit: str) -> str | None:
    return {it.name: it.machine_id for it in manager.pool("work").units()}[unit]


def added(manager: Manager, unit: str, said: Path) -> Path:
    """A unit whose command writes down what it is told."""
    manager.pool("work").add(unit, {"command": [sys.executable, "-c", SAYS, str(said)]})
    return said


def text(said: Path) -> str:
    return said.read_text() if said.exists() else ""


def test_what_is_scheduled_is_owned_and_run(manager: Manager, owner: Owner, tmp_path: Path) -> None:
    """The child knows unit, token, machine and version; what is not scheduled is left alone."""
    said = added(manager, "a", tmp_path / "a")
    added(manager, "b", tmp_path / "b")
    owner.follow({"a"})
    until(lambda: text(said))
    assert machine_of(manager, "a") == "m1"
    assert machine_of(manager, "b") is None
    token = next(it.token for it in manager.pool("work").units() if it.name == "a")
    assert text(said) == f"began a {token} m1 3\n"


def test_what_is_scheduled_elsewhere_is_let_go(manager: Manager, owner: Owner, tmp_path: Path) -> None:
    """The child is asked to stop, and has stopped before the unit is anybody's."""
    said = added(manager, "a", tmp_path / "a")
    owner.follow({"a"})
    until(lambda: text(said))
    owner.follow(set())
    assert text(said).endswith("stopped\n")
    assert machine_of(manager, "a") is None
    assert not owner.busy


def test_what_another_still_owns_is_not_run(manager: Manager, owner: Owner, tmp_path: Path) -> None:
    """A schedule is a wish: the unit's own record decides, and the next look tries again."""
    said = added(manager, "a", tmp_path / "a")
    other = manager.pool("work", machine_id="m2").obtain("a")
    assert other is not None
    owner.follow({"a"})
    assert not owner.busy
    other.release()
    owner.follow({"a"})
    until(lambda: text(said))
    assert machine_of(manager, "a") == "m1"


def test_a_removed_unit_is_let_go_when_asked(manager: Manager, owner: Owner, tmp_path: Path) -> None:
    """Also while the schedule still names it."""
    said = added(manager, "a", tmp_path / "a")
    owner.follow({"a"})
    until(lambda: text(said))
    manager.pool("work").remove("a")

    def let_go() -> bool:
        owner.follow({"a"})
        return not owner.busy

    until(let_go)
    assert text(said).endswith("stopped\n")


def test_a_command_that_ends_is_run_again_under_a_new_token(
    manager: Manager, owner: Owner, tmp_path: Path
) -> None:
    """The unit is given back in between, so that no token serves two processes."""
    said = tmp_path / "a"
    code = "import os, sys; open(sys.argv[1], 'a').write(os.environ['COORDINATION_TOKEN'] + ' ')"
    manager.pool("work").add("a", {"command": [sys.executable, "-c", code, str(said)]})

    def ran_twice() -> bool:
        owner.follow({"a"})
        return len(text(said).split()) >= 2

    until(ran_twice)
    first, second = map(int, text(said).split()[:2])
    assert first < second


def test_a_command_that_cannot_be_run_harms_nobody(
    manager: Manager, owner: Owner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told once in a while, the unit is free again, and others run."""
    manager.pool("work").add("a", {"command": [str(tmp_path / "nothing")]})
    said = added(manager, "b", tmp_path / "b")
    owner.follow({"a", "b"})
    owner.follow({"a", "b"})
    until(lambda: text(said))
    assert machine_of(manager, "a") is None
    assert capsys.readouterr().err.count("a cannot be run") == 1


def test_the_child_of_a_lost_unit_is_killed(
    manager: Manager, owner: Owner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is not asked, for its time is over."""
    said = added(manager, "a", tmp_path / "a")
    owner.follow({"a"})
    until(lambda: text(said))
    running = owner._running["a"]
    running.unit._place.shared.surrender(running.unit._place, "stolen")
    owner.follow(set())
    assert not owner.busy
    assert running.child.ended
    assert "stopped" not in text(said)
    assert "a was lost: stolen" in capsys.readouterr().err
