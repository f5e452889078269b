"""How far the outbox is relayed stands in a table, in place of an index of what is not published."""

from alembic import op

from shared.messaging.relayed import creation

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute("set local lock_timeout = '5s'")
    for statement in creation("console"):
        op.execute(statement)
    op.execute("set local lock_timeout = default")
