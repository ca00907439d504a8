"""Whether the answers still come from the same cluster, and from no earlier state of it.

A cluster restored from a backup answers as if nothing had happened, and gives out revisions, which
are our tokens, a second time. Nothing can be trusted then, so nothing more is asked.
"""

from __future__ import annotations

from typing import Any

from coordination.errors import StoreReplaced
from coordination.stores.etcd.failures import Failure, Kind
from coordination.stores.etcd.link import CallFailed


class History:
    """The highest revision seen from one cluster."""

    def __init__(self) -> None:
        self.highest = 0
        self._cluster = 0
        self._condemned: str | None = None

    def met(self, cluster: int) -> bool:
        """A member says which cluster it belongs to; False if that is another one than before."""
        self._cluster = self._cluster or cluster
        return cluster == self._cluster

    def demand(self) -> None:
        """Raise `StoreReplaced` once something has been seen that cannot be."""
        if self._condemned is not None:
            raise StoreReplaced(
                f"etcd: {self._condemned}: it was restored or replaced, and tokens may repeat. Let nobody go "
                "on with an old lease, restore with --bump-revision, and connect again"
            )

    def check(self, header: Any, floor: int) -> None:
        """Look at the header of a linearizable answer; `floor` was the highest before it was asked for."""
        if header.revision < 1:
            raise CallFailed(Failure(Kind.UNKNOWN, f"etcd answers with the revision {header.revision}"))
        if header.cluster_id != self._cluster:
            self._condemned = "another cluster answers at the same address"
        elif header.revision < floor:
            self._condemned = f"its revision went back from {floor} to {header.revision}"
        self.demand()
        self.highest = max(self.highest, header.revision)
