"""What follows an outcome: it is kept with the case, a check is opened for its date, a file number comes later."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from services.dispatcher import tables
from services.dispatcher.cases.access import lock_case_to_change, show
from services.dispatcher.cases.opening import Opening, alert_of, open_case
from services.dispatcher.cases.steps import StepDetails, note, record
from services.dispatcher.cases.store import Case, lock_all
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.views import CaseAnswer
from services.dispatcher.domain import follow_ups, lifecycle
from services.dispatcher.domain.fields import Body, Code, Words
from services.dispatcher.domain.follow_ups import FILED, Carried, Check, Consequences, carried_in
from services.dispatcher.domain.lifecycle import SYSTEM, Action
from services.dispatcher.visits import shared_visits
from shared.contract.events import FILE_NUMBER_RECORDED, CaseKind, FileNumberRecorded
from shared.contract.messages import Event
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, Invalid
from shared.contract.words import CaseState
from shared.messaging.unit_of_work import UnitsOfWork

BEAT_SECONDS = 10.0
_AT_ONCE = 100
_CASES, _FEEDBACKS = tables.cases.c, tables.feedbacks.c


class FileNumberBody(Body):
    """立案号: the number of the penalty file. One that stands is corrected with a reason."""

    file_number: Code
    reason: Words | None = None


async def follow_outcomes(
    work: CaseUnitOfWork, closed: Sequence[Case], outcomes: Mapping[UUID, str], review: Consequences
) -> None:
    """Keep what the outcomes of closed visits carry, the first one the visit's own, and open the checks they bring.

    What the review says goes before what was reported. Raises Invalid where an outcome lacks what it must carry.
    """
    policy, by_review = await work.policy(), carried_in(review)
    follow_ups.require_dates(by_review, follow_ups.today(work.now), policy.follow_up)
    reports = await _latest_reports(work, [case.case_id for case in closed])
    for case in closed:
        outcome, report = outcomes[case.case_id], reports.get(case.case_id)
        # What was reported for another outcome than the one decided is no part of this one.
        reported = carried_in(report) if report is not None and report.outcome == outcome else Carried()
        carried = follow_ups.decided(outcome, by_review, reported, whole=case is closed[0])
        follow_ups.require_whole(outcome, carried)
        await _keep(work, case.case_id, carried)
        if carried.file_number is not None:
            _emit_file_number(work, case, carried.file_number)
        if (check := follow_ups.check_after(outcome, carried)) is not None:
            await _open_check(work, case, check, policy.version)


async def _latest_reports(work: CaseUnitOfWork, case_ids: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    rows = await work.connection.execute(
        select(tables.feedbacks)
        .where(_FEEDBACKS.case_id.in_(case_ids))
        .ext(distinct_on(_FEEDBACKS.case_id))
        .order_by(_FEEDBACKS.case_id, _FEEDBACKS.revision.desc())
    )
    return {row.case_id: row for row in rows}


async def _keep(work: CaseUnitOfWork, case_id: UUID, carried: Carried) -> None:
    await work.connection.execute(update(tables.cases).where(_CASES.case_id == case_id).values(carried._asdict()))


async def _open_check(work: CaseUnitOfWork, case: Case, check: Check, policy_version: str) -> None:
    """Open the follow-up check of a case; it waits for its day. Each of an alert has a number of its own."""
    before = await work.connection.scalar(
        select(func.count()).where(
            _CASES.alert_id == case.alert_id,
            _CASES.kind == CaseKind.FOLLOW_UP,
            _CASES.alert_revision == case.alert_revision,
        )
    )
    opening = Opening(
        await alert_of(work, case),
        CaseKind.FOLLOW_UP,
        station=case.station,
        issued_at=follow_ups.start_of(check),
        alert_revision=case.alert_revision,
        raised_by=case.case_id,
        reopening=before or 0,
        reason=check.zh,
        policy_version=policy_version,
    )
    opened = await open_case(work, opening)
    assert opened is not None  # noqa: S101  it has a number that no other has, and the enterprise is locked


async def record_file_number(
    work: CaseUnitOfWork, caller: Principal, case_id: UUID, body: FileNumberBody
) -> CaseAnswer:
    """Keep the number of a closed case's penalty file. Raises Conflict; Invalid for a change without a reason."""
    case = await lock_case_to_change(work, case_id, caller)
    row = (
        await work.connection.execute(select(_CASES.outcome, _CASES.file_number).where(_CASES.case_id == case_id))
    ).one()
    if row.outcome != FILED:
        raise Conflict("no-penalty-file", "This case was not closed as filed for penalty.", state=case.state)
    if row.file_number not in (None, body.file_number) and body.reason is None:
        raise Invalid("reason-missing", f"reason: the number {row.file_number} is on file; say why it changes.")
    await work.connection.execute(
        update(tables.cases).where(_CASES.case_id == case_id).values(file_number=body.file_number)
    )
    detail = {"file_number": body.file_number, "before": row.file_number}
    await note(work, case, FILE_NUMBER_RECORDED, StepDetails(caller.actor, reason=body.reason, detail=detail))
    _emit_file_number(work, case, body.file_number)
    return await show(work, case_id, caller)


def _emit_file_number(work: CaseUnitOfWork, case: Case, file_number: str) -> None:
    recorded = FileNumberRecorded(
        case_id=case.case_id,
        alert_id=case.alert_id,
        enterprise_code=case.enterprise_code,
        station=case.station,
        file_number=file_number,
        at=work.now,
    )
    work.emit(Event(FILE_NUMBER_RECORDED, case.enterprise_code, recorded))


class FollowUps:
    """Promises: a follow-up check whose day is over becomes a visit, once, and joins one that is open."""

    def __init__(self, units: UnitsOfWork[CaseUnitOfWork]) -> None:
        self._units = units

    async def run_once(self) -> int:
        """One pass, one unit of work. Answers how many checks began."""
        async with self._units.open() as work:
            found = await work.connection.scalars(
                select(_CASES.case_id)
                .where(
                    _CASES.state == CaseState.SCHEDULED,
                    _CASES.issued_at <= follow_ups.started_before(work.now),
                )
                .order_by(_CASES.issued_at, _CASES.case_id)
                .limit(_AT_ONCE)
            )
            begun = 0
            for case in await lock_all(work, found.all()):
                if lifecycle.may(case, Action.BEGIN_CHECK, SYSTEM):  # nobody else began it meanwhile
                    await record(work, case, lifecycle.apply(case, Action.BEGIN_CHECK, SYSTEM), StepDetails())
                    await shared_visits.join(work, case)
                    begun += 1
        return begun
