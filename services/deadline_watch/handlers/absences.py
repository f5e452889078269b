"""Recording who of the ladder is away, and that somebody is back early."""

from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, model_validator
from sqlalchemy import Row

from services.deadline_watch.domain.fields import Name, Sentence
from services.deadline_watch.domain.policy import LadderRole
from services.deadline_watch.store import absences as store
from shared.contract.commands import Command
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, NotAllowed, NotFound
from shared.contract.roles import Reach
from shared.evidence.domain.facts import act
from shared.messaging.unit_of_work import UnitOfWork
from shared.time.instants import Instant

RECORDED, ENDED = "cn.tricolor.absence.recorded.v1", "cn.tricolor.absence.ended.v1"


class Recorded(Command):
    """`until` is the half-open end. A station chief is away from a station, the others from their office."""

    role: LadderRole
    station: Name | None = None
    since: Instant
    until: Instant
    reason: Sentence

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.role == "station_chief") != (self.station is not None):
            raise ValueError("station: of a station chief the station is given, of nobody else")
        if self.since >= self.until:
            raise ValueError("until: must be after since")
        return self


class Absence(BaseModel):
    absence_id: UUID
    role: LadderRole
    station: str | None
    since: Instant
    until: Instant
    reason: str
    recorded_by: str
    recorded_at: Instant


def require_reach(caller: Principal, station: str | None) -> None:
    """Raise NotAllowed where `caller` may not record absences of `station`; None means none."""
    if caller.reach is not Reach.DISTRICT and caller.station != station:
        raise NotAllowed("A station chief records absences of the own station.", title="Not yours")


async def record_absence(work: UnitOfWork, caller: Principal, given: Recorded) -> Absence:
    """Record an absence."""
    row = await store.write_absence(work, caller.subject, given.model_dump())
    return _kept(work, caller, RECORDED, row)


async def end_absence(work: UnitOfWork, caller: Principal, absence_id: UUID) -> Absence:
    """End an absence that lasts. Raises NotAllowed, NotFound, Conflict."""
    row = await store.find_absence(work.connection, absence_id)
    if row is None:
        raise NotFound("absence", absence_id)
    require_reach(caller, row.station)
    if not row.since < work.now < row.until:
        raise Conflict("not-away", "Only an absence that lasts can end now.", title="Not away")
    return _kept(work, caller, ENDED, await store.end_absence(work, absence_id))


def _kept(work: UnitOfWork, caller: Principal, type_: str, row: Row[Any]) -> Absence:
    absence = Absence.model_validate(row, from_attributes=True)
    work.record(act(type_, f"absence:{absence.absence_id}", absence, actor=caller.actor))
    return absence
