"""The routes of files that wait for a person: listed, looked at, and taken as evidence with a reason."""

from urllib.parse import quote
from uuid import UUID

from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from services.dispatcher.cases.access import require_sight
from services.dispatcher.domain import disclosure
from services.dispatcher.domain.fields import ReasonBody
from services.dispatcher.evidence import uploads as store
from services.dispatcher.evidence.attachments import Attachment
from services.dispatcher.evidence.media_types import UNKNOWN, doubt_about
from services.dispatcher.handlers.uploads import Uploads
from shared.contract.disclosure import shown
from shared.storage.database import Database
from shared.time.instants import Instant, instant_of
from shared.time.instants import shown as written
from shared.web.access_records import Why
from shared.web.paging import Page, PagingQuery
from shared.web.routes import Routes
from shared.web.scope import Caller


class Upload(BaseModel):
    """A file that is no attachment yet: still coming, or whole and doubtful.

    `found_type` is what a whole one is by its content, `doubt` why it waits for a person until `expires_at`.
    """

    model_config = ConfigDict(from_attributes=True)

    upload_id: UUID
    case_id: UUID
    name: str
    declared_type: str | None
    found_type: str | None
    doubt: str | None = None
    length: int
    created_by: str
    created_at: Instant
    expires_at: Instant


def router(uploads: Uploads, database: Database) -> Routes:
    routes = Routes(tags=["attachments"])

    @routes.get("/v1/cases/{case_id}/uploads")
    async def list_uploads(case_id: UUID, paging: PagingQuery, caller: Caller) -> Page[Upload]:
        """Files of a case that are no attachments yet, in the order in which they were begun."""
        after = paging.after_as(instant_of, UUID) if paging.after else None
        async with database.transaction() as connection:
            seen = await require_sight(connection, case_id, caller)
            roles = disclosure.roles_of_files(seen.sight, seen.state)
            rows = await store.list_unfinished(connection, case_id, roles, after=after, limit=paging.limit + 1)
        return paging.page(
            [shown(_upload(Upload.model_validate(row)), seen.sight, disclosure.TABLE) for row in rows],
            [(written(row.created_at), str(row.upload_id)) for row in rows],
        )

    @routes.get("/v1/uploads/{upload_id}/content", response_class=StreamingResponse)
    async def read_upload_content(upload_id: UUID, caller: Caller, why: Why = None) -> StreamingResponse:
        """A doubtful file as it came, for whoever decides on it."""
        upload, content = await uploads.content(caller, upload_id, why)
        headers = {
            "Content-Length": str(upload.length),
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f"attachment; filename=\"{upload_id}\"; filename*=UTF-8''{quote(upload.name)}",
        }
        return StreamingResponse(content, headers=headers, media_type=UNKNOWN)

    @routes.post("/v1/uploads/{upload_id}/overrule")
    async def overrule_upload(upload_id: UUID, body: ReasonBody, caller: Caller) -> Attachment:
        """Take a doubtful file as evidence all the same. Who did so and why is kept with it."""
        return await uploads.overrule(caller, upload_id, body.reason)

    return routes


def _upload(upload: Upload) -> Upload:
    found = upload.found_type
    return upload if found is None else upload.model_copy(update={"doubt": doubt_about(upload.declared_type, found)})
