"""Yellow, the enterprise's side: the demand is proven to have arrived, and the report comes with its photographs."""

import hashlib

from services.sample.anomalies import YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(5_000)


async def test_from_the_notice_to_the_draw(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)

    # The demand lies in the enterprise's app; its delivery has a receipt, and its reader says so.
    (demand,) = (await app.get("/dispatch/v1/notices", params={"purpose": "self_report_demand"})).json()["items"]
    assert "6小时内" in demand["subject"]["zh"]
    assert demand["delivered_at"] == "2026-03-02T08:30:00+08:00"
    assert len(demand["receipt"]["sha256"]) == 64
    await the_world.at("2026-03-02T09:00")
    read = (await app.post(f"/dispatch/v1/notices/{demand['notice_id']}/acknowledge")).json()
    assert read["acknowledged_at"] == "2026-03-02T09:00:00+08:00"

    # What was put right is shown by a photograph, and the report names it.
    await the_world.at("2026-03-02T09:45")
    case_id = demand["case_id"]
    files, data = {"file": ("更换后.png", PHOTO)}, {"taken_at": "2026-03-02T09:40:00+08:00"}
    photo = (await app.post(f"/dispatch/v1/cases/{case_id}/attachments", files=files, data=data)).json()
    report = {
        "cause": "加药泵故障",
        "measures": "已更换并复测达标",
        "finished_at": "2026-03-02T09:40:00+08:00",
        "attachments": [photo["attachment_id"]],
    }
    assert (await app.post(f"/dispatch/v1/cases/{case_id}/self-report", json=report)).is_success
    await the_world.settle()
    assert the_world.heard("deadline.met")

    # The reviewer sees the same bytes, and accepts.
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    (told,) = the_world.heard("case.self_reported")
    (named,) = told["detail"]["attachments"]
    shown = await chief.get(f"/dispatch/v1/attachments/{named}")
    assert hashlib.sha256(shown.content).hexdigest() == photo["sha256"] == hashlib.sha256(PHOTO).hexdigest()
    assert (await chief.post(f"/dispatch/v1/cases/{case_id}/approve", json={})).is_success
    await the_world.settle()

    # Whether officers go and look was drawn under the day's secret, and the draw is kept in the case file.
    entries = (await chief.get(f"/dispatch/v1/cases/{case_id}/timeline")).json()["items"]
    (draw,) = [entry["detail"] for entry in entries if entry["type"] == "cn.tricolor.case.truth_check.v1"]
    assert (draw["method"], draw["day"]) == ("hmac-sha256", "2026-03-02")
    assert draw["verified"] == (draw["lot"] < 0.1) == bool(the_world.heard("case.opened", kind="verification"))
