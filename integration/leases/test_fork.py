"""Leases belong to the process that acquired them: what a child of fork has of them is nothing."""

from __future__ import annotations

import pytest

from integration.leases.running import finished

pytestmark = pytest.mark.untraced  # its processes go over lines that others cover


def test_a_child_of_fork_holds_nothing_and_harms_nothing(url: str) -> None:
    """Not held, lost 'forked', every verb refused; connect() works there; the parent goes on."""
    out, err = finished("fork", url)
    assert (out.split(), err) == (["0", "True", "True", "None"], "")


def test_no_child_hangs_under_load(url: str) -> None:
    """50 forks while a heartbeat and four threads are in the middle of everything."""
    out, err = finished("fork_often", url)
    assert (out.split(), err) == (["0", "50"], "")
