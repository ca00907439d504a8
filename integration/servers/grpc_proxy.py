"""A proxy that speaks gRPC, before a real etcd: it can lose or delay one answer, or one request.

It passes messages on as bytes, so it needs no etcd definitions; methods go by their last name
("LeaseGrant", "Txn", "Range", "LeaseKeepAlive", "Watch", "LeaseRevoke" …). *Swallowed* means that
etcd did apply the request and its answer was lost, which a proxy of TCP cannot aim at.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self

import grpc

from integration.servers.fault import Fault
from integration.servers.grpc_generic import EveryMethod

PATIENCE = 30.0
"""The longest, in seconds, that anything here waits for anything."""

OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.use_local_subchannel_pool", 1),
    # A client may ping as often as real servers allow; it is not this proxy that judges.
    ("grpc.http2.min_ping_interval_without_data_ms", 1_000),
    ("grpc.http2.max_ping_strikes", 0),
    ("grpc.keepalive_permit_without_calls", 1),
)
STREAMS = ("LeaseKeepAlive", "Watch")
"""The methods of etcd whose requests and answers are both streams."""

Rewrite = Callable[[bytes], bytes]
Metadata = list[tuple[str, Any]]


class GrpcProxy:
    """Serves plaintext gRPC on a port of its own and passes everything on to `target` ("127.0.0.1:2379")."""

    def __init__(self, target: str) -> None:
        self.calls: Counter[str] = Counter()
        """Calls by method; of streams, how many were opened."""
        self.messages: Counter[str] = Counter()
        """Answers that came on streams, by method; what befalls them is settled by then."""
        self.metadata: dict[str, Metadata] = {}
        """What the client sent with its latest call, by method."""
        self._faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        self._delays: dict[str, float] = {}
        self._rewrites: dict[str, Rewrite] = {}
        self._over = threading.Event()
        self._mutex = threading.Lock()
        self._channel = grpc.insecure_channel(target, options=OPTIONS)
        # Each stream keeps a thread, and so does each answer that is held up.
        self._pool = ThreadPoolExecutor(64, "grpc-proxy")
        self._server = grpc.server(self._pool, [EveryMethod(self._answering)], options=OPTIONS)
        self._port: int = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    @property
    def endpoint(self) -> str:
        """Where to connect."""
        return f"127.0.0.1:{self._port}"

    def next(self, method: str, *faults: Fault) -> None:
        """These befall the next calls of the method (the next answers, if it is a stream), one each."""
        with self._mutex:
            self._faults[method].extend(faults)

    def swallow(self, method: str) -> None:
        """The next call is applied and never answered: the client waits for its own timeout."""
        self.next(method, Fault(swallow=True))

    def delay(self, method: str, seconds: float) -> None:
        """From now on, requests of this method reach etcd this much later (0: at once)."""
        self._delays[method] = seconds

    def rewrite(self, method: str, lie: Rewrite | None) -> None:
        """From now on, `lie` makes each answer of this method out of the true one."""
        self._rewrites[method] = lie or bytes

    def pending(self, method: str) -> int:
        """How many faults of the method have not befallen anybody yet."""
        return len(self._faults[method])

    def close(self) -> None:
        """End it; calls under way are cut off."""
        self._over.set()
        self._server.stop(0).wait(PATIENCE)
        self._channel.close()
        self._pool.shutdown(wait=False)

    def __enter__(self) -> Self:
        """The proxy, to be closed at the end of the block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    # What follows runs on the server's threads.

    def _answering(self, path: str) -> Any:
        if _name(path) in STREAMS:
            return grpc.stream_stream_rpc_method_handler(lambda *call: self._stream(path, *call))
        return grpc.unary_unary_rpc_method_handler(lambda *call: self._unary(path, *call))

    def _unary(self, path: str, request: bytes, context: grpc.ServicerContext) -> bytes:
        """One call with one answer."""
        method, metadata = self._noted(path, context)
        fault = self._fault(method)
        self._over.wait(self._delays.get(method, 0.0) + fault.land_after)
        call = self._channel.unary_unary(path)
        try:
            # Not the client's own deadline: what it gave up on lands all the same.
            answer: bytes = call(request, timeout=PATIENCE, metadata=metadata)
        except grpc.RpcError as error:
            self._over.wait(fault.answer_after)
            _fail(context, error)
        self._hold(fault, context)
        return self._told(method, answer)

    def _stream(self, path: str, requests: Iterator[bytes], context: grpc.ServicerContext) -> Iterator[bytes]:
        """One stream each way, for as long as both sides want it."""
        method, metadata = self._noted(path, context)
        self._over.wait(self._delays.get(method, 0.0))
        answers = self._channel.stream_stream(path)(_until_end(requests), metadata=metadata)
        context.add_callback(answers.cancel)
        try:
            for answer in answers:
                fault = self._fault(method)
                self.messages[method] += 1
                if fault.drop:
                    context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
                self._over.wait(fault.answer_after)
                if not fault.swallow:
                    yield self._told(method, answer)
        except grpc.RpcError as error:
            _fail(context, error)

    def _noted(self, path: str, context: grpc.ServicerContext) -> tuple[str, Metadata]:
        method = _name(path)
        # What grpc adds by itself is added again; `token` and `hasleader` are the client's own.
        metadata = [(key, value) for key, value in context.invocation_metadata() if key != "user-agent"]
        with self._mutex:
            self.calls[method] += 1
            self.metadata[method] = metadata
        return method, metadata

    def _fault(self, method: str) -> Fault:
        with self._mutex:
            faults = self._faults[method]
            return faults.popleft() if faults else Fault()

    def _told(self, method: str, answer: bytes) -> bytes:
        return self._rewrites.get(method, bytes)(answer)

    def _hold(self, fault: Fault, context: grpc.ServicerContext) -> None:
        if fault.drop:
            context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
        if not fault.swallow:
            self._over.wait(fault.answer_after)
            return
        gone = threading.Event()
        if context.add_callback(gone.set):
            gone.wait(PATIENCE)
        context.abort(grpc.StatusCode.CANCELLED, "swallowed")


def _name(path: str) -> str:
    return path.rsplit("/", 1)[-1]


def _until_end(requests: Iterator[bytes]) -> Iterator[bytes]:
    """The requests of a stream; its end, whatever its manner, is an end and no error."""
    try:
        yield from requests
    except Exception:  # noqa: BLE001 - grpc raises a bare Exception here when the client is gone
        return


def _fail(context: grpc.ServicerContext, error: Any) -> None:
    """Answer with the status that etcd answered with."""
    context.set_trailing_metadata(error.trailing_metadata() or ())
    context.abort(error.code(), error.details())
