"""The week's duty rota comes by sheet and decides who goes; what somebody has accepted stays in their hands."""

import io
from dataclasses import replace

import httpx
from openpyxl import load_workbook

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import OFFICERS, STATION
from tests.world import World

MONDAY, TUESDAY = "2026-03-02", "2026-03-03"


async def test_a_change_takes_back_only_what_nobody_accepted(the_world: World, enterprise: Enterprise) -> None:
    admin = await the_world.app(Role.ADMIN)
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    for code, name in {"xinan-04": "林海", "xinan-05": "何静"}.items():
        assert (await admin.put(f"/dispatch/v1/officers/{code}", json={"name": name, "station": STATION})).is_success

    # The chief fills in the template: three on Monday, two others on Tuesday. A misspelt officer keeps all of it out.
    first = [(MONDAY, "xinan-01"), (MONDAY, "xinan-02"), (MONDAY, "xinan-3"), (TUESDAY, "xinan-04")]
    told = (await send(chief, await sheet(chief, first), dry_run=True)).json()
    (error,) = told["errors"]["items"]
    assert (error["row"], error["value"], error["zh"]) == (4, "xinan-3", f"不是 {STATION} 的人员")
    right = [(day, "xinan-03" if officer == "xinan-3" else officer) for day, officer in first]
    assert (await send(chief, await sheet(chief, [*right, (TUESDAY, "xinan-05")]), dry_run=False)).is_success

    # Monday's red alert goes to two of Monday's three, whoever else has nothing to do.
    await the_world.push(RED, enterprise)
    await the_world.settle()
    (monday,) = the_world.heard("case.assigned")
    lead, second = (member["officer"] for member in monday["team"])
    assert {lead, second} < OFFICERS.keys()

    # The lead accepts. Another enterprise's alert is offered, and nobody has accepted it when the rota changes.
    app = await the_world.app(Role.OFFICER, lead, station=STATION)
    (own,) = (await app.get("/dispatch/v1/assignments")).json()["items"]
    assert (await app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/accept")).is_success
    outlets = tuple(replace(outlet, mn=f"{outlet.mn}-2") for outlet in enterprise.outlets)
    neighbour = replace(enterprise, code="91440306MA5000002T", outlets=outlets)
    registered = {"name": "某厂", "district": "440306", "street": "新安", "station": STATION}
    assert (await admin.put(f"/dispatch/v1/enterprises/{neighbour.code}", json=registered)).is_success
    await the_world.push(RED, neighbour)
    await the_world.settle()
    offered = the_world.heard("case.assigned")[-1]
    changed = [(MONDAY, "xinan-04"), (MONDAY, "xinan-05")]
    done = (await send(chief, await sheet(chief, changed), dry_run=False)).json()
    await the_world.settle()

    assert done["replanned"] == [offered["case_id"]]
    assert {one["case_id"] for one in done["kept"]} == {monday["case_id"]}
    again = the_world.heard("case.assigned")[-1]
    assert {member["officer"] for member in again["team"]} == {"xinan-04", "xinan-05"}
    case = (await chief.get(f"/dispatch/v1/cases/{monday['case_id']}")).json()
    assert [member["officer"] for member in case["team"]] == [lead, second]
    # Neither clock knows of any of this.
    assert case["due_at"] == "2026-03-10T00:00:00+08:00"


async def sheet(app: httpx.AsyncClient, lines: list[tuple[str, str]]) -> bytes:
    """The template with a row for each officer on each day, as a spreadsheet saves it."""
    template = await app.get("/dispatch/v1/imports/template", params={"kind": "rota", "format": "xlsx"})
    book = load_workbook(io.BytesIO(template.content))
    page = book.worksheets[0]
    page.delete_rows(2, 2)  # what the headings mean, and the example
    for day, officer in lines:
        page.append([day, STATION, officer])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


async def send(app: httpx.AsyncClient, content: bytes, *, dry_run: bool) -> httpx.Response:
    """A dry run; or one, and the sheet applied as it showed."""
    answer: httpx.Response | None = None
    for trying in (True, False)[: 1 if dry_run else 2]:
        seen = {"If-Match": answer.headers["ETag"]} if answer is not None else {}
        answer = await app.post(
            "/dispatch/v1/imports",
            params={"kind": "rota", "dry_run": trying},
            files={"file": ("值班表.xlsx", content)},
            headers=seen,
        )
    assert answer is not None
    return answer
