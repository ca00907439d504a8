"""Ages and tables that people can read."""

from __future__ import annotations

import pytest
from rich.console import Console

from coordination import connect
from coordination.cli import show
from coordination.record import lease_key
from coordination.stores.memory import MemoryStore


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0.0 s"),
        (0, "0.0 s"),
        (4.23, "4.2 s"),
        (9.99, "10.0 s"),
        (42.4, "42 s"),
        (59.7, "1 m 0 s"),
        (192, "3 m 12 s"),
        (3600, "1 h 0 m"),
        (18_600, "5 h 10 m"),
        (86_400 * 2 + 3600 * 3 + 59, "2 d 3 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    """Two units at most, and never a negative one."""
    assert show.duration(seconds) == text


def test_visible_text_keeps_what_is_printable() -> None:
    """Letters of every script stay; what steers a terminal becomes its escape."""
    assert show.visible("Zoë [red] 🎈") == "Zoë [red] 🎈"
    assert show.visible("a\nb\x1b\x9b") == "a\\nb\\x1b\\x9b"


def test_the_table_of_a_terminal_shows_markup_as_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A machine may be called [red]; the table must show just that."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setattr("rich.console.Console", lambda: Console(width=150))
    with connect("memory://") as manager:
        lease = manager.acquire_lease("job", "[red]", 3, 90)
        assert lease is not None
        show.table([lease], lease.acquired_at + 192)
    shown = capsys.readouterr().out
    for expected in ("NAME", "job", "[red]", str(lease.token), "3 m 12 s", "1 m 30 s"):
        assert expected in shown


def test_a_record_of_another_program_has_no_age() -> None:
    """A bare machine id says nothing about when and where; that is a dash, not the year 1970."""
    store = MemoryStore()
    store.create(lease_key("", "job"), b"fleet-7", store.open_session(60, timeout=1), timeout=1)
    with connect(store) as manager:
        lease = manager.get_lease("job")
    assert lease is not None
    lines = dict(line.split("  ", 1) for line in show.details(lease, 1e9))
    assert lines["machine"].strip() == "fleet-7"
    assert lines["held for"].strip() == lines["where"].strip() == "-"
