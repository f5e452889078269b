"""The tables of the dispatcher, schema `dispatch`. Only the dispatcher reads or writes them.

Every row of a case carries the enterprise code, so that the schema can be distributed by it. One file, however long:
it is the schema from top to bottom, and migrations are compared with it as a whole.
"""

from collections.abc import Iterable
from pathlib import Path

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
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from services.dispatcher.domain.lifecycle import JOINABLE, ON_SITE, WAITING
from shared.evidence.tables import evidence_tables
from shared.messaging.brakes.store import brakes_table
from shared.messaging.dead_letters.store import dead_letters_table
from shared.messaging.inbox import inbox_table
from shared.messaging.outbox import outbox_table
from shared.messaging.proposals.store import proposals_table
from shared.storage.access_records import access_records_table
from shared.storage.archive import archive_table, retention_log_table
from shared.storage.database import schema_metadata
from shared.storage.idempotency import idempotency_table
from shared.storage.migrating import History
from shared.storage.replicas import replicas_table

HISTORY = History("dispatch", Path(__file__).parent / "migrations")
metadata = schema_metadata("dispatch")
_instant = DateTime(timezone=True)


def listed(values: Iterable[str]) -> str:
    """Values of our own as a statement names them: as parameters they would keep a partial index from being used."""
    return ", ".join(f"'{value}'" for value in sorted(values))


WAITS = f"kind in ({listed(ON_SITE)}) and state in ({listed(WAITING)}) and not held_above"
"""In SQL, a case that waits for a team."""
FRESH = f"{WAITS} and passed_over is distinct from revision"
"""In SQL, one of them that was not looked at since it came to wait."""

inbox = inbox_table(metadata)
outbox = outbox_table(metadata)
outbox_archive = archive_table(outbox, "event_id", "appended_at")
idempotency = idempotency_table(metadata)
dead_letters = dead_letters_table(metadata)
brakes = brakes_table(metadata)
replicas = replicas_table(metadata)
proposals = proposals_table(metadata)
access_records = access_records_table(metadata)
retention_log = retention_log_table(metadata)
evidence = evidence_tables(metadata)

# Master data. Written by PUT; an enterprise first seen in an event gets a row with `source` = event.
stations = Table(
    "stations",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("streets", ARRAY(Text), nullable=False),
    Column("grid_cells", ARRAY(Text), nullable=False, server_default="{}"),
    Column("longitude", Double),
    Column("latitude", Double),
    Column("updated_at", _instant, nullable=False),
)

officers = Table(
    "officers",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("station", Text, nullable=False),
    Column("certified", Boolean, nullable=False),
    Column("certificate", Text),
    Column("on_duty", Boolean, nullable=False),
    Column("skills", ARRAY(Text), nullable=False),
    Column("phone", Text),
    Column("channels", JSONB, nullable=False, server_default="[]"),  # addresses of channels, the first tried first
    Column("updated_at", _instant, nullable=False),
    Index("officers_station_idx", "station"),
)

# The people of the offices: chiefs, section, leaders; `code` is their login.
staff = Table(
    "staff",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("station", Text),
    Column("phone", Text),
    Column("channels", JSONB, nullable=False),
    Column("updated_at", _instant, nullable=False),
    CheckConstraint("role in ('station_chief', 'section', 'leader')", name="role"),
    CheckConstraint("(role = 'station_chief') = (station is not null)", name="station"),
    Index("staff_role_idx", "role", "station"),
)

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
    Column("classification", ARRAY(Text), nullable=False),
    Column("contacts", JSONB, nullable=False, server_default="[]"),  # whom to phone, the first one first
    Column("channels", JSONB, nullable=False, server_default="[]"),
    Column("source", Text, nullable=False),
    Column("updated_at", _instant, nullable=False),
    Column("entry_code_hash", Text),  # of the code on the poster at the gate; the code itself is kept nowhere
    Column("entry_code_set_at", _instant),
    CheckConstraint("source in ('master', 'event')", name="source"),
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
    Column("updated_at", _instant, nullable=False),
    # Judged at the end of a statement, so that one import may swap two data loggers.
    UniqueConstraint("mn", deferrable=True, initially="IMMEDIATE"),
    CheckConstraint("medium in ('gas', 'water', 'other')", name="medium"),
)

# Append-only: who changed what of which record of master data, or of a week's rota, and when.
master_history = Table(
    "master_history",
    metadata,
    Column("entry_id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("record", Text, nullable=False),  # its key; of several parts, with slashes between
    Column("enterprise_code", Text),
    Column("change", Text, nullable=False),
    Column("changes", JSONB, nullable=False),  # by field: before and after
    Column("actor_role", Text, nullable=False),
    Column("actor_subject", Text, nullable=False),
    Column("how", Text, nullable=False),
    Column("import_id", BigInteger),
    Column("at", _instant, nullable=False),
    CheckConstraint("change in ('new', 'changed')", name="change"),
    Index("master_history_record_idx", "kind", "record", "entry_id"),
)

# Every dispatch policy that was ever published, as it was written. The one in force at a decision decides.
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
    Column("preview", JSONB, nullable=False),
    Column("confirmed_by", Text),  # null in rows from before it took two people
)

# Append-only: who imported which sheet of master data, and what it changed.
imports = Table(
    "imports",
    metadata,
    Column("import_id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("file_name", Text),
    Column("file_sha256", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("new", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("actor_role", Text, nullable=False),
    Column("actor_subject", Text, nullable=False),
    Column("at", _instant, nullable=False),
)

cases = Table(
    "cases",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    # The alert that opened it; others may join (case_alerts). One grade of an alert opens at most one case of a kind.
    Column("alert_id", Uuid, nullable=False),
    Column("alert_revision", Integer, nullable=False, server_default="1"),  # which of the alert's grades opened it
    Column("kind", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("station", Text),
    Column("category", Text, nullable=False),
    Column("issued_at", _instant, nullable=False),
    Column("opened_at", _instant, nullable=False),
    Column("closed_at", _instant),
    Column("outcome", Text),
    Column("raised_by", Uuid),  # a verification links back to the yellow case that stayed unanswered
    # What deadline_watch last emitted about the deadline of this case.
    Column("due_at", _instant),
    Column("due_text", Text),
    Column("provisional", Boolean),  # whether it rests on a calendar year that is not published; null: not known yet
    Column("overdue_at", _instant),
    Column("planned_end", _instant),  # accepted with an interim report: the final one is due then
    # What followed its outcome: by when to correct, until when it is observed, by which law, under which number.
    Column("correct_by", Date),
    Column("observe_until", Date),
    Column("legal_basis", Text),
    Column("file_number", Text),
    # Transferred upward: the section decides who goes, and nobody is assigned meanwhile.
    Column("held_above", Boolean, nullable=False, server_default=text("false")),
    # The revision at which nobody could take it: it waits for a step of its own, or for somebody who can go.
    Column("passed_over", Integer),
    Column("state_before", Text),  # a suspended case goes back to it, and a self-report that joined another
    Column("merged_into", Uuid),  # the case that it joined, whose answer is its own too
    Column("arrived_at", _instant),  # when officers first arrived, for it or for that visit
    Column("off_site_first", Boolean, nullable=False, server_default=text("false")),
    Column("reopening", Integer, nullable=False, server_default="0"),  # how often its alert was asked for anew
    Column("revision", Integer, nullable=False),  # grows with every step; two actors on one step conflict
    UniqueConstraint("alert_id", "kind", "alert_revision", "reopening"),
    CheckConstraint("(closed_at is null) = (outcome is null)", name="ends_by_outcome"),
    Index("cases_enterprise_code_idx", "enterprise_code", "opened_at"),
    Index("cases_opened_at_idx", "opened_at", "case_id"),
    Index("cases_station_idx", "station", "opened_at", "case_id"),
    Index("cases_merged_into_idx", "merged_into", postgresql_where=text("merged_into is not null")),
    Index("cases_raised_by_idx", "raised_by", postgresql_where=text("raised_by is not null")),
    Index("cases_scheduled_idx", "issued_at", postgresql_where=text("state = 'scheduled'")),
    Index("cases_file_number_idx", "closed_at", postgresql_where=text("outcome = 'case_filed_for_penalty'")),
    # What is still open, for whoever looks through all of it.
    Index("cases_open_idx", "case_id", postgresql_where=text("closed_at is null")),
    Index("cases_visits_idx", "enterprise_code", postgresql_where=text("closed_at is null and kind = 'on_site'")),
    # What others of the enterprise can join, or can join others.
    Index("cases_joinable_idx", "enterprise_code", postgresql_where=text(f"state in ({listed(JOINABLE)})")),
    # The queues of cases that wait for a team: of each station, and what of all of them was not looked at yet.
    Index("cases_queue_idx", "station", "opened_at", "case_id", postgresql_where=text(WAITS)),
    Index("cases_fresh_idx", "opened_at", "case_id", postgresql_where=text(FRESH)),
)

case_alerts = Table(
    "case_alerts",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("alert_id", Uuid, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("alert", JSONB, nullable=False),  # alert.graded as received
)

assignments = Table(
    "assignments",
    metadata,
    Column("assignment_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("enterprise_code", Text, nullable=False),
    Column("officer", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("round", Integer, nullable=False),  # 1 for the first team of the case, 2 for the next, …
    Column("offered_at", _instant, nullable=False),
    Column("accepted_at", _instant),
    Column("departed_at", _instant),
    Column("arrived_at", _instant),
    Column("ended_at", _instant),
    Column("end_reason", Text),
    Column("position", JSONB),  # where the device claimed to be on arrival
    Column("explanation", JSONB, nullable=False),  # why this officer, with the policy's version
    Column("entry_check", Text),  # on arrival: whether what was scanned at the gate is the enterprise's code
    CheckConstraint("entry_check in ('matched', 'not_matched', 'not_scanned', 'not_asked')", name="entry_check"),
    CheckConstraint("part in ('lead', 'second')", name="part"),
    # A team is one lead and one second, two different officers, at any moment.
    Index("assignments_team_part_idx", "case_id", "part", unique=True, postgresql_where=text("ended_at is null")),
    Index("assignments_team_officer_idx", "case_id", "officer", unique=True, postgresql_where=text("ended_at is null")),
    # What an officer holds now, and what an officer ever held.
    Index("assignments_officer_idx", "officer", "ended_at"),
    Index("assignments_round_idx", "case_id", "round"),
    # What each was given lately, and who has an open case at an enterprise.
    Index("assignments_offered_at_idx", "officer", "offered_at"),
    Index("assignments_enterprise_idx", "enterprise_code", postgresql_where=text("ended_at is null")),
)

# By station who could go when its queue was last looked through: it is again when somebody else can.
assignment_queues = Table(
    "assignment_queues",
    metadata,
    Column("station", Text, primary_key=True),
    Column("able", ARRAY(Text), nullable=False),
    Column("looked_at", _instant, nullable=False),
)

# The rota, a row for each officer on each day; who is on leave; who substitutes; who must not go where.
duty_days = Table(
    "duty_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("officer", Text, primary_key=True),
    Column("station", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", _instant, nullable=False),
    Index("duty_days_station_idx", "station", "day"),
)

# The days for which the rota of a station names nobody: nobody is on duty then.
empty_duty_days = Table(
    "empty_duty_days",
    metadata,
    Column("station", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", _instant, nullable=False),
)

leaves = Table(
    "leaves",
    metadata,
    Column("leave_id", Uuid, primary_key=True),
    Column("officer", Text, nullable=False),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", _instant, nullable=False),
    Column("cancelled_at", _instant),
    CheckConstraint("first_day <= last_day", name="days"),
    Index("leaves_last_day_idx", "last_day"),
    Index("leaves_officer_idx", "officer", "first_day"),
)

substitutions = Table(
    "substitutions",
    metadata,
    Column("day", Date, primary_key=True),
    Column("officer", Text, primary_key=True),
    Column("substitute", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", _instant, nullable=False),
    CheckConstraint("officer <> substitute", name="two"),
)

recusals = Table(
    "recusals",
    metadata,
    Column("enterprise_code", Text, primary_key=True),
    Column("officer", Text, primary_key=True),
    Column("reason", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", _instant, nullable=False),
    Column("ended_at", _instant),
)

# Append-only: what happened to a case, when, by whom, and why. The evidence of the hand-overs.
timeline = Table(
    "timeline",
    metadata,
    Column("entry_id", BigInteger, Identity(always=True), primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("enterprise_code", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", _instant, nullable=False),
    Column("claimed_at", _instant),
    Column("actor_role", Text, nullable=False),
    Column("actor_subject", Text, nullable=False),
    Column("reason", Text),
    Column("detail", JSONB, nullable=False),
    Index("timeline_case_id_idx", "case_id", "entry_id"),
)

# The quarter's planned, randomly drawn inspections, and the case whose visit does one of them too.
inspections = Table(
    "inspections",
    metadata,
    Column("inspection_id", Uuid, primary_key=True),
    Column("plan", Text, nullable=False),
    Column("enterprise_code", Text, nullable=False),
    Column("matters", Text, nullable=False),
    Column("planned_from", Date, nullable=False),
    Column("planned_until", Date, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("recorded_at", _instant, nullable=False),
    Column("case_id", Uuid),
    Column("linked_at", _instant),
    Column("done_at", _instant),
    UniqueConstraint("plan", "enterprise_code"),
    CheckConstraint("planned_from <= planned_until", name="days"),
    Index("inspections_enterprise_code_idx", "enterprise_code"),
    Index("inspections_case_id_idx", "case_id", postgresql_where=text("case_id is not null")),
)

self_reports = Table(
    "self_reports",
    metadata,
    Column("self_report_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False, index=True),
    Column("enterprise_code", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("finished_at", _instant),  # null where the work goes on
    Column("interim", Boolean, nullable=False, server_default=text("false")),
    Column("planned_end", _instant),
    Column("submitted_by", Text, nullable=False),
    Column("received_at", _instant, nullable=False),
)

# The secret of each day under which reports are drawn for verification; told to nobody before `published_at`.
draw_days = Table(
    "draw_days",
    metadata,
    Column("day", Date, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    Column("commitment", Text, nullable=False),
    Column("committed_at", _instant, nullable=False),
    Column("published_at", _instant),
    Index("draw_days_unpublished_idx", "day", postgresql_where=text("published_at is null")),
)

draws = Table(
    "draws",
    metadata,
    Column("case_id", Uuid, primary_key=True),
    Column("enterprise_code", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("number", Double, nullable=False),
    Column("share", Double, nullable=False),
    Column("repeat", Boolean, nullable=False),  # verified whatever it drew
    Column("verified", Boolean, nullable=False),
    Column("policy_version", Text, nullable=False),
    Column("drawn_at", _instant, nullable=False),
    Index("draws_day_idx", "day", "drawn_at"),
)

feedbacks = Table(
    "feedbacks",
    metadata,
    Column("feedback_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False, index=True),
    Column("revision", Integer, nullable=False),  # of the case, which the report led to: the latest is in force
    Column("enterprise_code", Text, nullable=False),
    Column("findings", Text, nullable=False),
    Column("measures", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("correct_by", Date),
    Column("observe_until", Date),
    Column("legal_basis", Text),
    Column("file_number", Text),
    Column("submitted_by", Text, nullable=False),
    Column("received_at", _instant, nullable=False),
    Column("claimed_at", _instant),
)

# Files of a case, hashed and never deleted; `key` is where the bytes lie in the storage.
attachments = Table(
    "attachments",
    metadata,
    Column("attachment_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("enterprise_code", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("claimed_at", _instant),
    Column("added_by", Text, nullable=False),
    Column("added_role", Text, nullable=False),
    Column("added_at", _instant, nullable=False),
    Column("overruling", JSONB),  # of a doubtful file: who took it all the same, and why
    UniqueConstraint("case_id", "sha256"),
)

# Files that come in parts, until they are whole.
uploads = Table(
    "uploads",
    metadata,
    Column("upload_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("enterprise_code", Text, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("declared_type", Text),
    Column("claimed_at", _instant),
    Column("created_by", Text, nullable=False),
    Column("created_role", Text, nullable=False),
    Column("created_at", _instant, nullable=False),
    Column("expires_at", _instant, nullable=False),
    Column("attachment_id", Uuid),
    Column("reason", Text),  # the sender's, in case the content leaves doubts
    Column("found_type", Text),  # of a whole file that is doubtful, and waits for a person
    Index("uploads_unfinished_idx", "expires_at", postgresql_where=text("attachment_id is null")),
    Index("uploads_case_id_idx", "case_id", postgresql_where=text("attachment_id is null")),
)

upload_parts = Table(
    "upload_parts",
    metadata,
    Column("upload_id", Uuid, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("length", BigInteger, nullable=False),
    Column("key", Text, nullable=False),
    CheckConstraint("length > 0", name="length"),
)

# The messages to enterprises, officers and offices, and the proof that they arrived.
notices = Table(
    "notices",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    Column("occasion", Text, nullable=False, unique=True),  # its cause and its recipient: one notice for each
    Column("purpose", Text, nullable=False),
    Column("enterprise_code", Text),
    Column("alert_id", Uuid),
    Column("case_id", Uuid),
    # One of: enterprise (recipient = its code), officer (its code), or an office: role, and its station.
    Column("recipient_kind", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("station", Text),
    Column("subject", JSONB, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("created_at", _instant, nullable=False),
    # The try under way: by which channel, to which address; those before it are in `tried`.
    Column("try_number", Integer, nullable=False, server_default="0"),
    Column("channel", Text),
    Column("address", Text),
    Column("attempts", Integer, nullable=False),
    Column("attempt_at", _instant, nullable=False),  # not tried again before; infinity once the channel took it
    Column("failure", Text),
    Column("receipt", JSONB),
    Column("tried", JSONB, nullable=False, server_default="[]"),
    # How far it has come. `delivered_by`: receipt, fetch, or a person: phone, paper, in_person.
    Column("sent_at", _instant),
    Column("delivered_at", _instant),
    Column("delivered_by", Text),
    Column("seen_at", _instant),
    Column("acknowledged_at", _instant),
    # Where a clock depends on it: when the next channel is tried, or the station told (`told_at`) to phone.
    Column("deliver_by", _instant),
    Column("told_at", _instant),
    # A list of several matters takes in further ones until it is sent, at `released_at`, or seen.
    Column("released_at", _instant),
    CheckConstraint("recipient_kind in ('enterprise', 'officer', 'role')", name="recipient_kind"),
    Index("notices_undelivered_idx", "attempt_at", postgresql_where=text("delivered_at is null")),
    Index(
        "notices_deliver_by_idx",
        "deliver_by",
        postgresql_where=text("deliver_by is not null and delivered_at is null and told_at is null"),
    ),
    Index(
        "notices_gathering_idx",
        "recipient_kind",
        "recipient",
        postgresql_where=text("released_at is not null and attempts = 0 and delivered_at is null"),
    ),
    Index(
        "notices_released_at_idx",
        "recipient_kind",
        "recipient",
        "released_at",
        postgresql_where=text("released_at is not null"),
    ),
    Index("notices_told_at_idx", "told_at", "notice_id", postgresql_where=text("told_at is not null")),
    Index("notices_recipient_idx", "recipient_kind", "recipient", "created_at", "notice_id"),
    # For those who read all of them, and for the notices of one case.
    Index("notices_created_at_idx", "created_at", "notice_id"),
    Index("notices_case_id_idx", "case_id"),
)

# What the notices of a list would have been alone; a list of one is that notice.
notice_matters = Table(
    "notice_matters",
    metadata,
    Column("notice_id", Uuid, primary_key=True),
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("occasion", Text, nullable=False, unique=True),
    Column("purpose", Text, nullable=False),
    Column("enterprise_code", Text),
    Column("alert_id", Uuid),
    Column("case_id", Uuid, nullable=False),
    Column("subject", JSONB, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("added_at", _instant, nullable=False),
    Index("notice_matters_case_id_idx", "case_id"),
)
