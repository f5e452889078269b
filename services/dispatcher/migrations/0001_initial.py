"""Master data, cases, teams, reports, notices, inbox and outbox."""

from alembic import op

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    create table dispatch.assignments (
        assignment_id uuid not null,
        case_id uuid not null,
        enterprise_code text not null,
        officer text not null,
        part text not null,
        state text not null,
        round integer not null,
        offered_at timestamptz not null,
        accepted_at timestamptz,
        departed_at timestamptz,
        arrived_at timestamptz,
        ended_at timestamptz,
        position jsonb,
        explanation jsonb not null,
        constraint assignments_pkey primary key (assignment_id),
        constraint assignments_part_check check (part in ('lead', 'second'))
    )
    """,
    # What an officer's app asks for all day, and what an officer ever held.
    "create index assignments_officer_idx on dispatch.assignments (officer, ended_at)",
    # The last team of a case, however many cases are stored.
    "create index assignments_round_idx on dispatch.assignments (case_id, round)",
    # A team is one lead and one second at any moment,
    "create unique index assignments_team_part_idx on dispatch.assignments (case_id, part) where ended_at is null",
    # and two different officers.
    "create unique index assignments_team_officer_idx on dispatch.assignments (case_id, officer)"
    " where ended_at is null",
    """
    create table dispatch.case_alerts (
        case_id uuid not null,
        alert_id uuid not null,
        enterprise_code text not null,
        alert jsonb not null,
        constraint case_alerts_pkey primary key (case_id, alert_id)
    )
    """,
    """
    create table dispatch.cases (
        case_id uuid not null,
        enterprise_code text not null,
        alert_id uuid not null,
        kind text not null,
        level text not null,
        state text not null,
        station text,
        category text not null,
        issued_at timestamptz not null,
        opened_at timestamptz not null,
        closed_at timestamptz,
        outcome text,
        raised_by uuid,
        due_at timestamptz,
        due_text text,
        overdue_at timestamptz,
        revision integer not null,
        constraint cases_pkey primary key (case_id),
        -- One alert opens at most one case of a kind, however often its event comes.
        constraint cases_alert_id_kind_key unique (alert_id, kind),
        -- A case ends only by an outcome (100 % handled).
        constraint cases_ends_by_outcome_check check ((closed_at is null) = (outcome is null))
    )
    """,
    "create index cases_enterprise_code_idx on dispatch.cases (enterprise_code, opened_at)",
    "create index cases_opened_at_idx on dispatch.cases (opened_at, case_id)",
    "create index cases_station_idx on dispatch.cases (station, opened_at, case_id)",
    # The queue of cases without a team stays small however many cases are stored.
    "create index cases_waiting_idx on dispatch.cases (opened_at)"
    " where kind <> 'self_report' and state in ('open', 'declined')",
    """
    create table dispatch.enterprises (
        code text not null,
        name text,
        address text,
        district text,
        street text,
        station text,
        longitude double precision,
        latitude double precision,
        classification text[] not null,
        source text not null,
        updated_at timestamptz not null,
        constraint enterprises_pkey primary key (code),
        constraint enterprises_source_check check (source in ('master', 'event'))
    )
    """,
    """
    create table dispatch.feedbacks (
        feedback_id uuid not null,
        case_id uuid not null,
        revision integer not null,
        enterprise_code text not null,
        findings text not null,
        measures text not null,
        outcome text not null,
        submitted_by text not null,
        received_at timestamptz not null,
        claimed_at timestamptz,
        constraint feedbacks_pkey primary key (feedback_id)
    )
    """,
    "create index feedbacks_case_id_idx on dispatch.feedbacks (case_id)",
    """
    create table dispatch.idempotency (
        subject text not null,
        key text not null,
        fingerprint bytea not null,
        status integer,
        body bytea,
        received_at timestamptz not null,
        constraint idempotency_pkey primary key (subject, key)
    )
    """,
    """
    create table dispatch.inbox (
        event_id uuid not null,
        type text not null,
        received_at timestamptz not null,
        constraint inbox_pkey primary key (event_id)
    )
    """,
    """
    create table dispatch.notices (
        notice_id uuid not null,
        occasion text not null,
        purpose text not null,
        enterprise_code text,
        alert_id uuid,
        case_id uuid,
        recipient_kind text not null,
        recipient text not null,
        station text,
        subject jsonb not null,
        body jsonb not null,
        created_at timestamptz not null,
        channel text,
        attempts integer not null,
        attempt_at timestamptz not null,
        failure text,
        delivered_at timestamptz,
        receipt jsonb,
        acknowledged_at timestamptz,
        constraint notices_pkey primary key (notice_id),
        constraint notices_recipient_kind_check check (recipient_kind in ('enterprise', 'officer', 'role')),
        -- Told once.
        constraint notices_occasion_key unique (occasion)
    )
    """,
    "create index notices_case_id_idx on dispatch.notices (case_id)",
    "create index notices_created_at_idx on dispatch.notices (created_at, notice_id)",
    "create index notices_recipient_idx on dispatch.notices (recipient_kind, recipient, created_at, notice_id)",
    # What is still to be delivered.
    "create index notices_undelivered_idx on dispatch.notices (attempt_at) where delivered_at is null",
    """
    create table dispatch.officers (
        code text not null,
        name text not null,
        station text not null,
        certified boolean not null,
        on_duty boolean not null,
        skills text[] not null,
        updated_at timestamptz not null,
        constraint officers_pkey primary key (code)
    )
    """,
    "create index officers_station_idx on dispatch.officers (station)",
    """
    create table dispatch.outbox (
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
    "create index outbox_pending_idx on dispatch.outbox (position) where published_at is null",
    """
    create table dispatch.self_reports (
        self_report_id uuid not null,
        case_id uuid not null,
        enterprise_code text not null,
        cause text not null,
        measures text not null,
        finished_at timestamptz not null,
        submitted_by text not null,
        received_at timestamptz not null,
        constraint self_reports_pkey primary key (self_report_id)
    )
    """,
    "create index self_reports_case_id_idx on dispatch.self_reports (case_id)",
    """
    create table dispatch.stations (
        code text not null,
        name text not null,
        district text not null,
        streets text[] not null,
        updated_at timestamptz not null,
        constraint stations_pkey primary key (code)
    )
    """,
    """
    create table dispatch.timeline (
        entry_id bigint generated always as identity,
        case_id uuid not null,
        enterprise_code text not null,
        type text not null,
        state text not null,
        at timestamptz not null,
        claimed_at timestamptz,
        actor_role text not null,
        actor_subject text not null,
        reason text,
        detail jsonb not null,
        constraint timeline_pkey primary key (entry_id)
    )
    """,
    "create index timeline_case_id_idx on dispatch.timeline (case_id, entry_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
