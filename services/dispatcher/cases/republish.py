"""Emitting lost openings and closings of cases again, composed from their rows and timelines."""

from collections import defaultdict
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from services.dispatcher import tables
from services.dispatcher.cases.store import Case, lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.lifecycle import SYSTEM
from shared.contract.events import Actor, CaseEvent, CaseType
from shared.contract.messages import Event

_TIMELINE, _CASES = tables.timeline.c, tables.cases.c


async def republish(work: CaseUnitOfWork, steps: Mapping[UUID, AbstractSet[CaseType]]) -> int:
    """Emit the openings and closings of these cases again, as of when they happened; return how many.

    A consumer that knows them finds nothing new in them. The team is left out: the timeline does not say
    who it was then.
    """
    outcomes = await work.connection.execute(select(_CASES.case_id, _CASES.outcome).where(_CASES.case_id.in_(steps)))
    ended_in = {row.case_id: row.outcome for row in outcomes}
    entries: defaultdict[UUID, list[Row[Any]]] = defaultdict(list)
    for entry in await work.connection.execute(
        select(tables.timeline).where(_TIMELINE.case_id.in_(steps)).order_by(_TIMELINE.entry_id)
    ):
        entries[entry.case_id].append(entry)
    for case in await lock_all(work, steps):
        # After it closed a case has one step at most: that it was asked for anew.
        after = sum(entry.type == CaseType.REOPENED for entry in entries[case.case_id])
        revisions = {CaseType.OPENED: 1, CaseType.CLOSED: case.revision - after}
        for entry in entries[case.case_id]:
            if entry.type in steps[case.case_id]:
                type_ = CaseType(entry.type)
                outcome = ended_in[case.case_id] if type_ is CaseType.CLOSED else None
                by_policy = await work.policy_version_at(entry.at) if entry.actor_role == SYSTEM else None
                composed = _event(case, entry, revisions[type_], outcome, by_policy)
                work.emit(Event(type_, case.enterprise_code, composed))
    return len(work.emitted)


def _event(case: Case, entry: Row[Any], revision: int, outcome: str | None, policy_version: str | None) -> CaseEvent:
    return CaseEvent(
        case_id=case.case_id,
        kind=case.kind,
        level=case.level,
        state=entry.state,
        enterprise_code=case.enterprise_code,
        enterprise_name=case.enterprise_name,
        station=case.station,
        alert_ids=case.alert_ids,
        alert_id=case.alert_id,
        issued_at=case.issued_at,
        at=entry.at,
        revision=revision,
        actor=Actor(role=entry.actor_role, subject=entry.actor_subject),
        arrived_at=case.arrived_at,
        claimed_at=entry.claimed_at,
        reason=entry.reason,
        outcome=outcome,
        raised_by=case.raised_by,
        policy_version=policy_version,
        planned_end=case.planned_end if entry.type == CaseType.CLOSED else None,
        detail=entry.detail,
        **case.particulars,
    )
