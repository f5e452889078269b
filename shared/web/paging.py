"""Keyset paging: `{"items": [...], "next": cursor or null}`. Any page is as cheap as the first."""

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query
from pydantic import BaseModel
from pydantic_core import from_json, to_json

from shared.contract.refusals import Invalid

T = TypeVar("T")


class Page(BaseModel, Generic[T]):
    items: list[T]
    next: str | None


class Paging:
    """What a caller asked for: how many, and after which key."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=500)] = 50,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> None:
        self.limit = limit
        self.after: list[str] | None = None if cursor is None else _decode(cursor)

    def after_as(self, *kinds: Callable[[str], Any]) -> tuple[Any, ...]:
        """The key to continue after, each part read by its kind. Raises Invalid where one cannot be."""
        try:
            return tuple(kind(part) for kind, part in zip(kinds, self.after or (), strict=True))
        except ValueError as error:
            raise _invalid() from error

    def page(self, items: list[T], keys: Sequence[tuple[str, ...]], resume: tuple[str, ...] | None = None) -> Page[T]:
        """Make a page of up to `limit + 1` `items`, ordered by `keys`: the extra one says that there is a next page.

        `resume` is where a search goes on that looked at enough for one request: its page may be short, even empty.
        """
        key = keys[self.limit - 1] if len(items) > self.limit else resume
        return Page(
            items=items[: self.limit],
            next=None if key is None else base64.urlsafe_b64encode(to_json(key)).decode(),
        )


PagingQuery = Annotated[Paging, Depends()]


def _decode(cursor: str) -> list[str]:
    try:
        key = from_json(base64.urlsafe_b64decode(cursor))
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, list) or not all(isinstance(part, str) for part in key):
        raise _invalid()
    return key


def _invalid() -> Invalid:
    return Invalid("invalid-cursor", "`cursor` must be a `next` that an earlier page gave.", title="Invalid cursor")
