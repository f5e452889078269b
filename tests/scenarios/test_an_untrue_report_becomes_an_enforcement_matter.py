"""Who does not report truthfully is not left to itself: the yellow alert becomes red, with that reason."""

from services.dispatcher.domain.policy import DATA
from services.sample.anomalies import YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

REPORT = {"cause": "滤袋破损", "measures": "已更换全部滤袋", "finished_at": "2026-03-02T08:40:00+08:00"}


async def nobody_is_drawn_by_lot(world: World) -> None:
    """The bureau publishes a dispatch policy by which no report is drawn: only repeat offenders are verified."""
    body = DATA.read_text(encoding="utf-8").replace("  share: 0.1 ", "  share: 0.0 ")
    version = next(line for line in body.splitlines() if line.startswith("version:"))
    section = await world.app(Role.SECTION, "section")
    proposed = await section.post(
        "/dispatch/v1/dispatch-policies",
        json={"policy": body.replace(version, "version: nobody-drawn"), "reason": "本季不抽查"},
    )
    await world.confirmed("dispatch", proposed, Role.SECTION, "another")
    await world.settle()


async def test_what_officers_find_untrue_is_graded_red(the_world: World, enterprise: Enterprise) -> None:
    # Two cases of the last weeks make a repeat offender: its next accepted report is verified in any case.
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    await nobody_is_drawn_by_lot(the_world)
    for day in ("2026-03-02", "2026-03-16", "2026-03-30"):
        await the_world.at(f"{day}T09:00")
        await the_world.push(YELLOW, enterprise)
        await the_world.settle()
        case, *_ = (await app.get("/dispatch/v1/cases", params={"level": "yellow", "status": "open"})).json()["items"]
        assert (await app.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json=REPORT)).is_success
        assert (await chief.post(f"/dispatch/v1/cases/{case['case_id']}/approve", json={})).is_success
        await the_world.settle()

    verification = the_world.heard("case.assigned", kind="verification")[-1]
    assert verification["raised_by"] == case["case_id"]
    officer = await the_world.app(Role.OFFICER, verification["team"][0]["officer"], station=STATION)
    own = next(
        item
        for item in (await officer.get("/dispatch/v1/assignments")).json()["items"]
        if item["case_id"] == verification["case_id"]
    )
    for step in ("accept", "depart", "arrive"):
        assert (await officer.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    await the_world.arrive_second(verification["case_id"])
    untrue = {"findings": "滤袋并未更换", "measures": "固定证据", "outcome": "report_untrue"}
    assert (await officer.post(f"/dispatch/v1/cases/{verification['case_id']}/feedback", json=untrue)).is_success
    assert (await chief.post(f"/dispatch/v1/cases/{verification['case_id']}/approve", json={})).is_success
    await the_world.settle()

    (regraded,) = the_world.heard("alert.regraded")
    assert (regraded["level"], regraded["cause"], regraded["alert_id"]) == ("red", "untrue", verification["alert_id"])
    assert regraded["grading"]["rule"] == "yellow_report_untrue"
    assert "自查反馈不实" in regraded["grading"]["reason"]["zh"]
    (red,) = the_world.heard("case.assigned", kind="on_site")
    assert red["alert_id"] == verification["alert_id"]
