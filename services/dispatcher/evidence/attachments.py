"""Attachments (附件): photographs, videos, recordings and scans of a case: hashed, judged, kept for good."""

import hashlib
from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Row, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.cases.access import lock_case_to_change, require_sight
from services.dispatcher.cases.steps import StepDetails, note
from services.dispatcher.cases.store import Case
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.domain import disclosure
from services.dispatcher.domain.lifecycle import CLOSED
from services.dispatcher.evidence.media_types import HEAD_BYTES, TAIL_BYTES, judge
from services.dispatcher.evidence.storage import Storage
from shared.contract.events import Actor
from shared.contract.principal import Principal
from shared.contract.refusals import Conflict, Invalid, NotFound, Refusal, TooLarge, Unsupported
from shared.contract.roles import Role
from shared.storage.database import Database
from shared.time.identifiers import identifier
from shared.time.instants import Instant

ADDED = "cn.tricolor.case.attachment_added.v1"


class Overruling(BaseModel):
    """Who took a doubtful file as evidence all the same, and why; `doubt` is what there was against it."""

    doubt: str
    reason: str
    by_role: str
    by_subject: str
    at: Instant


class Attachment(BaseModel):
    """A file of a case. `sha256` is that of its bytes; `claimed_at` when the device says it was taken."""

    model_config = ConfigDict(from_attributes=True)

    attachment_id: UUID
    case_id: UUID
    name: str
    media_type: str
    size: int
    sha256: str
    claimed_at: Instant | None
    added_by: str
    added_at: Instant
    overruling: Overruling | None = None


class Stored(BaseModel):
    """Bytes that lie in the storage under `key`, judged on their way. `doubt`: why they are not taken as they are."""

    key: str
    size: int
    sha256: str
    media_type: str
    doubt: str | None = None


async def store(storage: Storage, content: AsyncIterator[bytes], declared: str | None, limit: int) -> Stored:
    """Write `content` and judge it meanwhile.

    Raises TooLarge, or 422 for nothing at all; then nothing stays in the storage.
    """
    key, digest, size = f"attachments/{uuid4()}", hashlib.sha256(), 0
    head, tail = bytearray(), b""

    async def looked_at() -> AsyncIterator[bytes]:
        nonlocal size, tail
        async for chunk in content:
            digest.update(chunk)
            size += len(chunk)
            if size > limit:
                raise too_large(limit)
            head.extend(chunk[: HEAD_BYTES - len(head)])
            tail = (tail + chunk)[-TAIL_BYTES:]
            yield chunk
        if not size:
            raise Invalid("attachment-empty", "The file has no bytes.", title="Empty file")

    try:
        await storage.write(key, looked_at())
    except Refusal:
        await storage.delete(key)
        raise
    judged = judge(bytes(head), tail, declared)
    return Stored(key=key, size=size, sha256=digest.hexdigest(), media_type=judged.media_type, doubt=judged.doubt)


class Doubtful(Unsupported):
    """By its content, or by what it is said to be, this is hardly evidence; a person may say otherwise."""

    def __init__(self, doubt: str, **members: Any) -> None:
        super().__init__("attachment-type", doubt, title="Not a photograph, video, recording or scan", **members)

    def kept_as(self, upload_id: UUID) -> "Doubtful":
        """The same, for a file that waits for a person under this number."""
        detail = (
            f"{self.detail} It is kept: POST /v1/uploads/{upload_id}/overrule, with a reason, takes it as evidence."
        )
        return Doubtful(detail, **self.members, upload_id=upload_id)


async def add(
    work: CaseUnitOfWork,
    case_id: UUID,
    caller: Principal,
    stored: Stored,
    name: str,
    claimed_at: datetime | None,
    reason: str | None = None,
) -> Attachment:
    """Make stored bytes an attachment of the case; the same bytes sent before are the attachment they were.

    `reason`: why they are taken where they are doubtful. Raises NotFound for a case that is not the caller's, 409 for
    a closed one, Doubtful.
    """
    case = await open_to(work, case_id, caller)
    overruling = await overruled(work, case, stored, caller.actor, reason)
    return await keep(work, case, caller.actor, stored, name, claimed_at, overruling)


async def overruled(
    work: CaseUnitOfWork, case: Case, stored: Stored, by: Actor, reason: str | None
) -> Overruling | None:
    """What is kept with a doubtful file that is taken all the same; None for one without doubts.

    Raises Doubtful where nobody gave a reason, unless the same bytes are an attachment already.
    """
    if stored.doubt is None:
        return None
    if reason is not None:
        return Overruling(doubt=stored.doubt, reason=reason, by_role=by.role, by_subject=by.subject, at=work.now)
    table = tables.attachments.c
    same = select(table.attachment_id).where(table.case_id == case.case_id, table.sha256 == stored.sha256)
    if await work.connection.scalar(same) is None:
        raise Doubtful(stored.doubt, media_type=stored.media_type)
    return None


async def open_to(work: CaseUnitOfWork, case_id: UUID, caller: Principal) -> Case:
    case = await lock_case_to_change(work, case_id, caller)
    if case.state in CLOSED:
        raise Conflict(
            "case-closed", "Nothing is added to a closed case.", title="The case is closed", state=case.state
        )
    return case


async def keep(
    work: CaseUnitOfWork,
    case: Case,
    actor: Actor,
    stored: Stored,
    name: str,
    claimed_at: datetime | None,
    overruling: Overruling | None = None,
) -> Attachment:
    attachments = tables.attachments
    overruled = None if overruling is None else overruling.model_dump(mode="json")
    new = await work.connection.execute(
        insert(attachments)
        .values(
            attachment_id=identifier(work.now),
            case_id=case.case_id,
            enterprise_code=case.enterprise_code,
            name=name,
            claimed_at=claimed_at,
            added_by=actor.subject,
            added_role=actor.role,
            added_at=work.now,
            overruling=overruled,
            **stored.model_dump(exclude={"doubt"}),
        )
        .on_conflict_do_nothing(index_elements=["case_id", "sha256"])
    )
    row = await _found(work, case.case_id, stored.sha256)
    if new.rowcount:
        detail = {"name": name, "media_type": stored.media_type, "size": stored.size, "sha256": stored.sha256}
        detail["attachment_id"] = str(row.attachment_id)
        if overruled is not None:
            detail["overruling"] = overruled
        await note(work, case, ADDED, StepDetails(actor, claimed_at=claimed_at, detail=detail))
    return Attachment.model_validate(row)


async def require_of(work: CaseUnitOfWork, case_id: UUID, attachment_ids: Collection[UUID]) -> None:
    """Raises Invalid for one that is no attachment of the case: what a report names, its reader must find."""
    attachments = tables.attachments.c
    known = await work.connection.scalars(
        select(attachments.attachment_id).where(
            attachments.case_id == case_id, attachments.attachment_id.in_(attachment_ids)
        )
    )
    if missing := set(attachment_ids) - set(known):
        raise Invalid(
            "unknown-attachment",
            f"attachments: {min(missing)} is no attachment of this case; send the file first.",
            title="Unknown attachment",
            field="attachments",
        )


async def list_of(
    connection: AsyncConnection,
    case_id: UUID,
    roles: Collection[Role],
    *,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[Row[Any]]:
    """The attachments of a case that somebody of `roles` added, in the order in which they came."""
    table = tables.attachments
    asked = select(table).where(table.c.case_id == case_id, table.c.added_role.in_(roles))
    if after is not None:
        asked = asked.where(tuple_(table.c.added_at, table.c.attachment_id) > after)
    rows = await connection.execute(asked.order_by(table.c.added_at, table.c.attachment_id).limit(limit))
    return rows.all()


async def find(connection: AsyncConnection, attachment_id: UUID) -> Row[Any]:
    """The row of an attachment. Raises NotFound."""
    table = tables.attachments
    found = await connection.execute(select(table).where(table.c.attachment_id == attachment_id))
    row: Row[Any] | None = found.one_or_none()
    if row is None:
        raise NotFound("attachment", attachment_id)
    return row


async def find_shown(connection: AsyncConnection, attachment_id: UUID, caller: Principal) -> Row[Any]:
    """The row of an attachment that the caller may see. Raises NotFound, which says nothing of the case."""
    row = await find(connection, attachment_id)
    try:
        case = await require_sight(connection, row.case_id, caller)
    except NotFound as refusal:
        raise NotFound("attachment", attachment_id) from refusal
    if not disclosure.sees_file_of(case.sight, case.state, row.added_role):
        raise NotFound("attachment", attachment_id)
    return row


async def is_kept(database: Database, key: str) -> bool:
    """Whether an attachment names the bytes stored under `key`."""
    async with database.transaction() as connection:
        kept = select(tables.attachments.c.attachment_id).where(tables.attachments.c.key == key)
        return await connection.scalar(kept) is not None


def too_large(limit: int) -> TooLarge:
    return TooLarge("attachment-too-large", f"A file has {limit} bytes at most.", limit=limit)


async def _found(work: CaseUnitOfWork, case_id: UUID, sha256: str) -> Row[Any]:
    attachments = tables.attachments.c
    row: Row[Any] = (
        await work.connection.execute(
            select(tables.attachments).where(attachments.case_id == case_id, attachments.sha256 == sha256)
        )
    ).one()
    return row
