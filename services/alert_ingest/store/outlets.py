"""The statements about whose the outlets are, by their MN: as master data have it, or as the first event said."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.alert_ingest.domain.doubts import Holder
from shared.contract.registrations import OutletRegistered
from shared.storage.arrays import array
from shared.storage.direct import fetch

_FIND = """
    select mn, enterprise_code, registered_at is not null
      from unnest(cast(cast($1 as text) as text[])) as asked (mn) join ingest.outlets using (mn)
"""


async def holders(connection: AsyncConnection, claims: Iterable[tuple[str, str]]) -> Mapping[str, Holder]:
    """Return whose each outlet is. `claims` are MN and enterprise as events say; of a new MN the first one counts."""
    claimed: dict[str, str] = {}
    for mn, enterprise_code in claims:
        claimed.setdefault(mn, enterprise_code)
    found = await _found(connection, claimed)
    if unknown := sorted(claimed.keys() - found.keys()):
        await connection.execute(
            text("""
                insert into ingest.outlets (mn, enterprise_code)
                select * from unnest(cast(cast(:mns as text) as text[]), cast(cast(:codes as text) as text[]))
                on conflict (mn) do nothing
            """),
            {"mns": array(unknown), "codes": array([claimed[mn] for mn in unknown])},
        )
        found |= await _found(connection, unknown)  # another replica may have been first
    return found


async def _found(connection: AsyncConnection, mns: Iterable[str]) -> dict[str, Holder]:
    if not mns:
        return {}
    rows = await fetch(connection, _FIND, array(mns))
    return {mn: Holder(code, registered=registered) for mn, code, registered in rows}


async def store_registered(connection: AsyncConnection, registered: Sequence[OutletRegistered]) -> None:
    """Store whose outlets are by master data, where no later registration is stored."""
    latest: dict[str, OutletRegistered] = {}
    for one in registered:
        if one.mn is not None and ((known := latest.get(one.mn)) is None or known.at <= one.at):
            latest[one.mn] = one
    if latest:
        rows = [latest[mn] for mn in sorted(latest)]  # in one order, as the intake inserts them
        await connection.execute(
            text("""
                insert into ingest.outlets (mn, enterprise_code, registered_at)
                select * from unnest(cast(:mns as text[]), cast(:codes as text[]), cast(:instants as timestamptz[]))
                on conflict (mn) do update
                   set enterprise_code = excluded.enterprise_code, registered_at = excluded.registered_at
                 where outlets.registered_at is null or outlets.registered_at <= excluded.registered_at
            """),
            {
                "mns": [one.mn for one in rows],
                "codes": [one.enterprise_code for one in rows],
                "instants": [one.at for one in rows],
            },
        )
