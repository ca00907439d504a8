"""What a fence says, accepts and keeps apart, and what it does among threads."""

from __future__ import annotations

import subprocess
import sys
import threading
from random import Random
from typing import Any

import pytest

from coordination import ConfigurationError, CoordinationError, LeaseLost, StaleToken
from coordination.fencing import Fence

FORKED = """
import os
from coordination import ConfigurationError
from coordination.fencing import Fence
fence = Fence()
fence.check("a", 2)
if child := os.fork():
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    fence.check("a", 2)
    print("kept")
else:
    try:
        fence.check("a", 3)
    except ConfigurationError:
        os._exit(7)
    os._exit(0)
"""


def test_an_older_token_is_refused() -> None:
    """The error names the token, the thing, and what was seen; it is nobody's loss of a lease."""
    fence = Fence()
    fence.check("accounts", 34)
    with pytest.raises(StaleToken, match=r"token 33 for 'accounts' is stale: 34 was here") as refusal:
        fence.check("accounts", 33)
    assert refusal.value.highest == 34
    assert isinstance(refusal.value, CoordinationError)
    assert not isinstance(refusal.value, LeaseLost)


def test_the_same_grant_comes_again() -> None:
    """A holder acts as often as it likes, and what it is refused elsewhere does it no harm."""
    fence = Fence()
    for _ in range(3):
        fence.check("accounts", 34)
    fence.check("orders", 1)
    fence.check("accounts", 34)


def test_two_readers_share() -> None:
    """Of two shared grants the older one still passes; behind a writer neither does."""
    fence = Fence()
    fence.check("accounts", 5, shared=True)
    fence.check("accounts", 4, shared=True)
    with pytest.raises(StaleToken):
        fence.check("accounts", 4)
    fence.check("accounts", 6)
    with pytest.raises(StaleToken, match="6 was here"):
        fence.check("accounts", 5, shared=True)


@pytest.mark.parametrize("token", [0, -1, 2**63, 1.0, "1", True, None], ids=repr)
def test_what_is_no_token(token: Any) -> None:
    """It is refused as such, and raises no mark."""
    fence = Fence()
    with pytest.raises(ConfigurationError, match="a token is"):
        fence.check("accounts", token)
    fence.check("accounts", 1)


@pytest.mark.parametrize("name", [7, None, "\udc80", "x" * 256], ids=["int", "none", "surrogate", "long"])
def test_what_is_no_name(name: Any) -> None:
    """Names are those of locks and leases."""
    with pytest.raises(ConfigurationError):
        Fence().check(name, 1)


def test_a_failed_act_was_a_visit() -> None:
    """What the block raises comes out, and its token stays: half of the act may have happened."""
    fence = Fence()
    with pytest.raises(ZeroDivisionError), fence.admit("accounts", 2):
        raise ZeroDivisionError
    with pytest.raises(StaleToken):
        fence.check("accounts", 1)


def test_nobody_comes_in_between() -> None:
    """While one is admitted to a name, a newer grant waits for the end of its block; other names do not."""
    fence, acts = Fence(), list[str]()

    def newer() -> None:
        fence.check("accounts", 2)
        acts.append("newer")

    thread = threading.Thread(target=newer)
    with fence.admit("accounts", 1):
        thread.start()
        fence.check("orders", 1)
        thread.join(0.3)
        acts.append("older")
    thread.join(30)
    assert acts == ["older", "newer"]
    with pytest.raises(StaleToken):
        fence.check("accounts", 1)


def test_threads_see_tokens_rise() -> None:
    """Whatever the threads come with, those admitted come in rising order."""
    fence, acts = Fence(), list[int]()

    def come(seed: int) -> None:
        random = Random(seed)
        for step in range(300):
            token = step + random.randrange(1, 50)
            try:
                with fence.admit("accounts", token):
                    acts.append(token)
            except StaleToken:
                continue

    threads = [threading.Thread(target=come, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(acts) > 50
    assert acts == sorted(acts)


def test_a_closed_fence_admits_nobody() -> None:
    """Closing twice is no error; it shows that it is closed."""
    with Fence() as fence:
        fence.check("accounts", 1)
        assert repr(fence) == "<Fence of 1 names in memory>"
    fence.close()
    assert repr(fence) == "<Fence of 1 names in memory, closed>"
    with pytest.raises(ConfigurationError, match="closed"):
        fence.check("accounts", 1)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no fork")
def test_a_child_of_fork_is_admitted_to_nothing() -> None:
    """Its marks would part from its parent's, and each would let old holders of the other in."""
    done = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr, done.returncode) == ("kept\n", "", 0)
