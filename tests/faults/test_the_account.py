"""The account itself: every kind of loss and doubling that is planted is found."""

import asyncio
from datetime import timedelta
from uuid import uuid4

import asyncpg

from shared.contract.events import CaseType, Topic
from tests.faults.conftest import Report
from tests.faults.ledger import Action
from tests.faults.trial import Trial

EVENTS = 60
PLANTED = {
    "acknowledged event that is not stored": "delete from ingest.events where id = (select min(id) from ingest.events)",
    "event stored with other bytes": (
        "update ingest.events set body = body || ' '::bytea where id = (select max(id) from ingest.events)"
    ),
    "yellow or red grade without exactly one case": (
        "delete from dispatch.cases"
        " where case_id = (select min(case_id::text)::uuid from dispatch.cases where kind = 'self_report')"
    ),
    "case without exactly one clock": (
        "delete from watch.deadlines where case_id = (select max(case_id::text)::uuid from dispatch.cases)"
    ),
    "due step that is not done": (
        "update watch.steps set at = '2026-01-01'"
        " where not exists (select 1 from watch.deadlines d where d.deadline_id = steps.deadline_id)"
    ),
    "told step that did not fire": "update watch.steps set outcome = 'void' where outcome = 'fired'",
    "not acted on by dispatch.inbox": (
        "delete from dispatch.inbox where event_id = (select min(event_id::text)::uuid from dispatch.inbox)"
    ),
}


async def test_what_is_planted_is_found(under_trial: Trial, report: Report) -> None:
    trial, platforms, ledger = under_trial, under_trial.platforms, under_trial.ledger
    await asyncio.gather(*(platforms.push_over_kafka(*platforms.event()) for _ in range(EVENTS)))
    await trial.settled()
    trial.system.clock.shift(timedelta(hours=7))  # the misses come due, and are told
    counts = await trial.settled()
    assert counts["steps owed to unanswered cases"] > 0

    connection = await asyncpg.connect(trial.database_url)
    for statement in PLANTED.values():
        await connection.execute(statement)
    await connection.close()
    ledger.refused[f"{ledger.settings.topic(Topic.ALERTS)}/0/{10**6}"] = b"never sent"
    ledger.actions.append(Action(str(uuid4()), CaseType.ACCEPTED, "nobody", "accept"))

    found = await ledger.examine(trial.database_url, await trial.reader.read(), trial.system.clock.now())
    wanted = [*PLANTED, "refused record that is no dead letter", "answered act not noted exactly once"]
    assert [what for what in wanted if not any(what in fault for fault in found.faults)] == []
    report(f"{len(wanted)} kinds of loss and doubling planted, all found", counts)
