"""Migrations add first and take away a release later: the previous release's services run on the next schema."""

import re
from io import StringIO
from typing import NamedTuple

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script, ScriptDirectory

from services.infrastructure import HISTORIES
from shared.storage.migrating import History
from tests.integration.upgrades.conftest import Release


class Allowed(NamedTuple):
    """A statement that takes something away: why no service of the release before misses it."""

    schema: str
    revision: str
    statement: str
    reason: str


# Up to 0.1.0 no release ran beside the next one, so nothing misses what these took away.
_UNRELEASED = "before 0.1.0: no release ran that knows only the narrower key"
_WHOLLY_ADDED = "wider than the key in force beside it: whatever fits that one fits this one"
_NOT_WRITTEN = "the release before leaves the column empty, and as many rows as one likes may have none"
_WIDER_CHECK = "it allows all that the check before it allowed, and the step of a silence besides"
_OTHER_KEY = "the key on the identity keeps alerts once; the release before finds one a little slower while it goes"
_READS_ALL = "a reconciliation alone asks for it, of all events: then reading them whole is no slower"
_NOT_RELAYED = "the relay of the release before finds what waits by the key, slower while it goes"
ALLOWED = (
    Allowed("console", "0005", "drop index console.outbox_pending_idx", _NOT_RELAYED),
    Allowed("dispatch", "0002", "alter table dispatch.cases drop constraint cases_alert_id_kind_key", _UNRELEASED),
    Allowed(
        "dispatch",
        "0002",
        "alter table dispatch.cases add constraint cases_alert_id_kind_alert_revision_key"
        " unique (alert_id, kind, alert_revision)",
        _WHOLLY_ADDED,
    ),
    Allowed(
        "dispatch", "0003", "drop index dispatch.cases_waiting_idx", "no statement names it; another serves its query"
    ),
    Allowed(
        "dispatch",
        "0004",
        "alter table dispatch.cases drop constraint cases_alert_id_kind_alert_revision_key",
        _UNRELEASED,
    ),
    Allowed(
        "dispatch",
        "0004",
        "alter table dispatch.cases add constraint cases_alert_id_kind_alert_revision_reopening_key"
        " unique (alert_id, kind, alert_revision, reopening)",
        _WHOLLY_ADDED,
    ),
    Allowed(
        "dispatch", "0025", "drop index dispatch.cases_waiting_idx", "no statement names it; another serves its query"
    ),
    Allowed("dispatch", "0028", "drop index dispatch.outbox_pending_idx", _NOT_RELAYED),
    Allowed("ingest", "0011", "create unique index alerts_identity_key on ingest.alerts (identity)", _NOT_WRITTEN),
    Allowed("ingest", "0021", "alter table ingest.alerts drop constraint alerts_occurrence_key", _OTHER_KEY),
    Allowed("ingest", "0021", "drop index ingest.events_alert_id_idx", _READS_ALL),
    Allowed("ingest", "0023", "drop index ingest.outbox_pending_idx", _NOT_RELAYED),
    Allowed("watch", "0002", "drop index watch.steps_ahead_idx", "no statement names it; another serves its query"),
    Allowed("watch", "0005", "alter table watch.steps drop constraint steps_action_check", _WIDER_CHECK),
    Allowed(
        "watch",
        "0005",
        "alter table watch.steps add constraint steps_action_check"
        " check (action in ('warn', 'miss', 'unanswered', 'escalate'))",
        _WIDER_CHECK,
    ),
    Allowed("watch", "0013", "drop index watch.outbox_pending_idx", _NOT_RELAYED),
)

_TAKES_AWAY = {
    "takes away what is still used": r"\bdrop (table|column|constraint|index|schema|type|view|function|default)\b",
    "renames what is still used": r"\brename\b",
    "moves what is still used": r"\bset schema\b|\b(de|at)tach partition\b",
    "changes the type of what is still written": r"\balter column \S+ (set data )?type\b",
    "asks for what is not written yet": r"\balter column \S+ set not null\b",
    "forbids what is still written": r"\badd (constraint\b|check\b|unique\b|primary key\b|foreign key\b)",
    "destroys rows": r"\btruncate\b|\bdelete from\b",
}
_KEPT = re.compile(r"(?:create trigger .*? before .*?|revoke .*?) on (\S+) (?:for each|from)")
_COLUMN = re.compile(r"\badd column (.*?)(?=, add column |$)")


def statements(history: History, script: Script) -> list[str]:
    """What the upgrade to one revision does, in SQL: lower case, one space between words."""
    written = StringIO()
    context = MigrationContext.configure(
        dialect_name="postgresql", opts={"as_sql": True, "output_buffer": written, "literal_binds": True}
    )
    with Operations.context(context):
        script.module.upgrade()
    text = re.sub(r"--[^\n]*", "", written.getvalue())
    return [" ".join(one.split()).lower() for one in text.split(";") if one.strip()]


def scripts(history: History) -> list[Script]:
    return list(ScriptDirectory.from_config(history.config()).walk_revisions())


def faults(statement: str, made: set[str]) -> list[str]:
    """What is wrong with `statement` on tables that were there before; `made` are this revision's own."""
    if (table := _table(statement)) and table in made:
        return []
    if (kept := _KEPT.match(statement)) and kept[1] in made:
        return []  # nobody may change or take away what stands in a table that this revision makes
    found = [fault for fault, pattern in _TAKES_AWAY.items() if re.search(pattern, statement)]
    if statement.startswith("create unique index"):
        found.append("forbids what is still written")
    found += [
        "asks for what is not written yet"
        for column in _COLUMN.findall(statement)
        if " not null" in column and " default " not in column and " generated " not in column
    ]
    return found


def _table(statement: str) -> str | None:
    """The table that the statement makes, changes or indexes."""
    named = re.match(
        r"(?:create|alter|drop) table (?:if (?:not )?exists )?(?:only )?(\S+)|create (?:unique )?index .*? on (\S+)",
        statement,
    )
    return named and (named[1] or named[2])


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: str(history.schema))
def test_no_upgrade_takes_away_what_the_release_before_needs(history: History) -> None:
    """A statement that must be is named in ALLOWED with its reason; one that is no more is no longer named there."""
    refused = {
        (history.schema, script.revision, statement): fault
        for script in scripts(history)
        for found in [statements(history, script)]
        for made in [{_table(one) or "" for one in found if one.startswith("create table")}]
        for statement in found
        for fault in faults(statement, made)
    }
    allowed = {(one.schema, one.revision, one.statement) for one in ALLOWED if one.schema == history.schema}
    assert {place: fault for place, fault in refused.items() if place not in allowed} == {}
    assert allowed <= refused.keys()


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("alter table a.b drop column c", "takes away"),
        ("alter table a.b rename column c to d", "renames"),
        ("alter table a.b alter column c type bigint", "changes the type"),
        ("alter table a.b alter column c set not null", "asks for"),
        ("alter table a.b add column c text, add column d text not null", "asks for"),
        ("alter table a.b add constraint c check (d > 0)", "forbids"),
        ("create unique index c on a.b (d)", "forbids"),
        ("delete from a.b", "destroys"),
    ],
)
def test_what_takes_away_is_seen(statement: str, fault: str) -> None:
    (found,) = faults(statement, set())
    assert found.startswith(fault)
    assert faults("alter table a.b add column c integer not null default 0, add column d text", set()) == []


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: str(history.schema))
def test_what_was_released_is_not_edited(history: History, previous: Release) -> None:
    """An installation that has a revision never runs it again: a change of it would be there and not here."""
    at = previous.tree / "services" / history.versions.parent.name / "migrations"
    if not at.exists():
        return  # a service that this release adds
    before = {script.revision: statements(history, script) for script in scripts(History(history.schema, at))}
    now = {script.revision: statements(history, script) for script in scripts(history)}
    assert before
    assert {revision: now.get(revision) for revision in before} == before
