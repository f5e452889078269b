"""A yellow alert at night, and the enterprise's channel is dead: its six hours do not run out unheard.

The next channel is tried, then the station is told to phone, and that stands on the case.
"""

import httpx
import pytest

from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from shared.settings import NoticeChannel, Settings
from tests.scenarios.conftest import OFFICERS, STATION
from tests.world import Json, World

NOBODY_LISTENS = "http://127.0.0.1:9/messages"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An installation whose two vendors are both out of reach."""
    return settings.model_copy(
        update={
            "enterprise_channel_url": NOBODY_LISTENS,
            "notice_channels": {"sms": NoticeChannel(url=NOBODY_LISTENS)},
        }
    )


async def test_a_notice_nobody_received_is_phoned(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN)
    record = f"/dispatch/v1/enterprises/{enterprise.code}"
    known = {
        "name": enterprise.name,
        "district": "440306",
        "street": "新安",
        "station": STATION,
        "contacts": [{"name": "王厂长", "phone": "13800138000", "role": "环保负责人"}],
        "channels": [{"channel": "vendor"}, {"channel": "sms", "address": "13800138000"}],
    }
    revision = (await admin.get(record)).headers.get("etag")
    put = await admin.put(record, json=known, headers={"If-Match": revision} if revision else {})
    assert put.is_success, put.text
    await the_world.at("2026-03-03T01:00")
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)

    # The vendor does not answer: after ten minutes the text message is tried, and does not go out either.
    await the_world.at("2026-03-03T01:10")
    assert await calls(chief) == []
    await the_world.at("2026-03-03T01:20")
    (call,) = await calls(chief)
    assert [one["channel"] for one in call["tried"]] == ["vendor"]
    assert call["channel"] == "sms"
    assert call["phones"][0]["phone"] == "13800138000"
    assert call["cases"][0]["due_at"] == "2026-03-03T07:00:00+08:00"
    (told,) = (await chief.get("/dispatch/v1/notices", params={"purpose": "notice_undelivered"})).json()["items"]
    assert enterprise.name in told["subject"]["zh"]
    assert "13800138000" in told["body"]["zh"]

    # Whoever looks at the clock sees that it runs unheard; the enterprise sees its clock, and nothing of that.
    (clock,) = (await chief.get("/watch/v1/deadlines", params={"state": "open"})).json()["items"]
    assert clock["unheard_since"] == "2026-03-03T01:20:00+08:00"
    own = await the_world.app(Role.ENTERPRISE, enterprise.code)
    assert (await own.get(f"/watch/v1/deadlines/{clock['deadline_id']}")).json()["unheard_since"] is None

    # The officer on duty phones, and records when, to whom, and before which witness.
    await the_world.at("2026-03-03T01:30")
    officer = await the_world.app(Role.OFFICER, next(iter(OFFICERS)), station=STATION)
    given = {"means": "phone", "at": "2026-03-03T01:26:00+08:00", "received_by": "王厂长", "witness": "李晓敏"}
    kept = await officer.post(f"/dispatch/v1/notices/{call['notice_id']}/delivery", json=given)
    assert kept.is_success, kept.text
    assert await calls(chief) == []
    await the_world.settle()
    assert (await chief.get(f"/watch/v1/deadlines/{clock['deadline_id']}")).json()["unheard_since"] is None

    # Whoever looks at the case a year from now sees that it was not sent into the void, and who said so.
    case_id = call["cases"][0]["case_id"]
    (stands,) = (await chief.get(f"/dispatch/v1/cases/{case_id}")).json()["undelivered"]
    about = {one["purpose"]: one for one in (await chief.get(f"/dispatch/v1/cases/{case_id}/notices")).json()["items"]}
    assert (about["self_report_demand"]["state"], about["self_report_demand"]["delivered_by"]) == ("delivered", "phone")
    assert about["notice_undelivered"]["recipient"] == "station_chief"
    elsewhere = await the_world.app(Role.STATION_CHIEF, "other", station="shajing")
    assert (await elsewhere.get(f"/dispatch/v1/cases/{case_id}/notices")).status_code == 404
    assert (await own.get(f"/dispatch/v1/cases/{case_id}/notices")).status_code == 403
    assert (stands["told_at"], stands["delivered_at"], stands["delivered_by"]) == (
        "2026-03-03T01:20:00+08:00",
        "2026-03-03T01:26:00+08:00",
        "phone",
    )
    timeline = (await chief.get(f"/dispatch/v1/cases/{case_id}/timeline")).json()["items"]
    assert [one["type"].split(".")[-2] for one in timeline if ".notice." in one["type"]] == ["undelivered", "delivered"]

    # The reminders at three and five hours are no less: each is phoned, as long as no channel works.
    for instant in ("04:00", "04:10", "04:20"):
        await the_world.at(f"2026-03-03T{instant}")
    assert [one["purpose"] for one in await calls(chief)] == ["deadline_warned"]
    for instant in ("06:00", "06:10", "06:20"):
        await the_world.at(f"2026-03-03T{instant}")
    assert [one["purpose"] for one in await calls(chief)] == ["deadline_warned"] * 2


async def test_officers_who_do_not_look_are_phoned(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    (red,) = (await chief.get("/dispatch/v1/notices", params={"purpose": "new_red"})).json()["items"]
    assert enterprise.name in red["subject"]["zh"]  # at once
    (assigned,) = the_world.heard("case.assigned")
    lead, second = (member["officer"] for member in assigned["team"])
    looking = await the_world.app(Role.OFFICER, lead, station=STATION)
    await looking.get("/dispatch/v1/notices")
    await the_world.after(minutes=30)
    assert [one["recipient"] for one in await calls(chief)] == [second]
    own = await the_world.app(Role.ENTERPRISE, enterprise.code)
    assert (await own.get(f"/dispatch/v1/cases/{assigned['case_id']}")).status_code == 404


async def calls(app: httpx.AsyncClient) -> list[Json]:
    answer = await app.get("/dispatch/v1/notices/undelivered")
    items: list[Json] = answer.json()["items"]
    return items
