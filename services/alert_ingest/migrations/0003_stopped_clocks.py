"""Time that a yellow alert's enterprise was given beyond the first: it is no silence."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("""
        alter table ingest.alerts
            add column excused interval not null default '0',
            add column clock_paused_at timestamptz
    """)
