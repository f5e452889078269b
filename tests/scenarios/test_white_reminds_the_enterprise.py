"""White: the enterprise is reminded in time to prevent an incident, and the reminder's delivery is on record."""

from services.sample.anomalies import WHITE
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.world import World


async def test_an_enterprise_finds_the_reminder_in_its_app(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(WHITE, enterprise)
    await the_world.settle()

    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    (notice,) = (await app.get("/dispatch/v1/notices")).json()["items"]
    assert notice["purpose"] == "white_reminder"
    assert "提醒" in notice["subject"]["zh"]
    assert notice["delivered_at"] is not None

    acknowledged = await app.post(f"/dispatch/v1/notices/{notice['notice_id']}/acknowledge")
    assert acknowledged.json()["acknowledged_at"] is not None


async def test_a_reminder_asks_for_no_answer(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(WHITE, enterprise)
    await the_world.after(days=30)

    assert the_world.heard("alert.graded", level="white")
    assert not the_world.heard("case.opened")
    assert not the_world.heard("deadline.started")
