"""YAML that people write: rule books, calendars, policies. Read by libyaml, ten times as fast as by Python."""

from typing import Any

import yaml

_DEEPEST = 50
"""Levels; ours have seven. Without a bound, text that nests without end would take the process down."""


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
    return tree


def content_of(tree: yaml.Node | None) -> Any:
    """What the nodes say. Raises yaml.YAMLError."""
    return None if tree is None else yaml.SafeLoader("").construct_document(tree)
