"""Since when an alert counts as unanswered, as deadline_watch says; alert_ingest has no clock of its own any more."""

from alembic import op

revision = "0010"
down_revision = "0009"

STATEMENTS = (
    "alter table ingest.alerts add column unanswered_at timestamptz",
    # Replicas of the release before still run during a rollout: they leave to deadline_watch what they would look at.
    "update ingest.alerts set look_again_at = null where look_again_at is not null",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
