"""A client's line to the simulated store, on which requests and answers get lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from coordination.contention import Proof, Standing
from coordination.errors import OutcomeUnknown, StoreUnavailable
from coordination.record import Record, Session
from coordination.store import Subscription
from coordination.testing.simulation.fates import Fate
from coordination.testing.simulation.store import Crashed, SimulatedStore

if TYPE_CHECKING:
    from coordination.testing.simulation.client import Client
    from coordination.testing.simulation.world import World

WATCHES = frozenset({"watch", "departures"})
"""The calls that take somebody to notify: the one argument that can be called."""


class Line:
    """One client's connection: a `Store`, with whatever else the store inside offers.

    `fate` strikes the next request; it is `RUN` again after that.
    """

    def __init__(self, world: World, client: Client, inner: SimulatedStore) -> None:
        self.capabilities = inner.capabilities
        self.inner = inner
        self.fate = Fate.RUN
        self.struck = False
        self.asked = 0
        """Requests of the step under way; it should be one, but not every store can do that."""
        self.cut_until = -1e9
        self._world = world
        self._client = client
        self._watches: list[Subscription] = []

    @property
    def uneventful(self) -> bool:
        """Whether requests come through, and nobody wants to be told of them: nearly always."""
        world = self._world
        return world.now >= self.cut_until and world.story is None

    def close(self) -> None:
        """Nothing to let go of."""

    def cut(self) -> None:
        """The client is gone: nothing is told to it any more."""
        for subscription in self._watches:
            subscription.close()

    def request(self, call: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """Make it, as fate will have it."""
        self.asked += 1
        if self.asked > 1:
            self._world.between.requests(self._client)
        if self._world.now < self.cut_until:
            raise StoreUnavailable("the simulator cut the client off; it was not applied")
        fate = self.fate
        if fate is Fate.RUN:
            return self._told(call, args, options)
        if fate is Fate.CRASH:
            raise Crashed
        self.fate = Fate.RUN
        self.struck = True
        self._world.tell(f"{self._client}: {_shown(call, args)} {fate.value}")
        if fate is Fate.REFUSED:
            raise StoreUnavailable("the simulator refused it; it was not applied")
        if fate is Fate.LOST:
            raise OutcomeUnknown("the simulator lost the request; it was not applied")
        if fate is Fate.LATE:
            self._world.late(partial(self._told, call, args, options))
            raise OutcomeUnknown("the simulator lost the answer; the request is applied later")
        answer = self._told(call, args, options)
        if fate is Fate.APPLIED:
            raise OutcomeUnknown("the simulator lost the answer; the request was applied")
        self._client.slow(self._world.length())
        return answer

    def _told(self, call: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        answer = call(*args, **options)
        if self._world.story is not None:
            self._world.tell(f"{self._client}: {_shown(call, args)} -> {_brief(answer)}")
        return answer

    def watching(self, call: Callable[..., Any], args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        """A watch whose notifications wait in the client's mailbox until the schedule delivers them."""
        notify = next(argument for argument in args if callable(argument))
        told = tuple(partial(self._client.mail, notify) if it is notify else it for it in args)
        subscription: Subscription = self.request(call, told, options)
        self._watches.append(subscription)
        return subscription


_KINDS: dict[type[SimulatedStore], type[Line]] = {}


def line_to(kind: type[SimulatedStore]) -> type[Line]:
    """Lines to this kind of store: with each of its calls, those of its optional protocols included."""
    if kind in _KINDS:
        return _KINDS[kind]
    own = ({*vars(SimulatedStore), "close"} - {"open_session"}) | kind.hidden
    names = [name for name in dir(kind) if not name.startswith("_") and name not in own]
    calls = {name: _call(getattr(kind, name)) for name in names if callable(getattr(kind, name))}
    made = _KINDS[kind] = type(f"LineTo{kind.__name__}", (Line,), calls)
    return made


def _call(call: Callable[..., Any]) -> Callable[..., Any]:
    if call.__name__ in WATCHES:
        return lambda line, *args, **options: line.watching(call, (line.inner, *args), options)

    def made(line: Line, *args: Any, **options: Any) -> Any:
        if line.fate is Fate.RUN and not line.asked and line.uneventful:
            line.asked = 1
            return call(line.inner, *args, **options)
        return line.request(call, (line.inner, *args), options)

    return made


def _shown(call: Callable[..., Any], args: tuple[Any, ...]) -> str:
    return f"{call.__name__}({', '.join(_brief(argument) for argument in args[1:])})"


def _brief(value: object) -> str:
    """What matters of an argument or answer, in a few words."""
    if isinstance(value, Record):
        return f"{value.key}#{value.created}"
    if isinstance(value, Session):
        return f"session {value.id.lstrip('0')}"
    if isinstance(value, frozenset):
        value = sorted(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_brief, value))}]"
    if isinstance(value, bytes) or callable(value) or hasattr(value, "close"):
        return "…"
    if isinstance(value, Proof):
        return f"gone: {_brief(value.gone)}, strays: {_brief(sorted(value.strays))}"
    if isinstance(value, Standing):
        return f"{_brief(value.record)} behind {len(value.ahead)}"
    return str(value)
