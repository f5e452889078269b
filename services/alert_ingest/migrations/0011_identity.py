"""An anomaly's identity without the enterprise, and the codes that are stored in the form they are looked up by."""

from alembic import op

from shared.storage.stored_codes import normalise

revision = "0011"
down_revision = "0010"

STATEMENTS = (
    "alter table ingest.alerts add column identity bytea",
    "create unique index alerts_identity_key on ingest.alerts (identity)",
    normalise("ingest", alerts__outlet="true", enterprises__code="true"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
