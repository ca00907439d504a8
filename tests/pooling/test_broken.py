"""The suite of pools notices: every mistake fails the case that stands against it."""

from __future__ import annotations

import pytest

from coordination.testing import PoolContract
from tests.noticing import Noticing
from tests.pooling.broken import BROKEN

pytestmark = pytest.mark.untraced


class TestPoolsNotice(Noticing):
    """Pools that break one promise each."""

    suite = PoolContract
    broken = BROKEN
