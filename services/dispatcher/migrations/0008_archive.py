"""An archive by month for what was told, and the log of what is not kept any more."""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = (
    """
    create table dispatch.outbox_archive (
        position bigint not null,
        event_id uuid not null,
        topic text not null,
        key bytea,
        value bytea not null,
        headers jsonb not null,
        appended_at timestamptz not null,
        published_at timestamptz,
        constraint outbox_archive_pkey primary key (event_id, appended_at)
    ) partition by range (appended_at)
    """,
    # Everything that was ever told, for those who look back: replay, reconciliation, a person at psql.
    """
    create view dispatch.outbox_all as
    select position, event_id, topic, key, value, headers, appended_at, published_at from dispatch.outbox
    union all
    select position, event_id, topic, key, value, headers, appended_at, published_at from dispatch.outbox_archive
    """,
    """
    create table dispatch.retention_log (
        entry_id bigint generated always as identity constraint retention_log_pkey primary key,
        at timestamptz not null,
        table_name text not null,
        action text not null constraint retention_log_action_check check (action in ('dropped', 'forgotten')),
        month date,
        rows bigint not null,
        policy_version text not null,
        constraint retention_log_month_check check ((action = 'dropped') = (month is not null))
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
