"""Evidence: what happened, chained and never changed."""

from alembic import op

from shared.evidence.protection import creation

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    for statement in creation("dispatch"):
        op.execute(statement)
