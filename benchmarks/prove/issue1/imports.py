"""What `import coordination` costs, and that it loads nothing third-party with every extra installed."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.prove.children import ROOT
from benchmarks.prove.figure import Figure, at_most, none_of

LIMIT = 25.0
RUNS = 15
SELF_TIME = re.compile(r"import time: +(\d+) \| +(\d+) \| +(coordination[\w.]*)")
EXTRAS = ROOT / ".venv-extras"
LOADED = """
import sys
before = set(sys.modules)
import coordination
new = {name.split(".")[0] for name in set(sys.modules) - before}
print(*sorted(new - set(sys.stdlib_module_names) - {"coordination"}))
"""


def import_times() -> dict[str, float]:
    """Milliseconds of its own that each of our modules takes to import, with compiled files in place."""
    command = [sys.executable, "-X", "importtime", "-c", "import coordination"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return {name: int(own) / 1000 for own, _, name in SELF_TIME.findall(ran.stderr)}


def installed(interpreter: str) -> set[str]:
    """What distributions that interpreter sees."""
    code = "import importlib.metadata as m; print(*(d.name for d in m.distributions()))"
    return set(
        subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )


def figures() -> Iterator[Figure]:
    """Import time, then what is loaded."""
    import_times()
    runs = [import_times() for _ in range(RUNS)]
    total = statistics.median(sum(run.values()) for run in runs)
    slowest = sorted(runs[-1].items(), key=lambda entry: -entry[1])[:5]
    costly = ", ".join(f"{name} {own:.1f}" for name, own in slowest)
    count = len(runs[-1])
    yield at_most(
        "our own modules in `import coordination`", LIMIT, total, "ms", modules=count, slowest_ms=costly
    )
    interpreter = _with_every_extra()
    ran = subprocess.run([interpreter, "-c", LOADED], cwd=ROOT, capture_output=True, text=True, check=True)
    have = installed(interpreter)
    wanted = {"click", "rich", "grpcio", "protobuf", "urllib3", "boto3", "structlog", "tenacity", "filelock"}
    of = f"`import coordination`, {len(have)} distributions installed"
    figure = none_of("third-party modules with every extra installed", "modules", len(ran.stdout.split()), of)
    yield (
        figure
        if wanted <= have
        else Figure(figure.name, "all extras", f"missing {wanted - have}", passed=False)
    )


def _with_every_extra() -> str:
    """An environment with all extras, made once; pip says why where it cannot be."""
    python = str(EXTRAS / "bin/python")
    if not (EXTRAS / ".made").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", EXTRAS], check=True)
        extras = ".[cli,etcd,consul,dynamodb,etcd3,python-consul]"
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--quiet", "--editable", extras], cwd=ROOT, check=True
        )
        (EXTRAS / ".made").touch()
    return python
