"""Who changed what of master data, and when."""

from alembic import op

revision = "0017"
down_revision = "0016"

STATEMENTS = (
    """
    create table dispatch.master_history (
        entry_id bigint generated always as identity,
        kind text not null,
        record text not null,
        enterprise_code text,
        change text not null,
        changes jsonb not null,
        actor_role text not null,
        actor_subject text not null,
        how text not null,
        import_id bigint,
        at timestamptz not null,
        constraint master_history_pkey primary key (entry_id),
        constraint master_history_change_check check (change in ('new', 'changed'))
    )
    """,
    "create index master_history_record_idx on dispatch.master_history (kind, record, entry_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
