"""Reading evidence leaves a record that nobody changes: who, when, on what ground, and why."""

from urllib.parse import quote

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 200


async def test_who_reads_a_file_and_why_is_kept(the_world: World, enterprise: Enterprise) -> None:
    await the_world.push(RED, enterprise)
    await the_world.settle()
    case_id = the_world.heard("case.opened")[-1]["case_id"]
    chief = await the_world.app(Role.STATION_CHIEF, "林海", station=STATION)
    auditor = await the_world.app(Role.AUDITOR, "审计员")
    stranger = await the_world.app(Role.STATION_CHIEF, "他所", station="elsewhere")
    added = await chief.post(f"/dispatch/v1/cases/{case_id}/attachments", files={"file": ("a.png", PNG)})
    path = f"/dispatch/v1/attachments/{added.json()['attachment_id']}"

    assert (await stranger.get(path)).status_code == 404
    assert (await chief.get(path)).status_code == 200
    assert (await chief.get(path, headers={"Range": "bytes=10-20"})).status_code == 206  # the same reading
    why = {"X-Access-Reason": quote("年度案卷评查")}
    assert (await auditor.get(path, headers=why)).status_code == 200

    listed = (await auditor.get("/dispatch/v1/access-records", params={"case_id": case_id})).json()["items"]
    assert {(one["person"], one["role"], one["reach"], one["reason"]) for one in listed} == {
        ("审计员", "auditor", "district", "年度案卷评查"),
        ("林海", "station_chief", "station", None),
    }
    assert len(listed) == 2
    assert {one["action"] for one in listed} == {"readAttachment"}
    assert (await chief.get("/dispatch/v1/access-records")).status_code == 403

    await the_world.after(hours=1)
    assert (await chief.get(path)).status_code == 200
    again = (await auditor.get("/dispatch/v1/access-records", params={"person": "林海"})).json()["items"]
    assert len(again) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "update dispatch.access_records set person = 'somebody else'",
        "delete from dispatch.access_records",
        "truncate dispatch.access_records",
    ],
)
async def test_nobody_changes_a_record(the_world: World, statement: str) -> None:
    database = the_world.services["dispatcher"].database
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.transaction() as connection:
            await connection.execute(text(statement))
