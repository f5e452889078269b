"""The route of what waits for the caller."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.console.domain.work import Kind, kinds_for, link_to, named, title_of
from services.console.store import work_list
from services.console.store.reach import station_of
from shared.contract.events import Bilingual
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import Instant
from shared.web.routes import Routes
from shared.web.scope import Caller


class WorkItem(BaseModel):
    """One thing that waits: since when and until when, and the page on which it can be dealt with.

    `subject` is the enterprise, the reason of a letter or the partition; `service` keeps a proposal, letter or brake,
    `id` is its identifier there.
    """

    kind: Kind
    title: Bilingual
    subject: str
    summary: Bilingual | None = None
    enterprise_code: str | None
    station: str | None
    level: str | None
    case_id: UUID | None
    alert_id: UUID | None
    service: str | None = None
    id: UUID | None = None
    recipient: str | None = None
    topic: str | None = None
    code: str | None = None
    since: Instant
    due_at: Instant | None
    link: str


class WorkList(BaseModel):
    """What waits, kind by kind, the oldest first and 100 of each at most; `counts` say how many there are."""

    items: list[WorkItem]
    counts: dict[str, int]


def router(database: Database, clock: Clock) -> Routes:
    routes = Routes(tags=["work"])

    @routes.get("/v1/work")
    async def list_work(caller: Caller) -> WorkList:
        """待办 · What waits for the caller: reviews, proposals, cases without a team, notices nobody received …"""
        station, now = station_of(caller), clock.now()
        items: list[WorkItem] = []
        counts: dict[str, int] = {}
        async with database.transaction() as connection:
            for kind in kinds_for(caller.role):
                rows, counts[kind] = await work_list.waiting(connection, kind, caller, station, now)
                items += [_item(kind, row._asdict()) for row in rows]
        return WorkList(items=items, counts=counts)

    return routes


def _item(kind: Kind, row: dict[str, Any]) -> WorkItem:
    said = {"title": title_of(kind, row["subject"]), "link": link_to(kind, row["case_id"], row["alert_id"])}
    if kind is Kind.PROPOSAL:
        summary = named(Bilingual.model_validate(row["summary"]), row["subject"], row["enterprise_code"])
        said |= {"title": row["name"], "id": row["proposal_id"], "summary": summary}
    if kind is Kind.DEAD_LETTER:
        said["id"] = row["letter_id"]
    return WorkItem.model_validate({"kind": kind, **row, **said})
