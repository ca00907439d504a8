"""The scenes of test_lost_answers.py: what each step asks Consul for, to meet a fault."""

from __future__ import annotations

from integration.faults.scenes import FAULTS, Scene, Wire
from integration.faults.steps import (
    Step,
    acquire,
    commit,
    keep,
    lengthen,
    release,
    release_unsure,
    renew,
    steal,
)
from integration.servers.http_fault import Match
from integration.servers.http_proxy import HttpProxy
from integration.servers.http_wire import Request


def _locks(request: Request) -> bool:
    return "lock" in request.verbs


def _sets(request: Request) -> bool:
    return "set" in request.verbs


def _deletes(request: Request) -> bool:
    return "delete-cas" in request.verbs and "lock" not in request.verbs


REQUESTS: dict[str, Match] = {
    "session-create": "/v1/session/create",
    "session-renew": "/v1/session/renew/",
    "session-destroy": "/v1/session/destroy/",
    "txn-lock": _locks,
    "txn-set": _sets,
    "txn-delete": _deletes,
}
"""What the steps ask for. Reading is no step: it is asked again."""

WIRE = Wire("consul", HttpProxy, writing="txn-lock", match=REQUESTS.__getitem__, expiry=2.0)

STEPS: list[tuple[Step, str]] = [
    (keep, "txn-lock"),
    (keep, "session-renew"),
    (acquire, "session-create"),
    (acquire, "txn-lock"),
    (steal, "session-create"),
    (steal, "txn-lock"),
    (renew, "txn-lock"),
    (renew, "session-renew"),
    (lengthen, "session-create"),
    (lengthen, "txn-lock"),
    (lengthen, "session-destroy"),
    (commit, "txn-set"),
    (release, "txn-delete"),
    (release, "session-destroy"),
    (release_unsure, "txn-delete"),
]
"""What takes longest comes first."""

SCENES = [Scene(step, method, fault) for step, method in STEPS for fault in FAULTS]
