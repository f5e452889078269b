"""Rule books by version, what an alert leaves in the history, regrading, decisions by people, classification."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    create table ingest.rule_books (
        position bigint generated always as identity constraint rule_books_pkey primary key,
        version text not null constraint rule_books_version_key unique,
        effective_from timestamptz not null,
        body text not null,
        changes jsonb not null,
        reason text not null,
        published_by text not null,
        published_at timestamptz not null
    )
    """,
    """
    create table ingest.enterprises (
        code text constraint enterprises_pkey primary key,
        classification text[] not null default '{}',
        registered_at timestamptz
    )
    """,
    # Nullable or with a default, each of them: the services of the version before may still be writing.
    """
    alter table ingest.alerts
        add column source text,
        add column own_rule text,
        add column own_level text,
        add column exceeding boolean not null default false,
        add column classification text[] not null default '{}',
        add column deciding_event jsonb,
        add column graded_level text,
        add column revision integer not null default 1,
        add column answered_at timestamptz,
        add column look_again_at timestamptz,
        add column found_false_at timestamptz,
        add column dismissed_at timestamptz,
        add column decision jsonb
    """,
    """
    update ingest.alerts
       set source = event->>'source', own_rule = grading->>'rule', own_level = level, graded_level = level,
           exceeding = coalesce(event->'data'->>'period' = 'hour'
                                and (grading->'facts'->>'valid')::boolean
                                and (grading->'facts'->>'exceeds')::boolean, false)
    """,
    # What happened before at an outlet or enterprise: read for every alert, and only over its own span.
    "create index alerts_history_idx on ingest.alerts (enterprise_code, occurred_at)",
    # Yellow alerts that wait for an answer: few, however many alerts are stored.
    "create index alerts_look_again_idx on ingest.alerts (look_again_at) where look_again_at is not null",
    """
    create table ingest.former_gradings (
        alert_id uuid not null,
        revision integer not null,
        level text not null,
        grading jsonb not null,
        doubts jsonb not null,
        decision jsonb,
        issued_at timestamptz not null,
        superseded_at timestamptz not null,
        cause text not null,
        constraint former_gradings_pkey primary key (alert_id, revision)
    )
    """,
    """
    create table ingest.decisions (
        decision_id uuid constraint decisions_pkey primary key,
        alert_id uuid not null,
        kind text not null constraint decisions_kind_check check (kind in ('dismiss', 'downgrade')),
        level text,
        ground text,
        reason text not null,
        proposed_by text not null,
        proposed_at timestamptz not null,
        state text not null constraint decisions_state_check check (state in ('proposed', 'confirmed', 'rejected')),
        reviewed_by text,
        reviewed_at timestamptz,
        review_reason text,
        -- Two people: whoever proposed it does not review it.
        constraint decisions_two_people_check check (reviewed_by is null or reviewed_by <> proposed_by)
    )
    """,
    # One proposal at a time for an alert.
    "create unique index decisions_proposed_idx on ingest.decisions (alert_id) where state = 'proposed'",
    "create index decisions_alert_id_idx on ingest.decisions (alert_id)",
    "create index decisions_proposed_at_idx on ingest.decisions (proposed_at, decision_id)",
    """
    create table ingest.idempotency (
        subject text not null,
        key text not null,
        fingerprint bytea not null,
        status integer,
        body bytea,
        received_at timestamptz not null,
        constraint idempotency_pkey primary key (subject, key)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
