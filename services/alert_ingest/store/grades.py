"""The statements that store grades: of new alerts, of alerts graded again, and the former ones.

Whoever calls these holds the locks of the enterprises concerned (`intake.lock_enterprises`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.alert import Alert, Revision, StoredAlert
from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.store.graded_alerts import stored_alert
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import DeadlineEvent


class Raced(Exception):  # noqa: N818  not an error: try again
    """Another transaction stored one of these alerts or events first."""


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
