"""Lists of notices: what goes to one recipient about several cases in one pass, or within the hour, is one notice.

A list can be read from its first matter on. It takes in further ones until it is sent, or its recipient has seen it.
What is about one case alone stays a notice of its own.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.domain.policy import DigestPolicy
from services.dispatcher.domain.reach import Pace, released_at
from services.dispatcher.notices.wording import Matter, NoticeDraft, digest
from shared.contract.events import Bilingual
from shared.time.identifiers import identifier

PURPOSE = "digest"
"""Of a list of several matters; a list of one is as that one would have been."""
_LONGEST = 200
"""Matters in one list, at most; the next one begins another."""
_NOTICES, _MATTERS = tables.notices.c, tables.notice_matters.c


@dataclass(frozen=True)
class Queued:
    """A notice that is to be stored: how it goes, and by when it has to arrive where a clock depends on it."""

    draft: NoticeDraft
    pace: Pace
    deliver_by: datetime | None


async def gather(connection: AsyncConnection, queued: Sequence[Queued], now: datetime, policy: DigestPolicy) -> None:
    """Add what is queued to the list that gathers for each recipient, or begin one.

    Recipients are locked in one order, after everything else that a unit of work locks but its outbox.
    """
    for key, group in groupby(sorted(queued, key=_recipient), key=_recipient):
        await connection.execute(
            text("select pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"tricolor.list:{':'.join(key)}"}
        )
        own = {one.draft.occasion: one for one in group}
        for occasion in await _known(connection, list(own)):
            del own[occasion]
        new = list(own.values())
        together = len({one.draft.case_id for one in new}) > 1
        for start in range(0, len(new), _LONGEST if together else 1):
            await _add(connection, new[start : start + (_LONGEST if together else 1)], now, policy)


def _recipient(one: Queued) -> tuple[str, str, str]:
    return one.draft.recipient_kind, one.draft.recipient, one.draft.station or ""


async def _known(connection: AsyncConnection, occasions: Sequence[str]) -> set[str]:
    """Those of the occasions that were notified of."""
    alone = select(_NOTICES.occasion).where(_NOTICES.occasion.in_(occasions))
    listed = select(_MATTERS.occasion).where(_MATTERS.occasion.in_(occasions))
    return set(await connection.scalars(alone.union(listed)))


async def _add(connection: AsyncConnection, queued: Sequence[Queued], now: datetime, policy: DigestPolicy) -> None:
    """Add to the list of the recipient, which all of `queued` have in common, and write it anew."""
    first = queued[0].draft
    of_recipient = and_(
        _NOTICES.recipient_kind == first.recipient_kind,
        _NOTICES.recipient == first.recipient,
        _NOTICES.station.is_not_distinct_from(first.station),
    )
    last = await connection.scalar(select(func.max(_NOTICES.released_at)).where(of_recipient))
    soonest = min(released_at(one.pace, now, last, policy) for one in queued)
    gathering = await _gathering(connection, of_recipient, {one.draft.case_id for one in queued})
    if gathering is None:
        notice_id = await _begin(connection, first, now)
    else:
        notice_id, soonest = gathering.notice_id, min(soonest, gathering.released_at)
    for one in queued:
        await connection.execute(insert(tables.notice_matters).values(_matter(notice_id, one.draft, now)))
    due = [one.deliver_by for one in queued if one.deliver_by is not None]
    values: dict[str, Any] = {"released_at": soonest, "attempt_at": soonest}
    if due:
        values["deliver_by"] = func.least(_NOTICES.deliver_by, min(due))
    matters = (await matters_of(connection, [notice_id]))[notice_id]
    if len(matters) > 1:
        subject, body = digest(matters)
        values |= {"purpose": PURPOSE, "subject": subject.model_dump(), "body": body.model_dump()}
        values |= {name: _shared(matters, name) for name in ("enterprise_code", "alert_id", "case_id")}
    await connection.execute(update(tables.notices).where(_NOTICES.notice_id == notice_id).values(**values))


async def _gathering(
    connection: AsyncConnection, of_recipient: ColumnElement[bool], cases: Collection[UUID | None]
) -> Row[Any, Any] | None:
    """Lock the list of the recipient that is neither sent nor seen, and would be of several cases with these."""
    matters = select(func.count()).where(_MATTERS.notice_id == _NOTICES.notice_id).correlate(tables.notices)
    found = await connection.execute(
        select(_NOTICES.notice_id, _NOTICES.released_at)
        .where(
            of_recipient,
            or_(_NOTICES.purpose == PURPOSE, *(_NOTICES.case_id.is_distinct_from(case_id) for case_id in cases)),
            _NOTICES.released_at.is_not(None),
            _NOTICES.attempts == 0,
            _NOTICES.delivered_at.is_(None),
            matters.scalar_subquery() < _LONGEST,
        )
        .order_by(_NOTICES.created_at.desc(), _NOTICES.notice_id.desc())
        .limit(1)
        .with_for_update()
    )
    return found.one_or_none()


async def _begin(connection: AsyncConnection, draft: NoticeDraft, now: datetime) -> UUID:
    notice_id = identifier(now)
    values = _matter(notice_id, draft, now)
    del values["added_at"]
    await connection.execute(
        insert(tables.notices).values(
            recipient_kind=draft.recipient_kind,
            recipient=draft.recipient,
            station=draft.station,
            created_at=now,
            attempts=0,
            attempt_at=now,
            **values,
        )
    )
    return notice_id


def _matter(notice_id: UUID, draft: NoticeDraft, now: datetime) -> dict[str, Any]:
    return {
        "notice_id": notice_id,
        "occasion": draft.occasion,
        "purpose": draft.purpose,
        "enterprise_code": draft.enterprise_code,
        "alert_id": draft.alert_id,
        "case_id": draft.case_id,
        "subject": draft.subject.model_dump(),
        "body": draft.body.model_dump(),
        "added_at": now,
    }


async def matters_of(connection: AsyncConnection, notice_ids: Sequence[UUID]) -> dict[UUID, list[Matter]]:
    """The matters of those of the notices that are lists, in the order they came."""
    found: dict[UUID, list[Matter]] = {}
    for row in await connection.execute(
        select(tables.notice_matters).where(_MATTERS.notice_id.in_(notice_ids)).order_by(_MATTERS.position)
    ):
        found.setdefault(row.notice_id, []).append(
            Matter(
                purpose=row.purpose,
                enterprise_code=row.enterprise_code,
                alert_id=row.alert_id,
                case_id=row.case_id,
                subject=Bilingual.model_validate(row.subject),
                body=Bilingual.model_validate(row.body),
            )
        )
    return found


def _shared(matters: Sequence[Matter], name: str) -> object:
    """What all matters of a list have in common, if anything."""
    values = {getattr(matter, name) for matter in matters}
    return values.pop() if len(values) == 1 else None
