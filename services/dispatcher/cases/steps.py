"""Storing the steps of cases: the state, the timeline, the events and the wake-ups. Nothing else changes a state."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import to_json
from sqlalchemy import bindparam, insert, update

from services.dispatcher import tables
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.lifecycle import SYSTEM, CaseStep
from shared.contract.events import Actor, CaseEvent
from shared.contract.messages import Event, HashedFile
from shared.evidence.domain.facts import case_chain
from shared.evidence.domain.records import Fact

TRICOLOR = Actor(role=SYSTEM, subject="tricolor")


@dataclass(frozen=True)
class StepDetails:
    """Who took the steps of a case, why, and what else is kept of them as evidence."""

    actor: Actor = TRICOLOR
    reason: str | None = None
    claimed_at: datetime | None = None
    policy_version: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)


async def record(work: CaseUnitOfWork, case: Case, steps: Sequence[CaseStep], details: StepDetails) -> None:
    """Store the steps of a locked case, each with its entry in the timeline and its event, and wake the team."""
    await record_all(work, [(case, steps, details)])


async def record_all(work: CaseUnitOfWork, taken: Sequence[tuple[Case, Sequence[CaseStep], StepDetails]]) -> None:
    """Store the steps of several cases as `record` stores those of one.

    What Tricolor decided itself, it decided by the dispatch policy in force, unless the details name another version.
    """
    if not taken:
        return
    decides = any(details.actor.role == SYSTEM for _, _, details in taken)
    in_force = (await work.policy()).version if decides else None
    entries, ends = [], []
    for case, steps, details in taken:
        for step in steps:
            case.state, case.state_before, case.revision = step.state, step.state_before, case.revision + 1
            if step.arrives:
                case.arrived_at = case.arrived_at or work.now
            entries.append(_entry(work, case, step.event, details))
            work.emit(Event(step.event, case.enterprise_code, _event(work, case, step, details, in_force)))
            if step.closes:
                ends.append({"of_case": case.case_id, "outcome": step.outcome, "closed_at": work.now})
        work.wake(case.officers)
    await work.connection.execute(_MOVE, [_moved(case) for case, _, _ in taken])
    if ends:
        await work.connection.execute(_CLOSE, ends)
    await work.connection.execute(insert(tables.timeline), entries)


async def note(work: CaseUnitOfWork, case: Case, type_: str, details: StepDetails) -> None:
    """Store an entry in the timeline alone, for what is evidence and changes nothing."""
    entry = _entry(work, case, type_, details)
    await work.connection.execute(insert(tables.timeline), [entry])
    work.record(_fact(entry, details))


_MOVING = ("state", "revision", "station", "held_above", "state_before", "merged_into", "arrived_at", "planned_end")
_OF_CASE = tables.cases.c.case_id == bindparam("of_case")
_MOVE = update(tables.cases).where(_OF_CASE).values({name: bindparam(name) for name in _MOVING})
_CLOSE = update(tables.cases).where(_OF_CASE).values(outcome=bindparam("outcome"), closed_at=bindparam("closed_at"))


def _moved(case: Case) -> dict[str, Any]:
    return {"of_case": case.case_id} | {name: getattr(case, name) for name in _MOVING}


def _entry(work: CaseUnitOfWork, case: Case, type_: str, details: StepDetails) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "enterprise_code": case.enterprise_code,
        "type": type_,
        "state": case.state,
        "at": work.now,
        "claimed_at": details.claimed_at,
        "actor_role": details.actor.role,
        "actor_subject": details.actor.subject,
        "reason": details.reason,
        "detail": details.detail,
    }


def _fact(entry: dict[str, Any], details: StepDetails) -> Fact:
    """What is kept as evidence of an entry that no event tells of."""
    file, policy = entry["detail"].get("sha256"), details.policy_version
    return Fact(
        type_=entry["type"],
        chain=case_chain(entry["case_id"]),
        enterprise=entry["enterprise_code"],
        document=to_json(entry),
        actor=details.actor,
        claimed_at=details.claimed_at,
        files=() if file is None else (HashedFile(entry["detail"]["name"], file, entry["detail"]["size"]),),
        policy={} if policy is None else {"policy": policy},
    )


def _event(work: CaseUnitOfWork, case: Case, step: CaseStep, details: StepDetails, in_force: str | None) -> CaseEvent:
    by_policy = in_force if details.actor.role == SYSTEM else None
    return CaseEvent(
        case_id=case.case_id,
        kind=case.kind,
        level=case.level,
        state=case.state,
        enterprise_code=case.enterprise_code,
        enterprise_name=case.enterprise_name,
        station=case.station,
        alert_ids=case.alert_ids,
        alert_id=case.alert_id,
        issued_at=case.issued_at,
        at=work.now,
        revision=case.revision,
        actor=details.actor,
        team=case.team,
        arrived_at=case.arrived_at,
        claimed_at=details.claimed_at,
        reason=details.reason,
        outcome=step.outcome,
        raised_by=case.raised_by,
        planned_end=case.planned_end,
        policy_version=details.policy_version or by_policy,
        detail=details.detail,
        **case.particulars,
    )
