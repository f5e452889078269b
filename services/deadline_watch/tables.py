"""The tables of deadline_watch, schema `watch`. Only deadline_watch reads or writes them."""

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.evidence.tables import evidence_tables
from shared.messaging.brakes.store import brakes_table
from shared.messaging.dead_letters.store import dead_letters_table
from shared.messaging.inbox import inbox_table
from shared.messaging.outbox import outbox_table
from shared.messaging.proposals.store import proposals_table
from shared.storage.archive import archive_table, retention_log_table
from shared.storage.database import schema_metadata
from shared.storage.idempotency import idempotency_table
from shared.storage.migrating import History
from shared.storage.replicas import replicas_table

HISTORY = History("watch", Path(__file__).parent / "migrations")
metadata = schema_metadata("watch")
_instant = DateTime(timezone=True)

inbox = inbox_table(metadata)
outbox = outbox_table(metadata)
outbox_archive = archive_table(outbox, "event_id", "appended_at")
idempotency = idempotency_table(metadata)
dead_letters = dead_letters_table(metadata)
brakes = brakes_table(metadata)
replicas = replicas_table(metadata)
proposals = proposals_table(metadata)
retention_log = retention_log_table(metadata)
evidence = evidence_tables(metadata)

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
    Column("version", Integer, nullable=False),  # counts what people and calendars did to the due time, from 1
    Column("policy_version", Text, nullable=False),
    Column("calendar_version", Text, nullable=False),
    Column("explanation", JSONB, nullable=False),
    Column("answered_at", _instant),  # the server's receipt of the latest answer that was not returned
    Column("returned_at", _instant),  # the latest return: an older answer received after it does not count
    Column("missed_at", _instant),
    Column("met_at", _instant),
    Column("closed_at", _instant),
    Column("paused_at", _instant),  # since when the clock stands still
    Column("acted_at", _instant),  # the latest action of an officer or chief on the case
    Column("adjustments", JSONB, nullable=False, server_default=text("'[]'")),
    UniqueConstraint("case_id", "kind"),
    CheckConstraint("state in ('open', 'warned', 'overdue', 'met', 'cancelled')", name="state"),
    Index("deadlines_due_at_idx", "due_at", "deadline_id"),
    Index("deadlines_station_idx", "station", "due_at", "deadline_id"),
    # What may still change, however much lies behind.
    Index("deadlines_unfinished_idx", "due_at", "deadline_id", postgresql_where=text("closed_at is null")),
)

# Everything that will happen to a deadline unless it is answered: warnings, the miss, the end of its silence, rungs.
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
    CheckConstraint("action in ('warn', 'miss', 'unanswered', 'escalate')", name="action"),
    CheckConstraint("outcome in ('fired', 'void')", name="outcome"),
    CheckConstraint("(done_at is null) = (outcome is null)", name="done"),
    # The watcher reads only what is ahead, in the order in which it claims.
    Index("steps_due_idx", "at", "deadline_id", "step", postgresql_where=text("done_at is null")),
)

# What moved, paused or resumed a deadline: the due time and arithmetic of the version before are kept.
deadline_changes = Table(
    "deadline_changes",
    metadata,
    Column("deadline_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),  # the one that came about
    Column("cause", Text, nullable=False),
    Column("cause_version", Text),  # of the calendar or policy
    Column("due_before", _instant, nullable=False),
    Column("due_text_before", Text, nullable=False),
    Column("provisional_before", Boolean, nullable=False),
    Column("explanation_before", JSONB, nullable=False),
    Column("due_after", _instant, nullable=False),
    Column("due_text_after", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("approver", Text),
    Column("at", _instant, nullable=False),
    CheckConstraint("cause in ('calendar', 'policy', 'pause', 'resume', 'extend')", name="cause"),
    CheckConstraint("approver is null or approver <> requested_by", name="two_people"),
)

# Every calendar that was ever in force, whole. The latest is; the first is the one shipped.
calendars = Table(
    "calendars",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("version", Text, nullable=False, unique=True),
    Column("year", Integer),  # the one that was imported; null for a calendar shipped
    Column("years", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("imported_by", Text, nullable=False),
    Column("imported_at", _instant, nullable=False),
    Column("moves", JSONB, nullable=False),
    Column("confirmed_by", Text),  # null in rows from before it took two people
)

# Every deadline policy that was ever published, as it was written. The one in force at a clock's start decides.
policies = Table(
    "policies",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("version", Text, nullable=False, unique=True),
    Column("effective_from", _instant, nullable=False),
    Column("body", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", _instant, nullable=False),
    Column("moves", JSONB, nullable=False),
    Column("confirmed_by", Text),  # null in rows from before it took two people
)

# Who of the ladder is away, and until when: a rung that would reach nobody reaches the next level up.
absences = Table(
    "absences",
    metadata,
    Column("absence_id", Uuid, primary_key=True),
    Column("role", Text, nullable=False),
    Column("station", Text),
    Column("since", _instant, nullable=False),
    Column("until", _instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", _instant, nullable=False),
    CheckConstraint("role in ('station_chief', 'section', 'leader')", name="role"),
    CheckConstraint("(role = 'station_chief') = (station is not null)", name="station"),
    CheckConstraint("since < until", name="span"),
    Index("absences_until_idx", "until"),
)

# What is known of a case, apart from its clock: milestones follow from it, and the auditor compares the two.
cases = Table(
    "cases",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("alert_id", Uuid, nullable=False),
    Column("level", Text, nullable=False),
    Column("station", Text),
    Column("assigned_at", _instant),  # the latest of its kind, as are those below
    Column("accepted_at", _instant),
    Column("arrived_at", _instant),
    Column("answered_at", _instant),
    Column("reviewed_at", _instant),
    Column("closed_at", _instant),
    Column("visited_at", _instant),  # when officers first arrived, for it or for the visit that it joined
    Column("outcome", Text),
    Column("heard_at", _instant, nullable=False),
    Index("cases_open_idx", "case_id", postgresql_where=text("closed_at is null")),
)

# The bureau's own deadlines within a case: sign-in, arrival, review.
milestones = Table(
    "milestones",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("milestone", Text, primary_key=True),
    Column("started_at", _instant, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("due_at", _instant, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("calendar_version", Text, nullable=False),
    Column("done_at", _instant),
    Column("outcome", Text),
    CheckConstraint("outcome in ('met', 'missed', 'void')", name="outcome"),
    CheckConstraint("(done_at is null) = (outcome is null)", name="done"),
    Index("milestones_due_idx", "due_at", "case_id", postgresql_where=text("done_at is null")),
)

# Notices of a case that did not arrive in time: its clocks run unheard until each has.
unheard = Table(
    "unheard",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("notice_id", Uuid, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("since", _instant, nullable=False),
    Column("heard_at", _instant),
)

# What the auditor found amiss and is not mended yet.
findings = Table(
    "findings",
    metadata,
    Column("finding", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("first_seen_at", _instant, nullable=False),
    Column("last_seen_at", _instant, nullable=False),
)

# When a duty last went through everything, and what it saw.
heartbeats = Table(
    "heartbeats",
    metadata,
    Column("duty", Text, primary_key=True),
    Column("at", _instant, nullable=False),
    Column("detail", JSONB, nullable=False),
)
