"""What an operator is told: of each agent, of the leader, of rights."""

from __future__ import annotations

import pytest

from coordination.errors import AuthFailed, ConfigurationError, StoreUnavailable
from coordination.stores.consul.cluster import Cluster
from coordination.stores.consul.health import Examination
from coordination.stores.consul.keys import Keys
from coordination.stores.consul.message import Request
from tests.consul.scripted import REFUSED, Say, ScriptedAgent, cluster, said

LEADER = said('"127.0.0.1:8300"')
NONE = said('""')
MISSING = said("", 404)


def agent(leader: Say, look: Say = MISSING) -> ScriptedAgent:
    """Which says this of its leader, and that to a consistent read."""

    def answer(request: Request) -> Say:
        return leader if request.path == "/v1/status/leader" else look

    return ScriptedAgent(answer)


def found(on: Cluster, *remarks: str) -> list[str]:
    """What is told."""
    return list(Examination(on, Keys("p"), list(remarks)).conditions(5.0))


def test_all_is_well() -> None:
    """Each agent was asked, and one of them read something."""
    agents = [agent(LEADER) for _ in range(3)]
    assert found(cluster(*agents)) == []
    assert [len(each.asked) for each in agents] == [2, 1, 1]
    assert agents[0].asked[1].path == "/v1/kv/p/%40/leases/x"
    assert agents[0].asked[1].query == "consistent"


def test_what_was_noticed_before_comes_first() -> None:
    """A key that others can read, for one."""
    assert found(cluster(agent(LEADER)), "a remark") == ["a remark"]


def test_an_agent_of_no_use_is_named() -> None:
    """The others go on."""
    for useless in (REFUSED, said("nonsense"), said("5"), said("Internal Server Error", 500)):
        [remark] = found(cluster(agent(useless), agent(LEADER)))
        assert "of no use" in remark
        assert "a:8500" in remark


def test_no_leader() -> None:
    """Who knows of none is named, and that nothing can be read."""
    remarks = found(cluster(agent(NONE, said("No cluster leader", 500))))
    assert len(remarks) == 2
    assert "a:8500 knows of no leader" in remarks[0]
    assert "a consistent read failed" in remarks[1]


def test_nobody_answers() -> None:
    """Then there is nothing to tell but that."""
    with pytest.raises(StoreUnavailable, match="a:8500"):
        found(cluster(agent(REFUSED), agent(REFUSED)))


def test_a_token_that_may_not_read() -> None:
    """Is told with the remedy; one that nobody knows is an error."""
    [remark] = found(cluster(agent(LEADER, said("Permission denied", 403))))
    assert "may not be read" in remark
    assert "docs/consul.md" in remark
    with pytest.raises(AuthFailed):
        found(cluster(agent(LEADER, said("ACL not found", 403))))


def test_after_the_end_nobody_is_asked() -> None:
    """As with every call."""
    one = agent(LEADER)
    on = cluster(one)
    on.close()
    with pytest.raises((StoreUnavailable, ConfigurationError)):
        found(on)
    assert one.asked == []


def test_it_is_scoped() -> None:
    """Leaders are those of the datacenter that is meant."""
    one = agent(LEADER)
    assert found(cluster(one, dc="dc-2")) == []
    assert [request.query for request in one.asked] == ["dc=dc-2", "consistent&dc=dc-2"]
