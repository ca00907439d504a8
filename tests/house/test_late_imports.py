"""Late imports of the library itself are made where a fork waits for them."""

from __future__ import annotations

import ast

from tests.house.source import PACKAGE, ROOT, files, tree

PROGRAMS = {"cli", "demo", "testing", "__init__.py"}
"""Run by whoever is alone in his process; and the front door, which Python itself may not have loaded yet."""


def test_late_imports_are_guarded() -> None:
    """Else a child that is forked meanwhile waits for ever for a module that nobody is loading there."""
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in files(PACKAGE)
        if path.relative_to(ROOT / PACKAGE).parts[0] not in PROGRAMS
        for line in _unguarded(tree(path))
    ]
    assert not found, f"write `with NO_FORK:` around {found}"


def test_the_rule_sees_what_it_is_about() -> None:
    """Else it could not fail."""
    text = "def f():\n import a\n with NO_FORK:\n  from c import d\n with other:\n  from e import f"
    assert _unguarded(ast.parse(text)) == [2, 6]


def _unguarded(module: ast.Module) -> list[int]:
    functions = [it for it in ast.walk(module) if isinstance(it, ast.FunctionDef | ast.AsyncFunctionDef)]
    inside = [inner for function in functions for inner in ast.walk(function)]
    guarded = {id(inner) for node in inside if _guards(node) for inner in ast.walk(node)}
    late = [node for node in inside if isinstance(node, ast.Import | ast.ImportFrom)]
    return sorted(node.lineno for node in late if id(node) not in guarded)


def _guards(node: ast.AST) -> bool:
    return isinstance(node, ast.With) and ast.unparse(node.items[0].context_expr) == "NO_FORK"
