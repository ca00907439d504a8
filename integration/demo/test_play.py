"""The whole play on files: machines and their children, a SIGKILL, an upgrade, a drain, the verdict."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from coordination.cli.app import coordination
from coordination.demo.log import kept
from integration.demo.processes import environment_in, nothing_left

pytestmark = pytest.mark.timeout(240)  # Half a minute, and more where others keep the computer busy.


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders of its own; and no coverage in the fifty children, which would slow them down fourfold."""
    for name, value in environment_in(tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)


def test_the_verdict_is_that_of_the_kept_log(tmp_path: Path) -> None:
    """It passes, and its figures are found again in the log that --keep leaves, and in the picture."""
    folder, drawn = tmp_path / "kept", tmp_path / "owners.svg"
    ran = CliRunner().invoke(coordination, ["demo", "--json", "--keep", str(folder), "--picture", str(drawn)])
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert (told["ok"], told["units"], told["owned_at_start"], told["orphaned"]) == (True, 13, 12, 4)
    assert told["violations"] == told["failures"] == []
    assert 0 < told["slowest_takeover"] <= told["bound"] == 13.0
    assert 0 < told["version_gap"] < 4.0

    logs = kept(folder / "writes.jsonl")
    leaders = logs.pop("leader")
    assert {entry.version for entry in leaders} == {1, 2}
    written = [entry for log in logs.values() for entry in log if not entry.refused]
    assert (len(logs), len(written)) == (told["units"], told["writes"])
    assert {entry.machine for entry in written} == {"machine-1", "machine-2", "machine-3"}
    late = [entry for log in logs.values() for entry in log if entry.refused]
    assert len(late) == told["refused"] == told["orphaned"]

    bars = ElementTree.parse(drawn).getroot().iter("{http://www.w3.org/2000/svg}title")
    assert sum(1 for _ in bars) == 1 + told["grants"] + told["leaders"]
    assert nothing_left(tmp_path)
