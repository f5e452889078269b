"""The statements that store grades: of new alerts, of alerts graded again, and the former ones.

Whoever calls these holds the locks of the enterprises concerned (`intake.lock_enterprises`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from pydantic_core import to_json
from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.alert import Alert, Revision, StoredAlert
from services.alert_ingest.domain.assessment import Assessment, any_counts, history_queries_of
from services.alert_ingest.domain.grading import Grade
from services.alert_ingest.domain.history import HistoryEntry
from services.alert_ingest.domain.parsing import Occurrence
from services.alert_ingest.store.packed import deciding_event_of, grade_of, version_of
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import AnomalyEvent, DeadlineEvent, Doubt, Grading, Level
from shared.storage.arrays import array, array_of_plain

_ALERTS = tables.alerts.c
_DOUBTS = TypeAdapter(list[Doubt])


class Raced(Exception):  # noqa: N818  not an error: try again
    """Another transaction stored one of these alerts or events first."""


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
    connection: AsyncConnection, books: RuleBooks, changed: Collection[HistoryEntry], reach: timedelta
) -> list[StoredAlert]:
    """Return the alerts for which one of `changed` counts, locked: of the same enterprise, after it.

    `reach` is how far back any history fact looks. Red alerts are left out: nothing makes them stricter.
    """
    if not changed:
        return []
    rows = await connection.execute(
        text("""
            select a.alert_id, a.enterprise_code, a.outlet, a.category, a.pollutant, a.occurred_at, a.own_rule,
                   a.own_level, a.exceeding, a.grading->>'rule_book_version' as version, a.packed_grade
              from ingest.alerts a
             where a.alert_id in (
                   select a.alert_id
                     from unnest(cast(cast(:enterprises as text) as text[]),
                                 cast(cast(:instants as text) as timestamptz[]))
                          as changed (enterprise_code, occurred_at)
                     join ingest.alerts a
                       on a.enterprise_code = changed.enterprise_code
                      and a.occurred_at > changed.occurred_at
                      and a.occurred_at <= changed.occurred_at + cast(:reach as interval)
                   )
               and a.alert_id <> all(cast(:apart as uuid[]))
               and a.level <> 'red' and a.dismissed_at is null
        """),
        {
            "enterprises": array([entry.enterprise_code for entry in changed]),
            "instants": array_of_plain([entry.occurred_at.isoformat() for entry in changed]),
            "reach": reach,
            "apart": [entry.alert_id for entry in changed],
        },
    )
    changed_at: defaultdict[str, list[HistoryEntry]] = defaultdict(list)
    for entry in changed:
        changed_at[entry.enterprise_code].append(entry)
    # Locked and read whole, which takes as long as grading, are only those that it concerns: few.
    concerned = [
        row.alert_id for row in rows if await _may_count(connection, books, row, changed_at[row.enterprise_code])
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


async def _may_count(
    connection: AsyncConnection, books: RuleBooks, row: Row[Any], changed: Sequence[HistoryEntry]
) -> bool:
    """Whether any of `changed` counts for the alert of a row, as far as its columns tell."""
    book = await books.version_or_first(connection, row.version or version_of(row.packed_grade))
    decided = book.decided_by(row.own_rule)
    if decided is None or row.own_level is None:
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


async def mark_unanswered(
    connection: AsyncConnection, books: RuleBooks, clocks: Mapping[UUID, DeadlineEvent]
) -> list[StoredAlert]:
    """Store since when yellow alerts count as unanswered; answer those for which it is new.

    `clocks` are the events that say so. The one meant runs from the grade that the alert has now, or from when its case
    was reopened. Alerts that were answered meanwhile, in whatever order the events are received, or dismissed are left
    out; an answer from before the silence was returned, or is another case's.
    """
    rows = await connection.execute(
        text("""
            update ingest.alerts a set unanswered_at = new.at
              from unnest(cast(:alert_ids as uuid[]), cast(:started as timestamptz[]), cast(:silent as timestamptz[]),
                          cast(:instants as timestamptz[])) as new (alert_id, started_at, silent_since, at)
             where a.alert_id = new.alert_id and a.issued_at <= new.started_at
               and a.level = 'yellow' and a.dismissed_at is null and a.unanswered_at is null
               and (a.answered_at is null or a.answered_at > new.at or a.answered_at <= new.silent_since)
            returning a.*
        """),
        {
            "alert_ids": list(clocks),
            "started": [clock.started_at for clock in clocks.values()],
            "silent": [clock.silent_since for clock in clocks.values()],
            "instants": [clock.at for clock in clocks.values()],
        },
    )
    return [await stored_alert(connection, books, row) for row in rows.all()]


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


async def store_stronger_events(connection: AsyncConnection, strengthened: Iterable[StoredAlert]) -> None:
    """Store what the strongest event of each alert shows, for the history."""
    rows = [
        {
            "alert_id": one.alert_id,
            "own_rule": one.assessment.entry.rule,
            "own_level": one.assessment.entry.level,
            "exceeding": one.assessment.entry.exceeding,
            "deciding_event": event_of(one.assessment),
        }
        for one in strengthened
    ]
    if rows:
        await connection.execute(
            text("""
                update ingest.alerts a
                   set own_rule = new.own_rule, own_level = new.own_level, exceeding = new.exceeding,
                       deciding_event = new.deciding_event
                  from jsonb_to_recordset(cast(:rows as jsonb)) as new (
                         alert_id uuid, own_rule text, own_level text, exceeding boolean, deciding_event jsonb)
                 where a.alert_id = new.alert_id
            """),
            {"rows": to_json(rows).decode()},
        )


async def store_revisions(
    connection: AsyncConnection,
    revisions: Sequence[Revision],
    now: datetime,
    decision: Mapping[str, Any] | None = None,
) -> None:
    """Make the revisions the grades of their alerts, and keep the former grades.

    `decision` is what people decided, where that is why.
    """
    if not revisions:
        return
    await connection.execute(
        text("""
            insert into ingest.former_gradings
                   (alert_id, revision, level, grading, packed_grade, doubts, decision, issued_at, superseded_at,
                    cause)
            select a.alert_id, a.revision, a.level, a.grading, a.packed_grade, a.doubts, a.decision, a.issued_at,
                   :now, new.cause
              from unnest(cast(:alert_ids as uuid[]), cast(:causes as text[])) as new (alert_id, cause)
              join ingest.alerts a using (alert_id)
        """),
        {
            "now": now,
            "alert_ids": [one.alert.alert_id for one in revisions],
            "causes": [one.cause for one in revisions],
        },
    )
    rows = [
        columns_of_grade(one.alert)
        | {
            "alert_id": one.alert.alert_id,
            "revision": one.number,
            "graded_level": one.graded_level,
            "held": one.alert.held,
        }
        for one in revisions
    ]
    await connection.execute(
        text("""
            update ingest.alerts a
               set level = new.level, grading = new.grading, packed_grade = null, causes = null,
                   doubts = new.doubts, issued_at = new.issued_at,
                   own_rule = new.own_rule, own_level = new.own_level, exceeding = new.exceeding,
                   graded_level = new.graded_level, revision = new.revision,
                   decision = cast(:decision as jsonb), dismissed_at = null,
                   held_since = case when new.held then coalesce(a.held_since, new.issued_at) end,
                   unanswered_at = null  -- the new grade's clock is another one
              from jsonb_to_recordset(cast(:rows as jsonb)) as new (
                     alert_id uuid, level text, grading jsonb, doubts jsonb, issued_at timestamptz, own_rule text,
                     own_level text, exceeding boolean, graded_level text, revision integer,
                     held boolean)
             where a.alert_id = new.alert_id
        """),
        {"rows": to_json(rows).decode(), "decision": None if decision is None else to_json(decision).decode()},
    )


def columns_of_grade(alert: Alert) -> dict[str, Any]:
    """The columns of `ingest.alerts` that a grade fills, the first one and any later one."""
    entry = alert.assessment.entry
    return {
        "level": alert.grade.level,
        "grading": alert.grade.grading,
        "doubts": alert.grade.doubts,
        "issued_at": alert.issued_at,
        "own_rule": entry.rule,
        "own_level": entry.level,
        "exceeding": entry.exceeding,
    }


def event_of(assessment: Assessment) -> dict[str, Any]:
    """Return the event that decides the alert, as far as grading reads it."""
    return assessment.event.model_dump(mode="json", exclude_none=True)
