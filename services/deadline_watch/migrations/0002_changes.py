"""Clocks that people and calendars change: calendar and policy versions, changes, absences, milestones, audit."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    # Adding columns with a constant default rewrites no row.
    "alter table watch.deadlines add column paused_at timestamptz",
    "alter table watch.deadlines add column acted_at timestamptz",
    "alter table watch.deadlines add column adjustments jsonb not null default '[]'",
    # The arithmetic is long and rarely changes: kept apart, marking a row writes little.
    "alter table watch.deadlines set (fillfactor = 80, toast_tuple_target = 256)",
    # What may still change, however much lies behind.
    "create index deadlines_unfinished_idx on watch.deadlines (due_at, deadline_id) where closed_at is null",
    # In the order in which a pass claims them, so that 100,000 due at one instant are not sorted by each pass.
    "create index steps_due_idx on watch.steps (at, deadline_id, step) where done_at is null",
    "drop index watch.steps_ahead_idx",
    """
    create table watch.deadline_changes (
        deadline_id uuid not null,
        version integer not null,
        cause text not null,
        cause_version text,
        due_before timestamptz not null,
        due_text_before text not null,
        provisional_before boolean not null,
        explanation_before jsonb not null,
        due_after timestamptz not null,
        due_text_after text not null,
        reason text not null,
        ground text not null,
        requested_by text not null,
        approver text,
        at timestamptz not null,
        -- A version of a deadline comes about once.
        constraint deadline_changes_pkey primary key (deadline_id, version),
        constraint deadline_changes_cause_check check (cause in ('calendar', 'policy', 'pause', 'resume', 'extend')),
        -- Whoever asks for more time does not grant it.
        constraint deadline_changes_two_people_check check (approver is null or approver <> requested_by)
    )
    """,
    """
    create table watch.calendars (
        position bigint generated always as identity,
        version text not null,
        year integer,
        years jsonb not null,
        reason text not null,
        imported_by text not null,
        imported_at timestamptz not null,
        moves jsonb not null,
        constraint calendars_pkey primary key (position),
        constraint calendars_version_key unique (version)
    )
    """,
    """
    create table watch.policies (
        position bigint generated always as identity,
        version text not null,
        effective_from timestamptz not null,
        body text not null,
        reason text not null,
        published_by text not null,
        published_at timestamptz not null,
        moves jsonb not null,
        constraint policies_pkey primary key (position),
        constraint policies_version_key unique (version)
    )
    """,
    """
    create table watch.absences (
        absence_id uuid not null,
        role text not null,
        station text,
        since timestamptz not null,
        until timestamptz not null,
        reason text not null,
        recorded_by text not null,
        recorded_at timestamptz not null,
        constraint absences_pkey primary key (absence_id),
        constraint absences_role_check check (role in ('station_chief', 'section', 'leader')),
        constraint absences_station_check check ((role = 'station_chief') = (station is not null)),
        constraint absences_span_check check (since < until)
    )
    """,
    "create index absences_until_idx on watch.absences (until)",
    # What was heard of a case, apart from its clock: the auditor compares the two.
    """
    create table watch.cases (
        case_id uuid not null,
        kind text not null,
        enterprise_code text not null,
        alert_id uuid not null,
        level text not null,
        station text,
        assigned_at timestamptz,
        accepted_at timestamptz,
        arrived_at timestamptz,
        answered_at timestamptz,
        reviewed_at timestamptz,
        closed_at timestamptz,
        heard_at timestamptz not null,
        constraint cases_pkey primary key (case_id, kind)
    )
    """,
    "create index cases_open_idx on watch.cases (case_id) where closed_at is null",
    """
    create table watch.milestones (
        case_id uuid not null,
        kind text not null,
        milestone text not null,
        started_at timestamptz not null,
        enterprise_code text not null,
        due_at timestamptz not null,
        policy_version text not null,
        calendar_version text not null,
        done_at timestamptz,
        outcome text,
        -- Each begins once for each assignment or answer.
        constraint milestones_pkey primary key (case_id, kind, milestone, started_at),
        constraint milestones_outcome_check check (outcome in ('met', 'missed', 'void')),
        constraint milestones_done_check check ((done_at is null) = (outcome is null))
    )
    """,
    "create index milestones_due_idx on watch.milestones (due_at, case_id) where done_at is null",
    """
    create table watch.findings (
        finding text not null,
        subject text not null,
        first_seen_at timestamptz not null,
        last_seen_at timestamptz not null,
        -- A finding is told once while it lasts; what is mended is forgotten, and told again should it return.
        constraint findings_pkey primary key (finding, subject)
    )
    """,
    # When the auditor last went through everything, and what it found: its heartbeat.
    """
    create table watch.heartbeats (
        duty text not null,
        at timestamptz not null,
        detail jsonb not null,
        constraint heartbeats_pkey primary key (duty)
    )
    """,
    """
    create table watch.idempotency (
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
