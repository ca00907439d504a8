"""The page of locks names everything that locks and holds have, on both faces."""

from __future__ import annotations

import inspect
import re

import pytest

from coordination.aio.hold import Hold as AioHold
from coordination.aio.lock import Lock as AioLock
from coordination.hold import Hold
from coordination.lock import Lock
from coordination.locking import Locking
from tests.docs.test_documents import ROOT

PAGE = (ROOT / "docs/locks.md").read_text(encoding="utf-8")
OWN = ("parts", "folder", "keeper")
"""Of a manager: what its faces are made of, and nobody's business."""


def public(kind: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(kind) if not name.startswith("_")}


@pytest.mark.parametrize("kind", [Hold, AioHold, Lock, AioLock], ids=["hold", "aio-hold", "lock", "aio-lock"])
def test_the_page_names_what_there_is(kind: type) -> None:
    """Each public method and property is there, as code."""
    names = public(kind)
    assert len(names) >= 5
    assert not {name for name in names if not re.search(rf"`[^`\n]*\b{name}\b[^`\n]*`|\.{name}\b", PAGE)}


def test_the_page_names_what_a_manager_does_with_locks() -> None:
    """`lock`, `holders`, `break_lock`, `request_release`."""
    names = {name for name in vars(Locking) if not name.startswith("_") and not name.endswith(OWN)}
    assert names >= {"lock", "holders", "break_lock", "request_release"}
    assert not {name for name in names if f".{name}(" not in PAGE}


def test_the_page_names_every_reason_of_a_loss() -> None:
    """The reasons that a hold's docstring lists have a row each, but those that only leases know."""
    told = str(inspect.getdoc(Hold.lost)).split(": ")[-1].rstrip(".").split()
    assert {"expired", "broken", "closed"} <= set(told)
    rows = set(re.findall(r"^\| `(\w+)` \| ", PAGE, re.MULTILINE))
    assert set(told) - {"stolen"} <= rows
