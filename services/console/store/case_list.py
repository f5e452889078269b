"""Cases as they are listed: by every filter, in three orders, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.domain.counts import NONE
from services.console.store.completion import COUNTED
from services.console.store.questions import After, Conditions, Found, Listing
from services.console.store.searches import page
from services.console.tables import CASE_FACETS, COMMON_TRUTHS

Sort = Literal["due", "opened", "updated"]
_SORTED = {"due": "due_key", "opened": "opened_at", "updated": "updated_at"}
COLUMNS = (
    "case_id", "kind", "level", "state", "awaits", "overdue", "rung", "enterprise_code", "enterprise_name", "station",
    "category", "outlet", "pollutant", "observed", "limit", "unit", "reason", "address", "team", "issued_at",
    "opened_at", "assigned_at", "accepted_at", "arrived_at", "answered_at", "due_at", "due_key", "due_text",
    "provisional", "closed_at", "outcome", "file_number", "handled", "finished", "on_time", "alert_id", "alert_ids",
    "raised_by", "revision", "updated_at",
)  # fmt: skip


def _held(*indexes: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(held.split()) for held in indexes)


LISTING = Listing(
    table="console.cases",
    id="case_id",
    columns=", ".join(f't."{name}"' for name in COLUMNS),
    known="t.kind is not null",
    joins="left join console.stations s on s.code = t.station",
    extra="s.name as station_name",
    facets=CASE_FACETS,
    indexes={
        "due_key": _held("overdue stations", "overdue", "open own_station", "open stations", "open"),
        "opened_at": _held("enterprises", "categories", "open", "own_station", "stations"),
        "updated_at": (),
    },
    by_matter={"opened_at": frozenset(), "due_key": frozenset({"open"})},
)


@dataclass(frozen=True)
class CaseFilter:
    """What cases are asked for; nothing given means any. `station` is the reader's own, `stations` those asked for, an
    empty one for none. `counted`: not superseded by another case; `hour`: opened in this hour of a day in Shanghai.
    """

    station: str | None = None
    question: str | None = None
    levels: Sequence[str] = ()
    is_open: bool | None = None
    states: Sequence[str] = ()
    awaits: Sequence[str] = ()
    kinds: Sequence[str] = ()
    stations: Sequence[str] = ()
    categories: Sequence[str] = ()
    enterprises: Sequence[str] = ()
    officers: Sequence[str] = ()
    outcomes: Sequence[str] = ()
    rungs: Sequence[str] = ()
    overdue: bool | None = None
    provisional: bool | None = None
    handled: bool | None = None
    finished: bool | None = None
    on_time: bool | None = None
    due_after: datetime | None = None
    due_before: datetime | None = None
    opened_since: datetime | None = None
    opened_until: datetime | None = None
    closed_since: datetime | None = None
    closed_until: datetime | None = None
    counted: bool | None = None
    hour: int | None = None

    def conditions(self) -> Conditions:
        """The same in SQL, about the row `t`."""
        found = Conditions()
        if self.station is not None:
            found.add(
                "t.station = :own_station", "own_station", facet=f"station={self.station}", own_station=self.station
            )
        # That only open ones are asked for is said as partial indexes say it.
        for wanted in (self.is_open, True if self.awaits else None):
            found.truth("t.closed_at is null", wanted, "open", indexed=True)
        found.among("t.awaits", "awaits", self.awaits, facet="awaits")
        found.among("t.state", "states", self.states, facet="state")
        found.among("t.level", "levels", self.levels, facet="level")
        found.among("t.kind", "kinds", self.kinds, facet="kind")
        if list(self.stations) == [NONE]:
            found.add("t.station is null", indexed=True)
        else:
            found.among("t.station", "stations", self.stations, facet="station")
        found.among("(t.category ->> 'code')", "categories", self.categories, facet="category")
        found.among("t.enterprise_code", "enterprises", self.enterprises, indexed=True)
        found.among("t.outcome", "outcomes", self.outcomes, facet="outcome")
        found.among("t.rung", "rungs", self.rungs, facet="rung")
        if self.officers:
            found.add("t.officers && cast(:officers as text[])", facet=self.officers, officers=list(self.officers))
        found.truth("t.overdue", self.overdue, "overdue", indexed=True)
        found.truth(f"t.{COUNTED}", self.counted)
        unfinished = self.handled is True and self.finished is False
        if unfinished:  # they have an index of their own
            found.add("t.handled and not t.finished", indexed=True)
        for truth, common in COMMON_TRUTHS.items():
            if (wanted := getattr(self, truth)) is not None and not (unfinished and truth in {"handled", "finished"}):
                value = str(wanted).lower()
                # As partial indexes say it.
                found.add(f"{'' if wanted else 'not '}t.{truth}", facet=None if value == common else f"{truth}={value}")
        if self.hour is not None:
            found.add("extract(hour from t.opened_at at time zone 'Asia/Shanghai') = :hour", hour=self.hour)
        found.between("due_key", due_after=self.due_after, due_before=self.due_before)
        found.between("opened_at", opened_since=self.opened_since, opened_until=self.opened_until)
        found.between("closed_at", closed_since=self.closed_since, closed_until=self.closed_until)
        return found


async def list_cases(
    connection: AsyncConnection,
    asked: CaseFilter,
    *,
    sort: Sort,
    descending: bool,
    after: After | None,
    limit: int,
) -> Found:
    """A page of cases, with the names of their stations."""
    return await page(
        connection,
        LISTING,
        asked.conditions(),
        question=asked.question,
        sort=_SORTED[sort],
        descending=descending,
        after=after,
        limit=limit,
    )


def key_of(row: Row[Any], sort: Sort) -> After:
    """Where a page that ends with this row goes on."""
    return After(getattr(row, _SORTED[sort]), row.case_id)
