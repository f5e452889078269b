"""Event and grade of an alert may be stored packed, and no index is kept that another one makes up for.

The key on the identity, of 0011, finds what the wider one found; rows from before it have an index of their own, which
no new row is in. Who repeats an alert is only asked in a reconciliation, which reads all of both tables. A tenth of
each page of alerts stays free, so that counting on a reminder needs no new entries in any index.
"""

from alembic import op

revision = "0021"
down_revision = "0020"

STATEMENTS = (
    "set local lock_timeout = '5s'",
    """
    alter table ingest.alerts
        alter column event drop not null,
        alter column grading drop not null,
        add column packed_event bytea,
        add column packed_grade bytea,
        add column causes uuid[],
        set (fillfactor = 90)
    """,
    "alter table ingest.former_gradings alter column grading drop not null, add column packed_grade bytea",
    "set local lock_timeout = default",
    """
    create index alerts_unidentified_idx on ingest.alerts (outlet, category, pollutant, occurred_at)
     where identity is null
    """,
    "alter table ingest.alerts drop constraint alerts_occurrence_key",
    "drop index ingest.events_alert_id_idx",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
