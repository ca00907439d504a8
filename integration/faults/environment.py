"""An environment that leads other programs' traffic elsewhere, or writes down its keys; for every store."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from integration.servers.recorder import Recorder

ROOT = Path(__file__).parents[2]
PROXIES = ("http_proxy", "https_proxy", "grpc_proxy", "all_proxy")
PROGRAM = """
import sys
from contextlib import suppress
from coordination import OutcomeUnknown, connect
with connect(sys.argv[1]) as manager:
    lease = manager.wait_lease("name", period=10, timeout=10).keep_alive()
    assert next(iter(manager.watch("name"))) is not None
    with suppress(OutcomeUnknown):  # That it is free is not the point, and takes a busy machine long.
        lease.release()
    assert manager.health() == []
print("released")
"""


def unmoved(url: str, folder: Path) -> None:
    """A program that names this URL works as ever in it: no connection goes to the proxy named there.

    The file for the keys of connections is never made, nobody's password is taken from .netrc, and
    nobody is trusted for REQUESTS_CA_BUNDLE.
    """
    with Recorder(b"HTTP/1.1 502 Bad Gateway\r\n\r\n") as recorder:
        proxy = f"http://me:s3cret@{recorder.endpoint}"
        named = dict.fromkeys(PROXIES, proxy) | {name.upper(): proxy for name in PROXIES}
        keys, netrc, nobody = folder / "keys", folder / ".netrc", folder / "nobody.pem"
        netrc.write_text("machine 127.0.0.1 login me password s3cret\ndefault login me password s3cret\n")
        netrc.chmod(0o600)
        nobody.write_text("not a certificate")
        more = {"SSLKEYLOGFILE": str(keys), "HOME": str(folder), "NETRC": str(netrc)}
        bundles = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(nobody))
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, url],
            env={**os.environ, **named, **more, **bundles, "no_proxy": "", "NO_PROXY": ""},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (ran.stdout.strip(), ran.stderr) == ("released", "")
    assert recorder.said() == []
    assert not keys.exists()
