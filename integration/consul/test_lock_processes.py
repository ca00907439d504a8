"""Locks on Consul whose holders are killed, stopped or forked."""

from __future__ import annotations

import secrets

import pytest

from integration.locks.processes_suite import LockProcessesSuite
from integration.servers.ways import Server


class TestLockProcessesOnConsul(LockProcessesSuite):
    """Consul may keep a session for twice its ttl."""

    expiry = 2.0

    @pytest.fixture
    def url(self, consul: Server) -> str:
        """A prefix of the test's own."""
        return f"{consul.url}/processes-{secrets.token_hex(6)}"
