"""Cases that go along with a visit, planned inspections, off-site checks first, and cases asked for anew."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = (
    "alter table dispatch.cases add column merged_into uuid",
    "alter table dispatch.cases add column off_site_first boolean not null default false",
    "alter table dispatch.cases add column reopening integer not null default 0",
    "create index cases_merged_into_idx on dispatch.cases (merged_into) where merged_into is not null",
    # The open visits of an enterprise, however many were closed.
    "create index cases_visits_idx on dispatch.cases (enterprise_code) where closed_at is null and kind = 'on_site'",
    """
    alter table dispatch.cases
        add constraint cases_alert_id_kind_alert_revision_reopening_key
            unique (alert_id, kind, alert_revision, reopening)
    """,
    # The version before this one names no constraint when it opens a case, so it runs on without this one.
    "alter table dispatch.cases drop constraint cases_alert_id_kind_alert_revision_key",
    """
    create table dispatch.inspections (
        inspection_id uuid not null,
        plan text not null,
        enterprise_code text not null,
        matters text not null,
        planned_from date not null,
        planned_until date not null,
        recorded_by text not null,
        recorded_at timestamptz not null,
        case_id uuid,
        linked_at timestamptz,
        done_at timestamptz,
        constraint inspections_pkey primary key (inspection_id),
        constraint inspections_plan_enterprise_code_key unique (plan, enterprise_code),
        constraint inspections_days_check check (planned_from <= planned_until)
    )
    """,
    "create index inspections_enterprise_code_idx on dispatch.inspections (enterprise_code)",
    "create index inspections_case_id_idx on dispatch.inspections (case_id) where case_id is not null",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
