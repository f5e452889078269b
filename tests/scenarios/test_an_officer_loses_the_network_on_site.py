"""Between arriving and reporting there is no network: what was done counts as it was done, and nothing is doubled."""

import base64
from typing import Any

import httpx

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

PHOTO = b"\x89PNG\r\n\x1a\n" + bytes(20_000)
TUS = {"Tus-Resumable": "1.0.0"}
REPORT = {"findings": "活性炭未更换", "measures": "责令立即改正", "outcome": "rectified"}


async def test_the_report_and_the_photograph_come_when_the_network_does(
    the_world: World, enterprise: Enterprise
) -> None:
    officer, own = await on_site(the_world, enterprise)
    case_id = own["case_id"]

    # The photograph is on its way when the line breaks after its first half; then an hour without a network.
    metadata = f"filename {base64.b64encode('现场.png'.encode()).decode()}"
    begun = await officer.post(
        f"/dispatch/v1/cases/{case_id}/uploads",
        headers=TUS | {"Upload-Length": str(len(PHOTO)), "Upload-Metadata": metadata},
    )
    upload, half = begun.headers["location"], len(PHOTO) // 2
    assert (await patch(officer, upload, 0, PHOTO[:half])).is_success
    await the_world.at("2026-03-02T12:00")

    # Back on the road the app asks how far the photograph came, and sends the rest.
    came = int((await officer.head(upload, headers=TUS)).headers["upload-offset"])
    assert came == half
    photo = (await patch(officer, upload, came, PHOTO[came:])).headers["attachment-id"]

    # It sends what was reported at half past ten. The answer is lost on the way; it sends the same again.
    action = {
        "key": "phone-7-feedback",
        "action": "feedback",
        "case_id": case_id,
        "time": "2026-03-02T10:30:00+08:00",
        "body": REPORT | {"attachments": [photo]},
    }
    first, again = [
        (await officer.post("/dispatch/v1/offline-actions", json={"actions": [action]})).json()["results"]
        for _ in range(2)
    ]
    assert first == again
    assert (first[0]["status"], first[0]["answer"]["state"]) == ("done", "reported")
    await the_world.settle()
    (told,) = the_world.heard("case.feedback_submitted")
    assert (told["claimed_at"], told["at"]) == ("2026-03-02T10:30:00+08:00", "2026-03-02T12:00:00+08:00")
    assert told["detail"]["attachments"] == [photo]
    assert len(the_world.heard("deadline.met")) == 1


async def test_what_was_decided_meanwhile_is_answered_with_the_present_state(
    the_world: World, enterprise: Enterprise
) -> None:
    officer, own = await on_site(the_world, enterprise)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    case = (await chief.get(f"/dispatch/v1/cases/{own['case_id']}")).json()
    leaving = case["team"][0]["officer"]
    (free,) = {"xinan-01", "xinan-02", "xinan-03"} - {member["officer"] for member in case["team"]}

    # While the officer cannot be reached, the chief sends a colleague in the officer's place.
    handed = {"leaving": leaving, "to": free, "reason": "失联两小时，由同事接替"}
    assert (await chief.post(f"/dispatch/v1/cases/{case['case_id']}/hand-over", json=handed)).is_success

    action = {"key": "f", "action": "feedback", "case_id": case["case_id"], "body": REPORT}
    sent = {"actions": [action | {"time": "2026-03-02T10:30:00+08:00"}]}
    (result,) = (await officer.post("/dispatch/v1/offline-actions", json=sent)).json()["results"]
    assert result["status"] == "conflict"
    # The app can show it: the officer's part has ended, and the case is on site with somebody else.
    assert result["present"]["ended_at"] is not None
    assert result["present"]["case_state"] == "on_site"
    assert not the_world.heard("case.feedback_submitted")


async def on_site(world: World, enterprise: Enterprise) -> tuple[httpx.AsyncClient, dict[str, Any]]:
    """The lead of a red case, arrived at ten, with the own assignment."""
    await world.push(RED, enterprise)
    await world.at("2026-03-02T10:00")
    lead = world.heard("case.assigned")[0]["team"][0]["officer"]
    app = await world.app(Role.OFFICER, lead, station=STATION)
    (own,) = (await app.get("/dispatch/v1/assignments")).json()["items"]
    for step in ("accept", "depart", "arrive"):
        assert (await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success
    return app, dict(own)


async def patch(app: httpx.AsyncClient, upload: str, offset: int, content: bytes) -> httpx.Response:
    headers = TUS | {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
    return await app.patch(upload, headers=headers, content=content)
