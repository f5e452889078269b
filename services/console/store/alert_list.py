"""Alerts as they are listed: by every filter, the latest first, a page at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from services.console.store.questions import After, Conditions, Found, Listing
from services.console.store.searches import page
from services.console.tables import ALERT_FACETS

COLUMNS = (
    "alert_id", "level", "category", "enterprise_code", "enterprise_name", "outlet", "pollutant", "observed", "limit",
    "unit", "reason", "rule", "rule_book_version", "issued_at", "received_at", "district", "station", "held",
    "counted_on", "doubts", "dismissed_at",
)  # fmt: skip
LISTING = Listing(
    table="console.alerts",
    id="alert_id",
    columns=", ".join(f't."{name}"' for name in COLUMNS),
    known="t.level is not null",
    joins="""left join console.stations s on s.code = t.station
             left join lateral (select c.case_id from console.cases c where c.alert_id = t.alert_id
                                 order by c.opened_at desc nulls last, c.case_id limit 1) newest on true""",
    extra="s.name as station_name, newest.case_id, t.dismissed_at is not null as dismissed",
    facets=ALERT_FACETS,
    indexes={
        "issued_at": tuple(
            frozenset({held})
            for held in ("doubts", "dismissed", "enterprises", "categories", "own_station", "stations")
        )
    },
    by_matter={"issued_at": frozenset()},
)


@dataclass(frozen=True)
class AlertFilter:
    """What alerts are asked for; nothing given means any."""

    station: str | None = None
    question: str | None = None
    levels: Sequence[str] = ()
    categories: Sequence[str] = ()
    enterprises: Sequence[str] = ()
    stations: Sequence[str] = ()
    since: datetime | None = None
    until: datetime | None = None
    held: bool | None = None
    doubts: bool | None = None
    dismissed: bool | None = None

    def conditions(self) -> Conditions:
        """The same in SQL, about the row `t`."""
        found = Conditions()
        if self.station is not None:
            found.add(
                "t.station = :own_station", "own_station", facet=f"station={self.station}", own_station=self.station
            )
        found.among("t.level", "levels", self.levels, facet="level")
        found.among("(t.category ->> 'code')", "categories", self.categories, facet="category")
        found.among("t.enterprise_code", "enterprises", self.enterprises, indexed=True)
        found.among("t.station", "stations", self.stations, facet="station")
        found.truth("t.held", self.held, indexed=True)
        found.truth("t.doubts <> '[]'", self.doubts, "doubts", indexed=True)
        found.truth("t.dismissed_at is not null", self.dismissed, "dismissed", indexed=True)
        found.between("issued_at", since=self.since, until=self.until)
        return found


async def list_alerts(
    connection: AsyncConnection, asked: AlertFilter, *, descending: bool, after: After | None, limit: int
) -> Found:
    """A page of alerts, with the names of their stations and the cases they asked for."""
    return await page(
        connection,
        LISTING,
        asked.conditions(),
        question=asked.question,
        sort="issued_at",
        descending=descending,
        after=after,
        limit=limit,
    )


def key_of(row: Row[Any]) -> After:
    """Where a page that ends with this row goes on."""
    return After(row.issued_at, row.alert_id)
