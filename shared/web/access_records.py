"""Access records over HTTP: why somebody looks at something, and the route by which auditors read who did."""

from typing import Annotated
from urllib.parse import unquote
from uuid import UUID

from fastapi import Header, Query
from pydantic import AfterValidator, BaseModel, ConfigDict

from shared.storage.access_records import AccessRecords
from shared.storage.database import Database
from shared.time.instants import Instant
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes

Word = Annotated[str | None, Query(max_length=256, pattern=r"^[^\x00]*$")]


def _read(given: str | None) -> str | None:
    """The reason as it was meant: a header is ASCII, so Chinese comes percent-encoded."""
    return None if given is None else unquote(given).replace("\x00", "").strip()[:500] or None


Why = Annotated[
    str | None,
    AfterValidator(_read),
    Header(
        alias="X-Access-Reason",
        max_length=4_000,
        description="why this is looked at (percent-encoded UTF-8); kept in the access record",
    ),
]


class AccessRecord(BaseModel):
    """Who looked at what: `action` is the operation, `reach` on what ground it was theirs to see, `reason` as said."""

    model_config = ConfigDict(from_attributes=True)

    record_id: UUID
    at: Instant
    action: str
    subject: str
    case_id: UUID | None
    role: str
    person: str
    station: str | None
    reach: str
    reason: str | None


def router(database: Database, records: AccessRecords) -> Routes:
    routes = Routes(tags=["access records"])

    @routes.get("/v1/access-records")
    async def list_access_records(
        paging: PagingQuery, person: Word = None, subject: Word = None, case_id: UUID | None = None
    ) -> Page[AccessRecord]:
        """Who looked at evidence or took lists away, and why, the latest first (查阅记录)."""
        after = None if paging.after is None else paging.after_as(UUID)[0]
        async with database.autocommit() as connection:
            rows = await records.list(
                connection, person=person, subject=subject, case_id=case_id, after=after, limit=paging.limit + 1
            )
        return paging.page([AccessRecord.model_validate(row) for row in rows], [(str(row.record_id),) for row in rows])

    return routes
