"""Alerts on which the enterprise's report was found untrue."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("alter table ingest.alerts add column report_untrue_at timestamptz")
