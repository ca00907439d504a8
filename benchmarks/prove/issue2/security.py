"""Who is let in, how a refusal is told, and what never shows up in a log: the tests of that, counted."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run

SUITES = (
    Suite(
        "TLS: wrong CA, wrong name, expired, plaintext port: refused, never a fallback",
        8,
        ("integration/etcd/test_tls.py",),
    ),
    Suite("no secret in any log, repr or traceback", 3, ("integration/etcd/test_secrets.py",)),
    Suite(
        "wrong password, unknown user, denied key: typed error, <= 3 tries in 5 s, never held by another",
        20,
        ("integration/etcd/test_auth.py",),
    ),
    Suite("auth tokens and roles that change under a lease", 4, ("integration/etcd/test_tokens.py",)),
)


def figures() -> Iterator[Figure]:
    """One figure per suite."""
    for suite in SUITES:
        yield run(suite).figure()
