"""The command as shell scripts use it: real processes, a real shell, the secret in a file."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from coordination import connect

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 100
"""Seconds: on a busy machine each of a dozen programs may take several to start."""

pytestmark = [
    pytest.mark.timeout(2 * LIMIT),
    pytest.mark.untraced,  # its processes go over lines that others cover
]

FLOW = """
set -eu
umask 000
coordination() { "$PYTHON" -m coordination.cli "$@"; }
coordination acquire job --period 60 --secret-file ours
coordination renew job --secret-file ours
coordination get job
code=0; coordination acquire job --secret-file theirs || code=$?
echo "second acquire: $code"
coordination release job --secret-file ours
code=0; coordination renew job --secret-file ours || code=$?
echo "renew after release: $code"
code=0; coordination get job || code=$?
echo "get of nothing: $code"
code=0; coordination get job --store file:///dev/null/x || code=$?
echo "no store: $code"
"""

LOCK_FLOW = """
set -eu
coordination() { "$PYTHON" -m coordination.cli "$@"; }
work='echo $COORDINATION_TOKEN > token.new; mv token.new token; exec sleep 150'
{
    code=0; coordination lock orders --meta why=flow -- sh -c "$work" || code=$?
    echo "broken: $code" > first
} &
trap 'kill $!' EXIT
tries=0; until [ -e token ]; do tries=$((tries + 1)); [ $tries -lt 600 ]; sleep 0.1; done
coordination holders orders
code=0; coordination lock orders --timeout 0 -- true || code=$?
echo "second lock: $code"
code=0; coordination break orders --token 1 || code=$?
echo "break of another: $code"
tries=0; until coordination ask orders; do tries=$((tries + 1)); [ $tries -lt 60 ]; done
coordination break orders --token "$(cat token)"
wait $!
trap - EXIT
cat first
code=0; coordination break orders --token "$(cat token)" || code=$?
echo "break of nobody: $code"
code=0; coordination holders orders || code=$?
echo "holders of nothing: $code"
coordination lock orders -- echo "free again"
"""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Of a shell whose `coordination` is this checkout's, on a store of its own."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("COORDINATION_")}
    url = (tmp_path / "leases").as_uri()
    return {**inherited, "PYTHONPATH": str(ROOT), "PYTHON": sys.executable, "COORDINATION_URL": url}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "coordination.cli", *words]


def script(
    shell: str, text: str, environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    """Run a script to its good end, in a folder of its own."""
    pipe = subprocess.PIPE
    words = [shell, "-c", text]
    ran = subprocess.run(
        words, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True, timeout=LIMIT, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran


@contextmanager
def running(words: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A program whose words are read; it is killed if the block ends before it does."""
    pipe = subprocess.PIPE
    with subprocess.Popen(words, env=environment, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("shell", [name for name in ("sh", "bash") if shutil.which(name)])
def test_a_script_from_acquire_to_release(shell: str, environment: dict[str, str], tmp_path: Path) -> None:
    """Every step ends with the code that scripts branch on, and the secret is private and in no output."""
    ran = script(shell, FLOW, environment, tmp_path)
    codes = dict(re.findall(r"^([a-z ]+): (\d+)$", ran.stdout, re.MULTILINE))
    assert codes == {
        "second acquire": "120",
        "renew after release": "121",
        "get of nothing": "1",
        "no store": "122",
    }
    secret = (tmp_path / "ours").read_text().strip()
    assert re.fullmatch(r"[0-9a-f]{64}", secret)
    assert (tmp_path / "ours").stat().st_mode & 0o777 == 0o600
    assert secret not in ran.stdout + ran.stderr
    assert not (tmp_path / "theirs").exists()
    tokens = set(re.findall(r"token +(\d+)", ran.stdout))
    assert len(tokens) == 1


@pytest.mark.parametrize("shell", [name for name in ("sh", "bash") if shutil.which(name)])
def test_a_lock_from_looking_to_breaking(shell: str, environment: dict[str, str], tmp_path: Path) -> None:
    """One holds it, another looks, asks in vain, and breaks it: every step ends with its code."""
    ran = script(shell, LOCK_FLOW, environment, tmp_path)
    token = (tmp_path / "token").read_text().strip()
    assert re.search(rf"^holds +{token} .* why=flow$", ran.stdout, re.MULTILINE)
    assert f"broke orders: token {token}\n" in ran.stdout
    codes = dict(re.findall(r"^([a-z ]+): (\d+)$", ran.stdout, re.MULTILINE))
    assert codes == {
        "second lock": "120",
        "break of another": "120",
        "broken": "121",
        "break of nobody": "1",
        "holders of nothing": "1",
    }
    assert ran.stdout.endswith("free again\n")
    assert "lost 'orders' (broken)" in ran.stderr


def test_a_waiting_acquire_shows_no_secret_to_others(environment: dict[str, str], tmp_path: Path) -> None:
    """The arguments that every user can list hold none; it gets the lease when it is released."""
    with connect(environment["COORDINATION_URL"]) as manager:
        held = manager.acquire_lease("job", period=60)
        assert held is not None
        words = command("acquire", "job", "--wait", "--json")
        with running(words, {**environment, "COORDINATION_SECRET": "correct horse"}) as waiting:
            with pytest.raises(subprocess.TimeoutExpired):
                waiting.wait(1.0)
            listed = subprocess.run(
                ["ps", "-ww", "-o", "args=", "-p", str(waiting.pid)],
                capture_output=True,
                text=True,
                check=True,
            )
            held.release()
            printed, said = waiting.communicate(timeout=LIMIT)
        assert waiting.returncode == 0
        assert "acquire job" in listed.stdout
        assert "horse" not in listed.stdout + printed + said
        assert manager.resume("job", "correct horse").release()


def test_a_watch_tells_every_change_until_it_is_interrupted(environment: dict[str, str]) -> None:
    """Free, held, renewed, a line each as it happens; ^C ends it with 130 and no traceback."""
    with running(command("watch", "job"), environment) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline().endswith("job  free\n")
        with connect(environment["COORDINATION_URL"], machine_id="other") as manager:
            lease = manager.acquire_lease("job", period=60)
            assert lease is not None
            assert "held by other" in watching.stdout.readline()
            lease.renew()
            assert "renewed, " in watching.stdout.readline()
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=LIMIT)
    assert (watching.returncode, said) == (130, "")


def test_a_reader_that_leaves_does_not_hurt(environment: dict[str, str]) -> None:
    """`coordination watch | head -1` ends quietly at the next line."""
    pipe = f"'{sys.executable}' -m coordination.cli watch job --timeout 20 | head -n 1"
    with running(["sh", "-c", pipe], environment) as watching:
        assert watching.stdout is not None
        assert watching.stdout.readline().endswith("job  free\n")
        with connect(environment["COORDINATION_URL"]) as manager:
            manager.acquire_lease("job", period=1)
        _, said = watching.communicate(timeout=LIMIT)
    assert said == ""
