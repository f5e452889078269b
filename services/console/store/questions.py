"""Questions put together of conditions, each with its values: what lists, searches and exports ask."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

_A_TIME = timedelta(days=100)


class After(NamedTuple):
    """Where a page goes on: the sorted instant and the identifier of the last row of the page before."""

    at: datetime
    id: UUID


class Condition(NamedTuple):
    """A condition in SQL; what it is about, by which an index that holds it is found; and the facets of which a row has
    one if it fits, and none otherwise.
    """

    sql: str
    about: str | None
    facets: Sequence[str]


class Conditions:
    """Conditions in SQL, all of which must hold, with the values that they name."""

    def __init__(self) -> None:
        self.parts: list[Condition] = []
        self.values: dict[str, Any] = {}
        self.is_indexed = False
        """Whether an index finds what fits, apart from its order."""
        self.is_of_a_time = False
        """Whether what fits came about within some months: rows lie in the order in which they came about."""

    def add(
        self,
        condition: str,
        about: str | None = None,
        *,
        facet: str | Sequence[str] | None = None,
        indexed: bool = False,
        **values: Any,
    ) -> None:
        facets = [facet] if isinstance(facet, str) else facet or ()
        self.parts.append(Condition(condition, about, facets))
        self.values |= values
        self.is_indexed |= indexed or bool(facets)

    def among(
        self, column: str, name: str, wanted: Sequence[str], *, facet: str | None = None, indexed: bool = False
    ) -> None:
        """`column` is one of `wanted`; where there are none, it may be anything. One alone can be found by an index."""
        facets = [f"{facet}={one}" for one in wanted] if facet else ()
        values: dict[str, Any] = {name: [str(one) for one in wanted]}
        if len(wanted) == 1:
            self.add(f"{column} = :{name}", name, facet=facets, indexed=indexed, **{name: values[name][0]})
        elif wanted:
            self.add(f"{column} = any(cast(:{name} as text[]))", facet=facets, indexed=indexed, **values)

    def truth(self, condition: str, wanted: bool | None, about: str | None = None, *, indexed: bool = False) -> None:
        """The condition holds, or does not, as is wanted; None wants either."""
        if wanted:
            self.add(condition, about, indexed=indexed)
        elif wanted is not None:
            self.add(f"({condition}) is not true")

    def between(self, column: str, **bounds: datetime | None) -> None:
        """`column` is not before the first of the two bounds, and before the second; None does not bound it."""
        for sign, (name, bound) in zip((">=", "<"), bounds.items(), strict=True):
            if bound is not None:
                value: dict[str, Any] = {name: bound}
                self.add(f"t.{column} {sign} :{name}", column, indexed=True, **value)
        first, last = bounds.values()
        self.is_of_a_time |= first is not None and last is not None and last - first <= _A_TIME

    @property
    def sql(self) -> str:
        return all_of([one.sql for one in self.parts])


def all_of(conditions: Sequence[str]) -> str:
    """All of them in SQL; nothing is asked where there are none."""
    return " and ".join(conditions) or "true"


class Found(NamedTuple):
    """A page of rows. `resume` is where a search that looked at enough goes on, though the page is not full."""

    rows: Sequence[Row[Any]]
    resume: After | None = None


class Listing(NamedTuple):
    """A table to list: its columns, its key, which rows are known, and what is joined to a page once it is found.

    `facets` is what its inverted index holds. `indexes` has by sorted column what the conditions are about that an
    index of that order holds, the narrowest index first; `by_matter` the same of indexes of matters.
    """

    table: str
    id: str
    columns: str
    known: str
    joins: str
    extra: str
    facets: str
    indexes: Mapping[str, Sequence[frozenset[str]]]
    by_matter: Mapping[str, frozenset[str]]


async def rows_by_id(connection: AsyncConnection, listing: Listing, ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """These rows, as the list shows them; what is not known yet is left out."""
    question = text(
        f"select {listing.columns}, {listing.extra} from {listing.table} t {listing.joins}"
        f" where t.{listing.id} = any(cast(:ids as uuid[])) and {listing.known}"
    )
    rows = await connection.execute(question, {"ids": list(ids)})
    return {getattr(row, listing.id): row for row in rows}
