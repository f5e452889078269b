"""Archives by month for what was told, sent and refused; which cases rest; the log of what is not kept any more."""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = (
    # A moment's lock, but of the table that everything comes in by: rather fail and be started again than hold it up.
    "set local lock_timeout = '5s'",
    "alter table ingest.events alter column body drop not null",
    "set local lock_timeout = default",
    """
    create table ingest.event_bodies (
        source text not null,
        id text not null,
        received_at timestamptz not null,
        body bytea not null,
        constraint event_bodies_pkey primary key (source, id, received_at)
    ) partition by range (received_at)
    """,
    """
    create view ingest.events_all as
    select e.source, e.id, e.enterprise_code, e.content_hash, coalesce(e.body, b.body) as body, e.received_at,
           e.entrance, e.origin, e.alert_id, e.is_repeat
      from ingest.events e
      left join ingest.event_bodies b
        on e.body is null and b.source = e.source and b.id = e.id and b.received_at = e.received_at
    """,
    """
    create table ingest.cases (
        alert_id uuid not null,
        case_id uuid not null,
        enterprise_code text not null,
        closed_at timestamptz,
        constraint cases_pkey primary key (alert_id, case_id)
    )
    """,
    """
    create table ingest.refusals_archive (
        refusal_id uuid not null,
        entrance text not null,
        origin text not null,
        code text not null,
        detail text not null,
        body bytea not null,
        refused_at timestamptz not null,
        constraint refusals_archive_pkey primary key (refusal_id, refused_at)
    ) partition by range (refused_at)
    """,
    """
    create view ingest.refusals_all as
    select refusal_id, entrance, origin, code, detail, body, refused_at from ingest.refusals
    union all
    select refusal_id, entrance, origin, code, detail, body, refused_at from ingest.refusals_archive
    """,
    """
    create table ingest.outbox_archive (
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
    create view ingest.outbox_all as
    select position, event_id, topic, key, value, headers, appended_at, published_at from ingest.outbox
    union all
    select position, event_id, topic, key, value, headers, appended_at, published_at from ingest.outbox_archive
    """,
    """
    create table ingest.retention_log (
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
