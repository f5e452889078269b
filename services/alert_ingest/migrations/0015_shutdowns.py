"""The confirmed shutdowns of enterprises."""

from alembic import op

revision = "0015"
down_revision = "0014"

STATEMENTS = (
    """
    create table ingest.shutdowns (
        shutdown_id uuid not null,
        enterprise_code text not null,
        outlet text,
        starts_at timestamptz not null,
        ends_at timestamptz not null,
        kind text not null,
        reason text not null,
        proposed_by text not null,
        confirmed_by text not null,
        confirmed_at timestamptz not null,
        constraint shutdowns_pkey primary key (shutdown_id),
        constraint shutdowns_kind_check check (kind in ('maintenance', 'holiday', 'other'))
    )
    """,
    "create index shutdowns_enterprise_code_idx on ingest.shutdowns (enterprise_code, starts_at)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
