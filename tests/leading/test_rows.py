"""Nothing of the suite of leadership goes missing: not a case, and not a row of the systems it stands for."""

from __future__ import annotations

import re

import pytest

from coordination.testing import FleetContract, LeaderContract, contract_tests
from tests.testing.test_kit import collected

CASES = contract_tests(LeaderContract)
ROWS = [
    *(f"p{n}" for n in range(1, 12)),
    *(f"l{n}" for n in range(1, 12)),
    *(f"d{n}" for n in (1, 2, 3, 4, 9, 10, 11, 12, 13, 14, 15, 16)),
    *(f"v{n}" for n in range(1, 4)),
    *(f"a{n}" for n in range(1, 5)),
    *(f"i{n}" for n in range(1, 4)),
    "t1",
    *(f"fleet_d{n}" for n in range(15, 19)),
]
ELSEWHERE = {
    "d5": "test_d9_a_second_release_is_false",
    "d6": "test_d6_renew_after_expiry_fails",
    "d7": "test_d17_a_clone_releases_nothing_of_ours",
    "d8": "test_renew_with_a_shorter_period",
}
"""What the original's provider ought to have been asked, and fleet's suite asks of leases."""


def rows_of(case: str) -> list[str]:
    """The rows that a case is named after; two of them stand for those between them as well."""
    system, letters = "", case.removeprefix("test_")
    if letters.startswith("fleet_"):
        system, letters = "fleet_", letters.removeprefix("fleet_")
    rows = re.match(r"(?:[a-z]\d+_)*", letters)
    named = [] if rows is None else re.findall(r"([a-z])(\d+)_", rows[0])
    if len(named) == 2:
        (letter, first), (_, last) = named
        named = [(letter, str(number)) for number in range(int(first), int(last) + 1)]
    return [f"{system}{letter}{number}" for letter, number in named]


@pytest.mark.untraced
@pytest.mark.parametrize("store", ["memory", "files"])
def test_no_case_of_leadership_goes_missing(store: str) -> None:
    """On both, and on both faces, pytest collects exactly the cases that are defined."""
    found = collected(f"tests/leading/test_{store}.py")
    assert {variant for _, variant in found} == {"[blocking]", "[asyncio]"}
    for variant, tests in found.items():
        assert sorted(tests) == sorted(CASES), variant


def test_every_row_has_a_case_of_its_name() -> None:
    """P1 to P11, L1 to L11 and the D rows of bobg/lease; V, A, I, T1 and D15 to D18 of fleet."""
    named = {row for case in CASES for row in rows_of(case)}
    assert [row for row in ROWS if row not in named] == []
    assert len(CASES) >= 80


def test_what_is_asked_elsewhere_is_there() -> None:
    """Rows that the suite of leases asks for already."""
    assert set(ELSEWHERE.values()) <= set(contract_tests(FleetContract))
