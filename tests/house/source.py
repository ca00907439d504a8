"""The package's own source as the house rules see it: files, module names, imports with their lines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "coordination"
FOLDERS = (PACKAGE, "tests", "integration", "examples", "benchmarks")


@dataclass(frozen=True, slots=True)
class Import:
    """One import. `late`: not when the importer itself is imported, but in a function or for types."""

    importer: str
    imported: str
    line: int
    late: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported}"


@cache
def files(*folders: str) -> tuple[Path, ...]:
    """Every Python file of these folders of the repository, sorted."""
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return tuple(sorted(path for path in found if "__pycache__" not in path.parts))


@cache
def tree(path: Path) -> ast.Module:
    """The file, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def module_name(path: Path) -> str:
    """`coordination.stores.file` for coordination/stores/file/__init__.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> frozenset[str]:
    """Every module of the package by its dotted name."""
    return frozenset(module_name(path) for path in files(PACKAGE))


@cache
def imports() -> tuple[Import, ...]:
    """Every import in the package, also those inside functions."""
    return tuple(found for path in files(PACKAGE) for found in _imports_of(path))


def _imports_of(path: Path) -> Iterator[Import]:
    late = {id(inner) for node in ast.walk(tree(path)) if _runs_late(node) for inner in ast.walk(node)}
    for node in ast.walk(tree(path)):
        for imported in _targets(node, path):
            yield Import(module_name(path), imported, getattr(node, "lineno", 0), id(node) in late)


def _runs_late(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return ast.unparse(node.test) == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def _targets(node: ast.AST, path: Path) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    base = node.module or ""
    if node.level:
        package = module_name(path).split(".")
        up = node.level - (path.name == "__init__.py")
        base = ".".join([*package[: len(package) - up], *([base] if base else [])])
    names = [f"{base}.{alias.name}" for alias in node.names]
    return [name if name in modules() else base for name in names]
