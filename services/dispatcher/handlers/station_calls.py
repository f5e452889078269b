"""The station's work where notices did not arrive (电话告知清单): whom to phone, about which cases, and until when."""

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row, select

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.reach import NoticeState
from services.dispatcher.handlers.notices import state_of
from services.dispatcher.notices import undelivered
from services.dispatcher.notices.addresses import Addressee, Reachable, reachable
from shared.contract.contacts import Contact
from shared.contract.disclosure import without_numbers
from shared.contract.events import Bilingual, Level
from shared.contract.principal import Principal
from shared.contract.roles import Reach
from shared.time.instants import Instant


class CalledAbout(BaseModel):
    """A case that an undelivered notice is about; its clock runs meanwhile."""

    case_id: UUID
    level: Level
    state: str
    station: str | None
    enterprise_code: str
    enterprise_name: str | None
    due_at: Instant | None
    due_text: str | None


class StationCall(BaseModel):
    """A notice that arrived by no channel: who has to hear it, by which numbers, and what was tried."""

    notice_id: UUID
    purpose: str
    recipient_kind: Literal["enterprise", "officer", "role"]
    recipient: str
    recipient_name: str | None
    phones: list[Contact]
    subject: Bilingual
    body: Bilingual
    cases: list[CalledAbout]
    state: NoticeState
    created_at: Instant
    told_at: Instant
    channel: str | None
    failure: str | None
    tried: list[dict[str, Any]]
    delivered_at: Instant | None
    delivered_by: str | None


async def list_calls(
    work: CaseUnitOfWork,
    caller: Principal,
    station: str | None,
    *,
    open_only: bool,
    after: tuple[Any, ...] | None,
    limit: int,
) -> list[StationCall]:
    """The notices that a station has to give by phone; officers and chiefs see their own station's."""
    if caller.reach is not Reach.DISTRICT:
        if caller.station is None or station not in (None, caller.station):
            return []
        station = caller.station
    rows = await undelivered.list_undelivered(work.connection, station, open_only=open_only, after=after, limit=limit)
    people = await reachable(work.connection, {_addressee(row) for row in rows})
    about = await undelivered.cases_of_all(work.connection, rows)
    cases = await _cases(work, {case_id for ids in about.values() for case_id in ids})
    return [
        without_numbers(
            _call(
                row,
                people.get(_addressee(row), Reachable()),
                [cases[one] for one in about[row.notice_id] if one in cases],
            ),
            caller,
        )
        for row in rows
    ]


def _addressee(row: Row[Any]) -> Addressee:
    return Addressee(row.recipient_kind, row.recipient, row.station)


async def _cases(work: CaseUnitOfWork, case_ids: set[UUID]) -> dict[UUID, CalledAbout]:
    cases, enterprises = tables.cases.c, tables.enterprises
    rows = await work.connection.execute(
        select(tables.cases, enterprises.c.name.label("enterprise_name"))
        .outerjoin(enterprises, enterprises.c.code == cases.enterprise_code)
        .where(cases.case_id.in_(case_ids))
    )
    return {row.case_id: CalledAbout.model_validate(row, from_attributes=True) for row in rows}


def _call(row: Row[Any], known: Reachable, cases: list[CalledAbout]) -> StationCall:
    return StationCall.model_validate(
        {
            **row._mapping,
            "recipient_name": known.name,
            "phones": known.phones,
            "cases": cases,
            "state": state_of(row),
        }
    )
