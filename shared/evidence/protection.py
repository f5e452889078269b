"""Keeping evidence as it is: triggers that refuse changes, and rights that do not allow them.

Whoever migrates owns the tables. The services run as a role of their own, which may add and read, and neither change,
delete, empty, drop nor disable a trigger (`grant_to`). For an owner or a superuser only the triggers and, since
those can be dropped, the signed roots outside the database stand in the way: `docs/operations/evidence.md`.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.evidence.tables import NAMES


def creation(schema: str) -> list[str]:
    """The statements that make the tables of evidence. Once released they never change: migrations only add."""
    return [
        f"""
        create table {schema}.evidence (
            position bigint generated always as identity,
            chain text collate "C" not null,
            number bigint not null,
            enterprise_code text not null,
            recorded_at timestamptz not null,
            hash bytea not null,
            content bytea not null,
            document bytea not null,
            constraint evidence_pkey primary key (chain, number, enterprise_code)
        )
        """,
        # Compressing what is written with every event costs PostgreSQL more than all else that keeping it does; the
        # outbox's copy is compressed when it moves to its archive.
        f"alter table {schema}.evidence alter column document set storage external",
        f"alter table {schema}.outbox alter column value set storage external",
        f"create index evidence_position_idx on {schema}.evidence using brin (position) with (autosummarize = on)",
        f"""
        create table {schema}.evidence_leaves (
            leaf bigint not null constraint evidence_leaves_pkey primary key,
            chain text collate "C" not null,
            number bigint not null,
            enterprise_code text not null,
            hash bytea not null
        )
        """,
        f"create index evidence_leaves_chain_idx on {schema}.evidence_leaves (chain, number)",
        f"""
        create table {schema}.evidence_nodes (
            level integer not null,
            index bigint not null,
            hash bytea not null,
            constraint evidence_nodes_pkey primary key (level, index)
        )
        """,
        f"""
        create table {schema}.evidence_roots (
            size bigint not null constraint evidence_roots_pkey primary key,
            covered bigint not null,
            root bytea not null,
            note text not null,
            at timestamptz not null
        )
        """,
        f"""
        create table {schema}.evidence_timestamps (
            size bigint not null,
            authority text not null,
            token bytea not null,
            at timestamptz not null,
            constraint evidence_timestamps_pkey primary key (size, authority)
        )
        """,
        f"""
        create function {schema}.keep_evidence() returns trigger language plpgsql as $keep$
        begin
            raise exception '% is evidence: rows are added, and never changed or deleted', tg_relid::regclass
                using errcode = 'insufficient_privilege';
        end
        $keep$
        """,
        *(statement for name in NAMES for statement in _kept(f"{schema}.{name}", name, schema)),
    ]


def _kept(table: str, name: str, schema: str) -> Iterable[str]:
    yield f"""
        create trigger {name}_kept before update or delete or truncate on {table}
        for each statement execute function {schema}.keep_evidence()
    """
    # Also in a session that says it only replicates.
    yield f"alter table {table} enable always trigger {name}_kept"
    yield f"revoke update, delete, truncate on {table} from public, current_user"


async def grant_to(connection: AsyncConnection, role: str, schemas: Sequence[str]) -> None:
    """Give `role` what the services need in `schemas`, and of evidence only to add and to read.

    Archives become its own, as it makes and drops their months.
    """
    quoted: str = await connection.scalar(text("select quote_ident(:role)"), {"role": role}) or ""
    for schema in schemas:
        statements = [
            f"grant usage, create on schema {schema} to {quoted}",
            f"grant select, insert, update, delete on all tables in schema {schema} to {quoted}",
            f"grant usage, select on all sequences in schema {schema} to {quoted}",
        ]
        for name in NAMES:
            statements.append(f"revoke all on {schema}.{name} from {quoted}")
            statements.append(f"grant select, insert on {schema}.{name} to {quoted}")
        archives = await connection.scalars(
            text(
                "select c.oid::regclass::text from pg_class c where c.relnamespace = cast(:schema as regnamespace)"
                " and c.relkind in ('p', 'r') and (c.relkind = 'p' or c.relispartition)"
            ),
            {"schema": schema},
        )
        statements += [f"alter table {archive} owner to {quoted}" for archive in archives]
        for statement in statements:
            await connection.execute(text(statement))
