"""Every grade that a batch of events gives or changes, and what people are asked to look at because of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from services.alert_ingest.domain import reminders
from services.alert_ingest.domain.age import doubt_of_age
from services.alert_ingest.domain.alert import Alert, Revision, StoredAlert
from services.alert_ingest.domain.assessment import Assessment, evaluate
from services.alert_ingest.domain.decisions import Proposal, downgrade_for_resend
from services.alert_ingest.domain.deduplication import Deduplication
from services.alert_ingest.domain.doubts import outlet_of_another, unregistered
from services.alert_ingest.domain.parsing import Received
from services.alert_ingest.domain.rule_book.book import RuleBook
from services.alert_ingest.domain.shutdowns import Excuses
from services.alert_ingest.handlers import regrading
from services.alert_ingest.handlers.shutdowns import excuses_of
from services.alert_ingest.store import graded_alerts
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store import outlets as outlet_store
from services.alert_ingest.store import reminders as reminder_store
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import AnomalyEvent, Level
from shared.messaging.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class BatchGrades:
    """The grades that a batch gives, the grades that it changes, and what people are asked to look at.

    `strengthened` are stored alerts of which a resend shows more; `proposals` are about those it shows less of;
    `counted` says on which reminder a white one is counted.
    """

    opened: list[tuple[Alert, Received]]
    strengthened: list[StoredAlert]
    revisions: list[Revision]
    proposals: list[Proposal]
    levels: dict[UUID, Level]
    counted: Mapping[UUID, UUID] = field(default_factory=dict)


async def grade_batch(
    work: UnitOfWork,
    books: RuleBooks,
    deduplication: Deduplication,
    known: Iterable[Row[Any]],
    enterprises: Mapping[str, intake_store.KnownEnterprise],
    book: RuleBook,
) -> BatchGrades:
    """Find every grade that the batch gives or changes. `known` are the stored alerts that it has events of."""
    excuses = await excuses_of(work, [event.received for event in deduplication.events], book)
    repeats: dict[UUID, list[AnomalyEvent]] = {}
    for event in deduplication.repeats:
        repeats.setdefault(event.alert_id, []).append(excuses.applied(event.received.event))
    opening = deduplication.opened
    classified = {code: one.classification for code, one in enterprises.items()}
    old = {
        event.alert_id: doubt
        for event in opening
        if (doubt := doubt_of_age(event.received.event, book.policy, work.now)) is not None
    }
    new = [
        evaluate(
            Assessment.opened_by(_as_excused(event.received, excuses), event.alert_id, book, classified),
            repeats.get(event.alert_id, ()) if repeats else (),
        )
        for event in opening
    ]
    stored = {
        row.alert_id: await graded_alerts.stored_alert(work.connection, books, row)
        for row in known
        if row.alert_id in repeats
    }
    repeated = {alert_id: evaluate(one.assessment, repeats[alert_id]) for alert_id, one in stored.items()}
    strengthened = [
        replace(one, assessment=repeated[alert_id].strongest)
        for alert_id, one in stored.items()
        if repeated[alert_id].strongest is not one.assessment
    ]
    reach = await books.history_reach(work.connection)
    firsts = [evaluation.strongest for evaluation in new]
    held = {*old} | {
        one.alert_id
        for one in strengthened
        if one.held or doubt_of_age(one.assessment.event, one.assessment.book.policy, work.now) is not None
    }
    grades, revisions = await regrading.grade_all(work, books, firsts, strengthened, reach, held)
    holders = await outlet_store.holders(
        work.connection,
        [
            (mn, event.received.occurrence.enterprise_code)
            for event in opening
            if (mn := event.received.event.data.outlet.mn) is not None
        ],
    )
    opened = []
    for strongest, grade, event in zip(firsts, grades, opening, strict=True):
        received, too_old = event.received, old.get(event.alert_id) if old else None
        doubts = [*received.doubts, *excuses.doubts_of(strongest.event)]
        if too_old is not None:
            doubts.append(too_old)
        code, mn = received.occurrence.enterprise_code, received.event.data.outlet.mn
        if not enterprises[code].registered:
            doubts.append(unregistered())
        if mn is not None and holders[mn].enterprise_code != code:
            doubts.append(outlet_of_another(mn, holders[mn]))
        doubted = grade.doubted(doubts) if doubts else grade
        opened.append((Alert(strongest, doubted, work.now, work.now, held=too_old is not None), received))
    levels = (
        {alert_id: one.level for alert_id, one in stored.items()}
        | {alert.alert_id: alert.grade.level for alert, _ in opened}
        | {revision.alert.alert_id: revision.alert.grade.level for revision in revisions}
    )
    proposals = [
        downgrade_for_resend(weaker, levels[weaker.entry.alert_id])
        for evaluation in (*new, *repeated.values())
        for weaker in evaluation.weaker[-1:]
        if weaker.entry.level.rank < levels[weaker.entry.alert_id].rank
    ]
    return BatchGrades(opened, strengthened, revisions, proposals, levels)


def _as_excused(received: Received, excuses: Excuses) -> Received:
    """The event as the shutdown that covers it has it marked; as it came where none does."""
    event = excuses.applied(received.event)
    return received if event is received.event else received._replace(event=event)


async def reminding_once(work: UnitOfWork, grades: BatchGrades, book: RuleBook) -> BatchGrades:
    """Count the white alerts of a batch on the reminders that stand, those that earlier ones of it ask for too."""
    whites = reminders.keys_of([alert for alert, _ in grades.opened])
    since = work.now - reminders.span(book)
    known = await reminder_store.reminders_since(work.connection, set(whites.values()), since)
    counted = reminders.counted(whites, known)
    opened = [
        (alert._replace(counted_on=counted[alert.alert_id]) if alert.alert_id in counted else alert, one)
        for alert, one in grades.opened
    ]
    return replace(grades, opened=opened, counted=counted)
