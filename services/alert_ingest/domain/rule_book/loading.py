"""Reading a rule book from YAML: the book, or every finding with its file, line and rule."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from services.alert_ingest.domain.rule_book import checks
from services.alert_ingest.domain.rule_book.book import RuleBook
from shared.contract.yaml_text import content_of, tree_of

RULE_BOOK = Path(__file__).with_name("rule_book.yaml")
"""The book that is shipped, in force until a bureau publishes its own."""
Location = tuple[int | str, ...]


class RuleBookInvalid(Exception):  # noqa: N818  it is the book that is invalid
    """The book cannot be used. `findings` name the file, line, rule and fault, all of them at once."""

    def __init__(self, findings: list[str]) -> None:
        super().__init__("the rule book is invalid:\n- " + "\n- ".join(findings))
        self.findings = findings


def load(path: Path) -> RuleBook:
    """Read the book in the YAML file at `path`. Raises RuleBookInvalid."""
    return parse(path.read_text(encoding="utf-8"), path.name)


@lru_cache(maxsize=8)
def parse(text: str, name: str = "rule book") -> RuleBook:
    """Read the book in YAML `text`; `name` is the file's, for the findings. Raises RuleBookInvalid."""
    return _read(text, name, checks.faults)


@lru_cache(maxsize=8)
def published(text: str) -> RuleBook:
    """Read a book that was valid when it was published: faults that only a later release finds do not stop its use.

    Nor does looking for faults, which takes a second, hold up a start.

    Raises RuleBookInvalid for text that is no rule book at all.
    """
    return _read(text, "published rule book", lambda book: [])


def _read(text: str, name: str, faults_of: Callable[[RuleBook], list[checks.Fault]]) -> RuleBook:
    try:
        tree = tree_of(text)
        content = content_of(tree)
    except yaml.YAMLError as error:
        raise RuleBookInvalid([f"{name}: not YAML: {error}"]) from error

    def finding(location: Location, message: str) -> str:
        return f"{name}:{_line(tree, location)}: {_spoken(location, content)}: {message}"

    faults: list[checks.Fault] = list(_doubled(tree, ()))
    if not faults:
        try:
            book = RuleBook.model_validate(content)
        except ValidationError as error:
            faults = [(fault["loc"], fault["msg"]) for fault in error.errors()]
        else:
            faults = faults_of(book)
            if not faults:
                return book
    raise RuleBookInvalid([finding(*fault) for fault in faults])


def _doubled(node: yaml.Node | None, location: Location) -> Iterator[tuple[Location, str]]:
    """Find keys given twice, of which YAML would silently take the last."""
    if isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield from _doubled(value, (*location, place))
    elif isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield (*location, key.value), "given twice"
            seen.add(key.value)
            yield from _doubled(value, (*location, key.value))


def _line(node: yaml.Node | None, location: Location) -> int:
    """Return the line of what `location` names, counted from 1, or of the nearest thing around it."""
    line = 1
    for part in location:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        elif isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == part]
            if not found:
                break
            line, node = found[-1][0].start_mark.line + 1, found[-1][1]
    return line


def _spoken(location: Location, content: Any) -> str:
    """Describe where a fault is, with its rule's code where it has one: `rule bypass_discharge: source`."""
    if len(location) > 1 and location[0] in {"rules", "records", "upgrades"} and isinstance(location[1], int):
        kind = str(location[0]).removesuffix("s")
        rule = content[location[0]][location[1]]
        code = rule.get("code") if isinstance(rule, dict) else None
        field = ".".join(map(str, location[2:]))
        return f"{kind} {code or f'number {location[1] + 1}'}" + (f": {field}" if field else "")
    return ".".join(map(str, location)) or "book"
