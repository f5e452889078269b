"""What people decide about alerts: dismiss one as a false alarm, or lower its grade.

One proposes with a reason, another confirms or rejects, and either way the record is kept (domain.md: dismissed takes
two people; a downgrade is a person's reasoned, reviewed decision). Tricolor proposes too, and never reviews.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest import tables
from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.handlers import regrading
from services.alert_ingest.handlers.regrading import StoredAlert
from services.alert_ingest.store import intake as intake_store
from services.alert_ingest.store.rule_book_versions import RuleBooks
from shared.contract.events import ALERT_DISMISSED, AlertDismissed, Level
from shared.contract.messages import Event
from shared.contract.refusals import Conflict, NotFound
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.identifiers import identifier
from shared.time.instants import shown

SYSTEM = "system:tricolor"
_ALERTS = tables.alerts.c
_DECISIONS = tables.decisions.c


@dataclass(frozen=True)
class Proposal:
    """What somebody would have decided. A downgrade names the `level`, a dismissal has none."""

    alert_id: UUID
    kind: Literal["dismiss", "downgrade"]
    level: Level | None
    ground: str
    reason: str
    proposed_by: str


def downgrade_for_resend(shown_less: Assessment, level: Level) -> Proposal:
    """A resend or a mark shows less than the alert's `level`: for people to look at."""
    source, event_id, rule = shown_less.event.source, shown_less.event.id, shown_less.decided
    return _by_system(
        shown_less,
        "resend",
        f"{source} 重报的事件 {event_id} 仅达到“{rule.name.zh}”，现为 {level}。"
        f"The event {event_id}, sent again, shows no more than {rule.code}; the alert is {level}.",
    )


def downgrade_for_answer(stored: StoredAlert, answered_at: datetime) -> Proposal:
    """The enterprise had answered in time, and word of it came late."""
    return _by_system(
        stored.assessment,
        "answered",
        f"企业已于 {shown(answered_at)} 反馈，早于未反馈升级。"
        f"The enterprise had answered at {shown(answered_at)}, before the alert was upgraded for silence.",
    )


def downgrade_for_dismissal(stored: StoredAlert, level: Level, dismissed: UUID) -> Proposal:
    """An alert that was counted towards an upgrade turned out to be none."""
    proposal = _by_system(
        stored.assessment,
        "cause-dismissed",
        f"升级所依据的预警 {dismissed} 已撤销。The alert {dismissed}, which the upgrade rests on, was dismissed.",
    )
    return replace(proposal, level=level)


def _by_system(assessment: Assessment, ground: str, reason: str) -> Proposal:
    entry = assessment.entry
    return Proposal(entry.alert_id, "downgrade", entry.level, ground, reason, SYSTEM)


async def propose(work: UnitOfWork, proposals: Sequence[Proposal]) -> list[UUID]:
    """Keep the proposals, but for alerts of which one is open; answer the identifiers of those kept."""
    if not proposals:
        return []
    rows = [
        vars(proposal) | {"decision_id": identifier(work.now), "proposed_at": work.now, "state": "proposed"}
        for proposal in proposals
    ]
    kept = await work.connection.scalars(
        insert(tables.decisions).on_conflict_do_nothing().returning(_DECISIONS.decision_id), rows
    )
    return list(kept)


async def propose_one(work: UnitOfWork, proposal: Proposal) -> UUID:
    """Keep a person's proposal; answer its identifier.

    Raises NotFound, and Conflict where the alert cannot be decided like that or another proposal is open.
    """
    row = await _locked(work.connection, proposal.alert_id)
    if row.dismissed_at is not None:
        raise _not_proposed("already-dismissed", "the alert was dismissed before")
    if proposal.level is not None and proposal.level.rank >= Level(row.level).rank:
        raise _not_proposed("not-lower", f"the alert is {row.level}; {proposal.level} would be no downgrade")
    kept = await propose(work, [proposal])
    if not kept:
        raise _not_proposed("proposal-open", "another proposal for this alert waits for its review")
    return kept[0]


async def review(
    work: UnitOfWork, books: RuleBooks, decision_id: UUID, *, confirm: bool, reason: str | None, reviewer: str
) -> None:
    """Confirm or reject a proposal.

    Raises NotFound, and Conflict where it was reviewed before, or by whoever proposed it, or the alert has changed
    meanwhile.
    """
    connection = work.connection
    asked = select(tables.decisions).where(_DECISIONS.decision_id == decision_id)
    found = (await connection.execute(asked)).one_or_none()
    if found is None:
        raise NotFound("decision", decision_id)
    row = await _locked(connection, found.alert_id)
    decision = (await connection.execute(asked)).one()
    if decision.state != "proposed":
        raise _not_reviewed("already-reviewed", f"the proposal was {decision.state} by {decision.reviewed_by}")
    if decision.proposed_by == reviewer:
        raise _not_reviewed("two-people", "whoever proposed it cannot review it")
    if confirm and (row.dismissed_at is not None or _no_longer_lower(decision, row)):
        raise _not_reviewed("alert-changed", "the alert has changed since; reject the proposal and make another")
    await connection.execute(
        update(tables.decisions)
        .where(_DECISIONS.decision_id == decision_id)
        .values(
            state="confirmed" if confirm else "rejected",
            reviewed_by=reviewer,
            reviewed_at=work.now,
            review_reason=reason,
        )
    )
    if not confirm:
        return
    kept = {name: getattr(decision, name) for name in ("kind", "level", "ground", "reason", "proposed_by")} | {
        "decision_id": str(decision_id),
        "confirmed_by": reviewer,
        "at": shown(work.now),
    }
    stored = await StoredAlert.of(connection, books, row)
    if decision.kind == "dismiss":
        await _dismiss(work, books, stored, kept)
        return
    level = Level(decision.level)
    graded = replace(stored.graded, level=level, response=stored.assessment.response(level))
    revision = stored.revised(graded, "decision", work.now)
    await regrading.apply_revisions(work, [revision], decision=kept, graded_level=row.graded_level or row.level)


async def _dismiss(work: UnitOfWork, books: RuleBooks, stored: StoredAlert, kept: dict[str, Any]) -> None:
    row = stored.row
    await work.connection.execute(
        update(tables.alerts)
        .where(_ALERTS.alert_id == row.alert_id)
        .values(dismissed_at=work.now, decision=kept, look_again_at=None)
    )
    await propose(work, await _unsupported(work.connection, books, row.alert_id, row.enterprise_code))
    data = AlertDismissed(
        alert_id=row.alert_id,
        enterprise=stored.assessment.event.data.enterprise,
        level=Level(row.level),
        ground=kept["ground"],
        reason=kept["reason"],
        proposed_by=kept["proposed_by"],
        confirmed_by=kept["confirmed_by"],
        at=work.now,
    )
    work.emit(Event(ALERT_DISMISSED, row.enterprise_code, data))


async def _unsupported(
    connection: AsyncConnection, books: RuleBooks, dismissed: UUID, enterprise_code: str
) -> list[Proposal]:
    """Upgrades that counted the dismissed alert and would not have come about without it."""
    rows = await connection.execute(
        text("""
            select * from ingest.alerts
             where enterprise_code = :enterprise_code and jsonb_exists(grading->'causes', :dismissed)
               and dismissed_at is null
        """),
        {"enterprise_code": enterprise_code, "dismissed": str(dismissed)},
    )
    proposals: list[Proposal] = []
    for row in rows.all():
        stored = await StoredAlert.of(connection, books, row)
        level = (await regrading.regrade(connection, stored)).level
        if level.rank < Level(row.level).rank:
            proposals.append(downgrade_for_dismissal(stored, level, dismissed))
    return proposals


async def _locked(connection: AsyncConnection, alert_id: UUID) -> Row[Any]:
    """The alert with its enterprise's lock, as every change of an alert has it. Raises NotFound."""
    code = await connection.scalar(select(_ALERTS.enterprise_code).where(_ALERTS.alert_id == alert_id))
    if code is None:
        raise NotFound("alert", alert_id)
    await intake_store.lock_enterprises(connection, [code])
    return (await connection.execute(select(tables.alerts).where(_ALERTS.alert_id == alert_id).with_for_update())).one()


def _not_proposed(code: str, detail: str) -> Conflict:
    return Conflict(code, detail, title="Not proposed")


def _not_reviewed(code: str, detail: str) -> Conflict:
    return Conflict(code, detail, title="Not reviewed")


def _no_longer_lower(decision: Row[Any], row: Row[Any]) -> bool:
    return decision.level is not None and Level(decision.level).rank >= Level(row.level).rank
