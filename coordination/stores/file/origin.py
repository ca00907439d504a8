"""Where a time stamp was taken: which host, which boot of it, which time namespace.

Two readings of the boot clock can be compared only when all three are the same: after a reboot it
starts again, and a container may see it shifted (time_namespaces(7)).
"""

from __future__ import annotations

import functools
import os
import socket
from dataclasses import dataclass
from pathlib import Path

NETWORK = ("nfs", "cifs", "smb", "9p", "afs", "ceph", "gluster", "fuse", "lustre", "virtiofs", "ncp")
"""Beginnings of the types of file systems that more than one kernel may have mounted."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Empty fields are unknown on this system."""

    host: str
    boot: str
    time_namespace: str

    @property
    def label(self) -> str:
        """As text, for a key in a file."""
        return f"{self.host} {self.boot} {self.time_namespace}"

    def same_boot(self, other: Origin) -> bool:
        """Whether boot clocks read here and there can be compared."""
        return self == other

    def rebooted_since(self, other: Origin) -> bool:
        """Whether `other` is certainly an earlier boot of this host."""
        return self.host == other.host and bool(self.boot and other.boot) and self.boot != other.boot


def here() -> Origin:
    """This process."""
    return Origin(socket.gethostname(), _boot_id(), _time_namespace())


@functools.cache
def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def _time_namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/time")
    except OSError:
        return ""


def network_type(folder: Path) -> str:
    """The type of the file system `folder` is on if other machines may share it, else empty."""
    try:
        mounts = Path("/proc/self/mounts").read_text(errors="replace").splitlines()
        real = str(folder.resolve())
    except OSError:
        return ""
    best, kind = "", ""
    for line in mounts:
        fields = line.split(" ")
        point = fields[1].replace("\\040", " ") if len(fields) > 2 else ""
        if point and len(point) >= len(best) and (real + "/").startswith(point.rstrip("/") + "/"):
            best, kind = point, fields[2]
    return kind if kind.startswith(NETWORK) else ""
