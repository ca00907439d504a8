"""Everything that touches the network, for one store: calls, the two streams, and their end."""

from __future__ import annotations

from coordination.clock import SystemClock
from coordination.store import Conditions
from coordination.stores.etcd import forks
from coordination.stores.etcd.connection import Connection
from coordination.stores.etcd.credentials import Credentials
from coordination.stores.etcd.dialing import Dialer
from coordination.stores.etcd.health import Examination
from coordination.stores.etcd.history import History
from coordination.stores.etcd.keepalives import Keepalives
from coordination.stores.etcd.roster import Roster
from coordination.stores.etcd.watches import Watches


class Wire:
    """Belongs to the process that made it. gRPC keeps real time, so all of this does."""

    def __init__(self, dialer: Dialer, credentials: Credentials, remarks: Conditions) -> None:
        clock = SystemClock()
        history = History()
        roster = Roster(clock, dialer, credentials, history)
        self.connection = Connection(clock, roster, credentials, history)
        self.keepalives = Keepalives(clock, self.connection)
        self.watches = Watches(clock, self.connection)
        self._examination = Examination(clock, dialer, credentials, remarks)
        forks.mind(self.connection.pool)

    def health(self, timeout: float) -> Conditions:
        """What an operator should know; raises `StoreError` if no member answers."""
        self.connection.pool.demand_home()
        return self._examination.conditions(timeout)

    def close(self) -> None:
        """End it all, at once; not in a child of fork, where it was never ours."""
        if not self.connection.pool.home.here:
            return
        self.watches.close()
        self.keepalives.close()
        self.connection.pool.close()
