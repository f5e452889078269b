"""Alerts carry their large values apart, and standing reminders have an index.

Counting on a reminder, or linking a case, then writes a narrow row anew and not its two kilobytes.
"""

from alembic import op

revision = "0018"
down_revision = "0017"

STATEMENTS = (
    "alter table ingest.alerts set (toast_tuple_target = 640)",
    """
    create index alerts_reminders_idx on ingest.alerts (enterprise_code, outlet, own_rule, received_at)
     where level = 'white' and counted_on is null and dismissed_at is null and held_since is null
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
