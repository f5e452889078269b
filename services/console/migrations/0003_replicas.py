"""When each process that runs the service was seen last."""

from alembic import op

from shared.storage.replicas import replicas_statement

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(replicas_statement("console"))
