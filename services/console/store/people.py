"""What master data call people, stations and enterprises."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.principal import Principal
from shared.contract.roles import Role

_OFFICER = text("select name from console.officers where code = :code")
_STAFF = text("select name from console.staff where code = :code")
_STATION = text("select name from console.stations where code = :code")
_ENTERPRISES = text("select code, name from console.enterprises where code = any(cast(:codes as text[]))")


async def name_of(connection: AsyncConnection, caller: Principal) -> str | None:
    """The caller's name, where master data know the caller."""
    question = _OFFICER if caller.role is Role.OFFICER else _STAFF
    name: str | None = await connection.scalar(question, {"code": caller.subject})
    return name


async def station_name(connection: AsyncConnection, code: str | None) -> str | None:
    name: str | None = await connection.scalar(_STATION, {"code": code}) if code else None
    return name


async def enterprise_names(connection: AsyncConnection, codes: Sequence[str]) -> dict[str, str | None]:
    """By code, what these enterprises are called."""
    if not codes:
        return {}
    rows = await connection.execute(_ENTERPRISES, {"codes": list(codes)})
    return {row.code: row.name for row in rows}
