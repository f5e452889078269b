"""The enterprises whose cases a unit of work changes: locked before the cases, and kept when an alert names a new one.

Cases that share a visit belong to one enterprise. So whoever locks enterprises first, all that it needs at once and in
one order, locks any of their cases afterwards in any order, and no two units of work wait for each other in a ring.
"""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from sqlalchemy import select, text

from services.dispatcher import tables
from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from shared.contract.events import AlertGraded

# Advisory locks, not row locks: an import of enterprises holds the whole table, and no officer waits for that.
# Enterprises share 2,048 of them: two rarely meet, and no unit of work fills PostgreSQL's table of locks.
_LOCK = "pg_advisory_xact_lock(hashtext('dispatch.enterprises'), slot)"
_SLOT = "hashtext({}) & 2047"
_OF_CASES = text(f"""
    select code, name, {_LOCK}
      from (select distinct c.enterprise_code as code, e.name, {_SLOT.format("c.enterprise_code")} as slot
              from dispatch.cases c
              left join dispatch.enterprises e on e.code = c.enterprise_code
             where c.case_id = any(cast(:case_ids as uuid[]))
             order by slot) as touched
""")
_BY_CODE = text(f"""
    select {_LOCK}
      from (select distinct {_SLOT.format("code")} as slot
              from unnest(cast(:codes as text[])) as asked (code)
             order by slot) as touched
""")
_TRY = text(f"""
    select code
      from unnest(cast(:codes as text[])) as asked (code)
     where {_LOCK.replace("pg_", "pg_try_").replace("slot", _SLOT.format("code"))}
""")
# With the entry in the history: `before` and what is kept are of one snapshot.
_KEEP = text("""
    with new as (
        select * from unnest(cast(:codes as text[]), cast(:names as text[]), cast(:districts as text[]))
                      as new (code, name, district)
    ), kept as (
        insert into dispatch.enterprises (code, name, district, classification, source, updated_at)
        select code, name, district, '{}', 'event', :now from new order by code
        on conflict (code) do update
           set name = coalesce(enterprises.name, excluded.name),
               district = coalesce(enterprises.district, excluded.district)
         where enterprises.name is null and excluded.name is not null
            or enterprises.district is null and excluded.district is not null
        returning code, name, district
    )
    insert into dispatch.master_history (kind, record, enterprise_code, change, changes, actor_role, actor_subject,
                                         how, at)
    select 'enterprises', kept.code, kept.code, case when before.code is null then 'new' else 'changed' end,
           (select coalesce(jsonb_object_agg(field, jsonb_build_array(was, becomes)), '{}')
              from (values ('name', before.name, kept.name), ('district', before.district, kept.district))
                   as differing (field, was, becomes)
             where was is distinct from becomes),
           'system', 'alert_ingest', 'event', :now
      from kept
      left join dispatch.enterprises before on before.code = kept.code
     order by kept.code
""")


async def lock_enterprises(work: CaseUnitOfWork, codes: Collection[str]) -> None:
    """Have nobody else change cases of these enterprises until this transaction ends.

    A unit of work that changes cases of several enterprises calls this with all of them before anything else.
    """
    if codes:
        await work.connection.execute(_BY_CODE, {"codes": [*codes]})


async def lock_enterprises_of(work: CaseUnitOfWork, case_ids: Collection[UUID]) -> Mapping[str, str | None]:
    """Lock the enterprises of these cases as `lock_enterprises` does; return their names by their codes."""
    rows = await work.connection.execute(_OF_CASES, {"case_ids": [*case_ids]})
    return {row.code: row.name for row in rows}


async def name_of(work: CaseUnitOfWork, code: str | None) -> str | None:
    """The name of an enterprise, where it has one and is known."""
    enterprises = tables.enterprises.c
    return await work.connection.scalar(select(enterprises.name).where(enterprises.code == code))


async def try_to_lock_enterprises(work: CaseUnitOfWork, codes: Collection[str]) -> set[str]:
    """Lock those of these enterprises that nobody holds, waiting for none; return them."""
    return set(await work.connection.scalars(_TRY, {"codes": [*codes]}))


async def keep_enterprises(work: CaseUnitOfWork, alerts: Iterable[AlertGraded]) -> None:
    """Keep enterprises that master data do not have, and fill in what they do not say of the others."""
    named: dict[str, tuple[str | None, str | None]] = {}
    for alert in alerts:
        enterprise = alert.enterprise
        name, district = named.get(enterprise.code, (None, None))
        if name is None or district is None:
            named[enterprise.code] = (
                enterprise.name if name is None else name,
                alert.district if district is None else district,
            )
    if not named:
        return
    await work.connection.execute(
        _KEEP,
        {
            "codes": [*named],
            "names": [name for name, _ in named.values()],
            "districts": [district for _, district in named.values()],
            "now": work.now,
        },
    )
