"""What may go wrong at a point of a schedule, and making it so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coordination.testing.simulation.choices import Fault
from coordination.testing.simulation.fates import ANSWERS, COUNTED, Fate, Limits
from coordination.testing.simulation.store import Crashed
from coordination.testing.simulation.turns import Event, Mailbox, Task, Turn

if TYPE_CHECKING:
    from coordination.testing.simulation.client import Client
    from coordination.testing.simulation.world import World

AT_A_REQUEST = (*ANSWERS, Fate.SLOW)
OF_A_CLIENT = (Fate.FREEZE, Fate.CUT)


class Faults:
    """How much may still go wrong; `left` is all of it together."""

    def __init__(self, limits: Limits) -> None:
        self.crashes = limits.crashes
        self.answers = limits.answers
        self.delays = limits.delays
        self.cuts = limits.cuts
        self.drops = limits.drops
        self.cancels = limits.cancels
        self.left = self.crashes + self.answers + self.delays + self.cuts + self.drops + self.cancels

    def possible(self, world: World) -> list[Fault]:
        """All of it, in an order that only the schedule so far decides."""
        found: list[Fault] = []
        first: dict[Client, Turn] = {}
        for turn in world.ready:
            # Of a request that nobody waits for any more nothing can go wrong: it is late as it is.
            if turn.client is not None:
                first.setdefault(turn.client, turn)
                self._of_a_turn(turn, found)
        for turn in first.values():
            self._of_a_client(turn, found)
        if self.cancels:
            found += [(Fate.CANCEL, task) for client in world.clients for task in _cancellable(client)]
        return found

    def _of_a_turn(self, turn: Turn, found: list[Fault]) -> None:
        if turn.step is not None and self.answers:
            found += [(fate, turn) for fate in ANSWERS]
        if turn.step is not None and self.delays:
            found += [(Fate.SLOW, turn), (Fate.LINGER, turn)]
        if self.drops and isinstance(turn, Mailbox):
            found.append((Fate.DROP, turn))
        if self.delays:
            found.append((Fate.STALL, turn))

    def _of_a_client(self, turn: Turn, found: list[Fault]) -> None:
        if self.crashes:
            found.append((Fate.CRASH, turn))
        if self.delays:
            found.append((Fate.FREEZE, turn))
        if self.cuts:
            found.append((Fate.CUT, turn))

    def of_a_request(self, client: Client) -> list[Fault]:
        """What may strike a request within a step that is under way, or its client before it."""
        turn = Event(client, int)
        fates = [*(ANSWERS if self.answers else ()), *([Fate.SLOW] if self.delays else ())]
        return [(fate, turn) for fate in [*fates, *([Fate.CRASH] if self.crashes else ())]]

    def strike_within(self, world: World, fate: Fate, client: Client) -> None:
        """The same goes wrong; `Crashed` if the client is gone."""
        client.trouble(0.0)
        if fate is Fate.CRASH:
            self._crash(world, client)
            raise Crashed
        client.line.fate = fate
        self._count(world, fate)

    def strike(self, world: World, fate: Fate, turn: Turn) -> None:
        """It goes wrong."""
        client = turn.client
        assert client is not None
        if fate is not Fate.LINGER:
            client.trouble(0.0)
        if fate is Fate.LINGER:
            self._linger(world, turn, client)
            return
        if fate in AT_A_REQUEST:
            self._ask(world, fate, turn, client)
            return
        if fate is Fate.CRASH:
            self._crash(world, client)
            return
        self.left -= 1
        world.tell(f"{client if fate in OF_A_CLIENT else turn!r} {fate.value}")
        if fate is Fate.FREEZE:
            self.delays -= 1
            client.freeze(world.length())
        elif fate is Fate.STALL:
            self.delays -= 1
            client.stall(turn, world.length())
        elif fate is Fate.CUT:
            self.cuts -= 1
            client.cut_off(world.length())
        elif fate is Fate.DROP:
            self.drops -= 1
            world.ready.remove(turn)
            assert isinstance(turn, Mailbox)
            turn.drop()
        else:
            self.cancels -= 1
            assert isinstance(turn, Task)
            turn.cancel()

    def _linger(self, world: World, turn: Turn, client: Client) -> None:
        """It is answered, but whoever asked has another turn before going on."""
        self.left -= 1
        self.delays -= 1
        client.lingers = True
        client.lingered_at = world.now
        world.ready.remove(turn)
        turn.go()

    def _ask(self, world: World, fate: Fate, turn: Turn, client: Client) -> None:
        """Let it go on, with the next request struck; a step that makes none was not struck."""
        line = client.line
        line.fate, line.struck = fate, False
        world.ready.remove(turn)
        turn.go()
        line.fate = Fate.RUN
        if line.struck:
            self._count(world, fate)

    def _crash(self, world: World, client: Client) -> None:
        self.left -= 1
        self.crashes -= 1
        world.counted = True
        world.tell(f"{client} {Fate.CRASH.value}")
        client.crash()

    def _count(self, world: World, fate: Fate) -> None:
        """An answer was lost, or is slow."""
        self.left -= 1
        if fate is Fate.SLOW:
            self.delays -= 1
        else:
            self.answers -= 1
            world.counted = world.counted or fate in COUNTED


def _cancellable(client: Client) -> list[Task]:
    if client.crashed or client.clock.stepping:
        return []
    return [task for task in client.tasks if task.cancellable]
