"""Alerts of old anomalies, which ask nothing of anyone before a person confirms them."""

from alembic import op

revision = "0012"
down_revision = "0011"

STATEMENTS = (
    "alter table ingest.alerts add column held_since timestamptz",
    "create index alerts_held_idx on ingest.alerts (held_since, alert_id) where held_since is not null",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
