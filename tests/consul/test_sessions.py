"""Sessions: how they are asked for, when one counts as dead, and what its ttl is."""

from __future__ import annotations

import pytest

from coordination.errors import OutcomeUnknown, PermissionDenied, StoreUnavailable
from coordination.record import Session
from coordination.stores.consul import sessions as module
from coordination.stores.consul.sessions import MOST, Sessions, known
from tests.consul.scripted import OTHER, REFUSED, SESSION, SILENT, Say, ScriptedAgent, cluster, said

OURS = Session(SESSION, 10.0)
MADE = said({"ID": SESSION})
ALIVE = said([{"ID": SESSION, "TTL": "10s"}])
GONE = said(f"Session id '{SESSION}' not found", 404)
NOBODY = said([])
NULL = said(None)
BROKEN = said("rpc error making call: EOF", 500)


def on(*script: Say, lock_delay: float = 0.0) -> tuple[Sessions, ScriptedAgent]:
    """Sessions whose only agent answers so."""
    agent = ScriptedAgent(*script)
    return Sessions(cluster(agent), lock_delay), agent


@pytest.mark.parametrize(
    ("ttl", "text", "granted"),
    [
        (10, "10s", 10.0),
        (1.5, "1500ms", 1.5),
        (0.0001, "1ms", 0.001),
        (9.9999, "10s", 10.0),
        (86_400, "86400s", 86_400.0),
    ],
)
def test_a_ttl_is_asked_for_exactly(ttl: float, text: str, granted: float) -> None:
    """Rounded up to milliseconds: never granted less than is believed."""
    sessions, agent = on(MADE)
    assert sessions.open(ttl, 5.0) == Session(SESSION, granted)
    assert agent.bodies[0]["TTL"] == text


def test_what_a_session_is_made_of() -> None:
    """No health checks, which flap; its records go with it; no lock-delay but the one asked for."""
    sessions, agent = on(MADE)
    sessions.open(10, 5.0)
    body = agent.bodies[0]
    assert (body["Checks"], body["NodeChecks"], body["Behavior"], body["LockDelay"]) == (
        [],
        [],
        "delete",
        "0s",
    )
    sessions, agent = on(MADE, lock_delay=1.5)
    sessions.open(10, 5.0)
    assert agent.bodies[0]["LockDelay"] == "1500ms"


@pytest.mark.parametrize(
    "answer", [said({}), said([]), said({"ID": "x"}), said({"ID": 5}), said(None), said("")]
)
def test_an_answer_without_an_id(answer: Say) -> None:
    """It may have been made: unknown."""
    with pytest.raises(OutcomeUnknown):
        on(answer)[0].open(10, 5.0)


def test_a_renewal_that_is_confirmed() -> None:
    """One request."""
    sessions, agent = on(ALIVE)
    assert sessions.renew(OURS, 5.0) == OURS
    assert [(each.method, each.path) for each in agent.asked] == [("PUT", f"/v1/session/renew/{SESSION}")]


@pytest.mark.parametrize("look", [GONE, NOBODY, NULL])
def test_a_loss_is_confirmed_by_a_look(look: Say) -> None:
    """Not found, and not found by a consistent look either: it is dead."""
    sessions, agent = on(GONE, look)
    assert sessions.renew(OURS, 5.0) is None
    assert [each.query for each in agent.asked] == ["", "consistent"]
    assert agent.asked[1].path == f"/v1/session/info/{SESSION}"


def test_a_loss_that_is_none() -> None:
    """A new leader may know late of a young session: "could not tell", not "lost"."""
    sessions, _ = on(GONE, ALIVE)
    with pytest.raises(OutcomeUnknown, match="yet it is there"):
        sessions.renew(OURS, 5.0)


@pytest.mark.parametrize("look", [SILENT, REFUSED, said("No cluster leader", 500), said([{"ID": OTHER}])])
def test_a_loss_that_nobody_confirms(look: Say) -> None:
    """Is none yet."""
    with pytest.raises(StoreUnavailable):
        on(GONE, look)[0].renew(OURS, 5.0)


def test_a_loss_takes_no_longer_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    """The look has what the renewal has left of the time."""
    agent = ScriptedAgent(GONE, takes=3.0)
    on = cluster(agent)
    monkeypatch.setattr(module, "SystemClock", lambda: agent.clock)
    with pytest.raises(StoreUnavailable):
        Sessions(on, 0.0).renew(OURS, 3.5)
    assert agent.given == [3.5, 0.5]


@pytest.mark.parametrize("answer", [SILENT, BROKEN, said([{"ID": OTHER}]), NOBODY, NULL, said("x")])
def test_a_renewal_that_nobody_can_tell_of(answer: Say) -> None:
    """Is no loss (pitfall 41), and no renewal."""
    with pytest.raises(OutcomeUnknown):
        on(answer)[0].renew(OURS, 5.0)


def test_a_renewal_is_asked_of_another_agent() -> None:
    """It does no harm twice."""
    a, b = ScriptedAgent(SILENT), ScriptedAgent(ALIVE)
    assert Sessions(cluster(a, b), 0.0).renew(OURS, 5.0) == OURS


@pytest.mark.parametrize(
    "strange", ["", "x", "../../agent/leave", SESSION.upper(), f"{SESSION}\n", f"{SESSION}?dc=x"]
)
def test_an_id_that_consul_never_made(strange: str) -> None:
    """Is dead, and does not get into a path."""
    assert not known(strange)
    sessions, agent = on(ALIVE)
    assert sessions.renew(Session(strange, 10.0), 5.0) is None
    sessions.close(Session(strange, 10.0), 5.0)
    assert sessions.ttl(strange, 5.0) is None  # Whoever answers a read may name any.
    assert agent.asked == []


@pytest.mark.parametrize("answer", [said(document=True), GONE])
def test_closing(answer: Say) -> None:
    """One request; one that is gone is closed."""
    sessions, agent = on(answer)
    sessions.close(OURS, 5.0)
    assert [(each.method, each.path) for each in agent.asked] == [("PUT", f"/v1/session/destroy/{SESSION}")]


@pytest.mark.parametrize("answer", [SILENT, BROKEN, said(document=False), NULL, said("x")])
def test_closing_that_nobody_can_tell_of(answer: Say) -> None:
    """Is unknown: somebody has to see to it again."""
    with pytest.raises(OutcomeUnknown):
        on(answer)[0].close(OURS, 5.0)


@pytest.mark.parametrize(
    ("text", "ttl"),
    [("10s", 10.0), ("500ms", 0.5), ("1m30s", 90.0), ("1h0m0s", 3600.0), ("1.5s", 1.5), ("24h", 86_400.0)],
)
def test_a_ttl_as_go_writes_it(text: str, ttl: float) -> None:
    """Whoever made the session may have written it so; it is asked for once."""
    sessions, agent = on(said([{"ID": SESSION, "TTL": text}]))
    assert sessions.ttl(SESSION, 5.0) == ttl
    assert sessions.ttl(SESSION, 5.0) == ttl
    assert len(agent.asked) == 1


@pytest.mark.parametrize("text", ["", "10", "s", "10 s", "-10s", "ten seconds", "10sx", None, 10, ["10s"]])
def test_a_ttl_that_is_none(text: object) -> None:
    """Is not known; that is no reason not to read the record."""
    assert on(said([{"ID": SESSION, "TTL": text}]))[0].ttl(SESSION, 5.0) is None


@pytest.mark.parametrize("answer", [GONE, NOBODY, NULL])
def test_the_ttl_of_a_dead_session(answer: Say) -> None:
    """Is not known, and asked for again the next time."""
    sessions, agent = on(answer)
    assert sessions.ttl(SESSION, 5.0) is None
    assert sessions.ttl(SESSION, 5.0) is None
    assert len(agent.asked) == 2


@pytest.mark.parametrize("answer", [SILENT, REFUSED, said("Permission denied", 403)])
def test_a_ttl_that_we_may_not_know(answer: Say) -> None:
    """Is not known either; but a session that we may not renew is told so."""
    assert on(answer)[0].ttl(SESSION, 5.0) is None
    with pytest.raises(PermissionDenied):
        on(said("Permission denied", 403))[0].renew(OURS, 5.0)


def test_few_ttls_are_remembered() -> None:
    """However many sessions one has seen."""
    sessions, _ = on(ALIVE)
    for number in range(MOST + 10):
        sessions._note(str(number), 10.0)
    assert len(sessions._ttls) == MOST
    assert str(MOST + 9) in sessions._ttls
