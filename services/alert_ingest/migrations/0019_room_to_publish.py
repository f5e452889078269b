"""Pages of the outbox keep room for the same rows as published.

The row as published then stands on the page of the row before, and PostgreSQL logs what differs, not all of it anew.
"""

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.execute("alter table ingest.outbox set (fillfactor = 50)")
