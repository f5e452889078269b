"""Deadlines, their steps, inbox and outbox."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    create table watch.deadlines (
        deadline_id uuid not null,
        case_id uuid not null,
        alert_id uuid not null,
        kind text not null,
        level text not null,
        enterprise_code text not null,
        station text,
        state text not null,
        started_at timestamptz not null,
        due_at timestamptz not null,
        due_text text not null,
        provisional boolean not null,
        version integer not null,
        policy_version text not null,
        calendar_version text not null,
        explanation jsonb not null,
        answered_at timestamptz,
        returned_at timestamptz,
        missed_at timestamptz,
        met_at timestamptz,
        closed_at timestamptz,
        constraint deadlines_pkey primary key (deadline_id),
        -- One clock for one case.
        constraint deadlines_case_id_kind_key unique (case_id, kind),
        constraint deadlines_state_check check (state in ('open', 'warned', 'overdue', 'met', 'cancelled'))
    )
    """,
    "create index deadlines_due_at_idx on watch.deadlines (due_at, deadline_id)",
    "create index deadlines_station_idx on watch.deadlines (station, due_at, deadline_id)",
    """
    create table watch.inbox (
        event_id uuid not null,
        type text not null,
        received_at timestamptz not null,
        constraint inbox_pkey primary key (event_id)
    )
    """,
    """
    create table watch.outbox (
        position bigint generated always as identity,
        event_id uuid not null,
        topic text not null,
        key bytea,
        value bytea not null,
        headers jsonb not null,
        appended_at timestamptz not null,
        published_at timestamptz,
        constraint outbox_pkey primary key (position),
        constraint outbox_event_id_key unique (event_id)
    )
    """,
    # What waits for the relay stays quick to find beside any number of relayed rows.
    "create index outbox_pending_idx on watch.outbox (position) where published_at is null",
    """
    create table watch.steps (
        deadline_id uuid not null,
        version integer not null,
        step text not null,
        enterprise_code text not null,
        action text not null,
        at timestamptz not null,
        recipients jsonb not null,
        rung integer,
        repeat_hours double precision,
        done_at timestamptz,
        outcome text,
        -- Each step of a version happens once, whoever watches.
        constraint steps_pkey primary key (deadline_id, version, step),
        constraint steps_action_check check (action in ('warn', 'miss', 'escalate')),
        constraint steps_outcome_check check (outcome in ('fired', 'void')),
        constraint steps_done_check check ((done_at is null) = (outcome is null))
    )
    """,
    # The watcher reads only what is ahead, however much lies behind.
    "create index steps_ahead_idx on watch.steps (at) where done_at is null",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
