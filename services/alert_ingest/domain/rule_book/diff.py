"""The differences between one rule book and the next, which are kept with the newer one."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.alert_ingest.domain.rule_book.book import RuleBook

_IDENTITY = {"version", "effective_from"}


def changes(before: RuleBook, after: RuleBook) -> list[dict[str, Any]]:
    """Return every difference as {"where", "before", "after"}; null where there was or is nothing."""
    return list(_changes("", _keyed(before), _keyed(after)))


def _keyed(book: RuleBook) -> dict[str, Any]:
    """The book with its rules by code instead of by place, so that moving one is no change."""
    plain: dict[str, Any] = book.model_dump(mode="json", by_alias=True, exclude=_IDENTITY)
    for entries in ("rules", "records", "upgrades"):
        plain[entries] = {entry["code"]: entry for entry in plain[entries]}
    plain["red_categories"] = sorted(plain["red_categories"])
    return plain


def _changes(where: str, before: Any, after: Any) -> Iterator[dict[str, Any]]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _changes(f"{where}.{name}" if where else name, before.get(name), after.get(name))
    elif before != after:
        yield {"where": where, "before": before, "after": after}
