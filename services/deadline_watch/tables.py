"""The tables of deadline_watch, schema `watch`. Only deadline_watch reads or writes them."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.database import schema_metadata
from shared.inbox import inbox_table
from shared.outbox import outbox_table

metadata = schema_metadata("watch")
_instant = DateTime(timezone=True)

inbox = inbox_table(metadata)
outbox = outbox_table(metadata)

# A deadline is a row, with the arithmetic it was computed by.
deadlines = Table(
    "deadlines",
    metadata,
    Column("deadline_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("alert_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("enterprise_code", Text, nullable=False),
    Column("station", Text),
    Column("state", Text, nullable=False),
    Column("started_at", _instant, nullable=False),
    Column("due_at", _instant, nullable=False),
    Column("due_text", Text, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("version", Integer, nullable=False),  # of the due time: moves with pause, resume and extend only
    Column("policy_version", Text, nullable=False),
    Column("calendar_version", Text, nullable=False),
    Column("explanation", JSONB, nullable=False),
    Column("answered_at", _instant),  # the server's receipt of the latest answer that stands
    Column("returned_at", _instant),  # the latest return: an older answer heard after it stands no more
    Column("missed_at", _instant),
    Column("met_at", _instant),
    Column("closed_at", _instant),
    UniqueConstraint("case_id", "kind"),
    CheckConstraint("state in ('open', 'warned', 'overdue', 'met', 'cancelled')", name="state"),
    Index("deadlines_due_at_idx", "due_at", "deadline_id"),
    Index("deadlines_station_idx", "station", "due_at", "deadline_id"),
)

# Everything that will happen to a deadline unless it is answered: warnings, the miss, the rungs of the ladder.
steps = Table(
    "steps",
    metadata,
    Column("deadline_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    # Each step of a version happens once: this key is what makes that true, whoever watches.
    Column("step", Text, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("at", _instant, nullable=False),
    Column("recipients", JSONB, nullable=False),
    Column("rung", Integer),
    Column("repeat_hours", Double),
    Column("done_at", _instant),
    Column("outcome", Text),
    CheckConstraint("action in ('warn', 'miss', 'escalate')", name="action"),
    CheckConstraint("outcome in ('fired', 'void')", name="outcome"),
    CheckConstraint("(done_at is null) = (outcome is null)", name="done"),
    # The watcher reads only what is ahead, however much lies behind.
    Index("steps_ahead_idx", "at", postgresql_where=text("done_at is null")),
)
