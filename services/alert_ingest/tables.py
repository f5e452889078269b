"""The tables of alert_ingest, schema `ingest`. Only alert_ingest reads or writes them.

One file, as long as the schema: migrations are compared with it as a whole.
"""

from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Interval,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

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

HISTORY = History("ingest", Path(__file__).parent / "migrations")
metadata = schema_metadata("ingest")
_instant = DateTime(timezone=True)

inbox = inbox_table(metadata)
outbox = outbox_table(metadata)
outbox_archive = archive_table(outbox, "event_id", "appended_at")
idempotency = idempotency_table(metadata)
dead_letters = dead_letters_table(metadata)
brakes = brakes_table(metadata)
replicas = replicas_table(metadata)
proposals = proposals_table(metadata)
Index("proposals_alert_id_idx", proposals.c.alert_id)
retention_log = retention_log_table(metadata)
evidence = evidence_tables(metadata)

alerts = Table(
    "alerts",
    metadata,
    Column("alert_id", Uuid, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    # What the anomaly is one of: a second event of the enterprise for the same four is a repeat of it.
    Column("outlet", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("pollutant", Text, nullable=False),
    Column("occurred_at", _instant, nullable=False),
    Column("level", Text, nullable=False),
    Column("grading", JSONB),  # null where it is packed, like the next but one
    Column("doubts", JSONB, nullable=False),
    Column("event", JSONB),
    Column("received_at", _instant, nullable=False),
    Column("issued_at", _instant, nullable=False),
    Column("repeats", Integer, nullable=False, server_default="0"),
    # The alert of the reminder on which this white one was counted, and how many were counted on this one.
    Column("counted_on", Uuid),
    Column("counted", Integer, nullable=False, server_default="0"),
    Column("case_id", Uuid),  # as the dispatcher says
    Column("source", Text),  # the platform; null in rows of the version before, like the next five
    # What it leaves in the history: its own grade, without any past, and whether it shows an hour above the limit.
    Column("own_rule", Text),
    Column("own_level", Text),
    Column("exceeding", Boolean, nullable=False, server_default="false"),
    Column("classification", ARRAY(Text), nullable=False, server_default="{}"),  # the enterprise's, at its receipt
    Column("deciding_event", JSONB),  # the repeat that shows more than the first event did
    Column("graded_level", Text),  # the strictest the rules came to; `level` is lower only by a person's decision
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("answered_at", _instant),
    Column("unanswered_at", _instant),  # since when it counts as unanswered as yellow, as deadline_watch says
    # Unused since deadline_watch alone keeps clocks: the release before may run beside this one during a rollout. The
    # next release drops them, and the index below.
    Column("look_again_at", _instant),
    Column("excused", Interval, nullable=False, server_default="0"),
    Column("clock_paused_at", _instant),
    Column("found_false_at", _instant),  # its case ended as a false alarm
    Column("report_untrue_at", _instant),  # officers found that the enterprise's report on it was untrue
    Column("dismissed_at", _instant),
    Column("decision", JSONB),  # the person's decision in force, and who reviewed it
    Column("held_since", _instant),  # it asks nothing of anyone before a person confirms it
    # Hash of the anomaly's identity: in it the enterprise has a part only where another one's alert has the same
    # without it. Null in rows of an earlier version, which knew a wider key.
    Column("identity", LargeBinary),
    Column("packed_event", LargeBinary),  # see `store.packed`
    Column("packed_grade", LargeBinary),  # its grading and the doubts that it was issued with
    Column("causes", ARRAY(Uuid)),  # of a packed grade, where it has any
    CheckConstraint("level in ('white', 'yellow', 'red')", name="level"),
    Index("alerts_held_idx", "held_since", "alert_id", postgresql_where=text("held_since is not null")),
    Index("alerts_identity_key", "identity", unique=True),
    Index(
        "alerts_unidentified_idx",
        "outlet",
        "category",
        "pollutant",
        "occurred_at",
        postgresql_where=text("identity is null"),
    ),
    Index("alerts_received_at_idx", "received_at", "alert_id"),
    Index("alerts_enterprise_code_idx", "enterprise_code", "received_at", "alert_id"),
    Index("alerts_history_idx", "enterprise_code", "occurred_at"),
    Index(
        "alerts_reminders_idx",
        "enterprise_code",
        "outlet",
        "own_rule",
        "received_at",
        postgresql_where=text("level = 'white' and counted_on is null and dismissed_at is null and held_since is null"),
    ),
    Index("alerts_look_again_idx", "look_again_at", postgresql_where=text("look_again_at is not null")),
)

# Append-only: every grade that another one superseded, and why.
former_gradings = Table(
    "former_gradings",
    metadata,
    Column("alert_id", Uuid, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("level", Text, nullable=False),
    Column("grading", JSONB),  # null where it is packed
    Column("doubts", JSONB, nullable=False),
    Column("decision", JSONB),
    Column("issued_at", _instant, nullable=False),
    Column("superseded_at", _instant, nullable=False),
    Column("cause", Text, nullable=False),
    Column("packed_grade", LargeBinary),
)

# What people decided about alerts, as the release before `proposals` writes it; what it writes is copied there.
decisions = Table(
    "decisions",
    metadata,
    Column("decision_id", Uuid, primary_key=True),
    Column("alert_id", Uuid, nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("level", Text),
    Column("ground", Text),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", _instant, nullable=False),
    Column("state", Text, nullable=False),
    Column("reviewed_by", Text),
    Column("reviewed_at", _instant),
    Column("review_reason", Text),
    CheckConstraint("kind in ('dismiss', 'downgrade')", name="kind"),
    CheckConstraint("state in ('proposed', 'confirmed', 'rejected')", name="state"),
    CheckConstraint("reviewed_by is null or reviewed_by <> proposed_by", name="two_people"),
    Index("decisions_proposed_idx", "alert_id", unique=True, postgresql_where=text("state = 'proposed'")),
    Index("decisions_proposed_at_idx", "proposed_at", "decision_id"),
)

# Enterprises as the dispatcher's master data classifies them. The row is also what the intake locks, so that two
# replicas never grade alerts of one enterprise without seeing one another's.
enterprises = Table(
    "enterprises",
    metadata,
    Column("code", Text, primary_key=True),
    Column("classification", ARRAY(Text), nullable=False, server_default="{}"),
    Column("registered_at", _instant),
    Column("station", Text),  # in charge of it, by master data or else by its latest case
)

# Whose each outlet is, by its MN: as master data have it, else (no `registered_at`) as the first event about it said.
outlets = Table(
    "outlets",
    metadata,
    Column("mn", Text, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("registered_at", _instant),
)

# Every rule book that was ever published, as it was written. The one in force at receipt decides.
rule_books = Table(
    "rule_books",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("version", Text, nullable=False, unique=True),
    Column("effective_from", _instant, nullable=False),
    Column("body", Text, nullable=False),
    Column("changes", JSONB, nullable=False),  # against the one before it
    Column("reason", Text, nullable=False),
    Column("published_by", Text, nullable=False),
    Column("published_at", _instant, nullable=False),
    Column("confirmed_by", Text),  # null in rows from before it took two people
)

# Every accepted event: what the platform said, and when we had it. The row stays for ever, so that the event is known
# when it comes again; its body, byte for byte in structured form, moves to the archive when its case is closed.
events = Table(
    "events",
    metadata,
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),  # SHA-256 of what makes two events the same
    Column("body", LargeBinary),  # packed, where alerts are; null once it has moved
    Column("received_at", _instant, nullable=False),
    Column("entrance", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("alert_id", Uuid, nullable=False),
    Column("is_repeat", Boolean, nullable=False),
    CheckConstraint("entrance in ('kafka', 'http')", name="entrance"),
)

event_bodies = Table(
    "event_bodies",
    metadata,
    Column("source", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("received_at", _instant, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    postgresql_partition_by="RANGE (received_at)",
)

# Which cases answer an alert, and when each was closed: what an open one needs is not archived. What an enterprise may
# see of it depends on when officers arrived, and an officer sees what the own cases answer.
cases = Table(
    "cases",
    metadata,
    Column("alert_id", Uuid, primary_key=True),
    Column("case_id", Uuid, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("closed_at", _instant),
    Column("kind", Text),  # null in rows of the version before, like the next two
    Column("arrived_at", _instant),
    Column("outcome", Text),
    Column("officers", ARRAY(Text), nullable=False, server_default="{}"),  # everyone who ever had it
)

# Every event refused over HTTP, byte for byte, with the reason its sender was given. Those that came by Kafka stand in
# `dead_letters`, and the older ones of them in both.
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

refusals_archive = archive_table(refusals, "refusal_id", "refused_at")

# When each platform was heard last, by its heartbeats and by its events, and each outlet, by events about it; and how
# often it usually is. Of a platform itself the last two parts of the key are empty.
arrivals = Table(
    "arrivals",
    metadata,
    Column("source", Text, primary_key=True),
    Column("voice", Text, primary_key=True),
    Column("enterprise_code", Text, primary_key=True),
    Column("outlet", Text, primary_key=True),
    Column("arrivals", Integer, nullable=False),
    Column("first_at", _instant, nullable=False),
    Column("heard_at", _instant, nullable=False),
    Column("usual", Interval),  # null before the second arrival
    Column(
        "silent_at", _instant
    ),  # from when it counts as silent unless it is heard before; null: its habit is unknown
    Column("silent_since", _instant),  # when it was found silent; null while it is not
    CheckConstraint("voice in ('heartbeats', 'events', 'outlets')", name="voice"),
    Index("arrivals_silent_at_idx", "silent_at", postgresql_where=text("silent_since is null")),
)

# Since when we have listened without a break, and when that was last true: while we are away nobody is silent.
listening = Table(
    "listening",
    metadata,
    Column("only_row", Boolean, primary_key=True),
    Column("since", _instant, nullable=False),
    Column("at", _instant, nullable=False),
    CheckConstraint("only_row", name="only_row"),
)

# When enterprises, or outlets of theirs, stand still by plan: each proposed by one person and confirmed by another.
shutdowns = Table(
    "shutdowns",
    metadata,
    Column("shutdown_id", Uuid, primary_key=True),  # its proposal's
    Column("enterprise_code", Text, nullable=False),
    Column("outlet", Text),  # its MN or its permit number; null: the whole enterprise
    Column("starts_at", _instant, nullable=False),
    Column("ends_at", _instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Text, nullable=False),
    Column("confirmed_by", Text, nullable=False),
    Column("confirmed_at", _instant, nullable=False),
    CheckConstraint("kind in ('maintenance', 'holiday', 'other')", name="kind"),
    Index("shutdowns_enterprise_code_idx", "enterprise_code", "starts_at"),
)

# API keys of platforms. The key itself is nowhere: `digest` recognises it, `signing` is what bodies are signed with.
api_keys = Table(
    "api_keys",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("shown", Text, nullable=False),  # how it begins
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("signing", LargeBinary, nullable=False),
    Column("sources", ARRAY(Text), nullable=False),
    Column("signed", Boolean, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", _instant, nullable=False),
    Column("expires_at", _instant),
    Column("replaces", Uuid),
    Column("last_used_at", _instant),
    Column("revoked_at", _instant),
    Column("revoked_by", Text),
    Column("revoke_reason", Text),
)

# What was signed once: as long as its timestamp would be taken, it is not taken again.
api_key_nonces = Table(
    "api_key_nonces",
    metadata,
    Column("key_id", Uuid, primary_key=True),
    Column("nonce", Text, primary_key=True),
    Column("expires_at", _instant, nullable=False),
    Index("api_key_nonces_expires_at_idx", "key_id", "expires_at"),
)
