"""The codes that are stored already, in the form in which they are looked up."""

from alembic import op

from shared.storage.stored_codes import normalise

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute(
        normalise(
            "dispatch",
            enterprises__code="true",
            outlets__code="true",
            outlets__mn="true",
            notices__recipient="recipient_kind = 'enterprise'",
        )
    )
