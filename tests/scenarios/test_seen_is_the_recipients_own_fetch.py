"""A notice is queued, sent, delivered, seen, acknowledged: each at its instant, and none before it happened."""

from services.sample.anomalies import YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.world import World

PATH = "/dispatch/v1/notices"


async def test_seen_is_the_recipients_own_fetch(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    auditor = await the_world.app(Role.AUDITOR)
    asked = {"purpose": "self_report_demand"}

    # It lies in the app; an auditor who reads all notices is not the enterprise.
    for _ in range(2):
        (notice,) = (await auditor.get(PATH, params=asked)).json()["items"]
        assert (notice["state"], notice["sent_at"]) == ("sent", "2026-03-02T08:30:00+08:00")
        assert notice["delivered_at"] is notice["seen_at"] is notice["acknowledged_at"] is None

    # Another enterprise sees nothing of it, and changes nothing.
    other = await the_world.app(Role.ENTERPRISE, "91440300MA5OTHER00")
    assert (await other.get(PATH, params={"recipient": enterprise.code})).json()["items"] == []

    # The enterprise opens its app at 08:36.
    await the_world.after(minutes=6)
    own = await the_world.app(Role.ENTERPRISE, enterprise.code)
    (notice,) = (await own.get(PATH, params=asked)).json()["items"]
    assert (notice["state"], notice["delivered_by"]) == ("seen", "fetch")
    await the_world.after(minutes=1)
    (again,) = (await own.get(PATH, params=asked)).json()["items"]
    assert again["seen_at"] == again["delivered_at"] == "2026-03-02T08:36:00+08:00"

    # And says that it has read it.
    acknowledged = (await own.post(f"{PATH}/{notice['notice_id']}/acknowledge")).json()
    assert (acknowledged["state"], acknowledged["acknowledged_at"]) == ("acknowledged", "2026-03-02T08:37:00+08:00")
    assert acknowledged["seen_at"] == "2026-03-02T08:36:00+08:00"

    # Nobody phones about what was seen in time.
    await the_world.after(minutes=30)
    section = await the_world.app(Role.SECTION)
    assert (await section.get(f"{PATH}/undelivered")).json()["items"] == []
