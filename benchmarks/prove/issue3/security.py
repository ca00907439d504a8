"""Who is let in, how a refusal is told, and what never shows up in a log: the tests of that, counted."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.prove.figure import Figure
from benchmarks.prove.suite import Suite, run

TRIES = "requests in 5 s at most, after the token of a kept lease was revoked"

TOKENS = Suite(
    "ACL denied, token unknown, token revoked while holding: typed errors, never held by another",
    20,
    ("integration/consul/test_acl.py", "integration/consul/test_policies.py"),
)
OTHERS = (
    Suite(
        "TLS: wrong CA, wrong name, expired, no client certificate, no TLS: refused, never a fallback",
        15,
        ("integration/consul/test_tls.py",),
    ),
    Suite("no secret in any log, repr or traceback", 4, ("integration/consul/test_secrets.py",)),
)


def figures() -> Iterator[Figure]:
    """One figure per suite, and how often somebody tried who is not let in any more."""
    ran = run(TOKENS)
    yield ran.figure()
    yield ran.at_most("tries in 5 s after the token was revoked while holding", 3, TRIES, "requests")
    for suite in OTHERS:
        yield run(suite).figure()
