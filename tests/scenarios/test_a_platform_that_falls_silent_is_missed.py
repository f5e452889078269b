"""What has stopped sending looks like what has nothing to report: a platform that falls silent is missed."""

from datetime import timedelta
from uuid import uuid4

from pydantic_core import to_json

from services.sample.anomalies import PLATFORM, WHITE
from services.sample.district import Enterprise
from shared.contract.events import Topic
from shared.contract.platforms import PLATFORM_HEARTBEAT
from shared.contract.roles import Role
from shared.time.instants import shown
from tests.world import Json, World


async def test_a_platform_without_heartbeats_is_missed_by_its_habit(the_world: World, enterprise: Enterprise) -> None:
    for _ in range(12):
        await the_world.push(WHITE, enterprise)
        await the_world.after(hours=1)
    section = await the_world.app(Role.SECTION, "section")
    (platform,) = (await section.get("/ingest/v1/platforms")).json()["items"]
    assert (platform["source"], platform["usual_event_seconds"]) == (PLATFORM, 3_600.0)
    assert (platform["silent_since"], platform["outlets"]) == (None, 1)

    await listening(the_world, hours=11)
    assert the_world.heard("platform.silent") == []
    await listening(the_world, hours=2)
    (silent,) = the_world.heard("platform.silent")
    assert (silent["source"], silent["outlets"], silent["allowed_hours"]) == (PLATFORM, [], 12.0)
    (notice,) = await notices(the_world, "platform_silent")
    assert "【平台静默】" in notice["subject"]["zh"]
    # It is said once, and seen for as long as it lasts.
    await listening(the_world, hours=12)
    assert len(the_world.heard("platform.silent")) == 1
    (platform,) = (await section.get("/ingest/v1/platforms", params={"silent": True})).json()["items"]
    assert platform["silent_since"] is not None

    await the_world.push(WHITE, enterprise)
    await the_world.settle()
    assert [one["source"] for one in the_world.heard("platform.heard")] == [PLATFORM]
    assert len(await notices(the_world, "platform_heard")) == 1
    assert (await section.get("/ingest/v1/platforms", params={"silent": True})).json()["items"] == []


async def test_heartbeats_say_that_a_platform_without_anomalies_lives(the_world: World, enterprise: Enterprise) -> None:
    app = await the_world.app(Role.PLATFORM, "sample", sources=(PLATFORM,))
    for minute in range(8):
        if minute % 2:
            await the_world.push_bytes(heartbeat(the_world), enterprise, Topic.ANOMALY_EVENTS)
        else:
            answer = await app.post(
                "/ingest/v1/events",
                content=heartbeat(the_world),
                headers={"content-type": "application/cloudevents+json"},
            )
            assert answer.status_code == 202
            (result,) = answer.json()["results"]
            assert (result["status"], result["alert_id"], result["level"]) == ("accepted", None, None)
        await the_world.after(minutes=1)
    assert (await app.get("/ingest/v1/alerts")).json()["items"] == []
    assert the_world.heard("platform.silent") == []
    (platform,) = (await app.get("/ingest/v1/platforms")).json()["items"]
    assert (platform["usual_heartbeat_seconds"], platform["last_event_at"]) == (60.0, None)

    await listening(the_world, hours=0.5)
    assert [one["allowed_hours"] for one in the_world.heard("platform.silent")] == [0.25]
    await the_world.push_bytes(heartbeat(the_world), enterprise, Topic.ANOMALY_EVENTS)
    await the_world.settle()
    assert len(the_world.heard("platform.heard")) == 1


async def test_while_we_do_not_listen_nobody_is_silent(the_world: World, enterprise: Enterprise) -> None:
    for _ in range(5):
        await the_world.push_bytes(heartbeat(the_world), enterprise, Topic.ANOMALY_EVENTS)
        await the_world.after(minutes=1)
    # Nothing of ours runs for an hour: what it would have taken in cannot be missed.
    the_world.clock.advance(timedelta(hours=1))
    await the_world.settle()
    assert the_world.heard("platform.silent") == []
    await listening(the_world, hours=0.5)
    assert len(the_world.heard("platform.silent")) == 1


async def test_another_platform_does_not_see_it(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(WHITE, enterprise)
    await the_world.settle()
    another = await the_world.app(Role.PLATFORM, "another", sources=("/platforms/another",))
    assert (await another.get("/ingest/v1/platforms")).json()["items"] == []
    assert (await another.get("/ingest/v1/platforms/outlets")).json()["items"] == []
    forged = heartbeat(the_world)
    answer = await another.post(
        "/ingest/v1/events", content=forged, headers={"content-type": "application/cloudevents+json"}
    )
    assert answer.status_code == 403
    enterprise_app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    assert (await enterprise_app.get("/ingest/v1/platforms")).status_code == 403


async def listening(world: World, hours: float) -> None:
    """Let time pass in which the service runs and takes in whatever comes, which is nothing."""
    (watch,) = (duty for duty in world.services["ingest"].duties if duty.name == "silence")
    for _ in range(round(hours * 12)):
        world.clock.advance(timedelta(minutes=5))
        await watch.run_once()
    await world.settle()


def heartbeat(world: World) -> bytes:
    return to_json(
        {
            "specversion": "1.0",
            "id": str(uuid4()),
            "source": PLATFORM,
            "type": PLATFORM_HEARTBEAT,
            "time": shown(world.clock.now()),
        }
    )


async def notices(world: World, purpose: str) -> list[Json]:
    section = await world.app(Role.SECTION, "section")
    items: list[Json] = (await section.get("/dispatch/v1/notices")).json()["items"]
    return [one for one in items if one["purpose"] == purpose]
