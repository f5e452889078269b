"""Evidence: what happened, chained and never changed."""

from alembic import op

from shared.evidence.protection import creation

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    for statement in creation("ingest"):
        op.execute(statement)
