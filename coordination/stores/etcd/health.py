"""Asking every member how it is: what `Manager.health` tells an operator."""

from __future__ import annotations

from coordination.clock import Clock
from coordination.errors import StoreUnavailable
from coordination.store import Conditions
from coordination.stores.etcd.credentials import Credentials
from coordination.stores.etcd.dialing import Dialer
from coordination.stores.etcd.failures import Kind
from coordination.stores.etcd.link import CallFailed, Link
from coordination.stores.etcd.methods import Effect
from coordination.timing import Deadline


class Examination:
    """Each member on a connection of its own. `remarks` are what was noticed without asking anybody."""

    def __init__(self, clock: Clock, dialer: Dialer, credentials: Credentials, remarks: Conditions) -> None:
        self._clock = clock
        self._dialer = dialer
        self._credentials = credentials
        self._remarks = remarks

    def conditions(self, timeout: float) -> Conditions:
        """One sentence for each thing that is wrong; raises if no member answers."""
        bound = Deadline(self._clock, timeout)
        found: Conditions = []
        endpoints = self._dialer.endpoints
        failures = []
        for place, endpoint in enumerate(endpoints):
            share = bound.left(timeout) / (len(endpoints) - place)
            try:
                found.extend(self._examined(endpoint, share))
            except CallFailed as failed:
                failures.append(failed.failure)
        if len(failures) == len(endpoints):
            error = failures[0].raised(Effect.NONE)
            raise error if failures[0].kind is Kind.REFUSED else StoreUnavailable(str(error))
        return [
            *self._remarks,
            *(f"a member is of no use: {failure.message}" for failure in failures),
            *found,
        ]

    def _examined(self, endpoint: str, timeout: float) -> Conditions:
        link = Link(self._dialer, endpoint)
        try:
            link.hello(timeout, self._credentials.metadata)
            return [f"etcd at {endpoint} reports: {alarm}" for alarm in link.complaints]
        finally:
            link.close()
