"""Cases for each grade of an alert: one that sinks after it rose may ask for the same kind again."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = (
    "alter table dispatch.cases add column alert_revision integer not null default 1",
    "alter table dispatch.cases drop constraint cases_alert_id_kind_key",
    """
    alter table dispatch.cases
        add constraint cases_alert_id_kind_alert_revision_key unique (alert_id, kind, alert_revision)
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
