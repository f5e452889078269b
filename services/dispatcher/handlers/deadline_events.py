"""What happened to the deadlines of cases: noted in timelines, kept with the cases, told to whom it concerns."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text

from services.dispatcher.cases.steps import PendingSteps, StepDetails
from services.dispatcher.cases.store import Case, lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.lifecycle import ENDED_UNANSWERED
from services.dispatcher.notices import wording
from services.dispatcher.notices.undelivered import unheard_of
from services.dispatcher.visits.verifications import verify_on_site
from shared.contract.events import CaseKind, DeadlineEvent, DeadlineType
from shared.contract.words import ClockKind
from shared.messaging.inbox import Received

_LATE = frozenset({DeadlineType.MISSED, DeadlineType.UNANSWERED, DeadlineType.ESCALATED})
_KEPT = {
    "deadline_id",
    "kind",
    "started_at",
    "due_at",
    "due_text",
    "provisional",
    "step",
    "rung",
    "recipients",
    "reason",
    "version",
    "previous_due_at",
}


async def on_deadlines(work: CaseUnitOfWork, events: Sequence[Received[DeadlineEvent]]) -> None:
    """Note in the timelines what happened to deadlines of cases, and notify whom it concerns."""
    said = [(DeadlineType(event.type_), event.data) for event in events]
    cases = {case.case_id: case for case in await lock_all(work, {deadline.case_id for _, deadline in said})}
    late = {deadline.case_id for type_, deadline in said if type_ in _LATE} & cases.keys()
    unheard = await unheard_of(work.connection, late) if late else set[UUID]()
    steps, own = PendingSteps(work, None), _OwnDeadlines(work)
    for type_, deadline in said:
        if (case := cases.get(deadline.case_id)) is None:
            continue
        alone = type_ in _LATE and case.case_id in unheard
        detail = deadline.model_dump(mode="json", include=_KEPT) | ({"unheard": True} if alone else {})
        steps.note(case, type_, StepDetails(happened_at=deadline.at, detail=detail))
        work.notify(wording.deadline_notices(deadline, type_, case.officers, name=case.enterprise_name, unheard=alone))
        # Once an interim report was accepted, the case's own deadline is that of the final one.
        if deadline.kind != (ClockKind.FINAL_REPORT if case.planned_end is not None else case.kind):
            continue
        own.keep(type_, deadline, case)
        if type_ is DeadlineType.MISSED and case.kind is CaseKind.SELF_REPORT and case.state not in ENDED_UNANSWERED:
            await steps.store()
            await own.store()
            final = deadline.kind == ClockKind.FINAL_REPORT
            await verify_on_site(work, [case], "整改期满未提交最终反馈" if final else "黄色预警逾期未反馈")
    await steps.store()
    await own.store()


class _OwnDeadlines:
    """What the deadlines of the cases themselves say; other deadlines of a case are only noted."""

    def __init__(self, work: CaseUnitOfWork) -> None:
        self._work = work
        self._said: dict[UUID, dict[str, Any]] = {}

    def keep(self, type_: DeadlineType, deadline: DeadlineEvent, case: Case) -> None:
        """Have the case say so from now on, and wake its officers."""
        case.due_at, case.due_text, case.provisional = deadline.due_at, deadline.due_text, deadline.provisional
        said = self._said.setdefault(case.case_id, {"case_id": case.case_id, "marks": False})
        said |= {"due_at": deadline.due_at, "due_text": deadline.due_text, "provisional": deadline.provisional}
        said |= _mark(type_, deadline.due_at)
        self._work.wake(case.officers)

    async def store(self) -> None:
        said, self._said = [*self._said.values()], {}
        if said:
            await self._work.connection.execute(_KEEP, {"cases": to_json(said).decode()})


def _mark(type_: DeadlineType, due_at: datetime) -> Mapping[str, Any]:
    """Whether the case is marked as overdue by it, or not any more: the answer was received in time, and told late."""
    if type_ is DeadlineType.MISSED:
        return {"marks": True, "overdue_at": due_at}
    return {"marks": True, "overdue_at": None} if type_ is DeadlineType.MET else {}


_KEEP = text("""
    update dispatch.cases c
       set due_at = said.due_at, due_text = said.due_text, provisional = said.provisional,
           overdue_at = case when said.marks then said.overdue_at else c.overdue_at end
      from jsonb_to_recordset(cast(:cases as jsonb)) as said (
             case_id uuid, due_at timestamptz, due_text text, provisional boolean, marks boolean,
             overdue_at timestamptz)
     where c.case_id = said.case_id
""")
