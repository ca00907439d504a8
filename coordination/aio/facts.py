"""What can be said of a lease without asking the store: nothing here is awaited."""

from __future__ import annotations

from coordination.lease import Lease as BlockingLease


class Facts:
    """The properties of a lease, which are those of the blocking one that does the work."""

    def __init__(self, lease: BlockingLease) -> None:
        self._lease = lease

    @property
    def name(self) -> str:
        """The name that is owned."""
        return self._lease.name

    @property
    def machine_id(self) -> str:
        """Who holds it, as people read it; not necessarily unique."""
        return self._lease.machine_id

    @property
    def version(self) -> int:
        """The holder's version, for rolling upgrades; 0 if it states none."""
        return self._lease.version

    @property
    def index(self) -> int:
        """The record's index at the last fetch or renewal; what `steal_lease` compares."""
        return self._lease.index

    @property
    def token(self) -> int:
        """The fencing token: rises with every acquisition of the name, stays while it is held."""
        return self._lease.token

    @property
    def metadata(self) -> dict[str, str]:
        """The holder's own entries; renewals keep them. A copy."""
        return self._lease.metadata

    @property
    def secret(self) -> str | None:
        """What `Manager.resume` asks for; None on a view. Do not log it."""
        return self._lease.secret

    @property
    def period(self) -> float:
        """Seconds a renewal is asked to be good for."""
        return self._lease.period

    @property
    def pid(self) -> int:
        """The holder's process id, 0 if unknown."""
        return self._lease.pid

    @property
    def host(self) -> str:
        """The holder's host name, empty if unknown."""
        return self._lease.host

    @property
    def acquired_at(self) -> float:
        """Unix seconds of the acquisition, by the holder's wall clock."""
        return self._lease.acquired_at

    @property
    def renewed_at(self) -> float:
        """Unix seconds of the last renewal, by the holder's wall clock."""
        return self._lease.renewed_at

    @property
    def time_remaining(self) -> float:
        """Seconds the store would keep it, as of the last fetch or renewal; does not count down."""
        return self._lease.time_remaining

    @property
    def held(self) -> bool:
        """Whether we may still believe that it is ours. No I/O, never raises."""
        return self._lease.held

    @property
    def lost(self) -> str | None:
        """None, or why it is lost: expired stolen broken deleted revoked stalled forked closed."""
        return self._lease.lost

    @property
    def remaining(self) -> float:
        """Seconds until we must stop believing, counting down; 0 when not held."""
        return self._lease.remaining

    @property
    def deadline(self) -> float:
        """The end of the period as granted, on the manager's clock; belief ends a margin before."""
        return self._lease.deadline

    def check(self) -> None:
        """Raise `LeaseLost` unless it is held. No I/O."""
        self._lease.check()

    def progress(self) -> None:
        """Tell that the work goes on, for managers with `stall_after`."""
        self._lease.progress()

    def __repr__(self) -> str:
        return f"<aio {repr(self._lease)[1:]}"
