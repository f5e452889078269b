"""How far the outbox is relayed stands in a table, in place of an index of what is not published."""

from alembic import op

from shared.messaging.relayed import creation

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for statement in creation("ingest"):
        op.execute(statement)
    op.execute("set local lock_timeout = default")
