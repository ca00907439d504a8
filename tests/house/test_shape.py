"""Files stay short, tests say what they show, and none of them is quietly left out."""

from __future__ import annotations

import ast

from tests.house.source import FOLDERS, ROOT, files, tree

LONGEST = 200
SUITES = ("tests", "integration")
WAYS_TO_SKIP = {"skip", "importorskip", "xfail", "SkipTest", "skipTest"}


def _tests() -> list[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    shipped = [path for path in files("coordination") if "testing" in path.parts]
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node)
        for path in [*files(*SUITES), *shipped]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]


def test_no_file_is_longer_than_200_lines() -> None:
    """A file has one purpose, and fits into a reader's head."""
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in files(*FOLDERS)
    }
    assert len(lengths) > 10
    assert not {name: count for name, count in lengths.items() if count > LONGEST}


def test_every_file_says_what_lives_there() -> None:
    """Each module opens with a docstring; an empty `__init__.py` has nothing to say."""
    silent = [str(path.relative_to(ROOT)) for path in files(*FOLDERS) if _is_silent(tree(path))]
    assert not silent


def _is_silent(module: ast.Module) -> bool:
    return bool(module.body) and ast.get_docstring(module) is None


def test_every_test_has_a_docstring() -> None:
    """A test that cannot say in a sentence what it shows, shows nothing."""
    tests = _tests()
    assert len(tests) > 10
    assert not [where for where, node in tests if not ast.get_docstring(node)]


def test_no_test_skips() -> None:
    """Only the marker `root` skips, in conftest.py; and a `skipif` that names the platform it needs."""
    shipped = [path for path in files("coordination") if "testing" in path.parts]
    skips = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in [*files(*SUITES), *shipped]
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call | ast.Attribute) and _skips(node)
    ]
    assert not skips


def _skips(node: ast.Call | ast.Attribute) -> bool:
    if isinstance(node, ast.Call):  # a marker with its condition
        return ast.unparse(node.func) == "pytest.mark.skipif" and not _names_a_platform(node)
    tool, way = ast.unparse(node.value), node.attr
    return tool in {"pytest", "pytest.mark", "unittest", "self"} and way in WAYS_TO_SKIP


def _names_a_platform(marker: ast.Call) -> bool:
    return any(name in ast.unparse(marker.args[0]) for name in ("os.name", "sys.platform"))


def test_no_file_names_a_package_index() -> None:
    """What is installed comes from wherever the user's pip is pointed at."""
    hosts = ("py" + "pi.org", "python" + "hosted", "deb." + "debian", "registry.npm" + "js")
    folders = [ROOT / name for name in (*FOLDERS, "docs", "docker", ".ci")]
    texts = [path for folder in folders for path in folder.rglob("*") if path.suffix != ".pyc"]
    texts += ROOT.iterdir()
    named = [str(path) for path in texts if path.is_file() and _names_any(path.read_bytes(), hosts)]
    assert not named


def _names_any(content: bytes, words: tuple[str, ...]) -> bool:
    return any(word.encode() in content for word in words)
