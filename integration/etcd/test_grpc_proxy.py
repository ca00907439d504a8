"""The proxy of calls: it does to one answer what its name says, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import grpc
import pytest

from integration.etcd.raw import Raw
from integration.faults.measuring import eventually, measured
from integration.servers import lies
from integration.servers.etcd import EtcdCluster
from integration.servers.fault import Fault
from integration.servers.grpc_proxy import GrpcProxy

pytestmark = pytest.mark.xdist_group("faults")


@pytest.fixture
def proxy(node: EtcdCluster) -> Iterator[GrpcProxy]:
    """A proxy of its calls."""
    with GrpcProxy(node.endpoints[0]) as proxy:
        yield proxy


@pytest.fixture
def raw(proxy: GrpcProxy) -> Iterator[Raw]:
    """A client of the gRPC proxy, connected: what a call takes is then not the connecting."""
    client = Raw(proxy.endpoint)
    grpc.channel_ready_future(client.channel).result(30.0)
    yield client
    client.channel.close()


def test_grpc_proxy_forwards_answers_and_errors(proxy: GrpcProxy, raw: Raw) -> None:
    """Answers and statuses come through as etcd gave them, and calls are counted by method."""
    assert raw.grant(100).TTL == 60
    with pytest.raises(grpc.RpcError) as failure:
        raw.grant(100)
    assert failure.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert failure.value.details() == "etcdserver: lease already exists"
    assert proxy.calls == {"LeaseGrant": 2}


def test_grpc_proxy_swallows_an_answer(proxy: GrpcProxy, raw: Raw) -> None:
    """The client runs into its own timeout, and yet etcd applied it; the next call is answered."""
    proxy.swallow("LeaseGrant")
    lost = measured(lambda: raw.grant(101, timeout=2.0))
    assert isinstance(lost.error, grpc.RpcError)
    assert 1.9 <= lost.took < 5.0
    assert raw.time_to_live(101) > 0
    assert raw.grant(102).TTL == 60


def test_grpc_proxy_drops_an_answer(proxy: GrpcProxy, raw: Raw) -> None:
    """The connection seems to break after etcd applied it: an error at once, unary and on a stream."""
    proxy.next("LeaseGrant", Fault(drop=True))
    lost = measured(lambda: raw.grant(112))
    assert isinstance(lost.error, grpc.RpcError)
    assert lost.error.code() is grpc.StatusCode.UNAVAILABLE
    assert lost.took < 4.0
    assert raw.time_to_live(112) > 0
    proxy.next("LeaseKeepAlive", Fault(drop=True))
    with pytest.raises(grpc.RpcError):
        list(raw.keep_alive(112))


def test_grpc_proxy_answers_late(proxy: GrpcProxy, raw: Raw) -> None:
    """An answer that is held up arrives, if the client waits for it."""
    proxy.next("LeaseGrant", Fault(answer_after=4.0))
    assert measured(lambda: raw.grant(103, timeout=30.0)).took >= 4.0
    assert measured(lambda: raw.grant(104)).took < 4.0


def test_grpc_proxy_lands_a_request_late(proxy: GrpcProxy, raw: Raw) -> None:
    """A request can reach etcd after the client gave it up."""
    proxy.next("LeaseGrant", Fault(land_after=3.0))
    given_up = raw.begin("Lease/LeaseGrant", "LeaseGrant", ID=105, TTL=60)
    eventually(lambda: proxy.pending("LeaseGrant") == 0, 30.0)
    assert given_up.cancel()
    assert raw.time_to_live(105) == -1
    eventually(lambda: raw.time_to_live(105) > 0, 30.0)


def test_grpc_proxy_forwards_streams(proxy: GrpcProxy, raw: Raw) -> None:
    """A stream's messages go both ways, and its metadata too: etcd itself would refuse a bad token."""
    raw.grant(106)
    assert [(answer.ID, answer.TTL) for answer in raw.keep_alive(106, 107)] == [(106, 60), (107, 0)]
    answers = raw.keep_alive(106, metadata=[("hasleader", "true")])
    assert next(answers).TTL == 60
    assert ("hasleader", "true") in proxy.metadata["LeaseKeepAlive"]
    assert proxy.calls["LeaseKeepAlive"] == 2


def test_grpc_proxy_swallows_one_answer_of_a_stream(proxy: GrpcProxy, raw: Raw) -> None:
    """The lost message is lost alone: the one behind it comes."""
    raw.grant(108)
    raw.grant(109)
    proxy.swallow("LeaseKeepAlive")
    assert [answer.ID for answer in raw.keep_alive(108, 109)] == [109]


def test_grpc_proxy_tells_lies(proxy: GrpcProxy, raw: Raw) -> None:
    """A rewritten answer is what the client sees, and only of that method."""
    proxy.rewrite("LeaseGrant", lies.granted(ttl=-1))
    assert raw.grant(110).TTL == -1
    assert raw.time_to_live(110) > 0
    proxy.rewrite("LeaseGrant", None)
    assert raw.grant(111).TTL == 60
