"""The suite of membership notices: every mistake fails the case that stands against it."""

from __future__ import annotations

import pytest

from coordination.testing import MembershipContract
from tests.members.broken import BROKEN
from tests.noticing import Noticing

pytestmark = pytest.mark.untraced


class TestMembershipNotices(Noticing):
    """Members that break one promise each."""

    suite = MembershipContract
    broken = BROKEN
