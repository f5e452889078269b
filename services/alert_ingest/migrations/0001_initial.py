"""Alerts, the events behind them, refusals, inbox and outbox."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    create table ingest.alerts (
        alert_id uuid constraint alerts_pkey primary key,
        enterprise_code text not null,
        outlet text not null,
        category text not null,
        pollutant text not null,
        occurred_at timestamptz not null,
        level text not null constraint alerts_level_check check (level in ('white', 'yellow', 'red')),
        grading jsonb not null,
        doubts jsonb not null,
        event jsonb not null,
        received_at timestamptz not null,
        issued_at timestamptz not null,
        repeats integer not null default 0,
        case_id uuid,
        -- One alert for one anomaly, whoever pushes it first and however many push it at once.
        constraint alerts_occurrence_key
            unique (outlet, category, pollutant, occurred_at, enterprise_code)
    )
    """,
    "create index alerts_received_at_idx on ingest.alerts (received_at, alert_id)",
    "create index alerts_enterprise_code_idx on ingest.alerts (enterprise_code, received_at, alert_id)",
    """
    create table ingest.events (
        source text not null,
        id text not null,
        enterprise_code text not null,
        content_hash bytea not null,
        body bytea not null,
        received_at timestamptz not null,
        entrance text not null constraint events_entrance_check check (entrance in ('kafka', 'http')),
        origin text not null,
        alert_id uuid not null,
        is_repeat boolean not null,
        -- The identity the platform gave it. Sending it again finds it here.
        constraint events_pkey primary key (source, id)
    )
    """,
    "create index events_alert_id_idx on ingest.events (alert_id)",
    """
    create table ingest.refusals (
        refusal_id uuid constraint refusals_pkey primary key,
        entrance text not null constraint refusals_entrance_check check (entrance in ('kafka', 'http')),
        origin text not null,
        code text not null,
        detail text not null,
        body bytea not null,
        refused_at timestamptz not null
    )
    """,
    "create index refusals_refused_at_idx on ingest.refusals (refused_at, refusal_id)",
    """
    create table ingest.inbox (
        event_id uuid constraint inbox_pkey primary key,
        type text not null,
        received_at timestamptz not null
    )
    """,
    """
    create table ingest.outbox (
        position bigint generated always as identity constraint outbox_pkey primary key,
        event_id uuid not null constraint outbox_event_id_key unique,
        topic text not null,
        key bytea,
        value bytea not null,
        headers jsonb not null,
        appended_at timestamptz not null,
        published_at timestamptz
    )
    """,
    # What waits for the relay stays quick to find beside any number of relayed rows.
    "create index outbox_pending_idx on ingest.outbox (position) where published_at is null",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
