"""Which reports are verified on site nobody can foretell, nobody can change, and everybody can repeat afterwards."""

import hashlib
import hmac
from uuid import UUID

from services.sample.anomalies import YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

REPORT = {"cause": "加药泵故障", "measures": "已更换并复测达标", "finished_at": "2026-03-02T08:40:00+08:00"}


async def test_from_the_commitment_to_the_proof(the_world: World, enterprise: Enterprise) -> None:
    # Before anything is drawn, the SHA-256 of the day's secret is published, tomorrow's too; the secret is not.
    await the_world.settle()
    committed = {one["day"]: one["commitment"] for one in the_world.heard("draw.committed")}
    assert set(committed) == {"2026-03-02", "2026-03-03"}
    public = await the_world.app(Role.ENTERPRISE, enterprise.code)
    del public.headers["Authorization"]
    today = (await public.get("/dispatch/v1/draws/2026-03-02")).json()
    assert (today["commitment"], today["secret"], today["draws"]) == (committed["2026-03-02"], None, [])

    # A report comes and is accepted: its draw is made at once, and the enterprise cannot have known it.
    await the_world.at("2026-03-02T09:00")
    await the_world.push(YELLOW, enterprise)
    await the_world.settle()
    app = await the_world.app(Role.ENTERPRISE, enterprise.code)
    (case,) = (await app.get("/dispatch/v1/cases")).json()["items"]
    assert (await app.post(f"/dispatch/v1/cases/{case['case_id']}/self-report", json=REPORT)).is_success
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    assert (await chief.post(f"/dispatch/v1/cases/{case['case_id']}/approve", json={})).is_success
    await the_world.settle()
    assert "truth_check" not in (await app.get(f"/dispatch/v1/cases/{case['case_id']}/timeline")).text
    assert the_world.heard("draw.published") == []

    # If it was drawn, officers stand at the door first: the secret would tell the enterprise that they are coming.
    for verification in the_world.heard("case.assigned", kind="verification"):
        await the_world.at("2026-03-03T00:30")
        assert the_world.heard("draw.published") == []
        for step in ("accept", "depart", "arrive"):
            await the_world.arrive_second(verification["case_id"], step)

    # The day is over, and everybody can repeat the draw with what is public.
    await the_world.at("2026-03-03T09:00")
    told = (await public.get("/dispatch/v1/draws/2026-03-02")).json()
    secret = bytes.fromhex(told["secret"])
    assert hashlib.sha256(secret).hexdigest() == committed["2026-03-02"]
    (drawn,) = told["draws"]
    lot = int.from_bytes(hmac.digest(secret, UUID(case["case_id"]).bytes, "sha256")[:8]) / 2**64
    assert (drawn["case_id"], drawn["number"], drawn["verified"]) == (case["case_id"], lot, lot < 0.1)
    assert bool(the_world.heard("case.opened", kind="verification")) == drawn["verified"]
    (published,) = the_world.heard("draw.published")
    assert (published["secret"], published["draws"]) == (told["secret"], told["draws"])
