"""People of the registers whom one may try the system out as: those with something to do first."""

from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.contract.roles import Role

_STAFF = text(
    "select s.role, s.code, s.name, s.station, t.name as station_name"
    " from console.staff s left join console.stations t on t.code = s.station"
    " order by s.role, s.code limit 60"
)
_OFFICERS = text(
    "select o.code, o.name, o.station, t.name as station_name, count(c.case_id) as open_cases"
    " from console.officers o left join console.stations t on t.code = o.station"
    " left join console.cases c on c.closed_at is null and o.code = any(c.officers)"
    " group by 1, 2, 3, 4"
    " order by open_cases desc, row_number() over (partition by o.station order by o.code), o.code limit 24"
)
_ENTERPRISES = text(
    "select e.code, e.name, count(c.case_id) as open_cases from console.enterprises e"
    " left join console.cases c on c.enterprise_code = e.code and c.closed_at is null"
    " where e.name is not null group by 1, 2 order by open_cases desc, e.code limit 16"
)
_OF_ONE_PERSON = 3


class CodeName(BaseModel):
    """A station or an enterprise."""

    code: str
    name: str | None


class SamplePerson(BaseModel):
    """Someone whom one may sign in as."""

    role: Role
    subject: str
    name: str
    station: CodeName | None = None
    enterprise: CodeName | None = None
    enterprises: list[CodeName] = []
    open_cases: int = 0


async def some_of_each(connection: AsyncConnection) -> list[SamplePerson]:
    """Staff, officers and enterprises, a person of several enterprises, an auditor and an administrator."""
    staff = [
        SamplePerson(role=Role(row.role), subject=row.code, name=row.name, station=_station(row))
        for row in await connection.execute(_STAFF)
    ]
    officers = [
        SamplePerson(
            role=Role.OFFICER, subject=row.code, name=row.name, station=_station(row), open_cases=row.open_cases
        )
        for row in await connection.execute(_OFFICERS)
    ]
    alone = [
        SamplePerson(
            role=Role.ENTERPRISE,
            subject=row.code,
            name=row.name,
            enterprise=CodeName(code=row.code, name=row.name),
            open_cases=row.open_cases,
        )
        for row in await connection.execute(_ENTERPRISES)
    ]
    several = [one.enterprise for one in alone[:_OF_ONE_PERSON] if one.enterprise]
    together = [SamplePerson(role=Role.ENTERPRISE, subject="several", name="环保负责人", enterprises=several)]
    above = [
        SamplePerson(role=Role.AUDITOR, subject="auditor", name="审计人员"),
        SamplePerson(role=Role.ADMIN, subject="admin", name="系统管理员"),
    ]
    return [*staff, *officers, *(together if len(several) > 1 else []), *alone, *above]


def _station(row: object) -> CodeName | None:
    code: str | None = getattr(row, "station", None)
    return None if code is None else CodeName(code=code, name=getattr(row, "station_name", None))
