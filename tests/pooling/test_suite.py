"""Nothing of the suite of pools goes missing: not a case, and not a row of the system it stands for."""

from __future__ import annotations

import pytest

from coordination.testing import PoolContract, contract_tests
from tests.testing.test_kit import collected

CASES = contract_tests(PoolContract)
ROWS = [*(f"k{n}" for n in range(1, 5)), *(f"d{n}" for n in (1, 2, 3, 4, 5, 6, 7, 8, 10, 11))]
ELSEWHERE = {
    "d9": ["test_payloads_are_kept", "test_checkpoints_are_kept_as_they_are"],
    "unseeded": ["test_k3_a_fresh_unit_is_obtained_with_its_payload"],
    "missing": ["test_removing"],
    "other lessee": ["test_k4_a_second_machine_fails_while_the_first_holds"],
    "same lessee": ["test_the_same_machine_id_is_no_owner"],
    "revival": ["test_who_lost_a_unit_is_not_let_in_again"],
    "taken over": ["test_k2_an_owner_whose_unit_is_gone_is_told"],
    "shortened": ["test_a_unit_is_a_hold"],
    "user columns": ["test_updating_changes_the_payload_and_nothing_else"],
}
"""Rows that have no case of their name: of nanoseconds, as we keep none, what is kept exactly; and edges."""


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_a_case_of_its_name(row: str) -> None:
    """K1 to K4, D1 to D11 of 004, without D9."""
    assert [name for name in CASES if name.startswith(f"test_{row}_")]


@pytest.mark.parametrize("row", ELSEWHERE)
def test_every_edge_has_a_case(row: str) -> None:
    """The rows of 004's table of edges, and D9."""
    assert set(ELSEWHERE[row]) <= set(CASES)


@pytest.mark.parametrize("store", ["memory", "files"])
def test_no_case_goes_missing(store: str) -> None:
    """On both, and on both faces, pytest collects exactly the cases that are defined."""
    assert len(CASES) >= 80
    found = collected(f"tests/pooling/test_{store}.py")
    assert {variant for _, variant in found} == {"[blocking]", "[asyncio]"}
    for variant, tests in found.items():
        assert sorted(tests) == sorted(CASES), variant
