"""What is kept of the log can be read again."""

from __future__ import annotations

from pathlib import Path

from coordination.demo.log import keep, kept
from tests.demo.plays import play


def test_a_kept_log_is_read_back(tmp_path: Path) -> None:
    """Every entry of every name, in its order, with all that was known of it."""
    keep(play(), tmp_path / "writes.jsonl")
    assert kept(tmp_path / "writes.jsonl") == play()
