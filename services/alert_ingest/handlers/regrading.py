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
from services.alert_ingest.domain.assessment import Assessed, recall_together
from services.alert_ingest.domain.facts import NOTHING_SINCE, Since
from services.alert_ingest.domain.grading import Graded
from services.alert_ingest.domain.history import Trace
from services.alert_ingest.store import history as recall
from services.alert_ingest.store.intake import occurrence_of
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import AnomalyEvent, Doubt, Grading, Level
from shared.contract.messages import Event
from shared.messaging.unit_of_work import UnitOfWork

_DOUBTS = TypeAdapter(list[Doubt])


@dataclass(frozen=True)
class Standing:
    """A stored alert: its locked row of `ingest.alerts`, and what its events show."""

    row: Row[Any]
    assessed: Assessed
    strengthened: bool = False

    @classmethod
    async def of(cls, connection: AsyncConnection, books: RuleBooks, row: Row[Any]) -> "Standing":
        """By the book and the classification that it was first graded with."""
        event = AnomalyEvent.model_validate_json(to_json(row.deciding_event or row.event))
        book = await books.version_or_first(connection, row.grading["rule_book_version"])
        return cls(row, Assessed.of(row.alert_id, event, occurrence_of(row), book, row.classification))

    @property
    def graded(self) -> Graded:
        """Its grade as it stands."""
        grading, level = Grading.model_validate(self.row.grading), Level(self.row.level)
        return Graded(
            level=level,
            name=self.assessed.decided.name,
            response=self.assessed.response(level),
            grading=grading,
            doubts=_DOUBTS.validate_python(self.row.doubts),
        )

    @property
    def strictest(self) -> Level:
        """What the rules came to at the strictest; the alert's level is lower where people decided so."""
        return Level(self.row.graded_level or self.row.level)

    def asks_of(self, changed: Sequence[Trace]) -> bool:
        """Whether any of `changed` is part of its past."""
        return any(question.counts(trace) for question in self.assessed.questions().values() for trace in changed)

    def revised(self, graded: Graded, cause: Cause, now: datetime) -> "Revision":
        return Revision(self, Alert(self.assessed, graded, self.row.received_at, now), cause)


@dataclass(frozen=True)
class Revision:
    """Another grade for a stored alert, issued now; the one before is kept with what superseded it."""

    standing: Standing
    alert: Alert
    cause: Cause

    @property
    def number(self) -> int:
        number: int = self.standing.row.revision + 1
        return number

    def to_event(self) -> Event:
        previous = Level(self.standing.row.level)
        return self.alert.to_regraded_event(previous=previous, revision=self.number, cause=self.cause)


async def grade_all(
    connection: AsyncConnection,
    books: RuleBooks,
    new: Sequence[Assessed],
    strengthened: Sequence[Standing],
    memory: timedelta,
    now: datetime,
) -> tuple[list[Graded], list[Revision]]:
    """The grades of `new` alerts, and every revision that they and the `strengthened` ones bring about.

    `memory` is how far any book's history reaches.
    """
    changed = [one.trace for one in new] + [standing.assessed.trace for standing in strengthened]
    rows = await recall.later_alerts(connection, changed, memory)
    met = [await Standing.of(connection, books, row) for row in rows]
    later = [standing for standing in met if standing.asks_of(changed)]
    standings = [*strengthened, *later]
    assessed = [*new, *(standing.assessed for standing in standings)]
    questions = [question for one in assessed for question in one.questions().values()]
    answers = await recall.recall(connection, questions, [one.trace.alert_id for one in assessed])
    recalled = recall_together(assessed, answers.__getitem__)
    grades = [one.graded(known) for one, known in zip(new, recalled, strict=False)]
    revisions = [
        standing.revised(standing.assessed.graded(known), "repeat" if standing.strengthened else "history", now)
        for standing, known in zip(standings, recalled[len(new) :], strict=True)
        if standing.assessed.level(known).rank > standing.strictest.rank
    ]
    return grades, revisions


async def grade_again(connection: AsyncConnection, standing: Standing, since: Since = NOTHING_SINCE) -> Graded:
    """What the rules come to for a stored alert by what is known now."""
    recalled = await recall.recall_for(connection, standing.assessed)
    return standing.assessed.graded(recalled, since)


async def strengthen(connection: AsyncConnection, standings: Sequence[Standing]) -> None:
    """Keep what the strongest event of each shows, for the history."""
    changes = [
        {
            "its_id": standing.row.alert_id,
            "own_rule": standing.assessed.trace.rule,
            "own_level": standing.assessed.trace.level,
            "exceeding": standing.assessed.trace.exceeding,
            "deciding_event": standing.assessed.event.model_dump(mode="json", exclude_none=True),
        }
        for standing in standings
    ]
    await _change_alerts(connection, changes)


async def revise(work: UnitOfWork, revisions: Sequence[Revision], **columns: Any) -> None:
    """Make the revisions the alerts' grades, keep the former ones and emit the new. `columns` are set beside them."""
    if not revisions:
        return
    former = [
        {name: getattr(one.standing.row, name) for name in _FORMER} | {"superseded_at": work.now, "cause": one.cause}
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
