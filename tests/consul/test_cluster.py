"""Several agents: who is asked, how often, for how long, and what is told in the end."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordination.errors import (
    AuthFailed,
    CoordinationError,
    OutcomeUnknown,
    PermissionDenied,
    StoreRefused,
    StoreUnavailable,
)
from coordination.stores.consul.account import QUIET
from coordination.stores.consul.answers import nonsense
from coordination.stores.consul.message import Answer, Effect
from tests.consul.scripted import (
    FINE,
    REFUSED,
    SILENT,
    UNTRUSTED,
    Say,
    ScriptedAgent,
    ask,
    cluster,
    request,
    said,
)

DENIED = said("Permission denied", 403)
LEADERLESS = said("No cluster leader", 500)
BROKEN = said("rpc error making call: EOF", 500)
UNCLEAR = (SILENT, BROKEN)


def test_one_agent_is_asked_until_it_fails() -> None:
    """Then the next one, which stays the first to be asked; after the last comes the first again."""
    a, b = ScriptedAgent(FINE, FINE, REFUSED, FINE), ScriptedAgent(FINE, REFUSED, FINE)
    on = cluster(a, b)
    asked = []
    for _ in range(5):
        assert ask(on) == "fine"
        asked.append((len(a.asked), len(b.asked)))
    assert asked == [(1, 0), (2, 0), (3, 1), (4, 2), (5, 2)]


@pytest.mark.parametrize("unclear", UNCLEAR)
def test_what_may_have_been_applied_is_not_asked_again(unclear: Say) -> None:
    """Nobody else is asked to do the same again, and it is not known what became of it."""
    a, b = ScriptedAgent(unclear), ScriptedAgent(FINE)
    on = cluster(a, b)
    with pytest.raises(OutcomeUnknown, match="a:8500"):
        ask(on, Effect.ONCE)
    assert (len(a.asked), len(b.asked)) == (1, 0)
    assert ask(on, Effect.ONCE) == "fine"  # The next request goes to somebody else.
    assert (len(a.asked), len(b.asked)) == (1, 1)


@pytest.mark.parametrize("effect", [Effect.NONE, Effect.HARMLESS])
@pytest.mark.parametrize("unclear", [*UNCLEAR, REFUSED, LEADERLESS])
def test_what_does_no_harm_is_asked_elsewhere(unclear: Say, effect: Effect) -> None:
    """A caller hears nothing of it."""
    a, b = ScriptedAgent(unclear), ScriptedAgent(FINE)
    assert ask(cluster(a, b), effect) == "fine"


@pytest.mark.parametrize("clear", [REFUSED, LEADERLESS, UNTRUSTED])
def test_what_was_certainly_not_applied_is_asked_elsewhere(clear: Say) -> None:
    """Also what must happen only once."""
    a, b = ScriptedAgent(clear), ScriptedAgent(FINE)
    assert ask(cluster(a, b), Effect.ONCE) == "fine"


@pytest.mark.parametrize(("refusal", "error"), [(DENIED, PermissionDenied), ("ACL not found", AuthFailed)])
def test_a_refusal_is_the_same_everywhere(refusal: Say | str, error: type[StoreRefused]) -> None:
    """One request, whatever its effect, and the same agent the next time: no storm of tries."""
    for effect in Effect:
        a = ScriptedAgent(said(refusal, 403) if isinstance(refusal, str) else refusal)
        b = ScriptedAgent(FINE)
        on = cluster(a, b)
        for _ in range(2):
            with pytest.raises(error, match="a:8500"):
                ask(on, effect)
            on._clock.sleep(QUIET)
        assert (len(a.asked), len(b.asked)) == (2, 0)


def test_nobody_answers() -> None:
    """Each is asked once."""
    for count in (1, 2, 3):
        agents = [ScriptedAgent(REFUSED) for _ in range(count)]
        with pytest.raises(StoreUnavailable, match="refused"):
            ask(cluster(*agents), Effect.ONCE)
        assert [len(agent.asked) for agent in agents] == [1] * count


def test_a_doubt_stays() -> None:
    """The first may have applied it, the second was not reached: unknown, and the first one is named."""
    for first in UNCLEAR:
        with pytest.raises(OutcomeUnknown, match="a:8500"):
            ask(cluster(ScriptedAgent(first), ScriptedAgent(REFUSED)), Effect.HARMLESS)


def test_a_refusal_after_a_doubt_tells_of_both() -> None:
    """What the second one says may be due to what the first one did."""
    with pytest.raises(PermissionDenied, match="b:8500") as caught:
        ask(cluster(ScriptedAgent(SILENT), ScriptedAgent(DENIED)), Effect.HARMLESS)
    assert isinstance(caught.value.__cause__, OutcomeUnknown)


def test_a_read_is_never_unknown() -> None:
    """There is nothing that it could have done."""
    with pytest.raises(StoreUnavailable):
        ask(cluster(ScriptedAgent(SILENT), ScriptedAgent(BROKEN)), Effect.NONE)


def test_an_answer_without_sense_is_a_doubt() -> None:
    """It may come from Consul or not; another agent may make sense."""

    def reading(answer: Answer) -> str:
        if answer.body == b"fine":
            return "fine"
        raise nonsense("nothing")

    on = cluster(ScriptedAgent(said("what?")), ScriptedAgent(FINE))
    assert on.ask(request(Effect.NONE), reading, 8.0) == "fine"
    on = cluster(ScriptedAgent(said("what?")), ScriptedAgent(FINE))
    with pytest.raises(OutcomeUnknown, match="makes no sense: nothing"):
        on.ask(request(Effect.ONCE), reading, 8.0)


OUTCOMES: dict[str, Say] = {
    "fine": FINE,
    "refused": REFUSED,
    "silent": SILENT,
    "untrusted": UNTRUSTED,
    "denied": DENIED,
    "leaderless": LEADERLESS,
    "broken": BROKEN,
    "busy": said("slow down", 429),
    "redirect": said("", 301),
    "missing": said("", 404),
}
APPLIED = {"fine", "silent", "broken"}


@settings(deadline=None)
@given(st.lists(st.sampled_from(sorted(OUTCOMES)), min_size=1, max_size=4), st.sampled_from(Effect))
def test_nothing_is_done_twice_nor_denied(names: list[str], effect: Effect) -> None:
    """Whatever befalls whom: asked only once if that is demanded, and "not applied" is never said falsely."""
    agents = [ScriptedAgent(OUTCOMES[name]) for name in names]
    error: CoordinationError | None = None
    try:
        ask(cluster(*agents), effect)
    except CoordinationError as raised:
        error = raised
    asked = list(
        itertools.chain(*([name] * len(agent.asked) for name, agent in zip(names, agents, strict=True)))
    )
    assert 1 <= len(asked) <= len(agents)
    perhaps = [name for name in asked if name in APPLIED]
    if effect is Effect.ONCE:
        assert len(perhaps) <= 1
    assert (error is None) == ("fine" in asked)
    if error is not None and perhaps and effect is not Effect.NONE:
        assert not isinstance(error, StoreUnavailable)
        assert isinstance(error, OutcomeUnknown) or isinstance(error.__cause__, OutcomeUnknown)
    if isinstance(error, OutcomeUnknown):
        assert perhaps
