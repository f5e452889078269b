"""The tables of the console, schema `console`: a read model of what the other services emit.

Only the console reads or writes them, and no decision rests on them: every row can be made anew from the events. What
belongs to an enterprise is written under the lock of its row in `enterprises`, so that events of different topics about
one enterprise never overtake each other. One file, as long as the schema: migrations are compared with it as a whole.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from shared.evidence.tables import evidence_tables
from shared.messaging.brakes.store import brakes_table
from shared.messaging.dead_letters.store import dead_letters_table
from shared.messaging.inbox import inbox_table
from shared.messaging.outbox import outbox_table
from shared.storage.access_records import access_records_table
from shared.storage.archive import archive_table, retention_log_table
from shared.storage.database import schema_metadata
from shared.storage.idempotency import idempotency_table
from shared.storage.migrating import History
from shared.storage.replicas import replicas_table

HISTORY = History("console", Path(__file__).parent / "migrations")
metadata = schema_metadata("console")
_instant = DateTime(timezone=True)
_OPEN = text("closed_at is null and kind is not null")


def _facets(columns: str, **common: str) -> str:
    named = [f"'{name}=' || {name}" for name in columns.split()]
    named += [f"'{name}=' || NULLIF({name}::text, '{value}')" for name, value in common.items()]
    return f"array_remove(ARRAY[{', '.join(named)}, 'category=' || (category ->> 'code')], NULL)"


# What inverted indexes hold: each row by each value that it is filtered by, of truths by the one that fewer have;
# written as PostgreSQL writes it. Officers stand for themselves.
COMMON_TRUTHS = {"provisional": "false", "on_time": "true", "handled": "true", "finished": "true"}
CASE_FACETS = f"(officers || {_facets('station level kind state outcome rung awaits', **COMMON_TRUTHS)})"
ALERT_FACETS = _facets("station level")
# An inverted index is looked at together with what waits to be put into it: so little of that is left waiting.
_FACETS: dict[str, Any] = {"postgresql_using": "gin", "postgresql_with": {"gin_pending_list_limit": 256}}

inbox = inbox_table(metadata)
outbox = outbox_table(metadata)
outbox_archive = archive_table(outbox, "event_id", "appended_at")
idempotency = idempotency_table(metadata)
dead_letters = dead_letters_table(metadata)
brakes = brakes_table(metadata)
replicas = replicas_table(metadata)
retention_log = retention_log_table(metadata)
access_records = access_records_table(metadata)
evidence = evidence_tables(metadata)

# A case as its events and its clocks together say it is. Without a kind only a clock of it is known yet.
cases = Table(
    "cases",
    metadata,
    Column("case_id", Uuid, nullable=False),
    Column("enterprise_code", Text, nullable=False),
    Column("alert_id", Uuid, nullable=False),
    # As its newest event has it, which is the one of the highest revision.
    Column("revision", Integer, nullable=False),
    Column("at", _instant),
    Column("kind", Text),
    Column("level", Text),
    Column("state", Text),
    Column("station", Text),
    Column("enterprise_name", Text),
    Column("category", JSONB),
    Column("outlet", JSONB),
    Column("pollutant", JSONB),
    Column("observed", Double),
    Column("limit", Double),
    Column("unit", Text),
    Column("reason", JSONB),
    Column("address", Text),
    Column("position", JSONB),
    Column("team", JSONB, nullable=False, server_default=text("'[]'")),
    Column("officers", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("alert_ids", ARRAY(Uuid), nullable=False, server_default=text("'{}'")),
    Column("raised_by", Uuid),
    Column("planned_end", _instant),
    Column("issued_at", _instant),
    # The first time each of these happened.
    Column("opened_at", _instant),
    Column("assigned_at", _instant),
    Column("accepted_at", _instant),
    Column("arrived_at", _instant),
    Column("answered_at", _instant),
    Column("closed_at", _instant),
    Column("outcome", Text),
    Column("file_number", Text),
    Column("file_number_at", _instant),
    # What follows from all of that, and from the clocks, by the definitions in `domain`.
    Column("due_at", _instant),
    Column("due_key", _instant, nullable=False),  # the same, and far ahead where there is none: what is sorted by
    Column("due_text", Text),
    Column("provisional", Boolean, nullable=False, server_default=text("false")),
    Column("overdue", Boolean, nullable=False, server_default=text("false")),
    Column("rung", Text),
    Column("awaits", Text),
    Column("handled", Boolean, nullable=False, server_default=text("false")),
    Column("finished", Boolean, nullable=False, server_default=text("false")),
    Column("on_time", Boolean),
    Column("matter_id", BigInteger),
    Column("updated_at", _instant, nullable=False),
    PrimaryKeyConstraint("case_id", "enterprise_code"),
    Index("cases_alert_idx", "alert_id"),
    Index("cases_opened_idx", "opened_at", "case_id", postgresql_where=text("kind is not null")),
    Index("cases_updated_idx", "updated_at", "case_id", postgresql_where=text("kind is not null")),
    Index("cases_due_idx", "due_key", "case_id", postgresql_where=text("kind is not null")),
    Index("cases_station_idx", "station", "opened_at", "case_id", postgresql_where=text("kind is not null")),
    Index("cases_enterprise_idx", "enterprise_code", "opened_at", "case_id"),
    Index("cases_matter_idx", "matter_id", "opened_at", "case_id"),
    Index("cases_category_idx", text("(category ->> 'code')"), "opened_at", "case_id"),
    # What is still open, however much lies behind.
    Index("cases_open_due_idx", "due_key", "case_id", postgresql_where=_OPEN),
    Index("cases_open_station_idx", "station", "due_key", "case_id", postgresql_where=_OPEN),
    Index("cases_open_opened_idx", "opened_at", "case_id", postgresql_where=_OPEN),
    Index("cases_open_matter_idx", "matter_id", "due_key", "case_id", postgresql_where=_OPEN),
    Index("cases_officers_idx", "officers", postgresql_using="gin", postgresql_where=_OPEN),
    Index("cases_overdue_idx", "due_key", "case_id", postgresql_where=text("overdue")),
    Index("cases_overdue_station_idx", "station", "due_key", "case_id", postgresql_where=text("overdue")),
    Index("cases_awaits_idx", "awaits", "at", "case_id", postgresql_where=_OPEN),
    Index("cases_provisional_idx", "due_key", "case_id", postgresql_where=text("provisional and closed_at is null")),
    Index("cases_unfinished_idx", "closed_at", "case_id", postgresql_where=text("handled and not finished")),
    Index("cases_closed_idx", "closed_at", postgresql_where=text("closed_at is not null")),
    # What rows are filtered by, as `store/case_list.py` asks for it.
    Index("cases_facets_idx", text(f"({CASE_FACETS})"), **_FACETS),
)

# The clocks of cases, each as its newest event has it. A case has one of its own kind; others may follow in it.
deadlines = Table(
    "deadlines",
    metadata,
    Column("deadline_id", Uuid, nullable=False),
    Column("enterprise_code", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("alert_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("started_at", _instant, nullable=False),
    Column("due_at", _instant, nullable=False),
    Column("due_text", Text, nullable=False),
    Column("provisional", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", _instant, nullable=False),
    Column("rank", Integer, nullable=False),  # of events of one instant, the one that comes later
    Column("rung", Text),  # the highest role that was told
    PrimaryKeyConstraint("deadline_id", "enterprise_code"),
    Index("deadlines_case_idx", "case_id"),
)

# An alert as its newest grade has it.
alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Uuid, nullable=False),
    Column("enterprise_code", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("level", Text),
    Column("category", JSONB),
    Column("enterprise_name", Text),
    Column("station", Text),  # the one in charge of the enterprise
    Column("outlet", JSONB),
    Column("pollutant", JSONB),
    Column("observed", Double),
    Column("limit", Double),
    Column("unit", Text),
    Column("reason", JSONB),
    Column("rule", Text),
    Column("rule_book_version", Text),
    Column("received_at", _instant),
    Column("issued_at", _instant),
    Column("district", Text),
    Column("held", Boolean, nullable=False, server_default=text("false")),
    Column("counted_on", Uuid),
    Column("doubts", JSONB, nullable=False, server_default=text("'[]'")),
    Column("dismissed_at", _instant),
    Column("matter_id", BigInteger),
    Column("updated_at", _instant, nullable=False),
    PrimaryKeyConstraint("alert_id", "enterprise_code"),
    Index("alerts_issued_idx", "issued_at", "alert_id", postgresql_where=text("level is not null")),
    Index("alerts_station_idx", "station", "issued_at", "alert_id", postgresql_where=text("level is not null")),
    Index("alerts_enterprise_idx", "enterprise_code", "issued_at", "alert_id"),
    Index("alerts_matter_idx", "matter_id", "issued_at", "alert_id"),
    Index("alerts_category_idx", text("(category ->> 'code')"), "issued_at", "alert_id"),
    Index("alerts_held_idx", "received_at", "alert_id", postgresql_where=text("held")),
    Index("alerts_doubtful_idx", "issued_at", "alert_id", postgresql_where=text("doubts <> '[]'")),
    Index("alerts_dismissed_idx", "issued_at", "alert_id", postgresql_where=text("dismissed_at is not null")),
    Index("alerts_facets_idx", text(f"({ALERT_FACETS})"), **_FACETS),
)

# What cases and alerts are about, each combination once: far fewer than cases, so a search of words reads few rows.
matters = Table(
    "matters",
    metadata,
    Column("matter_id", BigInteger, Identity(always=True), primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("outlet", Text, nullable=False),
    Column("pollutant", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("words", Text, nullable=False),  # normalised: what a search is verified against
    Column("terms", ARRAY(Text), nullable=False),
    UniqueConstraint("enterprise_code", "outlet", "pollutant", "category"),
    Index("matters_terms_idx", "terms", postgresql_using="gin"),
)

# How many open cases there are of each kind of standing, kept with every change; rows of no cases stay, with 0.
open_counts = Table(
    "open_counts",
    metadata,
    Column("station", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("overdue", Boolean, primary_key=True),
    Column("rung", Text, primary_key=True),
    Column("awaits", Text, primary_key=True),
    Column("cases", BigInteger, nullable=False),
)

# What became of the cases opened on a day (in Shanghai), kept with every change.
day_counts = Table(
    "day_counts",
    metadata,
    Column("day", Date, primary_key=True),
    Column("station", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("category", Text, primary_key=True),
    Column("total", BigInteger, nullable=False),
    Column("handled", BigInteger, nullable=False),
    Column("finished", BigInteger, nullable=False),
    Column("on_time", BigInteger, nullable=False),
    Column("late", BigInteger, nullable=False),
    Column("false_alarms", BigInteger, nullable=False),
)

# What changed, in the order in which it became visible, for those who watch; forgotten after a day.
changes = Table(
    "changes",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("at", _instant, nullable=False),
    Column("subject", Text, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("stations", ARRAY(Text), nullable=False),  # before and after
    CheckConstraint("subject in ('case', 'alert')", name="subject"),
)

# Master data as far as they are shown beside cases: no telephone numbers, no addresses of channels.
enterprises = Table(
    "enterprises",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text),
    Column("address", Text),
    Column("district", Text),
    Column("street", Text),
    Column("grid_cell", Text),
    Column("station", Text),
    Column("longitude", Double),
    Column("latitude", Double),
    Column("classification", JSONB, nullable=False, server_default=text("'[]'")),
    Column("at", _instant),  # null: only its code is known
)
outlets = Table(
    "outlets",
    metadata,
    Column("enterprise_code", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("mn", Text),
    Column("name", Text, nullable=False),
    Column("medium", Text, nullable=False),
    Column("longitude", Double),
    Column("latitude", Double),
    Column("at", _instant, nullable=False),
)
stations = Table(
    "stations",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("streets", JSONB, nullable=False),
    Column("longitude", Double),
    Column("latitude", Double),
    Column("at", _instant, nullable=False),
)
officers = Table(
    "officers",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("certified", Boolean, nullable=False),
    Column("on_duty", Boolean, nullable=False),
    Column("at", _instant, nullable=False),
)
staff = Table(
    "staff",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("station", Text),
    Column("at", _instant, nullable=False),
)

# What waits for a second person, in whichever service it is kept.
proposals = Table(
    "proposals",
    metadata,
    Column("proposal_id", Uuid, primary_key=True),
    Column("service", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", JSONB, nullable=False),
    Column("summary", JSONB, nullable=False),
    Column("subject", Text, nullable=False),
    Column("station", Text),
    Column("enterprise_code", Text),
    Column("alert_id", Uuid),
    Column("case_id", Uuid),
    Column("proposed_by", JSONB, nullable=False),
    Column("proposed_at", _instant, nullable=False),
    Column("expires_at", _instant, nullable=False),
    Column("recipients", JSONB, nullable=False),
    Column("state", Text, nullable=False),
    Index("proposals_open_idx", "proposed_at", "proposal_id", postgresql_where=text("state = 'open'")),
)

# Notices that did not arrive in time, until they did.
undelivered = Table(
    "undelivered",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("case_id", Uuid, nullable=False),
    Column("alert_id", Uuid, nullable=False),
    Column("station", Text),
    Column("level", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("recipient_kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("queued_at", _instant),
    Column("at", _instant, nullable=False),
    Column("delivered_at", _instant),
    Index("undelivered_waiting_idx", "at", "notice_id", postgresql_where=text("delivered_at is null")),
)

# Dead letters of other services that waited too long, until somebody decided on them.
waiting_letters = Table(
    "waiting_letters",
    metadata,
    Column("letter_id", Uuid, primary_key=True),
    Column("service", Text, nullable=False),
    Column("topic", Text),
    Column("code", Text),
    Column("detail", Text),
    Column("failed_at", _instant),
    Column("decided_at", _instant),
    Index("waiting_letters_waiting_idx", "failed_at", "letter_id", postgresql_where=text("decided_at is null")),
)

# Partitions that another service has stopped reading, until somebody had it go on: released, and not stopped since.
stopped_partitions = Table(
    "stopped_partitions",
    metadata,
    Column("service", Text, primary_key=True),
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("code", Text),
    Column("detail", Text),
    Column("since", _instant),
    Column("released_at", _instant),
)

# How far each partition is read, by whoever reads it.
progress = Table(
    "progress",
    metadata,
    Column("topic", Text, primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("position", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("lag_seconds", Double, nullable=False),
    Column("last_event_at", _instant),
    Column("measured_at", _instant, nullable=False),
)

# Each time that the read model was made anew from the outboxes.
rebuilds = Table(
    "rebuilds",
    metadata,
    Column("rebuild_id", BigInteger, Identity(always=True), primary_key=True),
    Column("started_at", _instant, nullable=False),
    Column("step", Text, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("finished_at", _instant),
)
