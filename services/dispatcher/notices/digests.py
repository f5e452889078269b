"""Lists of notices: what goes to one recipient about several cases in one pass, or within the hour, is one notice.

A list can be read from its first matter on. It takes in further ones until it is sent, or its recipient has seen it.
What is about one case alone stays a notice of its own, unless it is more than a few at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, zip_longest
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import select, text
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
_FEW = 3
"""Notices about one case that go each on its own; hundreds of its deadlines may be missed in the same hour."""
_MATTERS = tables.notice_matters.c


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
    if not queued:
        return
    of_recipients = {
        key: {one.draft.occasion: one for one in group}
        for key, group in groupby(sorted(queued, key=_recipient), key=_recipient)
    }
    await connection.execute(_LOCK, {"keys": [f"tricolor.list:{':'.join(key)}" for key in of_recipients]})
    known = set(
        await connection.scalars(_KNOWN, {"occasions": [name for own in of_recipients.values() for name in own]})
    )
    portions = [_portions([one for name, one in own.items() if name not in known]) for own in of_recipients.values()]
    for together in zip_longest(*portions):
        await _add([portion for portion in together if portion], connection, now, policy)


def _portions(queued: Sequence[Queued]) -> list[Sequence[Queued]]:
    """What is added to a recipient's lists at a time: a few that are of one case alone do not make a list."""
    size = _LONGEST if len({one.draft.case_id for one in queued}) > 1 or len(queued) > _FEW else 1
    return [queued[start : start + size] for start in range(0, len(queued), size)]


def _recipient(one: Queued) -> tuple[str, str, str]:
    return one.draft.recipient_kind, one.draft.recipient, one.draft.station or ""


_LOCK = text("""
    select pg_advisory_xact_lock(hashtextextended(key, 0))
      from (select key from unnest(cast(:keys as text[])) with ordinality as asked (key, number)
             order by number) as ordered
""")
_KNOWN = text("""
    select occasion from dispatch.notices where occasion = any(cast(:occasions as text[]))
     union all
    select occasion from dispatch.notice_matters where occasion = any(cast(:occasions as text[]))
""")
# By recipient the list that is neither sent nor seen, and would be of several cases with what is added; and when the
# one before it was sent, or will be. `of_case` is the case that all of what is added is about, if it is one.
_GATHERING = text(f"""
    select list.notice_id, list.released_at as released_at,
           (select max(n.released_at) from dispatch.notices n
             where n.recipient_kind = asked.kind and n.recipient = asked.recipient
               and n.station is not distinct from asked.station and n.released_at is not null) as last_at
      from unnest(cast(:kinds as text[]), cast(:recipients as text[]), cast(:stations as text[]),
                  cast(:of_cases as uuid[]))
           with ordinality as asked (kind, recipient, station, of_case, number)
      left join lateral (
           select n.notice_id, n.released_at from dispatch.notices n
            where n.recipient_kind = asked.kind and n.recipient = asked.recipient
              and n.station is not distinct from asked.station
              and (n.purpose = '{PURPOSE}' or asked.of_case is null or n.case_id is distinct from asked.of_case)
              and n.released_at is not null and n.attempts = 0 and n.delivered_at is null
              and (select count(*) from dispatch.notice_matters m where m.notice_id = n.notice_id) < {_LONGEST}
            order by n.created_at desc, n.notice_id desc
            limit 1
              for update) as list on true
     order by asked.number
""")
_BEGIN = text("""
    insert into dispatch.notices (notice_id, occasion, purpose, recipient_kind, recipient, station, enterprise_code,
                                  alert_id, case_id, subject, body, created_at, attempts, attempt_at, released_at,
                                  deliver_by)
    select notice_id, occasion, purpose, recipient_kind, recipient, station, enterprise_code,
           alert_id, case_id, subject, body, :now, 0, released_at, released_at, deliver_by
      from jsonb_to_recordset(cast(:lists as jsonb)) as new (
             notice_id uuid, occasion text, purpose text, recipient_kind text, recipient text, station text,
             enterprise_code text, alert_id uuid, case_id uuid, subject jsonb, body jsonb, released_at timestamptz,
             deliver_by timestamptz)
""")
_GO_ON = text("""
    update dispatch.notices n
       set purpose = list.purpose, enterprise_code = list.enterprise_code, alert_id = list.alert_id,
           case_id = list.case_id, subject = list.subject, body = list.body, released_at = list.released_at,
           attempt_at = list.released_at, deliver_by = least(n.deliver_by, list.deliver_by)
      from jsonb_to_recordset(cast(:lists as jsonb)) as list (
             notice_id uuid, purpose text, enterprise_code text, alert_id uuid, case_id uuid, subject jsonb,
             body jsonb, released_at timestamptz, deliver_by timestamptz)
     where n.notice_id = list.notice_id
""")
_ADD_MATTERS = text("""
    insert into dispatch.notice_matters (notice_id, occasion, purpose, enterprise_code, alert_id, case_id, subject,
                                         body, added_at)
    select notice_id, occasion, purpose, enterprise_code, alert_id, case_id, subject, body, :now
      from rows from (jsonb_to_recordset(cast(:matters as jsonb)) as (
             notice_id uuid, occasion text, purpose text, enterprise_code text, alert_id uuid, case_id uuid,
             subject jsonb, body jsonb))
           with ordinality as new (notice_id, occasion, purpose, enterprise_code, alert_id, case_id, subject, body,
                                   number)
     order by number
""")


async def _add(
    portions: Sequence[Sequence[Queued]], connection: AsyncConnection, now: datetime, policy: DigestPolicy
) -> None:
    """Add each portion to the list of its recipient, no two of which are the same, and write the lists anew."""
    if not portions:
        return
    gathering = (await connection.execute(_GATHERING, _asked(portions))).all()
    before = await matters_of(connection, [row.notice_id for row in gathering if row.notice_id is not None])
    begun, going_on, added = [], [], []
    for queued, list_ in zip(portions, gathering, strict=True):
        released = min(released_at(one.pace, now, list_.last_at, policy) for one in queued)
        written: dict[str, Any] = {
            "deliver_by": min((one.deliver_by for one in queued if one.deliver_by is not None), default=None)
        }
        matters = [*before.get(list_.notice_id, []), *(_matter(one.draft) for one in queued)]
        if list_.notice_id is None:
            written |= row_of(queued[0].draft) | {"notice_id": identifier(now), "released_at": released}
            begun.append(written)
        else:
            written |= {"notice_id": list_.notice_id, "released_at": min(released, list_.released_at)}
            going_on.append(written)
        if len(matters) > 1:
            subject, body = digest(matters)
            written |= {"purpose": PURPOSE, "subject": subject, "body": body}
            written |= {name: _shared(matters, name) for name in ("enterprise_code", "alert_id", "case_id")}
        added += [row_of(one.draft) | {"notice_id": written["notice_id"]} for one in queued]
    for statement, name, rows in (
        (_BEGIN, "lists", begun),
        (_GO_ON, "lists", going_on),
        (_ADD_MATTERS, "matters", added),
    ):
        if rows:
            values = {name: to_json(rows).decode()}
            await connection.execute(statement, values if statement is _GO_ON else values | {"now": now})


def _asked(portions: Sequence[Sequence[Queued]]) -> dict[str, list[Any]]:
    drafts = [queued[0].draft for queued in portions]
    by_portion = [({one.draft.case_id for one in queued}, queued) for queued in portions]
    return {
        "kinds": [draft.recipient_kind for draft in drafts],
        "recipients": [draft.recipient for draft in drafts],
        "stations": [draft.station for draft in drafts],
        "of_cases": [next(iter(of)) if len(of) == 1 and len(all_) <= _FEW else None for of, all_ in by_portion],
    }


def row_of(draft: NoticeDraft) -> dict[str, Any]:
    """The columns that a draft fills."""
    return {
        "occasion": draft.occasion,
        "purpose": draft.purpose,
        "recipient_kind": draft.recipient_kind,
        "recipient": draft.recipient,
        "station": draft.station,
        "enterprise_code": draft.enterprise_code,
        "alert_id": draft.alert_id,
        "case_id": draft.case_id,
        "subject": draft.subject,
        "body": draft.body,
    }


def _matter(draft: NoticeDraft) -> Matter:
    assert draft.case_id is not None  # noqa: S101  what is about no case goes alone
    return Matter(draft.purpose, draft.enterprise_code, draft.alert_id, draft.case_id, draft.subject, draft.body)


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
