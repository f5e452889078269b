"""White reminds once: on which reminder an alert was counted, and how many were counted on it."""

from alembic import op

revision = "0013"
down_revision = "0012"

STATEMENTS = (
    "alter table ingest.alerts add column counted_on uuid",
    "alter table ingest.alerts add column counted integer not null default 0",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
