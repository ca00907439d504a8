"""What can be said of a lease, by its holder or by anybody who looks at it. No belief, no I/O."""

from __future__ import annotations

from coordination.grant import Grant
from coordination.hidden import Hidden
from coordination.value import LeaseValue


class Facts:
    """The properties of a lease as of its last fetch or renewal."""

    def __init__(self, name: str, value: LeaseValue, grant: Grant, secret: str | None, *, view: bool) -> None:
        self._name = name
        self._owned_by = value
        self._grant = grant
        self._secret = None if secret is None else Hidden(secret)
        self._view = view

    @property
    def name(self) -> str:
        """The name that is owned."""
        return self._name

    @property
    def machine_id(self) -> str:
        """Who holds it, as people read it; not necessarily unique."""
        return self._owned_by.machine_id

    @property
    def version(self) -> int:
        """The holder's version, for rolling upgrades; 0 if it states none."""
        return self._owned_by.version

    @property
    def index(self) -> int:
        """The record's index at the last fetch or renewal; what `steal_lease` compares."""
        return self._grant.index

    @property
    def token(self) -> int:
        """The fencing token: rises with every acquisition of the name, stays while it is held."""
        return self._grant.token

    @property
    def metadata(self) -> dict[str, str]:
        """The holder's own entries; renewals keep them. A copy."""
        return dict(self._owned_by.metadata)

    @property
    def secret(self) -> str | None:
        """What `Manager.resume` asks for; None on a view. Do not log it."""
        return None if self._secret is None else str(self._secret)

    @property
    def period(self) -> float:
        """Seconds a renewal is asked to be good for."""
        return self._grant.period

    @property
    def pid(self) -> int:
        """The holder's process id, 0 if unknown."""
        return self._owned_by.pid

    @property
    def host(self) -> str:
        """The holder's host name, empty if unknown."""
        return self._owned_by.host

    @property
    def acquired_at(self) -> float:
        """Unix seconds of the acquisition, by the holder's wall clock."""
        return self._owned_by.acquired_at

    @property
    def renewed_at(self) -> float:
        """Unix seconds of the last renewal, by the holder's wall clock."""
        return self._grant.value.renewed_at

    @property
    def time_remaining(self) -> float:
        """Seconds the store would keep it, as of the last fetch or renewal; does not count down."""
        return self._grant.session.ttl
