"""Locks on files whose holders are killed, stopped or forked."""

from __future__ import annotations

from pathlib import Path

import pytest

from integration.locks.processes_suite import LockProcessesSuite


class TestLockProcessesOnFiles(LockProcessesSuite):
    """Nobody tells of an expiry on files: whoever waits looks when the one ahead would be gone."""

    @pytest.fixture
    def url(self, folder: Path) -> str:
        """A folder of the test's own."""
        return f"{folder.as_uri()}?durable=false"
