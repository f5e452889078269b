"""Outlets, what assignment needs of stations, officers and enterprises, and the evidence of imports."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    """
    create table dispatch.outlets (
        enterprise_code text not null,
        code text not null,
        mn text,
        name text not null,
        medium text not null,
        longitude double precision,
        latitude double precision,
        updated_at timestamptz not null,
        constraint outlets_pkey primary key (enterprise_code, code),
        constraint outlets_mn_key unique (mn) deferrable initially immediate,
        constraint outlets_medium_check check (medium in ('gas', 'water', 'other'))
    )
    """,
    """
    alter table dispatch.stations
        add column grid_cells text[] not null default '{}',
        add column longitude double precision,
        add column latitude double precision
    """,
    "alter table dispatch.officers add column certificate text",
    "alter table dispatch.enterprises add column grid_cell text",
    """
    create table dispatch.imports (
        import_id bigint generated always as identity,
        kind text not null,
        file_name text,
        file_sha256 text not null,
        rows integer not null,
        new integer not null,
        changed integer not null,
        unchanged integer not null,
        actor_role text not null,
        actor_subject text not null,
        at timestamptz not null,
        constraint imports_pkey primary key (import_id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
