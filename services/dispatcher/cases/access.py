"""Who may see and change a case, and the case as a caller sees it."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases import conditions
from services.dispatcher.cases.store import Case, lock
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.views import CaseAnswer, case_rows
from services.dispatcher.domain import disclosure
from shared.contract.disclosure import Sight, load
from shared.contract.events import CaseKind
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound, Stale
from shared.contract.roles import Reach, Role
from shared.contract.words import CaseState


async def show(work: CaseUnitOfWork, case_id: UUID, caller: Principal) -> CaseAnswer:
    """The answer to the caller about a case, as it is at this point of the transaction."""
    row = (await work.connection.execute(case_rows().where(tables.cases.c.case_id == case_id))).one()
    return CaseAnswer.of(row, caller)


async def lock_case_to_change(work: CaseUnitOfWork, case_id: UUID, caller: Principal) -> Case:
    """Lock a case that is the caller's to change, and return it.

    Raises NotFound, which gives nothing away to a stranger, and Stale where it is not what the caller decided on.
    """
    case = await lock(work, case_id)
    sight = None if case is None or not _may_change(case, caller) else sight_of(case, caller)
    if case is None or sight is None:
        raise NotFound("case", case_id)
    require_as_seen(work, case, sight)
    return case


def sight_of(case: Case, caller: Principal) -> Sight | None:
    """How much a caller who may change a case sees of it; None: for this caller it is not there."""
    return disclosure.sight_of(load(), caller, case.kind, case.state, arrived=case.arrived_at is not None)


def require_as_seen(work: CaseUnitOfWork, case: Case, sight: Sight = Sight.WHOLE) -> None:
    """Raises Stale for a locked case that has changed since the caller looked at it.

    An enterprise that sees only the visit or its outcome is not checked: nothing that it can do depends on a revision.
    """
    if work.seen is None or work.seen == case.revision or sight in (Sight.VISIT, Sight.OUTCOME):
        return
    raise Stale(
        "changed-meanwhile",
        f"The case is at revision {case.revision}, not {work.seen}, and {case.state}; look at it again.",
        state=case.state,
        revision=case.revision,
        team=case.officers if sight is Sight.WHOLE else [],
    )


def _may_change(case: Case, caller: Principal) -> bool:
    match caller.reach:
        case Reach.OWN if caller.role is Role.ENTERPRISE:
            return caller.is_of(case.enterprise_code)
        case Reach.OWN:
            return caller.subject in case.officers
        case Reach.STATION:
            return caller.is_at(case.station)
        case Reach.DISTRICT:
            return True


def visible_to(caller: Principal) -> ColumnElement[bool]:
    """The condition for the cases that the caller sees, before `CaseAnswer.of` says how much of them.

    Of the own ones an enterprise sees what is disclosed, an officer those ever held, with what joined them; the latter
    also beside those of the station.
    """
    cases, assignments = tables.cases.c, tables.assignments.c
    at_station = cases.station == caller.station if caller.station else false()
    held = select(assignments.case_id).where(assignments.officer == caller.subject)
    ever_held = or_(cases.case_id.in_(held), cases.merged_into.in_(held))
    match caller.reach:
        case Reach.OWN if caller.role is Role.ENTERPRISE:
            own = cases.enterprise_code.in_(caller.own_enterprises)
            return and_(own, conditions.shown_to_enterprises(load()))
        case Reach.OWN:
            return ever_held
        case Reach.STATION:
            return or_(at_station, ever_held) if caller.role is Role.OFFICER else at_station
        case Reach.DISTRICT:
            return true()


@dataclass(frozen=True)
class VisibleCase:
    """A case that the caller may see: how much of it, and in which state it is."""

    sight: Sight
    kind: CaseKind
    state: CaseState
    shown_state: CaseState


async def require_sight(connection: AsyncConnection, case_id: UUID, caller: Principal) -> VisibleCase:
    """How the caller sees a case. Raises NotFound for one that is not the caller's to see."""
    cases = tables.cases.c
    found = await connection.execute(
        select(cases.kind, cases.state, cases.arrived_at).where(cases.case_id == case_id, visible_to(caller))
    )
    row = found.one_or_none()
    if row is None:
        raise NotFound("case", case_id)
    kind, state, arrived = CaseKind(row.kind), CaseState(row.state), row.arrived_at is not None
    sight = disclosure.sight_of(load(), caller, kind, state, arrived=arrived)
    if sight is None:
        raise NotFound("case", case_id)
    return VisibleCase(sight, kind, state, disclosure.shown_state(caller, kind, state, arrived=arrived))
