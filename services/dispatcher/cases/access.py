"""Who may see and change a case, and the case as a caller sees it."""

from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.store import Case, lock
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.cases.views import CaseAnswer, case_rows
from shared.contract.principal import Principal
from shared.contract.refusals import NotFound, Stale
from shared.contract.roles import Role


async def show(work: CaseUnitOfWork, case_id: UUID, caller: Principal) -> CaseAnswer:
    """The answer to the caller about a case, as it is at this point of the transaction."""
    row = (await work.connection.execute(case_rows().where(tables.cases.c.case_id == case_id))).one()
    return CaseAnswer.of(row, caller)


async def case_for(work: CaseUnitOfWork, case_id: UUID, caller: Principal) -> Case:
    """Lock a case that is the caller's to change, and return it.

    Raises NotFound, which gives nothing away to a stranger, and Stale where it is not what the caller decided on.
    """
    case = await lock(work, case_id)
    if case is None or not _concerns(case, caller):
        raise NotFound("case", case_id)
    require_as_seen(work, case)
    return case


def require_as_seen(work: CaseUnitOfWork, case: Case) -> None:
    """Raises Stale for a locked case that has changed since the caller looked at it."""
    if work.seen is not None and work.seen != case.revision:
        raise Stale(
            "changed-meanwhile",
            f"The case is at revision {case.revision}, not {work.seen}, and {case.state}; look at it again.",
            state=case.state,
            revision=case.revision,
            team=case.officers,
        )


def _concerns(case: Case, caller: Principal) -> bool:
    match caller.role:
        case Role.ENTERPRISE:
            return caller.enterprise == case.enterprise_code
        case Role.OFFICER:
            return caller.subject in case.officers
        case Role.STATION_CHIEF:
            return caller.station is not None and caller.station == case.station
        case Role.SECTION | Role.LEADER | Role.ADMIN:
            return True
        case _:
            return False


def visible_to(caller: Principal) -> ColumnElement[bool]:
    """The condition for cases that the caller sees: an enterprise its own, officers and chiefs their station's.

    Officers also see those that were ever assigned to them, and those above a station see all.
    """
    cases, assignments = tables.cases.c, tables.assignments.c
    match caller.role:
        case Role.ENTERPRISE:
            return cases.enterprise_code == caller.enterprise
        case Role.OFFICER:
            held = select(assignments.case_id).where(assignments.officer == caller.subject)
            return or_(cases.station == caller.station if caller.station else false(), cases.case_id.in_(held))
        case Role.STATION_CHIEF:
            return cases.station == caller.station if caller.station else false()
        case _:
            return true()


async def require_sight(connection: AsyncConnection, case_id: UUID, caller: Principal) -> None:
    """Raises NotFound for a case that is not the caller's to see."""
    cases = tables.cases.c
    if await connection.scalar(select(cases.case_id).where(cases.case_id == case_id, visible_to(caller))) is None:
        raise NotFound("case", case_id)
