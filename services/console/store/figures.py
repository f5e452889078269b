"""Counting the cases of a period, by whatever they are grouped."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.figures import Grouping, Span
from services.console.store.case_list import LISTING
from services.console.store.completion import COUNTED, COUNTS
from services.console.store.questions import Conditions

MOST_ROWS = 200
"""Of more enterprises, those with the most cases are answered."""
_LOCAL = "t.opened_at at time zone 'Asia/Shanghai'"
_KEYS: Mapping[Grouping, str] = {
    Grouping.STATION: "coalesce(t.station, '')",
    Grouping.OFFICER: "o.officer",
    Grouping.LEVEL: "t.level",
    Grouping.CATEGORY: "coalesce(t.category ->> 'code', '')",
    Grouping.ENTERPRISE: "t.enterprise_code",
    Grouping.DAY: f"to_char({_LOCAL}, 'YYYY-MM-DD')",
    Grouping.HOUR: f"extract(hour from {_LOCAL})::int::text",
}
# What a row is called, in both languages where there are two.
_NAMES: Mapping[Grouping, str] = {
    Grouping.STATION: "(select s.name from console.stations s where s.code = f.key)",
    Grouping.OFFICER: "(select n.name from console.officers n where n.code = f.key)",
    Grouping.ENTERPRISE: "(select n.name from console.enterprises n where n.code = f.key)",
}
_IN_TURN = frozenset({Grouping.DAY, Grouping.HOUR})
_QUANTILES = "percentile_cont(array[0.5, 0.9, 0.99]) within group (order by extract(epoch from {span}))"
_MEASURES = f"""
       {COUNTS},
       count(*) filter (where closed_at is null) as open,
       count(*) filter (where overdue) as overdue,
       {_QUANTILES.format(span="answered_at - issued_at")} as response,
       {_QUANTILES.format(span="arrived_at - issued_at")} as arrival"""


@dataclass(frozen=True)
class FigureFilter:
    """Which cases are counted; nothing given means any. `station` is the reader's own, `stations` those asked for."""

    station: str | None = None
    stations: Sequence[str] = ()
    levels: Sequence[str] = ()
    kinds: Sequence[str] = ()
    categories: Sequence[str] = ()
    enterprises: Sequence[str] = ()

    def conditions(self, span: Span) -> Conditions:
        """The same in SQL, about the row `t`: the cases opened in `span` that are counted."""
        found = Conditions()
        found.add(f"{LISTING.known} and t.{COUNTED}")
        found.add("t.opened_at >= :since and t.opened_at < :until", since=span.starts_at, until=span.ends_at)
        if self.station is not None:
            found.add("t.station = :own_station", own_station=self.station)
        found.among("t.station", "stations", self.stations)
        found.among("t.level", "levels", self.levels)
        found.among("t.kind", "kinds", self.kinds)
        found.among("(t.category ->> 'code')", "categories", self.categories)
        found.among("t.enterprise_code", "enterprises", self.enterprises)
        return found


async def totals(connection: AsyncConnection, asked: FigureFilter, span: Span) -> Row[Any]:
    """The figures of all cases together."""
    conditions = asked.conditions(span)
    question = text(f"select {_MEASURES} from console.cases t where {conditions.sql}")
    return (await connection.execute(question, conditions.values)).one()


async def rows_by(connection: AsyncConnection, asked: FigureFilter, span: Span, by: Grouping) -> Sequence[Row[Any]]:
    """The figures by `by`: days and hours in turn, anything else the most cases first; one more than MOST_ROWS at most.

    Each row has its `key`, and for categories `category` with its names, else its `name` where one is known.
    """
    conditions = asked.conditions(span)
    team = "cross join lateral unnest(t.officers) as o (officer)" if by is Grouping.OFFICER else ""
    order = "length(f.key), f.key" if by in _IN_TURN else "f.total desc, f.key"
    category = "max(t.category::text)::jsonb" if by is Grouping.CATEGORY else "null::jsonb"
    most = "" if by in _IN_TURN else f"limit {MOST_ROWS + 1}"
    question = text(f"""
        select f.*, {_NAMES.get(by, "null")} as name from (
          select {_KEYS[by]} as key, {category} as category, {_MEASURES}
            from console.cases t {team} where {conditions.sql} group by 1
        ) f order by {order} {most}
    """)
    return (await connection.execute(question, conditions.values)).all()
