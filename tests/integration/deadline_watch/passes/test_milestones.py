"""Sign-in, arrival and review in the bureau's own time: each miss is an event, once, for whoever must act."""

from services.deadline_watch.passes.milestones import MilestoneWatch
from services.deadline_watch.store.rule_versions import RuleVersions
from services.deadline_watch.store.units_of_work import units_of_work
from shared.contract.events import CaseEvent, CaseKind, CaseType
from tests.integration.deadline_watch.office import Json, Office, shanghai


async def decided(office: Office, at: str) -> int:
    office.clock.move_to(shanghai(at))
    units = units_of_work(office.database, office.clock, office.settings.topic_prefix)
    watch = MilestoneWatch(units, RuleVersions.shipped(office.clock))
    done = await watch.run_once()
    assert await watch.run_once() == 0
    return done


async def late(office: Office, case: CaseEvent) -> list[str]:
    return [one["milestone"] for one in await office.emitted("milestone.missed", case)]


async def test_an_assignment_nobody_accepts_is_told_to_the_chief(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    await office.receive_step(CaseType.ASSIGNED, case)  # at 08:30: two working hours are over at 11:00
    assert await decided(office, "2026-03-02T10:59:59") == 0
    assert await decided(office, "2026-03-02T11:00") == 1
    (event,) = await office.emitted("milestone.missed", case)
    assert (event["milestone"], event["name"]["zh"], event["awaited"]) == ("accept", "签收", "accepted")
    assert event["recipients"] == [{"role": "station_chief", "station": "xinan"}]
    assert event["started_at"] == "2026-03-02T08:30:00+08:00"
    assert await decided(office, "2026-03-02T18:00") == 1
    assert await late(office, case) == ["accept", "arrive"]


async def test_what_is_done_in_time_is_told_to_nobody(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    story = (
        (CaseType.ASSIGNED, "2026-03-02T08:30"),
        (CaseType.ACCEPTED, "2026-03-02T10:30"),
        (CaseType.ARRIVED, "2026-03-02T15:00"),
        (CaseType.FEEDBACK_SUBMITTED, "2026-03-02T17:00"),
        (CaseType.APPROVED, "2026-03-03T16:00"),
        (CaseType.CLOSED, "2026-03-03T16:00"),
    )
    for type_, at in reversed(story):  # in whatever order they are received
        await office.receive_step(type_, case, shanghai(at))
    assert await decided(office, "2026-03-20T09:00") == 3
    assert await late(office, case) == []
    outcomes = {row["milestone"]: row["outcome"] for row in await _milestones(office)}
    assert outcomes == {"accept": "met", "arrive": "met", "review": "met"}


async def test_another_team_has_the_whole_time_again(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    await office.receive_step(CaseType.ASSIGNED, case)
    await office.receive_step(CaseType.REASSIGNED, case, shanghai("2026-03-02T10:30"))
    assert await decided(office, "2026-03-02T11:00") == 1
    assert await late(office, case) == []
    await decided(office, "2026-03-02T14:30")
    assert await late(office, case) == ["accept"]


async def test_a_report_that_nobody_reviews_is_told_to_the_section(office: Office) -> None:
    case = await office.opened(CaseKind.SELF_REPORT)
    await office.receive_step(CaseType.SELF_REPORTED, case, shanghai("2026-03-02T12:30"))
    assert await decided(office, "2026-03-03T12:00") == 1
    (event,) = await office.emitted("milestone.missed", case)
    assert (event["milestone"], event["recipients"]) == ("review", [{"role": "section", "station": None}])


async def test_received_twice_it_begins_once(office: Office) -> None:
    case = await office.opened(CaseKind.ON_SITE)
    for _ in range(2):
        await office.receive_step(CaseType.ASSIGNED, case)
    assert len(await _milestones(office)) == 2


async def _milestones(office: Office) -> list[Json]:
    return await office._rows("milestones")
