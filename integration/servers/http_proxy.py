"""A proxy that speaks HTTP, before a real Consul: it records what is asked, and spoils what it is told to.

Requests travel on byte by byte as the client sent them, and the answers that are not spoilt as
Consul gave them; blocking queries block. *Swallowed* means that Consul did apply the request and
its answer was lost, which a proxy of TCP cannot aim at.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from contextlib import suppress

from integration.servers.fault import Fault
from integration.servers.http_fault import NO_FAULT, HttpFault, Match, matches
from integration.servers.http_wire import HEAD_LIMIT, Answer, Request, read_answer, read_request
from integration.servers.loop_server import LoopServer


class HttpProxy(LoopServer):
    """Listens on a port of its own and passes everything on to `target` ("127.0.0.1:8500")."""

    buffered = HEAD_LIMIT

    def __init__(self, target: str) -> None:
        host, port = target.rsplit(":", 1)
        self._target = (host, int(port))
        self.requests: list[Request] = []
        """All that came, in their order; those that were never passed on, too."""
        self.statuses: Counter[int] = Counter()
        """How often each was answered to a client."""
        self._next: list[tuple[Match, deque[Fault]]] = []
        self._always: list[tuple[Match, Fault]] = []
        self._landings: set[asyncio.Task[Answer]] = set()
        super().__init__()

    def next(self, match: Match, *faults: Fault) -> None:
        """These befall the next requests that match, one each."""
        self._next.append((match, deque(faults)))

    def always(self, match: Match, fault: Fault) -> None:
        """From now on it befalls every request that matches, until `behave`; the latest word counts."""
        self._always.insert(0, (match, fault))

    def behave(self) -> None:
        """From now on nothing befalls anybody."""
        self._next, self._always = [], []

    def pending(self, match: Match) -> int:
        """How many faults that `next` announced for it have not befallen anybody yet."""
        return sum(len(faults) for announced, faults in self._next if announced == match)

    def asked(self, match: Match) -> list[Request]:
        """The requests so far that match."""
        return [request for request in list(self.requests) if matches(match, request)]

    # All that follows runs on the proxy's own thread.

    async def _link(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = _Upstream(self._target)
        request = await read_request(reader)
        try:
            while request is not None:
                self.requests.append(request)
                # Reading on is also how a client is noticed that does not wait for its answer.
                following = self._loop.create_task(read_request(reader))
                answering = self._loop.create_task(self._answer(request, upstream, writer))
                try:
                    if not await self._conveyed(answering, following, writer):
                        return
                    request = await following
                finally:
                    await _cancelled(following, answering)
        finally:
            writer.close()
            upstream.close()

    async def _conveyed(
        self,
        answering: asyncio.Task[Answer | None],
        following: asyncio.Task[Request | None],
        writer: asyncio.StreamWriter,
    ) -> bool:
        """Whether the answer could be given, and the connection goes on."""
        await asyncio.wait({answering, following}, return_when=asyncio.FIRST_COMPLETED)
        if not answering.done() and following.result() is None:
            return False
        answer = await answering
        if answer is None:
            return False
        self.statuses[answer.status] += 1
        writer.write(answer.encoded())
        with suppress(OSError):
            await writer.drain()
        return answer.header("Connection") != "close"

    async def _answer(
        self, request: Request, upstream: _Upstream, writer: asyncio.StreamWriter
    ) -> Answer | None:
        """What the client is told; None where its connection breaks instead."""
        fault = self._fault(request)
        if isinstance(fault, HttpFault) and fault.ours:
            await asyncio.sleep(fault.answer_after)
            if fault.manner is not None:
                with suppress(OSError):
                    await fault.manner(writer)
            return fault.answer
        try:
            answer = await (upstream.ask(request) if fault is NO_FAULT else self._landed(request, fault))
        except (EOFError, OSError):
            return None
        await asyncio.sleep(fault.answer_after)
        if fault.swallow:
            await asyncio.Event().wait()  # For as long as the client likes.
        if fault.drop:
            return None
        return fault.lie(answer) if isinstance(fault, HttpFault) and fault.lie else answer

    def _fault(self, request: Request) -> Fault:
        for match, faults in self._next:
            if faults and matches(match, request):
                return faults.popleft()
        return next((fault for match, fault in self._always if matches(match, request)), NO_FAULT)

    async def _landed(self, request: Request, fault: Fault) -> Answer:
        """Ask on a connection of its own, whether or not the client still waits."""
        landing = self._loop.create_task(self._land(request, fault.land_after))
        self._landings.add(landing)
        landing.add_done_callback(self._over)
        return await asyncio.shield(landing)

    def _over(self, landing: asyncio.Task[Answer]) -> None:
        self._landings.discard(landing)
        if not landing.cancelled():
            landing.exception()  # Whoever still waits is told; nobody need.

    async def _land(self, request: Request, after: float) -> Answer:
        await asyncio.sleep(after)
        upstream = _Upstream(self._target)
        try:
            return await upstream.ask(request)
        finally:
            upstream.close()

    async def _end(self) -> None:
        await _cancelled(*self._landings)
        await super()._end()


class _Upstream:
    """One connection to Consul, made when it is first needed."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: Request) -> Answer:
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._target, limit=HEAD_LIMIT)
        reader, writer = self._streams
        writer.write(request.sent)
        return await read_answer(reader)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


async def _cancelled(*tasks: asyncio.Task[object]) -> None:
    """End them, and take what they have to say."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
