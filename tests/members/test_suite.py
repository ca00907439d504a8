"""Nothing of the suite of membership goes missing."""

from __future__ import annotations

import pytest

from coordination.testing import MembershipContract, contract_tests
from tests.testing.test_kit import collected

CASES = contract_tests(MembershipContract)


def test_the_suite_is_of_some_size() -> None:
    """Forty cases at least, and each part that was asked for has some."""
    assert len(CASES) >= 40
    for part in ("watch", "revoked", "deleted", "dead", "crash", "cancelled", "names", "second", "twice"):
        assert [name for name in CASES if part in name], part


@pytest.mark.parametrize("store", ["memory", "files"])
def test_no_case_goes_missing(store: str) -> None:
    """On both, and on both faces, pytest collects exactly the cases that are defined."""
    found = collected(f"tests/members/test_{store}.py")
    assert {variant for _, variant in found} == {"[blocking]", "[asyncio]"}
    for variant, tests in found.items():
        assert sorted(tests) == sorted(CASES), variant
