"""The tables of alert_ingest, schema `ingest`. Only alert_ingest reads or writes them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import schema_metadata
from shared.inbox import inbox_table
from shared.outbox import outbox_table

metadata = schema_metadata("ingest")
_instant = DateTime(timezone=True)

inbox = inbox_table(metadata)
outbox = outbox_table(metadata)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Uuid, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    # What the anomaly is one of: a second event for the same four is a repeat of it.
    Column("outlet", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("pollutant", Text, nullable=False),
    Column("occurred_at", _instant, nullable=False),
    Column("level", Text, nullable=False),
    Column("grading", JSONB, nullable=False),
    Column("doubts", JSONB, nullable=False),
    Column("event", JSONB, nullable=False),
    Column("received_at", _instant, nullable=False),
    Column("issued_at", _instant, nullable=False),
    Column("repeats", Integer, nullable=False, server_default="0"),
    Column("case_id", Uuid),  # told by the dispatcher
    UniqueConstraint("outlet", "category", "pollutant", "occurred_at", "enterprise_code", name="alerts_occurrence_key"),
    CheckConstraint("level in ('white', 'yellow', 'red')", name="level"),
    Index("alerts_received_at_idx", "received_at", "alert_id"),
    Index("alerts_enterprise_code_idx", "enterprise_code", "received_at", "alert_id"),
)

# Every accepted event, byte for byte in structured form: what the platform said, and when we had it.
events = Table(
    "events",
    metadata,
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),  # SHA-256 of what makes two events the same
    Column("body", LargeBinary, nullable=False),
    Column("received_at", _instant, nullable=False),
    Column("entrance", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("alert_id", Uuid, nullable=False),
    Column("is_repeat", Boolean, nullable=False),
    CheckConstraint("entrance in ('kafka', 'http')", name="entrance"),
    Index("events_alert_id_idx", "alert_id"),
)

# Every refused event, byte for byte, with the reason. Those that came by Kafka are dead letters as well.
refusals = Table(
    "refusals",
    metadata,
    Column("refusal_id", Uuid, primary_key=True),
    Column("entrance", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("refused_at", _instant, nullable=False),
    CheckConstraint("entrance in ('kafka', 'http')", name="entrance"),
    Index("refusals_refused_at_idx", "refused_at", "refusal_id"),
)
