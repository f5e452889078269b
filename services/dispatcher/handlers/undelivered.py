"""Notices that did not arrive in time: the next channel is tried, then the station is told to phone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from services.dispatcher import tables
from services.dispatcher.cases.steps import PendingSteps, StepDetails
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
from shared.messaging.pacing import fitting
from shared.messaging.unit_of_work import UnitsOfWork
from shared.time.instants import shown

BEAT_SECONDS = 5.0
_PAGE, _CASES = 100, 500
"""Late notices in one unit of work, and the cases that they are about: a list may be about two hundred, all locked."""


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
            late = await undelivered.late(work.connection, work.now, _PAGE)
            if not late:
                return 0
            number = fitting([len(case_ids) for case_ids in late.values()], count=_PAGE, size=_CASES)
            about = dict(islice(late.items(), number))
            cases = await _lock_cases(work, {one for ids in about.values() for one in ids})
            notices = await undelivered.lock_late(work.connection, about, work.now)
            people = await reachable(work.connection, {_addressee(notice) for notice in notices})
            steps = await _latest_steps(work, cases)
            taken = _Taken(work, await work.policy())
            for notice in notices:
                asking = [
                    cases[one]
                    for one in about[notice.notice_id]
                    if one in cases and _asks(notice, _leading(cases, cases[one]), steps)
                ]
                known = people.get(_addressee(notice), Reachable())
                self._take(taken, _Late(notice, asking, known))
            await taken.store()
        return len(about)

    def _take(self, taken: "_Taken", late: _Late) -> None:
        notice = late.notice
        order = reach.order_of(notice.recipient_kind, late.recipient.people, self._channels)
        if not late.cases:
            taken.answered.append(notice.notice_id)
        elif notice.try_number + 1 < len(order):
            taken.try_next(notice)
        else:
            taken.tell(late)


class _Taken:
    """What becomes of the late notices of a page, stored together: a night's mass of them holds up nobody for long."""

    def __init__(self, work: CaseUnitOfWork, policy: DispatchPolicy) -> None:
        self._work, self._policy = work, policy
        self._steps = PendingSteps(work, policy.version)
        self._tries: list[undelivered.NextTry] = []
        self._told: list[UUID] = []
        self.answered: list[UUID] = []
        """Those that ask nothing any more."""

    def try_next(self, notice: Row[Any]) -> None:
        deliver_by = self._work.now + reach.window_of(notice.recipient_kind, self._policy.reach)
        self._tries.append(undelivered.NextTry(notice, deliver_by))

    def tell(self, late: _Late) -> None:
        """Tell the station to phone: it stands on every case, and there is an event of each."""
        work, version = self._work, self._policy.version
        details, draft = _details(late.notice, version, work.now), _draft(late)
        for case in late.cases:
            self._steps.note(case, NOTICE_UNDELIVERED, details)
            work.emit(Event(NOTICE_UNDELIVERED, case.enterprise_code, _event(work, late, case, draft, version)))
        work.notify([draft])
        self._told.append(late.notice.notice_id)

    async def store(self) -> None:
        connection, now = self._work.connection, self._work.now
        await undelivered.stop_waiting(connection, self.answered)
        await undelivered.begin_next_tries(connection, self._tries, now)
        await undelivered.mark_told(connection, self._told, now)
        await self._steps.store()


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
