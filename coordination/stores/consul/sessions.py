"""Sessions: without health checks, with a ttl; their records go with them."""

from __future__ import annotations

import json
import math
import re
import threading
from typing import Any

from coordination.clock import SystemClock
from coordination.errors import OutcomeUnknown, PermissionDenied, StoreUnavailable
from coordination.record import Session
from coordination.stores.consul.answers import nonsense, parsed
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.message import Answer, Effect, Request
from coordination.timing import LONGEST, Deadline

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)


def known(session: str) -> bool:
    """Whether Consul could have made this id; any other session is dead."""
    return _ID.fullmatch(session) is not None


MOST = 4096
"""Ttls remembered; one never changes, and costs a request to ask for."""

_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)", re.ASCII)
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}


class Sessions:
    """The sessions of one datacenter."""

    def __init__(self, cluster: Cluster, lock_delay: float) -> None:
        self._cluster = cluster
        self._lock_delay = lock_delay
        self._mutex = threading.RLock()
        self._ttls: dict[str, float] = {}

    def open(self, ttl: float, timeout: float) -> Session:
        """Make one of exactly `ttl`, rounded up to milliseconds; Consul ends it within twice that.

        One that is asked for twice, because the first answer was lost, leaves one that expires.
        """
        milliseconds = math.ceil(ttl * 1000)
        body = {
            "Name": "coordination",
            "Checks": [],
            "NodeChecks": [],
            "Behavior": "delete",
            "LockDelay": _duration(round(self._lock_delay * 1000)),
            "TTL": _duration(milliseconds),
        }
        request = Request("PUT", "/v1/session/create", body=json.dumps(body).encode(), effect=Effect.HARMLESS)
        session = Session(self._cluster.ask(request, _made, timeout), milliseconds / 1000)
        self._note(session.id, session.ttl)
        return session

    def ttl(self, session: str, timeout: float) -> float | None:
        """What it was given when it was made; None for none, if it is dead by now, or we may not know.

        Consul answers alike in both cases; that the session lived, the record has shown that hangs on it.
        """
        if session in self._ttls:
            return self._ttls[session] or None
        if not known(session):
            return None
        look = Request("GET", f"/v1/session/info/{session}")
        try:
            ttl = self._cluster.ask(look, lambda it: _ttl(it, session), timeout, (200, 404))
        except (PermissionDenied, StoreUnavailable):
            return None
        if ttl is not None:
            self._note(session, ttl)
        return ttl or None

    def _note(self, session: str, ttl: float) -> None:
        with self._mutex:
            if len(self._ttls) >= MOST:
                del self._ttls[next(iter(self._ttls))]
            self._ttls[session] = ttl

    def renew(self, session: Session, timeout: float) -> Session | None:
        """Have Consul count from now; None if it is dead.

        A server that has just come to lead may not know of a young session yet, so a 404 is
        believed once a consistent look says the same.
        """
        if not known(session.id):
            return None
        bound = Deadline(SystemClock(), timeout)
        request = Request("PUT", f"/v1/session/renew/{session.id}", effect=Effect.HARMLESS)
        if self._cluster.ask(request, lambda it: _renewed(it, session.id), timeout, (200, 404)):
            return session
        if self.lives(session, bound.left(timeout)):
            raise OutcomeUnknown("Consul did not find the session to renew it, yet it is there")
        return None

    def lives(self, session: Session, timeout: float) -> bool:
        """Whether it is there, linearizably."""
        look = Request("GET", f"/v1/session/info/{session.id}", "consistent")
        return self._cluster.ask(look, lambda it: _lives(it, session.id), timeout, (200, 404))

    def close(self, session: Session, timeout: float) -> None:
        """Destroy it, which removes what hangs on it."""
        if known(session.id):
            request = Request("PUT", f"/v1/session/destroy/{session.id}", effect=Effect.HARMLESS)
            self._cluster.ask(request, _gone, timeout, (200, 404))


def _duration(milliseconds: int) -> str:
    """As Go reads it."""
    return f"{milliseconds}ms" if milliseconds % 1000 else f"{milliseconds // 1000}s"


def _made(answer: Answer) -> str:
    made = parsed(answer)
    session = made.get("ID") if isinstance(made, dict) else None
    if not isinstance(session, str) or not known(session):
        raise nonsense("no id of a session")
    return session


def _gone(answer: Answer) -> None:
    if answer.status == 200 and parsed(answer) is not True:
        raise nonsense("a session that was destroyed, or not")


def _renewed(answer: Answer, session: str) -> bool:
    if answer.status == 404:
        return False
    if not _lives(answer, session):
        raise nonsense("a session that was renewed, or not")
    return True


def _lives(answer: Answer, session: str) -> bool:
    if answer.status == 404:
        return False
    listed: Any = parsed(answer)
    if listed is None or listed == []:
        return False
    if not isinstance(listed, list) or not isinstance(listed[0], dict) or listed[0].get("ID") != session:
        raise nonsense("another session than the one asked for")
    return True


def _ttl(answer: Answer, session: str) -> float | None:
    """In seconds, from Go's way to write a duration; 0 for none, None if there is no such session."""
    if not _lives(answer, session):
        return None
    text = parsed(answer)[0].get("TTL")
    if text == "":
        return 0.0  # A stranger's, which lives until somebody ends it.
    found = _PART.findall(text) if isinstance(text, str) else []
    if not found or "".join(number + unit for number, unit in found) != text:
        raise nonsense("a session without a ttl")
    ttl = float(sum(float(number) * _UNITS[unit] for number, unit in found))
    if ttl > LONGEST:
        raise nonsense("a session without an end")
    return ttl
