"""The servers that are measured: started here, on real disks, and looked at through their own counters."""

from __future__ import annotations

import http.client
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from integration.servers.etcd import EtcdCluster
from integration.servers.etcd_binaries import VERSIONS, etcd_binary

_LINE = re.compile(r'^(\w+)(?:\{(?:.*grpc_method="(\w+)")?.*\})? (\S+)$', re.MULTILINE)


@contextmanager
def cluster(
    members: int = 1, *, version: str = VERSIONS[-1], flags: Sequence[str] = ()
) -> Iterator[EtcdCluster]:
    """A cluster for the length of a block."""
    binary = etcd_binary(version)
    with (
        tempfile.TemporaryDirectory(prefix="etcd-") as folder,
        EtcdCluster(binary, Path(folder), members, flags=flags) as started,
    ):
        yield started


class Counters:
    """What one member counted since it started, by name of the counter and of gRPC's method."""

    def __init__(self, endpoint: str) -> None:
        connection = http.client.HTTPConnection(endpoint, timeout=10)
        connection.request("GET", "/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
        self._all: Counter[tuple[str, str]] = Counter()
        for name, method, value in _LINE.findall(text):
            self._all[name, method] += round(float(value))

    def calls(self) -> Counter[str]:
        """Calls that ended, by method; of those with one answer each."""
        return self._methods("grpc_server_handled_total")

    def streams(self, method: str) -> int:
        """Streams of this method that were ever opened."""
        return self._all["grpc_server_started_total", method]

    def asked(self, method: str) -> int:
        """Messages that came on the streams of this method."""
        return self._all["grpc_server_msg_received_total", method]

    def received(self) -> Counter[str]:
        """All that clients sent, by method: requests, and messages on streams."""
        return self._methods("grpc_server_msg_received_total")

    def sent(self) -> Counter[str]:
        """All that they were sent: answers, and messages on streams."""
        return self._methods("grpc_server_msg_sent_total")

    @property
    def puts(self) -> int:
        """Keys written."""
        return self._all["etcd_mvcc_put_total", ""] or self._all["etcd_debugging_mvcc_put_total", ""]

    def _methods(self, wanted: str) -> Counter[str]:
        return Counter({method: count for (name, method), count in self._all.items() if name == wanted})


def sessions_of(node: EtcdCluster) -> int:
    """How many leases of its own kind etcd knows."""
    return int(re.search(r"found (\d+) leases", node.ctl("lease", "list"))[1])  # type: ignore[index]


def keys_of(node: EtcdCluster) -> list[str]:
    """Every key."""
    return node.ctl("get", "", "--from-key", "--keys-only").split()
