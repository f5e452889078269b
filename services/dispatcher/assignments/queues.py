"""The stations' queues as they are stored: which cases wait, which were looked at in vain, and who could go then."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import Row, text

from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.tables import FRESH, WAITS

_ROW = "opened_at, case_id, enterprise_code, station"
_QUEUES = text(f"""
    select s.code as station, coalesce(q.able, '{{}}') as able
      from dispatch.stations s
      left join dispatch.assignment_queues q on q.station = s.code
     where exists (select 1 from dispatch.cases c where {WAITS} and c.station = s.code)
     union all
    select null, '{{}}' where exists (select 1 from dispatch.cases where {WAITS} and station is null)
""")
_FRESH = text(f"""
    select {_ROW} from dispatch.cases
     where {FRESH} and (station is null or station <> all(cast(:stations as text[])))
     order by opened_at, case_id limit :limit
""")
_PAGE = text(f"""
    select row.* from (
        select of_station.*
          from unnest(cast(:stations as text[])) as asked (station),
               lateral (select {_ROW} from dispatch.cases c
                         where {WAITS} and c.station = asked.station
                           and (c.opened_at, c.case_id) > (:opened_at, :case_id)
                         order by c.opened_at, c.case_id limit :limit) as of_station
         union all
        (select {_ROW} from dispatch.cases
          where :lost and {WAITS} and station is null and (opened_at, case_id) > (:opened_at, :case_id)
          order by opened_at, case_id limit :limit)) as row
     order by row.opened_at, row.case_id limit :limit
""")
_OF_CASES = text(f"select {_ROW} from dispatch.cases where case_id = any(cast(:case_ids as uuid[])) and {WAITS}")
_PASS_OVER = text("""
    update dispatch.cases set passed_over = revision
     where case_id = any(cast(:case_ids as uuid[])) and passed_over is distinct from revision
""")
_LOOK_AGAIN = text(f"update dispatch.cases set passed_over = null where enterprise_code = :code and {WAITS}")
_KEEP_ABLE = text("""
    insert into dispatch.assignment_queues (station, able, looked_at)
    select station, array(select jsonb_array_elements_text(able)), :now
      from jsonb_to_recordset(cast(:queues as jsonb)) as looked (station text, able jsonb)
     order by station
    on conflict (station) do update set able = excluded.able, looked_at = excluded.looked_at
""")
_FORGET_ABLE = text("""
    update dispatch.assignment_queues
       set able = array(select one from unnest(able) as one where one <> all(cast(:officers as text[])))
     where able && cast(:officers as text[])
""")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0)


class Queue(NamedTuple):
    """A station at which cases wait, and who could go there when all of them were last looked at.

    Without a station: the cases that none is in charge of.
    """

    station: str | None
    able: frozenset[str]


async def waiting(work: CaseUnitOfWork) -> list[Queue]:
    """The queues in which somebody waits."""
    return [Queue(row.station, frozenset(row.able)) for row in await work.connection.execute(_QUEUES)]


async def fresh(work: CaseUnitOfWork, limit: int, but: Iterable[str] = ()) -> Sequence[Row[Any]]:
    """The first cases that nobody has looked at since they came to wait, but for those of some stations."""
    return (await work.connection.execute(_FRESH, {"stations": [*but], "limit": limit})).all()


async def page_of(
    work: CaseUnitOfWork, stations: Collection[str], *, lost: bool, after: tuple[datetime, UUID] | None, limit: int
) -> Sequence[Row[Any]]:
    """The first cases behind `after` that wait at stations, and of those without one if they are `lost` too."""
    opened_at, case_id = after or _BEGINNING
    asked = {"stations": [*stations], "lost": lost, "opened_at": opened_at, "case_id": case_id, "limit": limit}
    return (await work.connection.execute(_PAGE, asked)).all()


async def of_cases(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> Sequence[Row[Any]]:
    """Those of the cases that wait still."""
    return (await work.connection.execute(_OF_CASES, {"case_ids": [*case_ids]})).all()


async def pass_over(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> None:
    """Keep that nobody could take these cases; any step that they take has them looked at again."""
    if case_ids:
        await work.connection.execute(_PASS_OVER, {"case_ids": [*case_ids]})


async def look_again(work: CaseUnitOfWork, enterprise_code: str) -> None:
    """Have the waiting cases of an enterprise looked at again."""
    await work.connection.execute(_LOOK_AGAIN, {"code": enterprise_code})


async def keep_able(work: CaseUnitOfWork, able: Mapping[str, Collection[str]]) -> None:
    """Keep who could go at stations when their queues were looked through."""
    if able:
        rows = [{"station": station, "able": sorted(officers)} for station, officers in able.items()]
        await work.connection.execute(_KEEP_ABLE, {"queues": to_json(rows).decode(), "now": work.now})


async def forget_able(work: CaseUnitOfWork, officers: Collection[str]) -> None:
    """Have the queues of these officers' stations looked through again if they can still go."""
    if officers:
        await work.connection.execute(_FORGET_ABLE, {"officers": [*officers]})
