"""The rota, leave, substitutions and recusals; cases that are held above or suspended; how assignments end."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = (
    "alter table dispatch.cases add column held_above boolean not null default false",
    "alter table dispatch.cases add column state_before text",
    "drop index dispatch.cases_waiting_idx",
    # The queue of cases without a team stays small however many cases are stored.
    """
    create index cases_waiting_idx on dispatch.cases (opened_at)
     where kind <> 'self_report' and state in ('open', 'declined', 'transferred', 'reopened') and not held_above
    """,
    "alter table dispatch.assignments add column end_reason text",
    "create index assignments_offered_at_idx on dispatch.assignments (officer, offered_at)",
    "create index assignments_enterprise_idx on dispatch.assignments (enterprise_code) where ended_at is null",
    """
    create table dispatch.duty_days (
        day date not null,
        officer text not null,
        station text not null,
        recorded_by text not null,
        recorded_at timestamptz not null,
        constraint duty_days_pkey primary key (day, officer)
    )
    """,
    "create index duty_days_station_idx on dispatch.duty_days (station, day)",
    """
    create table dispatch.leaves (
        leave_id uuid not null,
        officer text not null,
        first_day date not null,
        last_day date not null,
        reason text not null,
        recorded_by text not null,
        recorded_at timestamptz not null,
        cancelled_at timestamptz,
        constraint leaves_pkey primary key (leave_id),
        constraint leaves_days_check check (first_day <= last_day)
    )
    """,
    "create index leaves_last_day_idx on dispatch.leaves (last_day)",
    "create index leaves_officer_idx on dispatch.leaves (officer, first_day)",
    """
    create table dispatch.substitutions (
        day date not null,
        officer text not null,
        substitute text not null,
        reason text not null,
        recorded_by text not null,
        recorded_at timestamptz not null,
        constraint substitutions_pkey primary key (day, officer),
        constraint substitutions_two_check check (officer <> substitute)
    )
    """,
    """
    create table dispatch.recusals (
        enterprise_code text not null,
        officer text not null,
        reason text not null,
        recorded_by text not null,
        recorded_at timestamptz not null,
        ended_at timestamptz,
        constraint recusals_pkey primary key (enterprise_code, officer)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
