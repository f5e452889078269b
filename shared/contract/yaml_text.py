"""YAML that people write: rule books, calendars, policies. Read by libyaml, ten times as fast as by Python."""

from typing import Any

import yaml
from pydantic import ValidationError

_DEEPEST = 50
"""Levels; ours have seven. Without a bound, text that nests without end would take the process down."""
_MOST_NODES = 200_000
"""With what aliases stand for counted each time: a few lines of aliases of aliases unfold to billions."""


def read_yaml(text: str) -> Any:
    """What `text` says. Raises yaml.YAMLError."""
    return content_of(tree_of(text))


def tree_of(text: str) -> yaml.Node | None:
    """The nodes of `text`, which know their lines; None where it says nothing. Raises yaml.YAMLError."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise yaml.YAMLError(f"nested more than {_DEEPEST} levels deep")
    tree: yaml.Node | None = yaml.compose(text, Loader=yaml.CSafeLoader)
    if tree is not None and _unfolded(tree, {}) > _MOST_NODES:
        raise yaml.YAMLError(f"unfolds to more than {_MOST_NODES} values")
    return tree


def content_of(tree: yaml.Node | None) -> Any:
    """What the nodes say. Raises yaml.YAMLError."""
    return None if tree is None else yaml.SafeLoader("").construct_document(tree)


def faults_of(error: yaml.YAMLError | ValidationError) -> str:
    """What is wrong with a text that people wrote, entry by entry: `deadlines.on_site.days: Input should be …`."""
    if isinstance(error, yaml.YAMLError):
        return " ".join(str(error).split())
    return "; ".join(
        ".".join(map(str, one["loc"])) + ": " * bool(one["loc"]) + one["msg"].removeprefix("Value error, ")
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    )


def _unfolded(node: yaml.Node, known: dict[int, int]) -> int:
    """How many nodes there are with every alias written out. Raises yaml.YAMLError for one that contains itself."""
    size = known.get(id(node))
    if size == 0:
        raise yaml.YAMLError("an alias stands for what it is part of")
    if size is None:
        known[id(node)] = 0  # until it is known
        inner: list[yaml.Node] = []
        if isinstance(node, yaml.SequenceNode):
            inner = node.value
        elif isinstance(node, yaml.MappingNode):
            inner = [part for pair in node.value for part in pair]
        known[id(node)] = size = 1 + sum(_unfolded(one, known) for one in inner)
    return size
