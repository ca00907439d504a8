"""The shipped suites explain their failures like any other test: pytest rewrites their asserts."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("coordination.testing")
