"""Evidence: what happened, chained and never changed."""

from alembic import op

from shared.evidence.protection import creation

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    for statement in creation("watch"):
        op.execute(statement)
