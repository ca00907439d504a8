"""Imports point downwards, stores stand alone, and third-party modules stay where they were put."""

from __future__ import annotations

import ast
import subprocess
import sys

from tests.house import rings
from tests.house.source import PACKAGE, Import, files, imports, module_name, modules, tree

CLOCK_READERS = {
    *("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns"),
    *("clock_gettime", "clock_gettime_ns", "process_time", "thread_time"),
}


def own(found: Import) -> bool:
    """True for an import of the package's own modules."""
    return found.imported.split(".")[0] == PACKAGE


def test_every_module_belongs_to_a_ring() -> None:
    """A part of the package that no ring names could import anything."""
    strays = {part for part in map(rings.part_of, modules()) if rings.ring_of(part) is None}
    assert len(modules()) > 8
    assert not strays, f"enter these in tests/house/rings.py: {sorted(strays)}"


def test_imports_point_downwards() -> None:
    """No module imports from a ring above its own."""
    upwards = [
        str(found)
        for found in filter(own, imports())
        if (rings.ring_of(rings.part_of(found.imported)) or 0)
        > (rings.ring_of(rings.part_of(found.importer)) or 0)
    ]
    assert not upwards


def test_only_connect_names_a_store() -> None:
    """Whoever else imported a store would soon ask which store it has."""
    named = [
        str(found)
        for found in filter(own, imports())
        if found.imported.startswith(f"{PACKAGE}.stores.")
        and rings.part_of(found.importer) not in rings.NAMES_STORES
        and rings.part_of(found.importer) != rings.part_of(found.imported)
    ]
    assert not named


def test_stores_see_only_the_contract() -> None:
    """A store imports rings 0 and 1 and itself, nothing of the lease semantics beside it."""
    astray = [
        str(found)
        for found in filter(own, imports())
        if found.importer.startswith(f"{PACKAGE}.stores.")
        and rings.part_of(found.importer) != rings.part_of(found.imported)
        and (rings.ring_of(rings.part_of(found.imported)) or 0) >= rings.STORES
    ]
    assert not astray


def test_no_import_cycles() -> None:
    """Two modules that need each other at import time are one module."""
    needs: dict[str, set[str]] = {name: set() for name in modules()}
    for found in filter(own, imports()):
        if not found.late and found.imported != found.importer:
            needs[found.importer].add(found.imported)
    while leaves := {name for name, wanted in needs.items() if not wanted}:
        needs = {name: wanted - leaves for name, wanted in needs.items() if name not in leaves}
    assert not needs, f"in or above a cycle: {sorted(needs)}"


def test_third_party_modules_stay_where_they_belong() -> None:
    """The core imports its dependencies at first use; every other one has its own folder."""
    astray = []
    for found in imports():
        name = found.imported.split(".")[0]
        if name == PACKAGE or name in sys.stdlib_module_names:
            continue
        late = name in rings.ANYWHERE_LATE and found.late
        placed = found.importer.startswith(rings.THIRD_PARTY.get(name, ()))
        if not (late or placed):
            astray.append(str(found))
    assert not astray


def test_only_the_clock_module_reads_clocks() -> None:
    """Every other module takes its clock as an argument, so that a fake one reaches everything."""
    readers = []
    for path in files(PACKAGE):
        if module_name(path) == f"{PACKAGE}.clock":
            continue
        nodes = [node for node in ast.walk(tree(path)) if isinstance(node, ast.stmt | ast.expr)]
        readers += [f"{path.name}:{node.lineno}" for node in nodes if _reads_clock(node)]
    assert not readers


def _reads_clock(node: ast.stmt | ast.expr) -> bool:
    if isinstance(node, ast.ImportFrom):
        return node.module == "time" and any(alias.name in CLOCK_READERS for alias in node.names)
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return False
    if node.value.id == "time":
        return node.attr in CLOCK_READERS
    return node.value.id == "datetime" and node.attr in {"now", "utcnow", "today"}


def test_importing_the_package_loads_nothing_third_party() -> None:
    """A program pays for structlog, tenacity and the rest when it uses them, not when it imports us."""
    program = (
        "import sys; before = set(sys.modules); import coordination\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(*sorted(n for n in new if n not in sys.stdlib_module_names and not n.startswith('_')))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [PACKAGE]
