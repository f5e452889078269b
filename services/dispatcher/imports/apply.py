"""Applying an imported sheet, kind by kind: records written, cases given to other teams."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.assignments.duty_rota import read_rota, write_rota
from services.dispatcher.assignments.without_hands import replan
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain.inspections import InspectionFields
from services.dispatcher.domain.record_changes import Author, Change
from services.dispatcher.imports.reading.changes import RecordChange, StoredRecords
from services.dispatcher.imports.reading.columns import NOBODY, KindName
from services.dispatcher.imports.reading.records import Reading, RowError
from services.dispatcher.master_data import history
from services.dispatcher.master_data import store as master_data
from services.dispatcher.master_data.entry_codes import keep_entry_codes
from services.dispatcher.visits.inspections import keep_inspections
from shared.contract.principal import Principal
from shared.contract.roles import Reach

OF_A_STATION: frozenset[KindName] = frozenset({"officers", "rota"})
"""The kinds that a station's chief may import, of the own station."""


async def further_errors(
    connection: AsyncConnection, reading: Reading, present: StoredRecords, caller: Principal
) -> list[RowError]:
    """Errors that the stored records do not show: officers unknown to a rota, too many rows, rows beyond a reach."""
    errors = await _unknown_officers(connection, reading) if reading.kind.name == "rota" else []
    errors += _too_many(reading)
    if caller.reach is not Reach.DISTRICT:
        errors += _out_of_reach(reading, present, caller)
    return errors


async def apply_changes(
    work: CaseUnitOfWork, caller: Principal, reading: Reading, made: Sequence[RecordChange], import_id: int
) -> dict[str, Any]:
    """Write what the sheet changes, as a PUT of each record would; return what it did besides, as the answer has it."""
    author = Author(caller.actor, "import", import_id)
    match reading.kind.name:
        case "rota":
            return await _plan_duty(work, caller, reading, author)
        case "inspections":
            planned = [InspectionFields.model_validate(draft.fields) for draft in reading.drafts]
            return {"linked": (await keep_inspections(work, caller.subject, planned)).linked}
        case "entry_codes":
            await keep_entry_codes(work, {change.after["code"]: change.after["entry_code"] for change in made}, author)
            return {}
        case kind:
            await master_data.write(work, kind, [Change(change.before, change.after) for change in made], author)
            if kind == "officers":
                return dict(await replan(work, {change.after["code"] for change in made}))
            return {}


async def _unknown_officers(connection: AsyncConnection, reading: Reading) -> list[RowError]:
    """The rows of a rota that name an officer of another station, or of none."""
    officers = tables.officers.c
    named = {draft.fields["officer"] for draft in reading.drafts}
    rows = await connection.execute(select(officers.code, officers.station).where(officers.code.in_(named)))
    homes = {row.code: row.station for row in rows}
    return [
        reading.error(draft, "officer", f"不是 {station} 的人员", f"is not an officer of {station}")
        for draft in reading.drafts
        if draft.fields["officer"] != NOBODY
        and homes.get(draft.fields["officer"]) != (station := draft.fields["station"])
    ]


def _too_many(reading: Reading) -> list[RowError]:
    """The first row beyond what a sheet of its kind may have."""
    most = reading.kind.most
    if most is None or len(reading.drafts) <= most:
        return []
    en = f"a sheet of these has at most {most} rows; import them in parts"
    return [reading.error(reading.drafts[most], "code", f"每次最多 {most} 行，请分批导入", en)]


def _out_of_reach(reading: Reading, present: StoredRecords, caller: Principal) -> list[RowError]:
    """The rows of officers that are not of the chief's own station, now or after the import."""
    zh, en = f"只能导入本所（{caller.station}）的人员", f"is not of your own station, which is {caller.station}"
    return [
        reading.error(draft, "station", zh, en)
        for draft in reading.drafts
        if caller.station is None
        or {present.records.get(draft.key, draft.fields)["station"], draft.fields["station"]} != {caller.station}
    ]


async def _plan_duty(work: CaseUnitOfWork, caller: Principal, reading: Reading, author: Author) -> dict[str, Any]:
    planned: dict[str, dict[date, list[str]]] = defaultdict(lambda: defaultdict(list))
    for draft in reading.drafts:
        of_day = planned[draft.fields["station"]][draft.fields["day"]]
        if draft.fields["officer"] != NOBODY:
            of_day.append(draft.fields["officer"])
    concerned: set[str] = set()
    days: set[date] = set()
    for station, of_days in planned.items():
        mondays = {day - timedelta(days=day.weekday()) for day in of_days}
        weeks = [monday + timedelta(days=number) for monday in mondays for number in range(7)]
        before = await read_rota(work.connection, station, weeks)
        concerned |= await write_rota(work, caller, station, weeks, of_days)
        days.update(weeks)
        await history.keep_rota(work, station, before, of_days, author)
    return dict(await replan(work, concerned, days))
