"""YAML text: read as Python's own reader does, lines and all, and refused where that would overrun."""

from pathlib import Path

import pytest
import yaml

from shared.contract.yaml_text import read_yaml, tree_of

ROOT = Path(__file__).parents[4]
OURS = sorted(path for room in ("services", "shared") for path in (ROOT / room).rglob("*.yaml"))


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_shipped_reads_the_same(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert read_yaml(text) == yaml.safe_load(text)


@pytest.mark.parametrize(
    "text", ["", "# a remark", "a: 2026-03-02\nb: 06:30\nc: yes\nd: &x [1, ~]\ne: *x", "[01, 1_0, .inf]"]
)
def test_so_do_all_kinds_of_values(text: str) -> None:
    assert read_yaml(text) == yaml.safe_load(text)


def test_nodes_know_their_lines() -> None:
    tree = tree_of("a: 1\nb:\n  - c\n")
    assert isinstance(tree, yaml.MappingNode)
    assert [value.start_mark.line for _, value in tree.value] == [0, 2]


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[" * 51 + "]" * 51, "a: [1", "a: *b", "!!python/object:x 1", "1\n---\n2"]
)
def test_what_is_no_document_of_ours_is_refused(text: str) -> None:
    with pytest.raises(yaml.YAMLError):
        read_yaml(text)
