"""A yellow alert that nobody answers for a day: said once, and only where the enterprise was silent all the time."""

import pytest
from sqlalchemy import text

from services.deadline_watch.passes.missing_steps import MissingSteps
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.steps import UpcomingSteps
from services.deadline_watch.store.units_of_work import units_of_work
from shared.contract.events import CaseEvent, CaseKind, CaseType
from shared.contract.roles import Role
from tests.integration.deadline_watch.office import Office, shanghai, watcher

# Opened at 08:30; an answer's message has two minutes to arrive.
LAST_SILENT, SILENT = "2026-03-03T08:31:59", "2026-03-03T08:32"
WHY = {"reason": "台风红色预警", "legal_ground": "《突发事件应对法》第五十条"}


async def silences(office: Office, case: CaseEvent) -> list[str]:
    return [event["at"] for event in await office.emitted("deadline.unanswered", case)]


async def test_it_is_said_a_day_after_the_issue_once(office: Office) -> None:
    case = await office.opened()
    await office.at(LAST_SILENT)
    assert not await silences(office, case)
    await office.at(SILENT)
    (event,) = await office.emitted("deadline.unanswered", case)
    assert (event["step"], event["state"], event["recipients"]) == ("unanswered", "overdue", [])
    assert (event["alert_id"], event["started_at"]) == (str(case.alert_id), "2026-03-02T08:30:00+08:00")
    assert "一直未收到反馈" in event["reason"]["zh"]
    await office.at("2026-03-20T09:00")
    assert len(await silences(office, case)) == 1


async def test_it_stands_among_the_steps_from_the_start(office: Office) -> None:
    case = await office.opened()
    app = await office.app(Role.SECTION)
    deadline_id = (await office.clock_of(case))["deadline_id"]
    steps = (await app.get(f"/v1/deadlines/{deadline_id}")).json()["steps"]
    (step,) = [step for step in steps if step["action"] == "unanswered"]
    assert (step["at"], step["outcome"]) == ("2026-03-03T08:32:00+08:00", None)


@pytest.mark.parametrize("kind", [CaseKind.ON_SITE, CaseKind.VERIFICATION])
async def test_officers_have_no_silence(office: Office, kind: CaseKind) -> None:
    case = await office.opened(kind)
    assert "unanswered" not in await office.steps_of(case)


@pytest.mark.parametrize(
    "steps",
    [
        [CaseType.SELF_REPORTED],
        [CaseType.CLOSED],
        [CaseType.SELF_REPORTED, CaseType.APPROVED, CaseType.CLOSED],
    ],
    ids=["answered late", "closed", "answered and closed"],
)
async def test_an_answered_or_closed_case_was_not_silent(office: Office, steps: list[CaseType]) -> None:
    case = await office.opened()
    await office.at("2026-03-02T18:00")
    for type_ in steps:
        await office.receive_step(type_, case)
    await office.at("2026-03-20T09:00")
    assert not await silences(office, case)


async def test_an_answer_whose_event_comes_in_the_last_two_minutes_counts(office: Office) -> None:
    case = await office.opened()
    await office.at("2026-03-03T08:31")
    await office.receive_step(CaseType.SELF_REPORTED, case, shanghai("2026-03-03T08:29"))
    await office.at(SILENT)
    assert not await silences(office, case)


async def test_the_return_of_an_answer_begins_the_silence_anew(office: Office) -> None:
    case = await office.opened()
    await office.receive_step(CaseType.SELF_REPORTED, case, shanghai("2026-03-02T10:00"))
    await office.at("2026-03-04T09:00")  # reviewed late: by then the day since the issue was over
    await office.receive_step(CaseType.RETURNED, case)
    await office.at("2026-03-05T09:01:59")
    assert not await silences(office, case)
    await office.at("2026-03-05T09:02")
    (event,) = await office.emitted("deadline.unanswered", case)
    assert (event["step"], event["returned_at"]) == ("unanswered-since-20260304T090000", "2026-03-04T09:00:00+08:00")
    assert "退回以来" in event["reason"]["zh"]
    await office.at("2026-03-20T09:00")
    assert len(await silences(office, case)) == 1


async def test_an_early_return_does_not_hasten_it(office: Office) -> None:
    case = await office.opened()
    await office.receive_step(CaseType.SELF_REPORTED, case)
    await office.at("2026-03-02T09:30")
    await office.receive_step(CaseType.RETURNED, case)
    await office.at("2026-03-03T09:31:59")
    assert not await silences(office, case)
    await office.at("2026-03-03T09:32")
    assert len(await silences(office, case)) == 1


async def test_of_several_returns_the_last_counts_and_it_is_said_once(office: Office) -> None:
    case = await office.opened()
    for day in (3, 4):
        await office.receive_step(CaseType.SELF_REPORTED, case)
        await office.at(f"2026-03-0{day}T20:00")
        await office.receive_step(CaseType.RETURNED, case)
        await office.watch()
    await office.at("2026-03-05T20:01:59")
    assert not await silences(office, case)
    await office.at("2026-03-20T09:00")
    assert len(await silences(office, case)) == 1


async def test_an_answer_after_the_return_breaks_it(office: Office) -> None:
    case = await office.opened()
    for type_ in (CaseType.SELF_REPORTED, CaseType.RETURNED):
        await office.receive_step(type_, case)
    await office.at("2026-03-03T08:15")
    await office.receive_step(CaseType.SELF_REPORTED, case)
    await office.at("2026-03-20T09:00")
    assert not await silences(office, case)


async def test_a_return_while_the_clock_is_paused_ends_no_silence(office: Office) -> None:
    case = await office.opened()
    await office.receive_step(CaseType.SELF_REPORTED, case, shanghai("2026-03-02T08:30"))
    app, deadline_id = await office.app(Role.SECTION), (await office.clock_of(case))["deadline_id"]
    await office.receive_step(CaseType.RETURNED, case, shanghai("2026-03-02T08:31"))
    await office.confirmed(await app.post(f"/v1/deadlines/{deadline_id}/pause", json=WHY))
    await office.at("2026-03-10T08:30")
    assert not await silences(office, case)
    await office.confirmed(await app.post(f"/v1/deadlines/{deadline_id}/resume", json={"reason": "恢复"}))
    await office.at("2026-03-11T08:31:59")
    assert not await silences(office, case)
    await office.at("2026-03-11T08:32")
    assert len(await silences(office, case)) == 1


async def test_the_section_hears_of_a_yellow_nobody_answers_every_day(office: Office) -> None:
    case = await office.opened()
    for day in (2, 3, 4, 5):
        await office.at(f"2026-03-0{day}T16:30")
    section = [one for one in await office.emitted("case.escalated", case) if one["recipients"][0]["role"] == "section"]
    assert [one["at"] for one in section] == [f"2026-03-0{day}T16:30:00+08:00" for day in (2, 3, 4, 5)]


async def test_time_that_was_given_is_no_silence(office: Office) -> None:
    paused, extended = await office.opened(), await office.opened()
    app = await office.app(Role.SECTION)
    for case, act, how in ((paused, "pause", {}), (extended, "extend", {"hours": 3})):
        deadline_id = (await office.clock_of(case))["deadline_id"]
        await office.confirmed(await app.post(f"/v1/deadlines/{deadline_id}/{act}", json=WHY | how))
    office.clock.move_to(shanghai("2026-03-04T08:30"))
    await office.watch()
    assert [len(await silences(office, case)) for case in (paused, extended)] == [0, 1]
    deadline_id = (await office.clock_of(paused))["deadline_id"]
    await office.confirmed(await app.post(f"/v1/deadlines/{deadline_id}/resume", json={"reason": "恢复"}))
    await office.at("2026-03-05T08:31:59")
    assert not await silences(office, paused)
    await office.at("2026-03-05T08:32")
    assert len(await silences(office, paused)) == 1
    (step,) = [row for row in await office._rows("steps") if row["step"] == "unanswered" and row["version"] == 3]
    assert step["outcome"] == "fired"


async def test_an_extension_moves_its_end_by_as_much(office: Office) -> None:
    case = await office.opened()
    app = await office.app(Role.SECTION)
    deadline_id = (await office.clock_of(case))["deadline_id"]
    await office.confirmed(await app.post(f"/v1/deadlines/{deadline_id}/extend", json=WHY | {"hours": 3}))
    await office.at("2026-03-03T11:31:59")
    assert not await silences(office, case)
    await office.at("2026-03-03T11:32")
    assert len(await silences(office, case)) == 1


async def test_it_is_not_said_while_events_of_cases_wait_to_be_read(office: Office) -> None:
    """The answer may be among them. The miss, which is corrected by an answer in time, does not wait."""
    case, is_unread = await office.opened(), True

    async def has_unread() -> bool:
        return is_unread

    watching = watcher(office.database, office.clock, office.settings, has_unread=has_unread)
    office.clock.move_to(shanghai("2026-03-03T09:00"))
    while await watching.run_once():
        pass
    assert await office.emitted("deadline.missed", case)
    assert not await silences(office, case)
    is_unread = False
    watching = watcher(office.database, office.clock, office.settings, has_unread=has_unread)
    while await watching.run_once():
        pass
    assert len(await silences(office, case)) == 1


async def started_by_an_earlier_release(office: Office) -> None:
    """As it left them: clocks without the step."""
    async with office.database.transaction() as connection:
        await connection.execute(text("delete from watch.steps where step = 'unanswered'"))


def missing_steps(office: Office) -> MissingSteps:
    units = units_of_work(office.database, office.clock, office.settings.topic_prefix)
    return MissingSteps(units, office.clock, RuleVersions.shipped(office.clock), UpcomingSteps())


async def test_clocks_of_an_earlier_release_are_given_the_step_once(office: Office) -> None:
    running, overdue = await office.opened(), await office.opened()
    answered, paused, red = await office.opened(), await office.opened(), await office.opened(CaseKind.ON_SITE)
    app = await office.app(Role.SECTION)
    for case, act, how in ((running, "extend", {"hours": 3}), (paused, "pause", {})):
        deadline_id = (await office.clock_of(case))["deadline_id"]
        await office.confirmed(await app.post(f"/v1/deadlines/{deadline_id}/{act}", json=WHY | how))
    await office.receive_step(CaseType.SELF_REPORTED, answered)
    await office.at("2026-03-02T15:00")
    await started_by_an_earlier_release(office)
    missing = missing_steps(office)
    assert await missing.run_once(limit=1) == 1
    assert [await missing.beat() for _ in range(3)] == [1, 0, 0]
    assert await missing_steps(office).beat() == 0  # another replica, another start
    for case in (answered, paused, red):
        assert "unanswered" not in await office.steps_of(case)
    await office.at(SILENT)
    assert [len(await silences(office, case)) for case in (running, overdue)] == [0, 1]
    await office.at("2026-03-03T11:32")
    assert [len(await silences(office, case)) for case in (running, overdue)] == [1, 1]


async def test_a_clock_that_an_earlier_release_starts_meanwhile_is_found_within_the_hour(office: Office) -> None:
    missing = missing_steps(office)
    assert await missing.beat() == 0
    case = await office.opened()
    await started_by_an_earlier_release(office)
    assert await missing.beat() == 0
    await office.at("2026-03-02T09:30")
    assert await missing.beat() == 1
    assert (await office.steps_of(case))["unanswered"] is None
