"""The scenes of test_lost_answers.py: which calls of etcd each step on a lease makes, to meet a fault."""

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
from integration.servers.grpc_proxy import GrpcProxy

WIRE = Wire("etcd", GrpcProxy, writing="Txn")

STEPS: list[tuple[Step, str]] = [
    (keep, "Txn"),
    (keep, "LeaseKeepAlive"),
    (acquire, "LeaseGrant"),
    (acquire, "Txn"),
    (steal, "LeaseGrant"),
    (steal, "Txn"),
    (renew, "Txn"),
    (renew, "LeaseKeepAlive"),
    (lengthen, "LeaseGrant"),
    (lengthen, "Txn"),
    (lengthen, "LeaseRevoke"),
    (commit, "Txn"),
    (release, "Range"),
    (release, "LeaseRevoke"),
    (release_unsure, "Txn"),
]
"""What takes longest comes first."""

SCENES = [
    Scene(step, method, fault)
    for step, method in STEPS
    for fault in FAULTS
    if (method, fault)
    != ("LeaseKeepAlive", "landing-late")  # A stream keeps its order: all of it would be late.
]
