"""Whether officers stood at the door, and what a case ended in: what an enterprise may see of its clock needs both."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("alter table watch.cases add column visited_at timestamptz, add column outcome text")
