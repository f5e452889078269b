"""Notices as they are stored: once per occasion, and read by those they are for."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher.notices.wording import NoticeDraft
from shared.time.identifiers import identifier


async def enqueue(connection: AsyncConnection, drafts: Sequence[NoticeDraft], now: datetime) -> None:
    """Store `drafts` for delivery. One whose occasion is stored already was told already, and is left alone."""
    if not drafts:
        return
    await connection.execute(
        text("""
            insert into dispatch.notices (notice_id, occasion, purpose, recipient_kind, recipient, station,
                                          enterprise_code, alert_id, case_id, subject, body, created_at, attempts,
                                          attempt_at)
            select notice_id, occasion, purpose, recipient_kind, recipient, station,
                   enterprise_code, alert_id, case_id, subject, body, :now, 0, :now
              from jsonb_to_recordset(cast(:drafts as jsonb)) as new (
                     notice_id uuid, occasion text, purpose text, recipient_kind text, recipient text, station text,
                     enterprise_code text, alert_id uuid, case_id uuid, subject jsonb, body jsonb)
             order by occasion
            on conflict (occasion) do nothing
        """),
        {"drafts": to_json([{"notice_id": identifier(now)} | asdict(draft) for draft in drafts]).decode(), "now": now},
    )
