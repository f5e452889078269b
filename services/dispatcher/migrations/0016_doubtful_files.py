"""Doubtful files: kept until a person decides on them, and who took one as evidence all the same."""

from alembic import op

revision = "0016"
down_revision = "0015"

STATEMENTS = (
    "alter table dispatch.attachments add column overruling jsonb",
    "alter table dispatch.uploads add column reason text",
    "alter table dispatch.uploads add column found_type text",
    "create index uploads_case_id_idx on dispatch.uploads (case_id) where attachment_id is null",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
