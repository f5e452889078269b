"""What the auditor found over HTTP: the metric says that something is wrong, this says what, and since when."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy import select, true, tuple_

from services.deadline_watch import tables
from services.deadline_watch.passes.auditor import AUDITOR, CHECKS
from services.deadline_watch.store import heartbeats
from shared.contract.events import Bilingual
from shared.contract.principal import Principal
from shared.contract.roles import READERS
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.identity import require
from shared.web.paging import Page, PagingQuery


class Finding(BaseModel):
    """`subject` is the case or deadline, with the step or milestone where it is about one."""

    finding: str
    name: Bilingual
    subject: str
    first_seen_at: Instant
    last_seen_at: Instant


class Findings(Page[Finding]):
    """`audited_at` is when the last audit was through; with none yet, or an old one, no finding proves nothing."""

    audited_at: Instant | None


def router(database: Database) -> APIRouter:
    routes = APIRouter(tags=["audit"])
    columns = tables.findings.c
    key = tuple_(columns.finding, columns.subject)

    @routes.get("/v1/audit/findings")
    async def list_findings(paging: PagingQuery, caller: Annotated[Principal, require(*READERS)]) -> Findings:
        """What the last audit found and nobody has mended, by finding and subject."""
        del caller
        after = true() if paging.after is None else key > paging.after_as(str, str)
        async with database.transaction() as connection:
            heartbeat = await heartbeats.latest(connection, AUDITOR)
            rows = (
                await connection.execute(select(tables.findings).where(after).order_by(key).limit(paging.limit + 1))
            ).all()
        page = paging.page(
            [Finding.model_validate(dict(row._mapping) | {"name": CHECKS[row.finding][0]}) for row in rows],
            [(row.finding, row.subject) for row in rows],
        )
        return Findings(items=page.items, next=page.next, audited_at=heartbeat and heartbeat.at)

    return routes
