"""What others write into a session's note: read leniently, and short however many write."""

from __future__ import annotations

import pytest

from coordination.sharing.notes import ASKED, BROKEN, MOST, decoded, encoded, entry_of


def test_what_is_encoded_is_decoded() -> None:
    """Both lists; two equal notes are two different writes."""
    note = {BROKEN: [entry_of("k", 3)], ASKED: []}
    assert decoded(encoded(note)) == note
    assert encoded(note) != encoded(note)


@pytest.mark.parametrize(
    "raw",
    [b"", b"\xff", b"[1]", b"7", b"null", b'{"broken": "k"}', b'{"broken": {"k": 1}}', b"[" * 100_000],
    ids=["empty", "bytes", "list", "number", "null", "text", "object", "deep"],
)
def test_rubbish_says_nothing(raw: bytes) -> None:
    """A stranger may write anything."""
    assert decoded(raw) == {}


def test_of_a_list_only_texts_count() -> None:
    """And the last ones of too many."""
    many = ",".join(f'"k{number}"' for number in range(MOST + 5))
    note = decoded(f'{{"broken": [1, null, {many}, ["x"]]}}'.encode())
    assert note == {BROKEN: [f"k{number}" for number in range(5, MOST + 5)]}
