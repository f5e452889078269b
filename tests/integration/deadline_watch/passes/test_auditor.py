"""The auditor: sees what the watcher does not do, tells it once, and shows that it is alive."""

import asyncio
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from services.deadline_watch import tables
from services.deadline_watch.passes.auditor import Auditor
from services.deadline_watch.store.units_of_work import units_of_work
from shared.contract.events import CaseKind, CaseType
from shared.contract.roles import Role
from shared.telemetry import Telemetry
from tests.integration.deadline_watch.office import STATION, Office, shanghai


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry("audit-test")


@pytest.fixture
def auditor(office: Office, telemetry: Telemetry) -> Auditor:
    return auditor_of(office, telemetry)


def auditor_of(office: Office, telemetry: Telemetry) -> Auditor:
    units = units_of_work(office.database, office.clock, office.settings.topic_prefix)
    return Auditor(units, office.clock, telemetry)


async def found(auditor: Auditor) -> dict[str, int]:
    return {finding: len(subjects) for finding, subjects in (await auditor.run_once()).items() if subjects}


async def emitted(office: Office) -> Counter[str]:
    rows = [event for event in await office._events() if event["type"] == "cn.tricolor.audit.failed.v1"]
    return Counter(event["data"]["finding"] for event in rows)


async def test_all_is_well_while_the_watcher_does_its_work(office: Office, auditor: Auditor) -> None:
    cases = [await office.opened(kind) for kind in CaseKind]
    for at in ("2026-03-02T10:00", "2026-03-02T14:31:30", "2026-03-09T10:00", "2026-03-12T10:00"):
        await office.at(at)
        assert await found(auditor) == {}
    await office.receive_step(CaseType.CLOSED, cases[0])
    assert await found(auditor) == {}


async def test_a_clock_that_nobody_watches_is_found_a_minute_later_and_told_once(
    office: Office, auditor: Auditor, telemetry: Telemetry
) -> None:
    await office.opened()
    office.clock.move_to(shanghai("2026-03-02T14:30:59"))
    assert "passed-not-fired" not in await found(auditor)
    office.clock.move_to(shanghai("2026-03-02T14:31:00"))
    assert await found(auditor) == {"passed-not-fired": 1, "step-overdue": 3}
    office.clock.advance(timedelta(minutes=5))
    await auditor.run_once()
    assert await emitted(office) == {"passed-not-fired": 1, "step-overdue": 3}
    value = telemetry.registry.get_sample_value("tricolor_audit_findings", {"finding": "passed-not-fired"})
    assert value == 1
    await office.watch()
    assert await found(auditor) == {}
    assert telemetry.registry.get_sample_value("tricolor_audit_findings", {"finding": "passed-not-fired"}) == 0


async def test_people_read_what_was_found_and_when_anybody_last_looked(office: Office, auditor: Auditor) -> None:
    app = await office.app(Role.AUDITOR)
    assert (await app.get("/v1/audit/findings")).json() == {"items": [], "next": None, "audited_at": None}
    await office.opened()
    office.clock.move_to(shanghai("2026-03-02T14:31:00"))
    await auditor.run_once()
    first = (await app.get("/v1/audit/findings", params={"limit": 1})).json()
    rest = (await app.get("/v1/audit/findings", params={"cursor": first["next"]})).json()
    assert first["audited_at"] == "2026-03-02T14:31:00+08:00"
    assert [item["finding"] for item in first["items"] + rest["items"]] == ["passed-not-fired", *["step-overdue"] * 3]
    (clock,) = first["items"]
    assert clock["name"] == {"zh": "时限已过而未标记逾期", "en": "a clock has passed and was not marked missed"}
    assert clock["first_seen_at"] == clock["last_seen_at"] == "2026-03-02T14:31:00+08:00"
    deadline = await app.get(f"/v1/deadlines/{clock['subject']}")
    assert deadline.json()["state"] == "open"
    await office.watch()
    office.clock.advance(timedelta(minutes=1))
    await auditor.run_once()
    assert (await app.get("/v1/audit/findings")).json()["items"] == []
    officer = await office.app(Role.OFFICER, station=STATION)
    assert (await officer.get("/v1/audit/findings")).status_code == 403


@pytest.mark.parametrize(
    ("damage", "finding"),
    [
        ("delete from watch.deadlines", "case-without-clock"),
        ("update watch.steps set done_at = at, outcome = 'void' where step = 'missed'", "clock-without-miss-ahead"),
        ("update watch.steps set at = at + interval '1 hour' where step = 'missed'", "clock-without-miss-ahead"),
    ],
)
async def test_what_was_lost_is_found(office: Office, auditor: Auditor, damage: str, finding: str) -> None:
    await office.opened()
    async with office.database.transaction() as connection:
        await connection.execute(text(damage))
    assert await found(auditor) == {finding: 1}
    assert (await emitted(office))[finding] == 1


async def test_a_paused_clock_is_no_finding(office: Office, auditor: Auditor) -> None:
    case = await office.opened()
    async with office.database.transaction() as connection:
        await connection.execute(
            text("update watch.deadlines set paused_at = :now where case_id = :case_id"),
            {"now": office.clock.now(), "case_id": case.case_id},
        )
        await connection.execute(text("update watch.steps set done_at = at, outcome = 'void'"))
    await office.at("2026-03-20T09:00")
    assert await found(auditor) == {}


async def test_it_beats_once_a_minute_and_leaves_a_heartbeat(
    office: Office, auditor: Auditor, telemetry: Telemetry
) -> None:
    assert await auditor.beat() == 0
    first = office.clock.now()
    office.clock.advance(timedelta(seconds=59))
    await auditor.beat()
    assert await _heartbeat(office) == first
    office.clock.advance(timedelta(seconds=1))
    await auditor.beat()
    assert await _heartbeat(office) == office.clock.now()
    stamp = telemetry.registry.get_sample_value("tricolor_audit_completed_timestamp_seconds")
    assert stamp == office.clock.now().timestamp()


async def test_provisional_deadlines_are_counted(office: Office, auditor: Auditor, telemetry: Telemetry) -> None:
    office.clock.move_to(shanghai("2026-12-30T10:00"))
    await office.opened(CaseKind.ON_SITE)
    await auditor.run_once()
    assert telemetry.registry.get_sample_value("tricolor_deadlines_provisional") == 1


async def test_two_auditors_tell_a_finding_once(office: Office, auditor: Auditor) -> None:
    await office.opened()
    office.clock.move_to(shanghai("2026-03-02T15:00"))
    second = auditor_of(office, Telemetry("second"))
    await asyncio.gather(auditor.run_once(), second.run_once())
    assert (await emitted(office))["passed-not-fired"] == 1


async def _heartbeat(office: Office) -> object:
    (row,) = await office._rows("heartbeats")
    return row["at"]


async def test_a_milestone_that_was_set_twice_is_one_finding(office: Office, auditor: Auditor) -> None:
    """Declined and offered anew, a case is to be accepted twice; nobody decided either."""
    case, now = await office.opened(CaseKind.ON_SITE), office.clock.now()
    due = {
        "case_id": case.case_id,
        "kind": case.kind,
        "milestone": "accept",
        "enterprise_code": case.enterprise_code,
        "due_at": now,
        "policy_version": "1",
        "calendar_version": "1",
    }
    async with office.database.transaction() as connection:
        offers = [now - timedelta(hours=2), now - timedelta(hours=1)]
        await connection.execute(insert(tables.milestones), [due | {"started_at": at} for at in offers])
    office.clock.advance(timedelta(minutes=2))
    for _ in range(2):
        assert (await found(auditor))["milestone-overdue"] == 1
    assert (await emitted(office))["milestone-overdue"] == 1
