"""The revision of an officer's own open assignments, by which a held request is answered as soon as they change."""

from sqlalchemy import text

from services.dispatcher.cases.wakeups import HeldRequests
from shared.storage.database import Database

# All that can change in an officer's answer, hashed. No instant is written out as text: how that looks depends
# on the session's time zone, and two replicas must agree.
_REVISION = """
    (select encode(sha256(convert_to(coalesce(string_agg(jsonb_build_array(
                a.assignment_id, a.state, c.state, c.revision, c.station, c.due_text, extract(epoch from c.due_at),
                c.provisional, e.name, e.address, e.longitude, e.latitude, e.contacts,
                e.entry_code_hash is not null,
                (select jsonb_agg(jsonb_build_array(joined.case_id, joined.revision, joined.due_text,
                                                    joined.provisional)
                                  order by joined.case_id)
                   from dispatch.cases joined where joined.merged_into = c.case_id),
                (select jsonb_agg(jsonb_build_array(o.code, o.mn, o.name, o.medium, o.longitude, o.latitude)
                                  order by o.code)
                   from dispatch.outlets o where o.enterprise_code = a.enterprise_code))::text,
                ',' order by a.assignment_id), ''), 'UTF8')), 'hex')
       from dispatch.assignments a
       join dispatch.cases c using (case_id)
       left join dispatch.enterprises e on e.code = a.enterprise_code
      where a.officer = asked.officer and a.ended_at is null)
"""

_OWN_REVISION = text(f"select {_REVISION} from (select cast(:officer as text) as officer) as asked")


async def recheck(database: Database, officers: HeldRequests) -> int:
    """Wake the held requests whose answer changed, whichever replica changed it; return how many officers it concerns.

    A duty of every second: one query for all held requests.
    """
    known = officers.known()
    if not known:
        return 0
    holders, revisions = zip(*known, strict=True)
    async with database.transaction() as connection:
        changed = set(
            await connection.scalars(
                text(f"""
                    select asked.officer
                      from unnest(cast(:officers as text[]), cast(:revisions as text[])) as asked (officer, revision)
                     where asked.revision <> {_REVISION}
                """),
                {"officers": list(holders), "revisions": list(revisions)},
            )
        )
    officers.wake(changed)
    return len(changed)


async def revision_of(database: Database, officer: str) -> str:
    """The revision of the officer's open assignments: it differs whenever the answer does."""
    async with database.autocommit() as connection:
        return str(await connection.scalar(_OWN_REVISION, {"officer": officer}))
