"""Changing master data one record at a time: replaced as seen (PUT) or field by field (PATCH), and what follows.

What was there is locked before it is judged, so that of two who change a record at once the second is told.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from services.dispatcher.assignments.without_hands import replan
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.master_records import (
    Enterprise,
    EnterpriseFields,
    Officer,
    OfficerFields,
    Outlet,
    OutletFields,
    Staff,
    StaffFields,
    Station,
    StationFields,
    Stored,
)
from services.dispatcher.domain.record_changes import Author, Change, Fields, How, patched, require_match
from services.dispatcher.domain.registrations import MasterKind
from services.dispatcher.domain.replanning import Replanned
from services.dispatcher.master_data import outlets, store
from services.dispatcher.master_data.store import require_station
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, NotAllowed, NotFound
from shared.contract.roles import Reach

F = TypeVar("F", bound=BaseModel)
R = TypeVar("R", bound=Stored)


class OfficerWritten(Officer, Replanned):
    """The officer, and what the change did to cases."""


@dataclass(frozen=True)
class Edit(Generic[F]):
    """A change that somebody asks for: the record's key, what is there now, and what is to be there."""

    caller: Principal
    key: Sequence[str]
    present: Fields | None
    fields: F


@dataclass(frozen=True)
class RecordType(Generic[F, R]):
    """A kind of record.

    `check` refuses what other records rule out, `follow` does what a change brings about and says so, `always` is what
    every record has that somebody registered.
    """

    kind: MasterKind
    key: tuple[str, ...]
    fields: type[F]
    record: type[R]
    check: Callable[[CaseUnitOfWork, Edit[F]], Awaitable[None]]
    follow: Callable[[CaseUnitOfWork, Sequence[str]], Awaitable[Mapping[str, Any]]] | None = None
    always: tuple[tuple[str, str], ...] = ()


async def put(
    work: CaseUnitOfWork,
    type_: RecordType[F, R],
    caller: Principal,
    key: Sequence[str],
    fields: F,
    if_match: str | None,
) -> R:
    """Create a record, or replace the one that `if_match` names.

    Raises NotAllowed, NotFound, Invalid, Conflict, ConditionMissing, Stale.
    """
    present = await store.lock(work.connection, type_.kind, key)
    edit = Edit(caller, key, present, fields)
    await type_.check(work, edit)
    stored = None if present is None else type_.record.of(present)
    require_match(None if stored is None else stored.etag, if_match, replacing=True, record=stored)
    return await _write(work, type_, edit, "put")


async def patch(
    work: CaseUnitOfWork,
    type_: RecordType[F, R],
    caller: Principal,
    key: Sequence[str],
    changes: Fields,
    if_match: str | None,
) -> R:
    """Change fields of a record by a JSON Merge Patch.

    Raises NotAllowed, NotFound, Invalid, Conflict, Stale.
    """
    present = await store.lock(work.connection, type_.kind, key)
    if present is None:
        raise NotFound(type_.kind.removesuffix("s"), "/".join(key))
    stored = type_.record.of(present)
    require_match(stored.etag, if_match, replacing=False, record=stored)
    edit = Edit(caller, key, present, patched(present, changes, type_.fields))
    await type_.check(work, edit)
    return await _write(work, type_, edit, "patch")


async def _write(work: CaseUnitOfWork, type_: RecordType[F, R], edit: Edit[F], how: How) -> R:
    after = {
        **dict(zip(type_.key, edit.key, strict=True)),
        **edit.fields.model_dump(),
        **dict(type_.always),
    }
    author = Author(edit.caller.actor, how)
    (row,) = await store.write(work, type_.kind, [Change(edit.present, after)], author)
    followed = {} if type_.follow is None else await type_.follow(work, edit.key)
    return type_.record.of(row._asdict(), **followed)


async def _anything(work: CaseUnitOfWork, edit: Edit[Any]) -> None:
    del work, edit  # nothing that is stored rules it out


async def _check_station(work: CaseUnitOfWork, edit: Edit[StaffFields] | Edit[EnterpriseFields]) -> None:
    if edit.fields.station is not None:
        await require_station(work.connection, edit.fields.station)


async def _check_officer(work: CaseUnitOfWork, edit: Edit[OfficerFields]) -> None:
    """A chief's reach is the own station: both the one an officer belongs to now and the one to come."""
    caller, station = edit.caller, edit.fields.station
    present = station if edit.present is None else edit.present["station"]
    if caller.reach is not Reach.DISTRICT and (caller.station is None or {present, station} != {caller.station}):
        raise NotAllowed(f"You write the officers of your own station only; it is {caller.station}.")
    await require_station(work.connection, station)


async def _check_outlet(work: CaseUnitOfWork, edit: Edit[OutletFields]) -> None:
    """An outlet's enterprise is registered, and its data logger is no other outlet's."""
    enterprise, code = edit.key
    if await store.find(work.connection, "enterprises", enterprise) is None:
        raise NotFound("enterprise", enterprise)
    mn = edit.fields.mn
    holder = None if mn is None else await outlets.holder_of(work.connection, mn)
    if holder is not None and holder != (enterprise, code):
        raise Conflict(
            "mn-taken",
            f"mn: {mn} is the data logger of outlet {holder[1]} of enterprise {holder[0]}.",
            title="The MN belongs to another outlet",
            field="mn",
        )


async def _replan(work: CaseUnitOfWork, key: Sequence[str]) -> Mapping[str, Any]:
    """Give to others what the officer may not go for any more."""
    return dict(await replan(work, {*key}))


STATIONS = RecordType("stations", ("code",), StationFields, Station, _anything)
OFFICERS = RecordType("officers", ("code",), OfficerFields, OfficerWritten, _check_officer, _replan)
STAFF = RecordType("staff", ("code",), StaffFields, Staff, _check_station)
ENTERPRISES = RecordType(
    "enterprises", ("code",), EnterpriseFields, Enterprise, _check_station, always=(("source", "master"),)
)
OUTLETS = RecordType("outlets", ("enterprise_code", "code"), OutletFields, Outlet, _check_outlet)
