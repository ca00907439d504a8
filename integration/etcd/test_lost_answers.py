"""The answer to each step gets lost, comes late, or the request lands late (pitfall 18, acceptance 23).

All of it happens side by side, once per module: what becomes of a lease takes periods to show.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from coordination import OutcomeUnknown, StoreUnavailable
from integration.etcd.faults import Outcome, Recorded, all_at_once, eventually, own_cluster
from integration.etcd.scenes import SCENES, Scene, Story, played
from integration.etcd.steps import LONGER
from integration.servers.etcd import EtcdCluster

pytestmark = pytest.mark.xdist_group("members")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EtcdCluster]:
    """An etcd of one node."""
    with own_cluster(tmp_path_factory) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def stories(node: EtcdCluster) -> dict[Scene, Outcome[Story]]:
    """All scenes, played at the same time."""
    return all_at_once({scene: partial(played, node, scene) for scene in SCENES})


def _story(stories: dict[Scene, Outcome[Story]], scene: Scene) -> Story:
    outcome = stories[scene]
    assert outcome.error is None, outcome.error
    assert outcome.value is not None
    assert outcome.value.befell, "the fault befell nobody: this shows nothing"
    return outcome.value


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_there_is_one_holder_and_soon(
    stories: dict[Scene, Outcome[Story]], scene: Scene, record_property: Recorded
) -> None:
    """Pitfall 18: never two holders, a higher token for the next, who gets it within the period + 2 s."""
    story = _story(stories, scene)
    record_property("s until the next holder, beyond the period", story.recovered - scene.period)
    assert not story.two_holders
    assert story.tokens[0] < story.tokens[1]
    assert story.recovered <= scene.period + 2.0
    assert story.act.error is None or isinstance(story.act.error, (StoreUnavailable, OutcomeUnknown))
    assert story.lost is None
    if scene.takes and story.act.error is None:
        assert story.act.value is not None, "it says that another holds it, and there is no other"


@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_nobody_waits_for_the_cleaning_up(stories: dict[Scene, Outcome[Story]], scene: Scene) -> None:
    """Pitfall 17: the call that met the fault was back within its timeout + 0.5 s, a release within 1.5 s."""
    assert _story(stories, scene).act.took <= scene.bound


KEPT = [scene for scene in SCENES if scene.keeps]


@pytest.mark.parametrize("scene", KEPT, ids=str)
def test_a_kept_lease_rides_it_out(stories: dict[Scene, Outcome[Story]], scene: Scene) -> None:
    """Pitfall 18: one lost answer in the background costs no lease; it is still held two periods later."""
    assert _story(stories, scene).kept


def test_nothing_is_left_behind(node: EtcdCluster, stories: dict[Scene, Outcome[Story]]) -> None:
    """Acceptance 23: two periods later etcd knows no session and no record but the data committed."""
    assert len(stories) == len(SCENES)
    eventually(lambda: "found 0 leases" in node.ctl("lease", "list"), 2 * LONGER + 1.0)
    left = node.ctl("get", "", "--from-key", "--keys-only").split()
    assert left
    assert all(key.startswith("/data/") for key in left)
