"""Grading stored alerts again: when a resend shows more, or an arrival changes what happened before them.

Automatic changes only ever make a grade stricter. What would make it milder becomes a proposal for people to decide
(domain.md, Carry-over). Whoever calls these holds the locks of the enterprises (`store.lock_enterprises`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import to_json
from sqlalchemy import Row, bindparam, insert, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.alert import Alert, Cause
from services.alert_ingest.domain.assessment import Assessment, earlier_alerts_of_all
from services.alert_ingest.domain.facts import NO_LATER_FACTS, LaterFacts
from services.alert_ingest.domain.grading import Grade
from services.alert_ingest.domain.history import HistoryEntry
from services.alert_ingest.store import history as history_store
from services.alert_ingest.store.intake import occurrence_of
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import AnomalyEvent, Doubt, Grading, Level
from shared.contract.messages import Event
from shared.messaging.unit_of_work import UnitOfWork

_DOUBTS = TypeAdapter(list[Doubt])


@dataclass(frozen=True)
class StoredAlert:
    """A stored alert: its locked row of `ingest.alerts`, and what its events show."""

    row: Row[Any]
    assessment: Assessment
    strengthened: bool = False

    @classmethod
    async def of(cls, connection: AsyncConnection, books: RuleBooks, row: Row[Any]) -> "StoredAlert":
        """By the book and the classification that it was first graded with."""
        event = AnomalyEvent.model_validate_json(to_json(row.deciding_event or row.event))
        book = await books.version_or_first(connection, row.grading["rule_book_version"])
        return cls(row, Assessment.of(row.alert_id, event, occurrence_of(row), book, row.classification))

    @property
    def graded(self) -> Grade:
        """Its grade as it stands."""
        grading, level = Grading.model_validate(self.row.grading), Level(self.row.level)
        return Grade(
            level=level,
            name=self.assessment.decided.name,
            response=self.assessment.response(level),
            grading=grading,
            doubts=_DOUBTS.validate_python(self.row.doubts),
        )

    @property
    def strictest(self) -> Level:
        """What the rules came to at the strictest; the alert's level is lower where people decided so."""
        return Level(self.row.graded_level or self.row.level)

    def is_preceded_by(self, changed: Sequence[HistoryEntry]) -> bool:
        """Whether any of `changed` is part of its past."""
        return any(
            question.counts(entry) for question in self.assessment.history_queries().values() for entry in changed
        )

    def revised(self, graded: Grade, cause: Cause, now: datetime) -> "Revision":
        return Revision(self, Alert(self.assessment, graded, self.row.received_at, now), cause)


@dataclass(frozen=True)
class Revision:
    """Another grade for a stored alert, issued now; the one before is kept with what superseded it."""

    stored: StoredAlert
    alert: Alert
    cause: Cause

    @property
    def number(self) -> int:
        number: int = self.stored.row.revision + 1
        return number

    def to_event(self) -> Event:
        previous = Level(self.stored.row.level)
        return self.alert.to_regraded_event(previous=previous, revision=self.number, cause=self.cause)


async def grade_all(
    connection: AsyncConnection,
    books: RuleBooks,
    new: Sequence[Assessment],
    strengthened: Sequence[StoredAlert],
    history_reach: timedelta,
    now: datetime,
) -> tuple[list[Grade], list[Revision]]:
    """The grades of `new` alerts, and every revision that they and the `strengthened` ones bring about.

    `memory` is how far any book's history reaches.
    """
    changed = [one.entry for one in new] + [stored.assessment.entry for stored in strengthened]
    rows = await history_store.later_alerts(connection, changed, history_reach)
    met = [await StoredAlert.of(connection, books, row) for row in rows]
    later = [stored for stored in met if stored.is_preceded_by(changed)]
    stored_alerts = [*strengthened, *later]
    assessment = [*new, *(stored.assessment for stored in stored_alerts)]
    history_queries = [question for one in assessment for question in one.history_queries().values()]
    answers = await history_store.earlier_alerts(
        connection, history_queries, [one.entry.alert_id for one in assessment]
    )
    earlier = earlier_alerts_of_all(assessment, answers.__getitem__)
    grades = [one.graded(known) for one, known in zip(new, earlier, strict=False)]
    revisions = [
        stored.revised(stored.assessment.graded(known), "repeat" if stored.strengthened else "history", now)
        for stored, known in zip(stored_alerts, earlier[len(new) :], strict=True)
        if stored.assessment.level(known).rank > stored.strictest.rank
    ]
    return grades, revisions


async def regrade(connection: AsyncConnection, stored: StoredAlert, since: LaterFacts = NO_LATER_FACTS) -> Grade:
    """What the rules come to for a stored alert by what is known now."""
    earlier = await history_store.earlier_alerts_of(connection, stored.assessment)
    return stored.assessment.graded(earlier, since)


async def store_stronger_events(connection: AsyncConnection, stored_alerts: Sequence[StoredAlert]) -> None:
    """Keep what the strongest event of each shows, for the history."""
    changes = [
        {
            "its_id": stored.row.alert_id,
            "own_rule": stored.assessment.entry.rule,
            "own_level": stored.assessment.entry.level,
            "exceeding": stored.assessment.entry.exceeding,
            "deciding_event": stored.assessment.event.model_dump(mode="json", exclude_none=True),
        }
        for stored in stored_alerts
    ]
    await _change_alerts(connection, changes)


async def apply_revisions(work: UnitOfWork, revisions: Sequence[Revision], **columns: Any) -> None:
    """Make the revisions the alerts' grades, keep the former ones and emit the new. `columns` are set beside them."""
    if not revisions:
        return
    former = [
        {name: getattr(one.stored.row, name) for name in _FORMER} | {"superseded_at": work.now, "cause": one.cause}
        for one in revisions
    ]
    await work.connection.execute(insert(tables.former_gradings), former)
    changes = [
        {"its_id": one.alert.alert_id, "revision": one.number, "decision": None, "dismissed_at": None}
        | one.alert.grades()
        | {"grading": one.alert.graded.grading.model_dump(mode="json")}
        | {"doubts": [doubt.model_dump(mode="json") for doubt in one.alert.graded.doubts]}
        | {"excused": timedelta(), "clock_paused_at": None}  # the new grade's clock is another one
        | columns
        for one in revisions
    ]
    await _change_alerts(work.connection, changes)
    work.emit(*(revision.to_event() for revision in revisions))


_FORMER = ("alert_id", "revision", "level", "grading", "doubts", "decision", "issued_at")


async def _change_alerts(connection: AsyncConnection, changes: Sequence[Mapping[str, Any]]) -> None:
    """Set the columns that each of `changes` names, for the alert `its_id`."""
    if changes:
        names = [name for name in changes[0] if name != "its_id"]
        statement = update(tables.alerts).where(tables.alerts.c.alert_id == bindparam("its_id"))
        await connection.execute(statement.values({name: bindparam(name) for name in names}), list(changes))
