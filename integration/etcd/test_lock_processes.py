"""Locks on etcd whose holders are killed, stopped or forked."""

from __future__ import annotations

import secrets

import pytest

from integration.locks.processes_suite import LockProcessesSuite
from integration.servers.ways import Server


class TestLockProcessesOnEtcd(LockProcessesSuite):
    """etcd looks for expired leases every half second, and tells who waits."""

    @pytest.fixture
    def url(self, etcd: Server) -> str:
        """A prefix of the test's own."""
        return f"{etcd.url}/processes-{secrets.token_hex(6)}"
