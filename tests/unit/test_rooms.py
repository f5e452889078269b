"""What the import contracts of pyproject.toml cannot say: which libraries may meet in a module, and in a pure one."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_MODULES = sorted(path for package in ("services", "shared") for path in (_ROOT / package).rglob("*.py"))
_PURE = ("domain", "imports/reading", "notices/wording", "reconcile/findings.py", "shared/contract")
_PURE_LIBRARIES = {
    *("pydantic", "pydantic_core", "yaml", "cel", "scipy", "numpy", "openpyxl", "cryptography", "orjson"),
    *("services", "shared"),
}
_NO_CORE = {
    "asyncio",
    "http",
    "logging",
    "multiprocessing",
    "os",
    "select",
    "socket",
    "sqlite3",
    "subprocess",
}


def _libraries(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in _imported(ast.parse(path.read_text(encoding="utf-8")))}


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _name(path: Path) -> str:
    return str(path.relative_to(_ROOT))


def test_no_module_knows_both_the_web_framework_and_sql() -> None:
    web = {"fastapi", "starlette"}
    assert [_name(path) for path in _MODULES if web & (found := _libraries(path)) and "sqlalchemy" in found] == []


def _is_pure(path: Path) -> bool:
    return any(f"/{room}/" in f"/{_name(path)}/" for room in _PURE)


@pytest.mark.parametrize("path", [path for path in _MODULES if _is_pure(path)], ids=_name)
def test_the_core_uses_libraries_that_only_compute(path: Path) -> None:
    used = _libraries(path)
    assert used - _PURE_LIBRARIES - sys.stdlib_module_names == set()
    assert used & _NO_CORE == set()
