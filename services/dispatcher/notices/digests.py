"""Lists of notices: what goes to one recipient about several cases in one pass, or within the hour, is one notice.

A list can be read from its first matter on. It takes in further ones until it is sent, or its recipient has seen it.
What is about one case alone stays a notice of its own, unless it is more than a few at once.
"""

from collections.abc import Sequence, Set
from datetime import datetime
from itertools import groupby, zip_longest
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Row, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.domain.policy import DigestPolicy
from services.dispatcher.domain.reach import Pace, released_at
from services.dispatcher.notices.wording import Matter, NoticeDraft, heading, listed
from services.dispatcher.notices.wording.phrases import lines
from shared.contract.cloudevents import written
from shared.contract.events import Bilingual
from shared.storage.arrays import array_of_plain
from shared.storage.recordsets import recordset
from shared.time.identifiers import identifier

PURPOSE = "digest"
"""Of a list of several matters; a list of one is as that one would have been."""
_LONGEST = 200
"""Matters in one list, at most; the next one begins another."""
_FEW = 3
"""Notices about one case that go each on its own; hundreds of its deadlines may be missed in the same hour."""
_MATTERS = tables.notice_matters.c
_SHARED = ("enterprise_code", "alert_id", "case_id")
"""The columns that a list has where all of its matters have the same in them."""
_LISTED = select(
    *(_MATTERS[name] for name in ("notice_id", "purpose", "enterprise_code", "alert_id", "case_id", "subject"))
)


class Queued(NamedTuple):
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
# one before it was sent, or will be. `of_case` is the case that all of what is added is about, if it is one; `added`
# are all the cases, to count the others. Neither the matters nor the body are read: a list is written on at its end.
# A list that somebody holds is being sent or seen, and is passed over: waiting for it would be in the order of
# recipients, while who sends waits in the order of notices.
_GATHERING = text(f"""
    select list.notice_id, list.released_at as released_at, list.enterprise_code, list.alert_id, list.case_id,
           case when list.purpose <> '{PURPOSE}' then list.subject end as only_subject,
           matters.number, matters.other_cases,
           (select max(n.released_at) from dispatch.notices n
             where n.recipient_kind = asked.kind and n.recipient = asked.recipient
               and n.station is not distinct from asked.station and n.released_at is not null) as last_at
      from unnest(cast(:kinds as text[]), cast(:recipients as text[]), cast(:stations as text[]),
                  cast(:of_cases as uuid[]), cast(:added as text[]))
           with ordinality as asked (kind, recipient, station, of_case, added, number)
      left join lateral (
           select n.notice_id, n.released_at, n.purpose, n.subject, n.enterprise_code, n.alert_id, n.case_id
             from dispatch.notices n
            where n.recipient_kind = asked.kind and n.recipient = asked.recipient
              and n.station is not distinct from asked.station
              and (n.purpose = '{PURPOSE}' or asked.of_case is null or n.case_id is distinct from asked.of_case)
              and n.released_at is not null and n.attempts = 0 and n.delivered_at is null
              and (select count(*) from dispatch.notice_matters m where m.notice_id = n.notice_id) < {_LONGEST}
            order by n.created_at desc, n.notice_id desc
            limit 1
              for update skip locked) as list on true
     cross join lateral (
           select count(*) as number,
                  count(distinct m.case_id) filter (where m.case_id <> all(cast(asked.added as uuid[]))) as other_cases
             from dispatch.notice_matters m where m.notice_id = list.notice_id) as matters
     order by asked.number
""").columns(only_subject=JSONB)
_BEGIN = text(f"""
    insert into dispatch.notices (notice_id, occasion, purpose, recipient_kind, recipient, station, enterprise_code,
                                  alert_id, case_id, subject, body, created_at, attempts, attempt_at, released_at,
                                  deliver_by)
    select notice_id, occasion, purpose, recipient_kind, recipient, station, enterprise_code,
           alert_id, case_id, subject, body, :now, 0, released_at, released_at, deliver_by
      from {recordset("lists")} as new (
             notice_id uuid, occasion text, purpose text, recipient_kind text, recipient text, station text,
             enterprise_code text, alert_id uuid, case_id uuid, subject jsonb, body jsonb, released_at timestamptz,
             deliver_by timestamptz)
""")
_BODY = ", ".join(
    f"""'{language}', (list.opening->>'{language}')
                   || case when n.purpose = '{PURPOSE}'
                           then substr(n.body->>'{language}', strpos(n.body->>'{language}', E'\\n')) else '' end
                   || E'\\n' || (list.more->>'{language}')"""
    for language in Bilingual.model_fields
)
_GO_ON = text(f"""
    update dispatch.notices n
       set purpose = '{PURPOSE}', enterprise_code = list.enterprise_code, alert_id = list.alert_id,
           case_id = list.case_id, subject = list.subject, released_at = list.released_at,
           attempt_at = list.released_at, deliver_by = least(n.deliver_by, list.deliver_by),
           body = jsonb_build_object({_BODY})
      from {recordset("lists")} as list (
             notice_id uuid, enterprise_code text, alert_id uuid, case_id uuid, subject jsonb, opening jsonb,
             more jsonb, released_at timestamptz, deliver_by timestamptz)
     where n.notice_id = list.notice_id
""")
_ADD_MATTERS = text(f"""
    insert into dispatch.notice_matters (notice_id, occasion, purpose, enterprise_code, alert_id, case_id, subject,
                                         body, added_at)
    select notice_id, occasion, purpose, enterprise_code, alert_id, case_id, subject, body, :now
      from rows from ({recordset("matters")} as (
             notice_id uuid, occasion text, purpose text, enterprise_code text, alert_id uuid, case_id uuid,
             subject jsonb, body jsonb))
           with ordinality as new (notice_id, occasion, purpose, enterprise_code, alert_id, case_id, subject, body,
                                   number)
     order by number
""")


async def _add(
    portions: Sequence[Sequence[Queued]], connection: AsyncConnection, now: datetime, policy: DigestPolicy
) -> None:
    """Add each portion to the list of its recipient, no two of which are the same, or begin one."""
    if not portions:
        return
    begun, going_on, added = [], [], []
    gathering = await connection.execute(_GATHERING, _asked(portions))
    for queued, list_ in zip(portions, gathering.all(), strict=True):
        released = min(released_at(one.pace, now, list_.last_at, policy) for one in queued)
        timing: dict[str, Any] = {
            "deliver_by": min((one.deliver_by for one in queued if one.deliver_by is not None), default=None)
        }
        notice_id = list_.notice_id or identifier(now)
        if list_.notice_id is None:
            begun.append(_begun(queued) | timing | {"notice_id": notice_id, "released_at": released})
        else:
            timing |= {"notice_id": notice_id, "released_at": min(released, list_.released_at)}
            going_on.append(_gone_on(list_, queued) | timing)
        added += [row_of(one.draft) | {"notice_id": notice_id} for one in queued]
    for statement, name, rows in (
        (_BEGIN, "lists", begun),
        (_GO_ON, "lists", going_on),
        (_ADD_MATTERS, "matters", added),
    ):
        if rows:
            values: dict[str, Any] = {name: written(rows)}
            await connection.execute(statement, values if statement is _GO_ON else values | {"now": now})


def _begun(queued: Sequence[Queued]) -> dict[str, Any]:
    """The columns of a new list; one of one matter is as that would have been alone."""
    drafts = [one.draft for one in queued]
    if len(drafts) == 1:
        return row_of(drafts[0])
    subject, opening = heading(len({draft.case_id for draft in drafts}))
    shared = {name: _shared({getattr(draft, name) for draft in drafts}) for name in _SHARED}
    body = lines(opening, listed(_subjects(drafts)))
    return row_of(drafts[0]) | shared | {"purpose": PURPOSE, "subject": subject, "body": body}


def _gone_on(list_: Row[Any], queued: Sequence[Queued]) -> dict[str, Any]:
    """What becomes of the columns of a list to which matters are added, and what is written on in its body."""
    drafts = [one.draft for one in queued]
    subject, opening = heading(list_.other_cases + len({draft.case_id for draft in drafts}))
    more = listed(_subjects(drafts), list_.number + 1)
    if list_.only_subject is not None:
        more = lines(listed([(Bilingual.model_validate(list_.only_subject), list_.case_id)]), more)
    shared = {name: _shared({getattr(list_, name), *(getattr(draft, name) for draft in drafts)}) for name in _SHARED}
    return shared | {"subject": subject, "opening": opening, "more": more}


def _asked(portions: Sequence[Sequence[Queued]]) -> dict[str, list[Any]]:
    drafts = [queued[0].draft for queued in portions]
    cases = [{one.draft.case_id for one in queued} for queued in portions]
    return {
        "kinds": [draft.recipient_kind for draft in drafts],
        "recipients": [draft.recipient for draft in drafts],
        "stations": [draft.station for draft in drafts],
        "of_cases": [
            next(iter(of)) if len(of) == 1 and len(queued) <= _FEW else None
            for of, queued in zip(cases, portions, strict=True)
        ],
        "added": [array_of_plain(map(str, of)) for of in cases],
    }


def _subjects(drafts: Sequence[NoticeDraft]) -> list[tuple[Bilingual, UUID]]:
    # What is about no case goes alone.
    return [(draft.subject, draft.case_id) for draft in drafts if draft.case_id is not None]


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


async def matters_of(connection: AsyncConnection, notice_ids: Sequence[UUID]) -> dict[UUID, list[Matter]]:
    """The matters of those of the notices that are lists, in the order they came."""
    found: dict[UUID, list[Matter]] = {}
    for row in await connection.execute(_LISTED.where(_MATTERS.notice_id.in_(notice_ids)).order_by(_MATTERS.position)):
        found.setdefault(row.notice_id, []).append(
            Matter(
                purpose=row.purpose,
                enterprise_code=row.enterprise_code,
                alert_id=row.alert_id,
                case_id=row.case_id,
                subject=Bilingual.model_validate(row.subject),
            )
        )
    return found


def _shared(values: Set[object]) -> object:
    """What all matters of a list have in common, if anything."""
    return next(iter(values)) if len(values) == 1 else None
