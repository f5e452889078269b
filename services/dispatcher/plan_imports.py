"""Plans by sheet: the duty rota, double-random inspections. A dry run first, row by row; then all of it or nothing."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import sheets, tables
from services.dispatcher.desk import Desk
from services.dispatcher.import_answers import SHOWN, Errors
from services.dispatcher.import_records import Reading, RowError
from services.dispatcher.import_templates import Format, template
from services.dispatcher.imports import MEDIA_TYPES, TOO_LARGE, read_sheet
from services.dispatcher.inspections import InspectionFields, keep_inspections
from services.dispatcher.plan_kinds import INSPECTIONS, ROTA
from services.dispatcher.rota_routes import Keeper, write_rota
from services.dispatcher.sent_files import FORM, sent_file
from services.dispatcher.waiting import replan
from services.dispatcher.work import Work
from shared.database import Database
from shared.identity import Principal, forbidden
from shared.problems import Problem
from shared.roles import Role

_KINDS = {"rota": ROTA, "inspections": INSPECTIONS}
PlanName = Literal["rota", "inspections"]


class PlanImport(BaseModel):
    """What a plan's sheet would do, or did: `linked` inspections met an open case, `replanned` cases changed teams."""

    kind: str
    dry_run: bool
    file_name: str | None
    file_sha256: str
    rows: int
    errors: Errors
    linked: int = 0
    replanned: list[UUID] = []
    kept: list[UUID] = []


def router(desk: Desk, database: Database) -> APIRouter:
    routes = APIRouter(tags=["rota"])

    @routes.post("/v1/imports/{plan}", response_model=PlanImport, openapi_extra=FORM)
    async def import_plan(
        plan: PlanName,
        request: Request,
        caller: Keeper,
        dry_run: Annotated[bool, Query(description="say what would happen, and change nothing")] = True,
        idempotency_key: Annotated[str | None, Header()] = None,
    ) -> Response:
        """XLSX or CSV. A rota replaces that of every week and station it names; an inspection is planned once."""
        if plan == "inspections" and caller.role is Role.STATION_CHIEF:
            raise forbidden("The section imports the plan of inspections.")
        async with sent_file(request, sheets.MAX_BYTES, TOO_LARGE) as (file, _):
            content, name = await file.read(), file.filename or None
        sha256 = hashlib.sha256(content).hexdigest()
        reading = await asyncio.to_thread(read_sheet, _KINDS[plan], content)

        def answer(errors: Sequence[RowError], **done: Any) -> PlanImport:
            listed = Errors(total=len(errors), items=sorted(errors, key=lambda one: one.row)[:SHOWN])
            return PlanImport(
                kind=plan,
                dry_run=dry_run,
                file_name=name,
                file_sha256=sha256,
                rows=reading.rows,
                errors=listed,
                **done,
            )

        if dry_run:
            async with database.transaction() as connection:
                errors = await _errors(connection, plan, reading, caller)
            return Response(answer(errors).model_dump_json(), media_type="application/json")

        async def deed(work: Work) -> PlanImport:
            errors = await _errors(work.connection, plan, reading, caller)
            if errors:
                raise Problem(
                    422,
                    "import-refused",
                    "The sheet has errors",
                    "Nothing was imported.",
                    errors=answer(errors).errors.model_dump(),
                )
            done = await (_plan_duty if plan == "rota" else _plan_inspections)(work, caller, reading)
            await work.connection.execute(insert(tables.imports).values(**_evidence(answer([]), caller), at=work.now))
            return answer([], **done)

        answered = await desk.act_once(idempotency_key, f"import {plan} {sha256}".encode(), caller, deed)
        return Response(answered, media_type="application/json")

    @routes.get("/v1/imports/{plan}/template", response_class=Response)
    async def plan_template(
        plan: PlanName, _: Keeper, form: Annotated[Format, Query(alias="format")] = "xlsx"
    ) -> Response:
        """A sheet to fill in: headings, a remark that explains them, and an example to write over."""
        content = await asyncio.to_thread(template, _KINDS[plan], form)
        disposition = {"Content-Disposition": f'attachment; filename="{plan}.{form}"'}
        return Response(content, media_type=MEDIA_TYPES[form], headers=disposition)

    return routes


async def _errors(connection: AsyncConnection, plan: PlanName, reading: Reading, caller: Principal) -> list[RowError]:
    """Those of the sheet, and of a rota whatever names an officer of another station or of none."""
    errors = list(reading.errors)
    if plan == "inspections":
        return errors
    officers = tables.officers.c
    named = {draft.fields["officer"] for draft in reading.drafts}
    rows = await connection.execute(select(officers.code, officers.station).where(officers.code.in_(named)))
    homes = {row.code: row.station for row in rows}
    for draft in reading.drafts:
        station, officer = draft.fields["station"], draft.fields["officer"]
        if homes.get(officer) != station:
            errors.append(reading.error(draft, "officer", f"不是 {station} 的人员", f"is not an officer of {station}"))
        elif caller.role is Role.STATION_CHIEF and station != caller.station:
            errors.append(
                reading.error(draft, "station", "只能导入本所的值班表", f"is not your own station, {caller.station}")
            )
    return errors


async def _plan_duty(work: Work, caller: Principal, reading: Reading) -> dict[str, Any]:
    planned: dict[str, dict[date, list[str]]] = defaultdict(lambda: defaultdict(list))
    for draft in reading.drafts:
        planned[draft.fields["station"]][draft.fields["day"]].append(draft.fields["officer"])
    concerned: set[str] = set()
    for station, of_days in planned.items():
        mondays = {day - timedelta(days=day.weekday()) for day in of_days}
        weeks = [monday + timedelta(days=number) for monday in mondays for number in range(7)]
        concerned |= await write_rota(work, caller, station, weeks, of_days)
    return dict(await replan(work, concerned))


async def _plan_inspections(work: Work, caller: Principal, reading: Reading) -> dict[str, Any]:
    planned = [InspectionFields.model_validate(draft.fields) for draft in reading.drafts]
    kept = await keep_inspections(work, caller.subject, planned)
    return {"linked": kept.linked}


def _evidence(done: PlanImport, caller: Principal) -> dict[str, Any]:
    said = done.model_dump(include={"kind", "file_name", "file_sha256", "rows"})
    return said | {
        "new": done.rows,
        "changed": 0,
        "unchanged": 0,
        "actor_role": caller.role,
        "actor_subject": caller.subject,
    }
