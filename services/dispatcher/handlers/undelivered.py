"""Notices that did not arrive in time: the next channel is tried, then the station is told to phone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from services.dispatcher import tables
from services.dispatcher.cases.steps import StepDetails, note
from services.dispatcher.cases.store import Case, lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import reach
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.notices import undelivered, wording
from services.dispatcher.notices.addresses import Addressee, Reachable, reachable
from services.dispatcher.notices.wording.phrases import enterprise, named
from shared.contract.events import Bilingual, Recipient
from shared.contract.messages import Event
from shared.contract.notices import NOTICE_UNDELIVERED, NoticeUndelivered
from shared.messaging.unit_of_work import UnitsOfWork
from shared.time.instants import shown

BEAT_SECONDS = 5.0
_PAGE = 100


@dataclass(frozen=True)
class _Late:
    """A late notice under lock, with the cases that still ask what it says, and how its recipient is reached."""

    notice: Row[Any]
    cases: Sequence[Case]
    recipient: Reachable


class UndeliveredNotices:
    """Promises: a notice on whose arrival a clock depends arrives, or somebody is told to phone."""

    def __init__(self, units: UnitsOfWork[CaseUnitOfWork], channels: Collection[str]) -> None:
        self._units, self._channels = units, channels

    async def run_once(self) -> int:
        """One pass over what is late, up to a page; return how many notices were looked at."""
        async with self._units.open() as work:
            about = await undelivered.late(work.connection, work.now, _PAGE)
            if not about:
                return 0
            cases = await _lock_cases(work, {one for ids in about.values() for one in ids})
            notices = await undelivered.lock_late(work.connection, about, work.now)
            people = await reachable(work.connection, {_addressee(notice) for notice in notices})
            steps = await _latest_steps(work, cases)
            policy = await work.policy()
            for notice in notices:
                asking = [
                    cases[one]
                    for one in about[notice.notice_id]
                    if one in cases and _asks(notice, _leading(cases, cases[one]), steps)
                ]
                known = people.get(_addressee(notice), Reachable())
                await self._handle(work, _Late(notice, asking, known), policy)
        return len(about)

    async def _handle(self, work: CaseUnitOfWork, late: _Late, policy: DispatchPolicy) -> None:
        notice = late.notice
        if not late.cases:
            await undelivered.stop_waiting(work.connection, notice.notice_id)
            return
        order = reach.order_of(notice.recipient_kind, late.recipient.people, self._channels)
        if notice.try_number + 1 < len(order):
            deliver_by = work.now + reach.window_of(notice.recipient_kind, policy.reach)
            await undelivered.begin_next_try(work.connection, notice, work.now, deliver_by)
            return
        await undelivered.mark_told(work.connection, notice, work.now)
        details = _details(notice, policy.version, work.now)
        draft = _draft(late)
        for case in late.cases:
            await note(work, case, NOTICE_UNDELIVERED, details)
            work.emit(Event(NOTICE_UNDELIVERED, case.enterprise_code, _event(work, late, case, draft, policy.version)))
        work.notify([draft])


def _addressee(notice: Row[Any]) -> Addressee:
    return Addressee(notice.recipient_kind, notice.recipient, notice.station)


async def _lock_cases(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> dict[UUID, Case]:
    """Lock the cases, and those that they joined, by which they are answered."""
    cases = {case.case_id: case for case in await lock_all(work, case_ids)}
    leads = {case.merged_into for case in cases.values() if case.merged_into is not None} - cases.keys()
    return cases | {case.case_id: case for case in await lock_all(work, leads)}


def _leading(cases: Mapping[UUID, Case], case: Case) -> Case:
    return case if case.merged_into is None else cases.get(case.merged_into, case)


def _asks(notice: Row[Any], case: Case, steps: Mapping[tuple[UUID, str], datetime]) -> bool:
    """Whether the case still asks the recipient what the notice says, who has taken no step on it since."""
    if not reach.still_asks(case, notice.recipient_kind):
        return False
    if notice.recipient_kind == "enterprise":
        return bool(notice.recipient == case.enterprise_code)
    step = steps.get((case.case_id, notice.recipient))
    return notice.recipient in case.officers and (step is None or step < notice.created_at)


async def _latest_steps(work: CaseUnitOfWork, cases: Collection[UUID]) -> dict[tuple[UUID, str], datetime]:
    """When the officers who have the cases last took a step: who acts on a case has heard of it."""
    held = tables.assignments.c
    latest = func.greatest(held.accepted_at, held.departed_at, held.arrived_at)
    rows = await work.connection.execute(
        select(held.case_id, held.officer, latest.label("at")).where(held.case_id.in_(cases), held.ended_at.is_(None))
    )
    return {(row.case_id, row.officer): row.at for row in rows if row.at is not None}


def _details(notice: Row[Any], policy_version: str, now: datetime) -> StepDetails:
    return StepDetails(
        policy_version=policy_version,
        detail={
            "notice_id": str(notice.notice_id),
            "purpose": notice.purpose,
            "recipient_kind": notice.recipient_kind,
            "recipient": notice.recipient,
            "queued_at": shown(notice.created_at),
            "tried": [*notice.tried, undelivered.try_of(notice, now)],
            "policy_version": policy_version,
        },
    )


def _event(
    work: CaseUnitOfWork, late: _Late, case: Case, draft: wording.NoticeDraft, policy_version: str
) -> NoticeUndelivered:
    notice = late.notice
    return NoticeUndelivered(
        notice_id=notice.notice_id,
        purpose=notice.purpose,
        recipient_kind=notice.recipient_kind,
        recipient=notice.recipient,
        case_id=case.case_id,
        alert_id=case.alert_id,
        kind=case.kind,
        level=case.level,
        enterprise_code=case.enterprise_code,
        station=case.station,
        at=work.now,
        queued_at=notice.created_at,
        channels=[one["channel"] for one in (*notice.tried, undelivered.try_of(notice, work.now)) if one["channel"]],
        recipients=[Recipient(role=draft.recipient, station=draft.station)],
        policy_version=policy_version,
    )


def _draft(late: _Late) -> wording.NoticeDraft:
    notice, known = late.notice, late.recipient
    recipient = (
        enterprise(notice.recipient, known.name)
        if notice.recipient_kind == "enterprise"
        else named(known.name, notice.recipient)
    )
    return wording.notice_undelivered(
        late.cases[0].facts,
        notice_id=notice.notice_id,
        subject=Bilingual.model_validate(notice.subject),
        recipient=recipient or wording.phone_of(None, None, notice.recipient),
        phones=[wording.phone_of(one.name, one.role, one.phone) for one in known.phones if one.phone],
        queued_at=notice.created_at,
    )
