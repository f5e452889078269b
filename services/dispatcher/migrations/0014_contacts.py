"""How enterprises, officers and the people of the offices are reached."""

from alembic import op

revision = "0014"
down_revision = "0013"

STATEMENTS = (
    """
    alter table dispatch.enterprises
        add column contacts jsonb not null default '[]',
        add column channels jsonb not null default '[]'
    """,
    """
    alter table dispatch.officers
        add column phone text,
        add column channels jsonb not null default '[]'
    """,
    """
    create table dispatch.staff (
        code text not null,
        name text not null,
        role text not null,
        station text,
        phone text,
        channels jsonb not null,
        updated_at timestamptz not null,
        constraint staff_pkey primary key (code),
        constraint staff_role_check check (role in ('station_chief', 'section', 'leader')),
        constraint staff_station_check check ((role = 'station_chief') = (station is not null))
    )
    """,
    "create index staff_role_idx on dispatch.staff (role, station)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
