"""The codes that are stored already, in the form in which they are looked up."""

from alembic import op

from shared.storage.stored_codes import normalise

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.execute(normalise("watch"))
