"""Storing the steps of cases: the state, the timeline, the events and the wake-ups. Nothing else changes a state."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text

from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.lifecycle import ON_SITE, SYSTEM, WAITING, CaseStep
from shared.contract.cloudevents import written
from shared.contract.events import Actor, CaseEvent
from shared.contract.messages import Event, HashedFile
from shared.contract.trusted import made
from shared.evidence.domain.facts import case_chain
from shared.evidence.domain.records import Fact
from shared.storage.recordsets import recordset

TRICOLOR = Actor(role=SYSTEM, subject="tricolor")


@dataclass(frozen=True)
class StepDetails:
    """Who took the steps of a case, why, and what else is kept of them as evidence."""

    actor: Actor = TRICOLOR
    reason: str | None = None
    claimed_at: datetime | None = None
    policy_version: str | None = None
    happened_at: datetime | None = None
    """Where another service did it: when it did, not when it was heard of."""
    detail: dict[str, Any] = field(default_factory=dict)


class PendingSteps:
    """Steps that cases take one after another: emitted at once, and stored together by `store`.

    What Tricolor decides itself, it decides by the dispatch policy in force, unless the details name another version.
    """

    def __init__(self, work: CaseUnitOfWork, in_force: str | None) -> None:
        self._work, self._in_force = work, in_force
        self._moved: dict[UUID, Case] = {}
        self._outcomes: dict[UUID, str | None] = {}
        self._entries: list[dict[str, Any]] = []

    @classmethod
    async def by_policy(cls, work: CaseUnitOfWork) -> Self:
        """Steps that Tricolor takes by the policy in force."""
        return cls(work, (await work.policy()).version)

    def take(self, case: Case, steps: Sequence[CaseStep], details: StepDetails) -> None:
        """Have a locked case take steps, each with its entry in the timeline and its event, and wake the team."""
        work = self._work
        for step in steps:
            case.state, case.state_before, case.revision = step.state, step.state_before, case.revision + 1
            if step.arrives:
                case.arrived_at = case.arrived_at or work.now
            self._entries.append(_entry(work, case, step.event, details))
            work.emit(Event(step.event, case.enterprise_code, _event(work, case, step, details, self._in_force)))
            if step.closes:
                self._outcomes[case.case_id] = step.outcome
        work.wake(case.officers)
        if case.kind in ON_SITE and case.state in WAITING:
            work.queue()
        self._moved[case.case_id] = case

    def note(self, case: Case, type_: str, details: StepDetails) -> None:
        """Add an entry to the timeline alone, for what is evidence and changes nothing."""
        entry = _entry(self._work, case, type_, details)
        self._entries.append(entry)
        self._work.record(_fact(entry, details))

    async def store(self) -> None:
        """Store what was taken and noted since the last time; whoever reads cases or timelines calls it before."""
        moved = [_moved(case) | {"outcome": self._outcomes.get(case.case_id)} for case in self._moved.values()]
        entries = self._entries
        self._moved, self._outcomes, self._entries = {}, {}, []
        now = self._work.now
        if moved:
            await self._work.connection.execute(_MOVE, {"cases": written(moved), "now": now})
        if entries:
            await self._work.connection.execute(_ENTER, {"entries": written(entries)})


async def record(work: CaseUnitOfWork, case: Case, steps: Sequence[CaseStep], details: StepDetails) -> None:
    """Store the steps of a locked case, each with its entry in the timeline and its event, and wake the team."""
    await record_all(work, [(case, steps, details)])


async def record_all(work: CaseUnitOfWork, taken: Sequence[tuple[Case, Sequence[CaseStep], StepDetails]]) -> None:
    """Store the steps of several cases as `record` stores those of one."""
    if not taken:
        return
    decides = any(details.actor.role == SYSTEM for _, _, details in taken)
    pending = PendingSteps(work, (await work.policy()).version if decides else None)
    for case, steps, details in taken:
        pending.take(case, steps, details)
    await pending.store()


async def note(work: CaseUnitOfWork, case: Case, type_: str, details: StepDetails) -> None:
    """Store an entry in the timeline alone, for what is evidence and changes nothing."""
    pending = PendingSteps(work, None)
    pending.note(case, type_, details)
    await pending.store()


_MOVING = ("state", "revision", "station", "held_above", "state_before", "merged_into", "arrived_at", "planned_end")
_MOVE = text(f"""
    update dispatch.cases c
       set state = moved.state, revision = moved.revision, station = moved.station, held_above = moved.held_above,
           state_before = moved.state_before, merged_into = moved.merged_into, arrived_at = moved.arrived_at,
           planned_end = moved.planned_end,
           outcome = coalesce(moved.outcome, c.outcome),
           closed_at = case when moved.outcome is null then c.closed_at else :now end
      from {recordset("cases")} as moved (
             case_id uuid, state text, revision int, station text, held_above boolean, state_before text,
             merged_into uuid, arrived_at timestamptz, planned_end timestamptz, outcome text)
     where c.case_id = moved.case_id
""")
_ENTER = text(f"""
    insert into dispatch.timeline (case_id, enterprise_code, type, state, at, claimed_at, actor_role, actor_subject,
                                   reason, detail)
    select case_id, enterprise_code, type, state, at, claimed_at, actor_role, actor_subject, reason, detail
      from rows from ({recordset("entries")} as (
             case_id uuid, enterprise_code text, type text, state text, at timestamptz, claimed_at timestamptz,
             actor_role text, actor_subject text, reason text, detail jsonb))
           with ordinality as entry (case_id, enterprise_code, type, state, at, claimed_at, actor_role,
                                     actor_subject, reason, detail, number)
     order by number
""")


def _moved(case: Case) -> dict[str, Any]:
    return {"case_id": case.case_id} | {name: getattr(case, name) for name in _MOVING}


def _entry(work: CaseUnitOfWork, case: Case, type_: str, details: StepDetails) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "enterprise_code": case.enterprise_code,
        "type": type_,
        "state": case.state,
        "at": details.happened_at or work.now,
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
    if not case.alert_ids:
        raise RuntimeError(f"the alerts of case {case.case_id} were not read, and its event says what they found")
    by_policy = in_force if details.actor.role == SYSTEM else None
    return made(
        CaseEvent,
        {
            "case_id": case.case_id,
            "kind": case.kind,
            "level": case.level,
            "state": case.state,
            "enterprise_code": case.enterprise_code,
            "enterprise_name": case.enterprise_name,
            "station": case.station,
            "alert_ids": [*case.alert_ids],
            "alert_id": case.alert_id,
            "issued_at": case.issued_at,
            "at": work.now,
            "revision": case.revision,
            "actor": details.actor,
            "team": [*case.team],
            "arrived_at": case.arrived_at,
            "claimed_at": details.claimed_at,
            "reason": details.reason,
            "outcome": step.outcome,
            "raised_by": case.raised_by,
            "planned_end": case.planned_end,
            "policy_version": details.policy_version or by_policy,
            "detail": details.detail,
            **case.particulars,
        },
    )
