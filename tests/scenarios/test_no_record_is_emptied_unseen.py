"""What the bureau knows of an enterprise is changed by people who saw it, and who changed what can be read for ever."""

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import World


async def test_two_clerks_change_one_enterprise(the_world: World, enterprise: Enterprise) -> None:
    he, lin = await the_world.app(Role.SECTION, "he"), await the_world.app(Role.ADMIN, "lin")
    path = f"/dispatch/v1/enterprises/{enterprise.code}"
    address = {"address": "新安街道1号", "longitude": 113.8, "latitude": 22.6}
    assert (await lin.patch(path, json=address)).is_success

    # He's old form knows two fields. It would have emptied address, street and station; it is told so.
    form = {"name": enterprise.name, "classification": ["positive_list"]}
    refused = await he.put(path, json=form)
    assert refused.status_code == 428
    assert "PATCH" in refused.json()["detail"]

    # He looks, and while he thinks Lin adds whom to call. His answer is refused and shows him hers.
    seen = await he.get(path)
    contact = {"name": "王强", "phone": "13800138000", "role": "环保负责人"}
    assert (await lin.patch(path, json={"contacts": [contact]})).is_success
    whole = {name: seen.json()[name] for name in ("name", "address", "district", "street", "station")}
    stale = await he.put(path, json=whole | form, headers={"If-Match": seen.headers["ETag"]})
    assert stale.status_code == 412
    assert stale.json()["record"]["contacts"] == [contact]

    # So he changes the one field that he means. Everything else stays, and grading goes by it.
    assert (await he.patch(path, json={"classification": ["positive_list"]})).is_success
    stored = (await he.get(path)).json()
    assert (stored["address"], stored["station"], stored["contacts"]) == (address["address"], STATION, [contact])
    await the_world.settle()
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (case,) = the_world.heard("case.opened")
    assert (await he.get(f"/dispatch/v1/cases/{case['case_id']}")).json()["off_site_first"]

    # Years later it can be read who changed what.
    history = (await he.get(f"{path}/history")).json()["items"]
    assert [(entry["actor_subject"], sorted(entry["changes"])) for entry in history[:3]] == [
        ("he", ["classification"]),
        ("lin", ["contacts"]),
        ("lin", ["address", "latitude", "longitude"]),
    ]


async def test_a_telephone_number_is_for_whoever_may_have_to_call(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN)
    contact = {"name": "王强", "phone": "13800138000", "role": None}
    path = f"/dispatch/v1/enterprises/{enterprise.code}"
    assert (await admin.patch(path, json={"contacts": [contact]})).is_success
    own = await the_world.app(Role.ENTERPRISE, enterprise.code)
    officer = await the_world.app(Role.OFFICER, "xinan-01", station=STATION)
    stranger = await the_world.app(Role.OFFICER, "shajing-01", station="shajing")
    auditor = await the_world.app(Role.AUDITOR)
    for caller, shown in ((own, True), (officer, True), (stranger, False), (auditor, False)):
        answer = await caller.get(path)
        assert ("13800138000" in answer.text) is shown
        assert "王强" in answer.text
    assert "13800138000" not in (await auditor.get(f"{path}/history")).text


async def test_a_chiefs_day_is_not_lost_to_a_sheet(the_world: World) -> None:
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    sheet = f"日期,执法所,值班人员\n2026-03-02,{STATION},xinan-01\n".encode()
    query = {"kind": "rota", "dry_run": "true"}
    tried = (await chief.post("/dispatch/v1/imports", params=query, files={"file": sheet})).json()

    # After the dry run the chief plans the Tuesday, which the sheet would take away with the rest of the week.
    week = f"/dispatch/v1/stations/{STATION}/rota/2026-W10"
    assert (await chief.put(week, json={"days": {"2026-03-03": ["xinan-02"]}})).is_success
    query["dry_run"] = "false"
    match = {"If-Match": f'"{tried["digest"]}"'}
    stale = await chief.post("/dispatch/v1/imports", params=query, files={"file": sheet}, headers=match)
    unseen = await chief.post("/dispatch/v1/imports", params=query, files={"file": sheet})
    assert (stale.status_code, unseen.status_code) == (412, 428)

    query["dry_run"] = "true"
    again = (await chief.post("/dispatch/v1/imports", params=query, files={"file": sheet})).json()
    assert again["removed"] == {"total": 1, "items": [["2026-03-03", "xinan-02"]]}
    assert (await chief.get(week)).json()["days"] == {"2026-03-03": ["xinan-02"]}
