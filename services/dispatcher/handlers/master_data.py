"""Writing stations, officers, staff and enterprises, and what follows: cases given to others."""

from services.dispatcher.assignments.queue import replan
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.master_records import (
    Enterprise,
    EnterpriseFields,
    Officer,
    OfficerFields,
    Staff,
    StaffFields,
    Station,
    StationFields,
)
from services.dispatcher.master_data.store import lock_station_of, require_station, write
from shared.contract.principal import Principal
from shared.contract.refusals import NotAllowed
from shared.contract.roles import Role


async def write_station(work: CaseUnitOfWork, code: str, fields: StationFields) -> Station:
    """Create or replace a station."""
    (row,) = await write(work, "stations", [{"code": code, **fields.model_dump()}])
    return Station.model_validate(row)


async def write_officer(work: CaseUnitOfWork, caller: Principal, code: str, fields: OfficerFields) -> Officer:
    """Create or replace an officer, and give what the officer may not go for now to others.

    Raises NotAllowed, Invalid.
    """
    await _require_reach(work, caller, code, fields.station)
    await require_station(work.connection, fields.station)
    (row,) = await write(work, "officers", [{"code": code, **fields.model_dump()}])
    await replan(work, {code})
    return Officer.model_validate(row)


async def write_staff(work: CaseUnitOfWork, code: str, fields: StaffFields) -> Staff:
    """Create or replace somebody of an office. Raises Invalid."""
    if fields.station is not None:
        await require_station(work.connection, fields.station)
    (row,) = await write(work, "staff", [{"code": code, **fields.model_dump()}])
    return Staff.model_validate(row)


async def write_enterprise(work: CaseUnitOfWork, code: str, fields: EnterpriseFields) -> Enterprise:
    """Create or replace an enterprise. Raises Invalid."""
    if fields.station is not None:
        await require_station(work.connection, fields.station)
    (row,) = await write(work, "enterprises", [{"code": code, **fields.model_dump(), "source": "master"}])
    return Enterprise.model_validate(row)


async def _require_reach(work: CaseUnitOfWork, caller: Principal, officer: str, station: str) -> None:
    """A chief's reach is the own station: both the one an officer belongs to now and the one to come."""
    if caller.role is not Role.STATION_CHIEF:
        return
    present = await lock_station_of(work.connection, officer)
    if caller.station is None or {present or station, station} != {caller.station}:
        raise NotAllowed(f"You write the officers of your own station only; it is {caller.station}.")
