"""Alerts read with their grades, as grading anew needs them: whole, and where they are to change, locked.

Whoever calls these holds the locks of the enterprises concerned (`intake.lock_enterprises`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.alert import StoredAlert
from services.alert_ingest.domain.assessment import Assessment, any_counts, history_queries_of
from services.alert_ingest.domain.grading import Grade
from services.alert_ingest.domain.history import HistoryEntry
from services.alert_ingest.domain.parsing import Occurrence
from services.alert_ingest.store.packed import deciding_event_of, grade_of, version_of
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import AnomalyEvent, Doubt, Grading, Level
from shared.storage.arrays import array, array_of_plain
from shared.storage.direct import fetch

_ALERTS = tables.alerts.c
_DOUBTS = TypeAdapter(list[Doubt])


async def stored_alert(connection: AsyncConnection, books: RuleBooks, row: Row[Any]) -> StoredAlert:
    """Read a row of `ingest.alerts`."""
    event = AnomalyEvent.model_validate_json(deciding_event_of(row))
    given, doubts = grade_of(row)
    grading = Grading.model_validate(given)
    book = await books.version_or_first(connection, grading.rule_book_version)
    assessment = Assessment.of(row.alert_id, event, occurrence_of(row), book, row.classification)
    level = Level(row.level)
    grade = Grade(
        level=level,
        name=assessment.decided.name,
        response=assessment.response(level),
        grading=grading,
        doubts=_DOUBTS.validate_python(doubts),
    )
    return StoredAlert(
        assessment=assessment,
        grade=grade,
        graded_level=Level(row.graded_level or row.level),
        revision=row.revision,
        received_at=row.received_at,
        issued_at=row.issued_at,
        dismissed=row.dismissed_at is not None,
        held=row.held_since is not None,
        counted_on=row.counted_on,
    )


async def alerts_in_force(
    connection: AsyncConnection, books: RuleBooks, alert_ids: Collection[UUID]
) -> list[StoredAlert]:
    """Return those of the alerts that are not dismissed."""
    rows = await connection.execute(
        select(tables.alerts).where(_ALERTS.alert_id.in_(alert_ids), _ALERTS.dismissed_at.is_(None))
    )
    return [await stored_alert(connection, books, row) for row in rows.all()]


async def locked_alert(connection: AsyncConnection, books: RuleBooks, alert_id: UUID) -> StoredAlert:
    """Return the alert, which is there, locked."""
    rows = await connection.execute(select(tables.alerts).where(_ALERTS.alert_id == alert_id).with_for_update())
    return await stored_alert(connection, books, rows.one())


async def later_alerts(
    connection: AsyncConnection,
    books: RuleBooks,
    changed: Collection[HistoryEntry],
    apart: Collection[UUID],
    reach: timedelta,
) -> list[StoredAlert]:
    """Return the alerts but those `apart` for which one of `changed` counts, locked: of the same enterprise, after it.

    `reach` is how far back any history fact looks. Red alerts are left out: nothing makes them stricter.
    """
    if not changed:
        return []
    changed_at: defaultdict[str, list[HistoryEntry]] = defaultdict(list)
    for entry in changed:
        changed_at[entry.enterprise_code].append(entry)
    spans = [
        (code, *span)
        for code, entries in changed_at.items()
        for span in spans_of([entry.occurred_at for entry in entries], reach)
    ]
    rows = await fetch(
        connection,
        _LATER,
        array([code for code, _, _ in spans]),
        array_of_plain([first.isoformat() for _, first, _ in spans]),
        array_of_plain([last.isoformat() for _, _, last in spans]),
        reach,
        list(apart),
    )
    # Locked and read whole, which takes as long as grading, are only those that it concerns: few.
    concerned = [
        row.alert_id
        for row in map(_Later._make, rows)
        if await _may_count(connection, books, row, changed_at[row.enterprise_code])
    ]
    if not concerned:
        return []
    locked = await connection.execute(
        text("""
            select * from ingest.alerts
             where alert_id = any(cast(:concerned as uuid[])) and level <> 'red' and dismissed_at is null
             order by outlet, category, pollutant, occurred_at, enterprise_code
               for update
        """),
        {"concerned": concerned},
    )
    found = [await stored_alert(connection, books, row) for row in locked.all()]
    return [one for one in found if one.assessment.has_in_history(changed_at[one.enterprise_code])]


def spans_of(instants: Iterable[datetime], reach: timedelta) -> list[tuple[datetime, datetime]]:
    """The first and last of instants that follow one another within `reach`, so that nothing is looked for twice."""
    spans: list[tuple[datetime, datetime]] = []
    for instant in sorted(instants):
        if spans and instant - spans[-1][1] <= reach:
            spans[-1] = spans[-1][0], instant
        else:
            spans.append((instant, instant))
    return spans


class _Later(NamedTuple):
    """What a row tells of an alert by which it is known whether an earlier one may count for it."""

    alert_id: UUID
    enterprise_code: str
    outlet: str
    category: str
    pollutant: str
    occurred_at: datetime
    own_rule: str | None
    own_level: str | None
    exceeding: bool
    version: str | None
    packed_grade: bytes | None


_LATER = """
    select a.alert_id, a.enterprise_code, a.outlet, a.category, a.pollutant, a.occurred_at, a.own_rule,
           a.own_level, a.exceeding, a.grading->>'rule_book_version', a.packed_grade
      from ingest.alerts a
     where a.alert_id = any(array(
           select later.alert_id
             from unnest(cast(cast($1 as text) as text[]), cast(cast($2 as text) as timestamptz[]),
                         cast(cast($3 as text) as timestamptz[])) as changed (enterprise_code, first, last)
            cross join lateral (
                  select a.alert_id
                    from ingest.alerts a
                   where a.enterprise_code = changed.enterprise_code
                     and a.occurred_at > changed.first
                     and a.occurred_at <= changed.last + cast($4 as interval)
                     and a.level <> 'red' and a.dismissed_at is null
                  offset 0) later  -- see `history.earlier_alerts`
           except select unnest(cast($5 as uuid[]))))
"""


async def _may_count(
    connection: AsyncConnection, books: RuleBooks, row: _Later, changed: Sequence[HistoryEntry]
) -> bool:
    """Whether any of `changed` counts for the alert of a row, as far as its columns tell."""
    book = await books.version_or_first(connection, row.version or version_of(row.packed_grade or b""))
    decided = book.decided_by(row.own_rule)
    if decided is None or row.own_rule is None or row.own_level is None:
        return True
    entry = HistoryEntry(
        alert_id=row.alert_id,
        enterprise_code=row.enterprise_code,
        outlet=row.outlet,
        pollutant=row.pollutant,
        occurred_at=row.occurred_at,
        rule=row.own_rule,
        level=Level(row.own_level),
        exceeding=row.exceeding,
    )
    return any_counts(changed, history_queries_of(entry, row.category, decided, book))


async def alerts_caused_by(
    connection: AsyncConnection, books: RuleBooks, enterprise_code: str, alert_id: UUID
) -> list[StoredAlert]:
    """Return the alerts of the enterprise whose grade counted the alert and that are not dismissed."""
    rows = await connection.execute(
        text("""
            select * from ingest.alerts
             where enterprise_code = :enterprise_code
               and (jsonb_exists(grading->'causes', :alert_id) or cast(:alert_id as uuid) = any(causes))
               and dismissed_at is null
        """),
        {"enterprise_code": enterprise_code, "alert_id": str(alert_id)},
    )
    return [await stored_alert(connection, books, row) for row in rows.all()]


def occurrence_of(row: Row[Any]) -> Occurrence:
    """Return which anomaly a row of `ingest.alerts` is of."""
    return Occurrence(row.outlet, row.category, row.pollutant, row.occurred_at, row.enterprise_code)
