"""Grading stored alerts again: when a resend shows more, or an arrival changes what happened before them.

Automatic changes only ever make a grade stricter. What would make it milder becomes a proposal for people to decide
(domain.md, Carry-over). Whoever calls these holds the locks of the enterprises (`store.intake.lock_enterprises`).
"""

from collections.abc import Mapping, Sequence, Set
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.alert import Cause, Revision, StoredAlert
from services.alert_ingest.domain.assessment import Assessment, earlier_alerts_of_all
from services.alert_ingest.domain.event_facts import NO_LATER_FACTS, LaterFacts
from services.alert_ingest.domain.grading import Grade
from services.alert_ingest.store import graded_alerts
from services.alert_ingest.store import grades as grade_store
from services.alert_ingest.store import history as history_store
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import Level
from shared.messaging.unit_of_work import UnitOfWork


async def grade_all(
    work: UnitOfWork,
    books: RuleBooks,
    new: Sequence[Assessment],
    strengthened: Sequence[StoredAlert],
    reach: timedelta,
    held: Set[UUID] = frozenset(),
) -> tuple[list[Grade], list[Revision]]:
    """Grade `new` alerts, and find every revision that they and the `strengthened` ones bring about.

    `reach` is how far back any book's history looks. What is `held` is nobody's past until it is confirmed.
    """
    entries = [one.entry for one in new] + [one.assessment.entry for one in strengthened]
    changed = [entry for entry in entries if entry.alert_id not in held] if held else entries
    # The new ones are not stored yet.
    apart = [one.alert_id for one in strengthened if one.alert_id not in held]
    affected = await graded_alerts.later_alerts(work.connection, books, changed, apart, reach)
    because_of: list[tuple[Cause, Sequence[StoredAlert]]] = [("repeat", strengthened), ("history", affected)]
    stored = [(one, cause) for cause, alerts in because_of for one in alerts]
    assessments = [*new, *(one.assessment for one, _ in stored)]
    queries = [query for one in assessments for query in one.history_queries.values()]
    answers = await history_store.earlier_alerts(work.connection, queries, [one.alert_id for one, _ in stored])
    earlier = earlier_alerts_of_all(assessments, answers.__getitem__, held)
    grades = [one.grade(known) for one, known in zip(new, earlier, strict=False)]
    revisions = [
        one.revised(one.assessment.grade(known), cause, work.now)
        for (one, cause), known in zip(stored, earlier[len(new) :], strict=True)
        if one.assessment.level(known).rank > one.graded_level.rank
    ]
    return grades, revisions


async def regrade(connection: AsyncConnection, stored: StoredAlert, later: LaterFacts = NO_LATER_FACTS) -> Grade:
    """Grade a stored alert by what is known now. What came to light `later` counts from the level it stands at."""
    earlier = await history_store.earlier_alerts_of(connection, stored.assessment)
    standing = Level.WHITE if later == NO_LATER_FACTS else stored.level
    return stored.assessment.grade(earlier, later, standing)


async def apply_revisions(
    work: UnitOfWork, revisions: Sequence[Revision], decision: Mapping[str, Any] | None = None
) -> None:
    """Make the revisions the grades of their alerts, keep the former ones, and emit the new.

    `decision` is what people decided, where that is why.
    """
    await grade_store.store_revisions(work.connection, revisions, work.now, decision)
    work.emit(*(revision.to_event() for revision in revisions))
