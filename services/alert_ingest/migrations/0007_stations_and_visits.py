"""Which station is in charge of an enterprise, and which visits officers have made: who sees what depends on both."""

from alembic import op

revision = "0007"
down_revision = "0006"

STATEMENTS = (
    "alter table ingest.enterprises add column station text",
    "alter table ingest.cases add column kind text, add column arrived_at timestamptz, add column outcome text,"
    " add column officers text[] not null default '{}'",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
