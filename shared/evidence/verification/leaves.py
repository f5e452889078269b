"""The heads of chains as the signed tree has them, read beside the records."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, NamedTuple


class Leaf(NamedTuple):
    """The head of a chain as the tree has it, and its place there."""

    chain: str
    number: int
    hash: bytes
    leaf: int


class Leaves:
    """The leaves in the order of chains and numbers, read beside the records."""

    def __init__(self, pages: AsyncIterator[Sequence[Any]]) -> None:
        self._pages = pages
        self._page: Iterator[Any] = iter(())
        self._next: Leaf | None = None
        self._over = False
        self._previous: tuple[str, int] = ("", 0)

    async def over(self, chain: str, number: int) -> tuple[Leaf | None, list[Leaf]]:
        """The first head of the chain at `number` or after it, and the heads passed by whose records are missing."""
        missing: list[Leaf] = []
        while (leaf := await self._peek()) is not None and leaf[:2] < (chain, number):
            if leaf[:2] != self._previous:
                missing.append(leaf)
            self._next = None
        self._previous = (chain, number)
        return (leaf if leaf is not None and leaf.chain == chain else None), missing

    async def rest(self) -> list[Leaf]:
        """The heads after the last record, but for its own."""
        missing: list[Leaf] = []
        while (leaf := await self._peek()) is not None:
            if leaf[:2] != self._previous:
                missing.append(leaf)
            self._next = None
        return missing

    async def _peek(self) -> Leaf | None:
        while self._next is None and not self._over:
            found = next(self._page, None)
            self._next = None if found is None else Leaf(*found)
            if found is None:
                try:
                    self._page = iter(await anext(self._pages))
                except StopAsyncIteration:
                    self._over = True
        return self._next
