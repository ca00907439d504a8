"""Programs that are candidates for a leadership: one that works at a fenced resource, one that only leads."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import closing

from benchmarks.prove.issue5.resource import ACTED, STOPPED, Client
from benchmarks.prove.issue5.talk import say
from coordination import Term, connect

PACE = 0.02
"""Seconds between two acts."""

STAY, LEAVE = "stay", "leave"

BREATH = 0.3
"""Seconds after a resignation in which the others compete without us."""


def candidate(
    url: str, address: str, name: str, machine: str, version: str, ttl: str, after_loss: str = STAY
) -> None:
    """Acts at the resource whenever it leads, until it is sent a line; then it ends in good order.

    With `after_loss` LEAVE it closes its manager once it has lost a term, as programs do that end then.
    """
    stop = threading.Event()
    with (
        connect(url, machine_id=machine) as manager,
        closing(Client(address, name, machine, int(version))) as resource,
    ):
        leader = manager.leader(name, version=int(version), ttl=float(ttl))

        def work(term: Term) -> None:
            while not term.stop.is_set():
                if term.held:
                    resource.tell(ACTED, term.token)
                term.stop.wait(PACE)
            resource.tell(STOPPED, term.token)

        def lead() -> None:
            while not stop.is_set():
                if leader.run(work, stop=stop).lost is not None and after_loss == LEAVE:
                    manager.close()
                    return

        leading = threading.Thread(target=lead)
        leading.start()
        say(ready=True)
        sys.stdin.readline()
        stop.set()
        leading.join()
    say(ended=True)


def standing(url: str, name: str, machine: str, ttl: str) -> None:
    """Says when it leads, resigns when it is sent a line, and stands again a moment later."""
    with connect(url, machine_id=machine) as manager:
        leader = manager.leader(name, ttl=float(ttl))
        say(ready=True)
        while True:
            term = leader.campaign()
            say(leads=time.time(), token=term.token)
            if not sys.stdin.readline():
                return
            asked = time.time()
            assert leader.resign()
            say(resigned=asked, answered=time.time(), token=term.token)
            time.sleep(BREATH)
