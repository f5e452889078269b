"""The routes of what the auditor found: the metric says that something is wrong, this says what, and since when."""

from pydantic import BaseModel

from services.deadline_watch.passes.auditor import AUDITOR, CHECKS
from services.deadline_watch.store import findings, heartbeats
from shared.contract.events import Bilingual
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes


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


def router(database: Database) -> Routes:
    routes = Routes(tags=["audit"])

    @routes.get("/v1/audit/findings")
    async def list_findings(paging: PagingQuery) -> Findings:
        """What the last audit found and nobody has mended, by finding and subject."""
        after = None if paging.after is None else paging.after_as(str, str)
        async with database.transaction() as connection:
            heartbeat = await heartbeats.latest(connection, AUDITOR)
            rows = await findings.list_findings(connection, after, limit=paging.limit + 1)
        page = paging.page(
            [Finding.model_validate(dict(row._mapping) | {"name": CHECKS[row.finding][0]}) for row in rows],
            [(row.finding, row.subject) for row in rows],
        )
        return Findings(items=page.items, next=page.next, audited_at=heartbeat and heartbeat.at)

    return routes
