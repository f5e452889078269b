"""docs/faults-considered.md names tests that are there, and a source of each fault."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/faults-considered.md"


def rows() -> list[tuple[str, str]]:
    """The fault and the tests of each row."""
    lines = [line.strip("| ").split(" | ") for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| ")]
    return [(fault, tests) for fault, _, tests in lines if not fault.startswith(("fault, ", "---"))]


def test_every_test_that_is_named_is_there() -> None:
    named = [name for _, tests in rows() for name in re.findall(r"`(tests/[^`]+)`", tests)]
    assert len(named) > 40
    for name in named:
        path, _, function = name.partition("::")
        assert f"def {function}(" in (ROOT / path).read_text("utf-8"), name


def test_every_fault_has_its_source_and_its_test() -> None:
    for fault, tests in rows():
        assert "https://github.com/" in fault or "(trial" in fault, fault
        assert "::" in tests or tests == "no test of its own", fault
