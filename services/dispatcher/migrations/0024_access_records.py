"""Who looked at evidence, and why: rows that nothing changes any more."""

from alembic import op

from shared.storage.access_records import refuse_changes

revision = "0024"
down_revision = "0023"

STATEMENTS = (
    """
    create table dispatch.access_records (
        record_id uuid not null,
        at timestamptz not null,
        action text not null,
        subject text not null,
        case_id uuid,
        role text not null,
        person text not null,
        station text,
        reach text not null,
        reason text,
        constraint access_records_pkey primary key (record_id)
    )
    """,
    "create index access_records_subject_idx on dispatch.access_records (subject, at)",
    "create index access_records_person_idx on dispatch.access_records (person, at)",
    *refuse_changes("dispatch"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
