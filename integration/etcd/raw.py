"""etcd by the wire's own names, for tests that must not rely on the store."""

from __future__ import annotations

from typing import Any

import grpc

from coordination.stores.etcd.messages import message


class Raw:
    """Calls by the wire's own names; no code of the store takes part."""

    def __init__(self, endpoint: str) -> None:
        self.channel = grpc.insecure_channel(endpoint, options=[("grpc.use_local_subchannel_pool", 1)])

    def call(self, path: str, kind: str, timeout: float = 5.0, **fields: Any) -> Any:
        """One call; `kind` is what its messages are called before Request and Response."""
        return self._stub(path, kind)(message(f"{kind}Request")(**fields), timeout=timeout)

    def begin(self, path: str, kind: str, **fields: Any) -> Any:
        """One call, as a future that can be cancelled."""
        return self._stub(path, kind).future(message(f"{kind}Request")(**fields), timeout=60.0)

    def grant(self, lease: int, timeout: float = 5.0) -> Any:
        """A lease of a minute."""
        return self.call("Lease/LeaseGrant", "LeaseGrant", timeout, ID=lease, TTL=60)

    def time_to_live(self, lease: int) -> int:
        """What is left of it; -1 if there is none."""
        answer = self.call("Lease/LeaseTimeToLive", "LeaseTimeToLive", ID=lease)
        return int(answer.TTL)

    def keep_alive(self, *leases: int, metadata: Any = ()) -> Any:
        """The stream of answers to one keepalive for each."""
        request, response = message("LeaseKeepAliveRequest"), message("LeaseKeepAliveResponse")
        stub = self.channel.stream_stream(
            "/etcdserverpb.Lease/LeaseKeepAlive", request.SerializeToString, response.FromString
        )
        return stub(iter([request(ID=lease) for lease in leases]), timeout=5.0, metadata=metadata)

    def _stub(self, path: str, kind: str) -> Any:
        request, response = message(f"{kind}Request"), message(f"{kind}Response")
        return self.channel.unary_unary(
            f"/etcdserverpb.{path}", request.SerializeToString, response.FromString
        )
