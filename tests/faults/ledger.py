"""The check from outside: what was acknowledged, held against the tables and the topics, by queries of its own."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from pydantic_core import from_json

from services.infrastructure import FLOWS
from shared.contract.events import ALERT_GRADED, ALERT_REGRADED, CaseType, DeadlineType, Topic
from shared.settings import Settings
from shared.time.instants import instant_of
from tests.faults.topics import Json, Told

READERS = {
    Topic.ANOMALY_EVENTS: ("alert_ingest",),
    Topic.ALERTS: ("dispatcher", "console"),
    Topic.CASES: ("alert_ingest", "deadline_watch", "console"),
    Topic.MASTER_DATA: ("alert_ingest", "console"),
    Topic.DEADLINES: ("dispatcher", "alert_ingest", "console"),
    Topic.CONSOLE: ("dispatcher",),
}
"""Who acts on a topic, and so writes the dead letters of it."""
KIND = {"yellow": "self_report", "red": "on_site"}
UNANSWERED = {"missed": 6, "rung-1-station-chief": 6, "rung-2-section": 8}
"""The steps of a yellow case that nobody answers, in hours after its issue: written down here, not asked for.

Its warnings are not among them: one whose time passed while no watcher lived is left out, for the miss says more.
"""
_LATE = timedelta(seconds=15)
_SHOWN = 5


@dataclass(frozen=True)
class Action:
    """A person's act that was answered with 2xx: on the timeline it stands as `type`, by `subject`, once."""

    case_id: str
    type: str
    subject: str
    key: str


@dataclass
class Findings:
    """What is amiss, and how much there is of everything."""

    faults: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def amiss(self, what: str, which: Iterable[object]) -> None:
        if found := [str(one) for one in which]:
            self.faults.append(f"{len(found)} × {what}: {', '.join(sorted(found)[:_SHOWN])}")


@dataclass
class Ledger:
    """Kept by those who push and act; it knows nothing of the services but what they acknowledged."""

    settings: Settings
    acknowledged: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """Usable events by (source, id)."""
    tried: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """All that were ever sent, acknowledged or not."""
    sent: int = 0
    """How often something was acknowledged, counting every copy."""
    refused: dict[str, bytes] = field(default_factory=dict)
    """Unusable records by topic/partition/offset, as the broker acknowledged them."""
    rubbish: set[bytes] = field(default_factory=set)
    """All unusable bytes that were ever sent."""
    actions: list[Action] = field(default_factory=list)

    async def examine(self, database_url: str, told: Told, now: datetime) -> Findings:
        """Hold everything against the tables (one snapshot) and `told`, which was read before it.

        Whatever the tables say was told and `told` does not have is still under way, and a finding until it is there.
        """
        findings = Findings()
        connection = await asyncpg.connect(database_url)
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await self._events(connection, told, findings)
                await self._cases(connection, told, findings)
                await self._clocks(connection, told, findings)
                await self._steps(connection, told, findings, now)
                await self._actions(connection, told, findings)
                await self._relayed(connection, told, findings)
        finally:
            await connection.close()
        self._letters(told, findings)
        return findings

    async def _events(self, connection: asyncpg.Connection, told: Told, findings: Findings) -> None:
        """Every acknowledged event is stored as it was sent, and belongs to the one alert of its occurrence."""
        rows = await connection.fetch("select source, id, body, alert_id from ingest.events")
        stored = {(row["source"], row["id"]): row for row in rows}
        findings.amiss("acknowledged event that is not stored", self.acknowledged.keys() - stored.keys())
        findings.amiss("stored event that nobody sent", stored.keys() - self.tried.keys())
        findings.amiss(
            "event stored with other bytes", [key for key, row in stored.items() if row["body"] != self.tried.get(key)]
        )
        alerts = {row["alert_id"]: row for row in await connection.fetch("select alert_id, level from ingest.alerts")}
        of_occurrence = defaultdict(set)
        for row in rows:
            of_occurrence[_occurrence(from_json(row["body"]))].add(row["alert_id"])
        findings.amiss("occurrence with two alerts", [one for one, ids in of_occurrence.items() if len(ids) > 1])
        belonging = {row["alert_id"] for row in rows}
        findings.amiss("event without its alert", belonging - alerts.keys())
        findings.amiss("alert without an event", alerts.keys() - belonging)
        graded = Counter(event["data"]["alert_id"] for event in _of(told, ALERT_GRADED))
        findings.amiss("alert not graded exactly once", [one for one in alerts if graded[str(one)] != 1])
        findings.amiss("grade of no alert", graded.keys() - {str(one) for one in alerts})
        findings.counts |= {
            "acknowledged events": len(self.acknowledged),
            "copies of them": self.sent,
            "alerts": len(alerts),
        }
        findings.counts |= _sorted(Counter(f"{row['level']} alerts" for row in alerts.values()))

    async def _cases(self, connection: asyncpg.Connection, told: Told, findings: Findings) -> None:
        """Every yellow or red grade has exactly one case of its kind, opened once; a white one has none."""
        rows = await connection.fetch("select case_id, alert_id, alert_revision, kind, state from dispatch.cases")
        found = Counter((str(row["alert_id"]), row["alert_revision"], row["kind"]) for row in rows)
        wanted = {
            (event["data"]["alert_id"], event["data"].get("revision", 1), KIND[event["data"]["level"]])
            for type_ in (ALERT_GRADED, ALERT_REGRADED)
            for event in _of(told, type_)
            if event["data"]["level"] in KIND
        }
        findings.amiss("yellow or red grade without exactly one case", [one for one in wanted if found[one] != 1])
        findings.amiss("case of no such grade", [one for one in found.keys() - wanted if one[2] != "verification"])
        opened = Counter(event["data"]["case_id"] for event in _of(told, CaseType.OPENED))
        findings.amiss("case not opened exactly once", [r["case_id"] for r in rows if opened[str(r["case_id"])] != 1])
        findings.amiss("opening of no case", opened.keys() - {str(row["case_id"]) for row in rows})
        findings.counts["cases"] = len(rows)
        findings.counts |= _sorted(Counter(f"{row['kind']} cases" for row in rows))

    async def _clocks(self, connection: asyncpg.Connection, told: Told, findings: Findings) -> None:
        """Every case has exactly one clock, started once: running while the case is open, finished when it is not."""
        rows = await connection.fetch(
            "select c.case_id, c.closed_at case_closed, d.deadline_id, d.state, d.closed_at"
            "  from dispatch.cases c left join watch.deadlines d on d.case_id = c.case_id"
        )
        clocks = Counter(row["case_id"] for row in rows if row["deadline_id"] is not None)
        findings.amiss("case without exactly one clock", [r["case_id"] for r in rows if clocks[r["case_id"]] != 1])
        findings.amiss(
            "clock that runs for a closed case, or does not for an open one",
            [row["case_id"] for row in rows if (row["case_closed"] is None) != (row["closed_at"] is None)],
        )
        started = Counter(event["data"]["deadline_id"] for event in _of(told, DeadlineType.STARTED))
        findings.amiss(
            "clock not started exactly once",
            [row["deadline_id"] for row in rows if row["deadline_id"] and started[str(row["deadline_id"])] != 1],
        )
        findings.counts["clocks"] = sum(clocks.values())
        findings.counts |= _sorted(Counter(f"clocks {row['state']}" for row in rows))

    async def _steps(self, connection: asyncpg.Connection, told: Told, findings: Findings, now: datetime) -> None:
        """Every step that was due is done; each that fired is told of exactly once, and no other is."""
        rows = await connection.fetch("select deadline_id, version, step, at, done_at, outcome from watch.steps")
        findings.amiss(
            "due step that is not done",
            [f"{r['step']} of {r['deadline_id']}" for r in rows if r["done_at"] is None and r["at"] < now - _LATE],
        )
        marks = Counter(
            (event["data"]["deadline_id"], event["data"]["version"], event["data"]["step"])
            for type_ in (DeadlineType.WARNED, DeadlineType.MISSED, DeadlineType.UNANSWERED, DeadlineType.ESCALATED)
            for event in _of(told, type_)
        )
        fired = {(str(r["deadline_id"]), r["version"], r["step"]) for r in rows if r["outcome"] == "fired"}
        findings.amiss("fired step not told exactly once", [one for one in fired if marks[one] != 1])
        findings.amiss("told step that did not fire", marks.keys() - fired)
        silent = await connection.fetch(
            "select deadline_id, version, started_at from watch.deadlines"
            " where kind = 'self_report' and answered_at is null and closed_at is null"
        )
        owed = [
            (str(row["deadline_id"]), row["version"], step)
            for row in silent
            for step, hours in UNANSWERED.items()
            if row["started_at"] + timedelta(hours=hours) < now - _LATE
        ]
        findings.amiss("due step of an unanswered case not told exactly once", [o for o in owed if marks[o] != 1])
        findings.counts |= {"steps told": sum(marks.values()), "steps owed to unanswered cases": len(owed)}

    async def _actions(self, connection: asyncpg.Connection, told: Told, findings: Findings) -> None:
        """Every act that was answered stands on its case's timeline once, and is told of once."""
        rows = await connection.fetch(
            "select case_id, type, actor_subject from dispatch.timeline where actor_role <> 'system'"
        )
        noted = Counter((str(row["case_id"]), row["type"], row["actor_subject"]) for row in rows)
        types = {action.type for action in self.actions}
        announced = Counter(
            (event["data"]["case_id"], event["type"], event["data"]["actor"]["subject"])
            for event in told.events.values()
            if event["type"] in types
        )
        acts = {(action.case_id, action.type, action.subject) for action in self.actions}
        findings.amiss("answered act not noted exactly once", [act for act in acts if noted[act] != 1])
        findings.amiss("answered act not told exactly once", [act for act in acts if announced[act] != 1])
        doubled = [act for act, times in noted.items() if act[1] in types and times > 1]
        findings.amiss("act noted twice", doubled)
        findings.counts["acts answered"] = len(self.actions)

    async def _relayed(self, connection: asyncpg.Connection, told: Told, findings: Findings) -> None:
        """What an outbox holds stands in its topic, in its order for each enterprise, and was acted on."""
        position = {event_id: number for ids in told.order.values() for number, event_id in enumerate(ids)}
        for outbox in {writer.fullname for writer, _, _ in FLOWS}:
            rows = await connection.fetch(
                f"select event_id, key, topic, published_at from {outbox}"
                " where topic not like '%.dead-letter' order by position"
            )
            missing = [row["event_id"] for row in rows if str(row["event_id"]) not in told.events]
            findings.amiss(f"event of {outbox} that is not in its topic", missing)
            findings.amiss(
                f"event of {outbox} not marked as relayed", [r[0] for r in rows if r["published_at"] is None]
            )
            by_key = defaultdict(list)
            for row in rows:
                by_key[row["topic"], row["key"]].append(position.get(str(row["event_id"]), -1))
            findings.amiss(
                f"enterprise told out of order by {outbox}", [k for k, at in by_key.items() if at != sorted(at)]
            )
        for writer, topic, inbox in FLOWS:
            waiting = await connection.fetchval(
                f"select count(*) from {writer.fullname} o where topic = $1"
                f" and not exists (select 1 from {inbox.fullname} i where i.event_id = o.event_id)",
                self.settings.topic(topic),
            )
            findings.amiss(f"{waiting} events of {topic} not acted on by {inbox.fullname}", [topic] * bool(waiting))
        findings.counts |= {"our own events": len(told.events), "relayed again": told.again}

    def _letters(self, told: Told, findings: Findings) -> None:
        """Every refused record is a dead letter of each of its consumers, byte for byte; nothing else is."""
        readers = {self.settings.topic(topic): consumers for topic, consumers in READERS.items()}
        wanted = {
            (origin, consumer): value
            for origin, value in self.refused.items()
            for consumer in readers[origin.partition("/")[0]]
        }
        findings.amiss("refused record that is no dead letter", wanted.keys() - told.letters.keys())
        findings.amiss(
            "dead letter with other bytes",
            [
                at
                for at, letters in told.letters.items()
                if any(one.value not in self.rubbish or one.value != wanted.get(at, one.value) for one in letters)
            ],
        )
        findings.counts |= {"refused records": len(self.refused), "dead letters": len(told.letters)}


def _of(told: Told, type_: str) -> Iterable[Json]:
    return (event for event in told.events.values() if event["type"] == type_)


def _occurrence(event: Json) -> tuple[Any, ...]:
    """What makes two events the same anomaly, by the contract."""
    data = event["data"]
    start = instant_of(data["window"]["start"])
    return data["enterprise"]["code"], data["outlet"]["mn"], data["category"], data["pollutant"]["code"], start


def _sorted(counted: Counter[str]) -> dict[str, int]:
    return {name: counted[name] for name in sorted(counted)}
