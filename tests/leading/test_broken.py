"""The suite of leadership notices: every mistake fails the case that stands against it."""

from __future__ import annotations

import pytest

from coordination.testing import LeaderContract, LeaderHarness
from tests.leading.broken import BROKEN
from tests.noticing import Noticing

pytestmark = pytest.mark.untraced


class TestLeadershipNotices(Noticing):
    """Leaders that break one promise each."""

    suite = LeaderContract
    broken = BROKEN
    harness = LeaderHarness
    patience = 3.0
