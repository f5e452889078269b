"""How far the outbox is relayed stands in a table, in place of an index of what is not published."""

from alembic import op

from shared.messaging.relayed import creation

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for statement in creation("watch"):
        op.execute(statement)
    op.execute("set local lock_timeout = default")
