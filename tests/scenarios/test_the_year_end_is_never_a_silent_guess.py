"""A red clock that runs into a year whose calendar is not published yet is computed, and marked provisional."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.world import World


async def test_late_december_2026(the_world: World, enterprise: Enterprise) -> None:
    await the_world.at("2026-12-29T16:20")
    await the_world.push(RED, enterprise)
    await the_world.settle()

    (clock,) = the_world.heard("deadline.started")
    assert clock["provisional"]
    assert clock["due_at"] == "2027-01-07T00:00:00+08:00"  # 12-30, 12-31, (01-01 a holiday, a weekend) 01-04, 05, 06
    auditor = await the_world.app(Role.AUDITOR)
    stored = (await auditor.get(f"/watch/v1/deadlines/{clock['deadline_id']}")).json()
    counted = [day["date"] for day in stored["explanation"]["days"] if day["counted"]]
    assert counted == ["2026-12-30", "2026-12-31", "2027-01-04", "2027-01-05", "2027-01-06"]
    assert "暂定" in stored["explanation"]["text"]["zh"]

    asked = await auditor.post(
        "/watch/v1/deadlines/explain", json={"level": "red", "start": "2026-12-29T16:20:00+08:00"}
    )
    assert asked.json()["due_at"] == stored["due_at"]
    assert asked.json()["explanation"]["days"] == stored["explanation"]["days"]


async def test_the_notice_makes_it_final_or_moves_it(the_world: World, enterprise: Enterprise) -> None:
    """The State Council gives 4 January off and has Saturday the 9th worked: looked at, proposed, and confirmed."""
    await the_world.at("2026-12-29T16:20")
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (clock,) = the_world.heard("deadline.started")
    section = await the_world.app(Role.SECTION, "zhang")
    year = {
        "days_off": {"元旦": ["2027-01-01", "2027-01-04"]},
        "make_up_days": {"元旦": ["2027-01-09"]},
        "notice": {"title": "国务院办公厅关于2027年部分节假日安排的通知", "number": "国办发明电〔2026〕9号"},
    }
    preview = (await section.put("/watch/v1/calendar/2027", json=year, params={"dry_run": True})).json()
    assert (preview["moves"]["moved"], preview["moves"]["by"]) == (1, {"+24 h": 1})
    await the_world.settle()
    assert not the_world.heard("deadline.moved")

    proposed = await section.put("/watch/v1/calendar/2027", json=year)
    assert proposed.json()["proposal"]["after"]["moves"] == preview["moves"]
    await the_world.settle()
    assert not the_world.heard("deadline.moved")
    await the_world.confirmed("watch", proposed, Role.LEADER, "li")
    await the_world.settle()
    (moved,) = the_world.heard("deadline.moved")
    assert (moved["due_at"], moved["provisional"]) == ("2027-01-08T00:00:00+08:00", False)
    assert moved["previous_due_at"] == clock["due_at"]
    assert "国办发明电〔2026〕9号" in moved["reason"]["zh"]
    case = (await section.get(f"/dispatch/v1/cases/{clock['case_id']}")).json()
    assert case["due_at"] == moved["due_at"]
    await the_world.at("2027-01-07T00:00")
    assert not the_world.heard("deadline.missed")
    await the_world.at("2027-01-08T00:00")
    assert len(the_world.heard("deadline.missed")) == 1


async def test_before_the_days_that_the_next_notice_may_move_it_is_final(
    the_world: World, enterprise: Enterprise
) -> None:
    await the_world.at("2026-12-18T10:00")
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (clock,) = the_world.heard("deadline.started")
    assert not clock["provisional"]
    assert clock["due_at"] == "2026-12-26T00:00:00+08:00"


async def test_a_notice_may_move_days_of_the_year_before(the_world: World, enterprise: Enterprise) -> None:
    """As 2019's did: the 30th and 31st are off, Saturday the 26th stays off, Sunday the 27th is worked."""
    await the_world.at("2026-12-24T10:00")
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (clock,) = the_world.heard("deadline.started")
    assert (clock["provisional"], clock["due_at"]) == (True, "2027-01-01T00:00:00+08:00")
    section = await the_world.app(Role.SECTION, "zhang")
    year = {
        "days_off": {"元旦": ["2026-12-30", "2026-12-31", "2027-01-01"]},
        "make_up_days": {"元旦": ["2026-12-27"]},
        "notice": {"title": "国务院办公厅关于2027年部分节假日安排的通知", "number": "国办发明电〔2026〕9号"},
    }
    preview = (await section.put("/watch/v1/calendar/2027", json=year, params={"dry_run": True})).json()["moves"]
    assert (preview["examined"], preview["moved"], preview["made_final"]) == (1, 1, 1)
    await the_world.confirmed("watch", await section.put("/watch/v1/calendar/2027", json=year), Role.LEADER, "li")
    await the_world.settle()
    (moved,) = the_world.heard("deadline.moved")
    # 25, 27, 28, 29, then the 30th to 3 January off: Monday the 4th.
    assert (moved["provisional"], moved["due_at"]) == (False, "2027-01-05T00:00:00+08:00")
    shown = (await section.get("/watch/v1/calendar/2026")).json()
    assert shown["by_next_notice"] == {
        "days_off": {"元旦": ["2026-12-30", "2026-12-31"]},
        "make_up_days": {"元旦": ["2026-12-27"]},
    }
    assert shown["end_published"]
