"""Whether a suite notices mistakes: each is made alone, and the case that stands against it has to fail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from coordination.stores.memory import MemoryStore
from coordination.testing import FakeClock, ManagerHarness, RecipeHarness, contract_tests

MOMENTS = ("coordination.testing.leading.waits.AT_ONCE", "coordination.testing.recipes.bystander.LINGERING")
"""How long the suites give what must not happen."""

LONGER = 2.0
"""The same in real seconds, where it does happen."""

AMPLE = 30.0
"""Real seconds of patience where nothing is broken: a busy machine is no mistake."""


def failure(suite: type[Any], name: str, harness: ManagerHarness) -> BaseException | None:
    """Why this case fails, with this harness, which is closed then; None if it passes."""
    try:
        getattr(suite(), name)(harness)
    except (Exception, pytest.fail.Exception) as error:  # noqa: BLE001  not passed is not passed
        return error
    finally:
        harness.close()
    return None


class Noticing:
    """What a subclass tests of the suite it names. `broken`: for each mistake, the case that must fail."""

    suite: ClassVar[type[Any]]
    broken: ClassVar[Mapping[Any, str]]
    harness: ClassVar[type[RecipeHarness]] = RecipeHarness
    patience: ClassVar[float] = 5.0
    """Real seconds for what never comes, where something is broken."""

    def made(self, mistake: Any, patch: pytest.MonkeyPatch) -> RecipeHarness:
        """A harness on memory with this mistake, which patches something; None: without any."""
        if mistake is not None:
            mistake(patch)
            for moment in MOMENTS:  # A busy machine makes mistakes late as well.
                patch.setattr(moment, LONGER)
        clock = FakeClock()
        store = MemoryStore(clock)
        return self.harness(lambda: store, clock.advance, period=10.0, clock=clock, patience=self.patience)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Each case that is named, and each mistake."""
        if "name" in metafunc.fixturenames:
            metafunc.parametrize("name", sorted(self.broken.values()))
        if "mistake" in metafunc.fixturenames:
            metafunc.parametrize("mistake", self.broken, ids=lambda mistake: mistake.__name__)

    def test_the_healthy_fail_nothing(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """What the broken ones fail is due to their mistake."""
        harness = self.made(None, monkeypatch)
        harness.patience = AMPLE
        assert failure(self.suite, name, harness) is None

    def test_the_mistake_is_noticed(self, mistake: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """The case that stands against it fails, and not because the mistake does not even run."""
        error = failure(self.suite, self.broken[mistake], self.made(mistake, monkeypatch))
        assert error is not None
        assert not isinstance(error, (TypeError, AttributeError, NameError))

    def test_every_mistake_has_a_case_of_its_own(self) -> None:
        """No two rely on the same case, and each names one that exists."""
        named = list(self.broken.values())
        assert len(named) >= 6
        assert len(set(named)) == len(named)
        assert set(named) <= set(contract_tests(self.suite))
