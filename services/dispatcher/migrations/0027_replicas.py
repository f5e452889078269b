"""When each process that runs the service was seen last."""

from alembic import op

from shared.storage.replicas import replicas_statement

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.execute(replicas_statement("dispatch"))
