"""Policies and tokens on a Consul that asks who you are.

with ConsulCluster(consul_binary(), tmp_path, config=access_control(MANAGEMENT)) as cluster:
    acl = Acl(cluster, MANAGEMENT)
    token = acl.token('key_prefix "mine/" { policy = "write" } session_prefix "" { policy = "write" }')
"""

from __future__ import annotations

import secrets

from integration.servers.consul import ConsulCluster


def access_control(management_token: str) -> dict[str, object]:
    """Configuration of a cluster that lets nobody do anything but who has this token, a UUID."""
    tokens = {"master": management_token}  # newer versions take this name too, and warn
    return {"acl": {"enabled": True, "default_policy": "deny", "tokens": tokens}}


class Acl:
    """Makes tokens and takes them back; a server that is no leader learns of both a moment later."""

    def __init__(self, cluster: ConsulCluster, management_token: str) -> None:
        self._cluster = cluster
        self._management = management_token

    def token(self, rules: str) -> str:
        """A token that may do what these rules (HCL) allow, by a policy of its own."""
        policy = {"Name": f"policy-{secrets.token_hex(6)}", "Rules": rules}
        made = self._cluster.ask("PUT", "/v1/acl/policy", policy, self._management)
        wanted = {"Policies": [{"ID": made["ID"]}]}
        return str(self._cluster.ask("PUT", "/v1/acl/token", wanted, self._management)["SecretID"])

    def revoke(self, token: str) -> None:
        """From now on nobody knows this token."""
        accessor = self._cluster.ask("GET", "/v1/acl/token/self", token=token)["AccessorID"]
        self._cluster.ask("DELETE", f"/v1/acl/token/{accessor}", token=self._management)
