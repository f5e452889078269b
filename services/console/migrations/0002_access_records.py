"""Who took lists away, and why: rows that nothing changes any more."""

from alembic import op

from shared.storage.access_records import refuse_changes

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    """
    create table console.access_records (
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
    "create index access_records_subject_idx on console.access_records (subject, at)",
    "create index access_records_person_idx on console.access_records (person, at)",
    *refuse_changes("console"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
