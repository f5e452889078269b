"""Interim reports, and what follows an outcome."""

from alembic import op

revision = "0022"
down_revision = "0021"

STATEMENTS = (
    "alter table dispatch.cases add column planned_end timestamptz",
    "alter table dispatch.cases add column correct_by date",
    "alter table dispatch.cases add column observe_until date",
    "alter table dispatch.cases add column legal_basis text",
    "alter table dispatch.cases add column file_number text",
    "create index cases_scheduled_idx on dispatch.cases (issued_at) where state = 'scheduled'",
    "create index cases_file_number_idx on dispatch.cases (closed_at) where outcome = 'case_filed_for_penalty'",
    "alter table dispatch.feedbacks add column correct_by date",
    "alter table dispatch.feedbacks add column observe_until date",
    "alter table dispatch.feedbacks add column legal_basis text",
    "alter table dispatch.feedbacks add column file_number text",
    "alter table dispatch.self_reports alter column finished_at drop not null",
    "alter table dispatch.self_reports add column interim boolean not null default false",
    "alter table dispatch.self_reports add column planned_end timestamptz",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
