"""Master data come from sheets: a clerk fills in a template, is told what is wrong, and the next alert goes by it."""

import io
from typing import Any

import httpx
from openpyxl import Workbook, load_workbook

from services.sample.anomalies import RED
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import OFFICERS, STATION
from tests.world import World

Json = dict[str, Any]
FIRST_FREE_ROW = 3
"""Of a template: the headings and what they mean stand above it, and it holds the example to write over."""


async def test_from_an_empty_bureau_to_the_team_at_the_door(empty_world: World, enterprise: Enterprise) -> None:
    clerk = await empty_world.app(Role.SECTION, "he")

    # The stations and their officers, by the templates.
    stations = await filled_in(clerk, "stations", [STATION, "新安所", "440306", "新安；西乡"])
    assert (await applied(clerk, "stations", stations))["new"] == 1
    people = [[code, name, STATION, "是", None, "是", "废气；废水"] for code, name in OFFICERS.items()]
    officers = await filled_in(clerk, "officers", *people)
    assert (await applied(clerk, "officers", officers))["new"] == len(OFFICERS)

    # The enterprises, by what another system exported: GB18030, its own order, a station misspelt, a code twice.
    exported = (
        "企业名称,统一社会信用代码,执法所,分类\r\n"
        f"{enterprise.name},{enterprise.code},xinann,重点监管对象\r\n"
        f"深圳另一家有限公司,{enterprise.code},{STATION},\r\n"
    )
    told = await dry_run(clerk, "enterprises", exported.encode("gb18030"))
    assert told["counts"] == {"new": 0, "changed": 0, "unchanged": 0, "refused": 2}
    misspelt, twice = told["errors"]["items"]
    assert (misspelt["row"], misspelt["column"], misspelt["value"]) == (2, "执法所", "xinann")
    assert (misspelt["zh"], misspelt["en"]) == ("尚未登记，请先登记", "is no record of stations; register it first")
    assert (twice["row"], twice["zh"]) == (3, "与第 2 行重复")

    # Nothing of a sheet with errors is taken, not even what is well in it.
    refused = await apply(clerk, "enterprises", exported.encode("gb18030"))
    assert refused.status_code == 422
    assert (await clerk.get("/dispatch/v1/enterprises")).json()["items"] == []

    # Put right, run dry, and applied as it was shown.
    right = exported.replace("xinann", STATION).replace(f"公司,{enterprise.code},{STATION},\r\n", "公司,2,,\r\n")
    told = await dry_run(clerk, "enterprises", right.encode("gb18030"))
    assert told["errors"]["total"] == 0
    answer = await apply(clerk, "enterprises", right.encode("gb18030"), told["digest"])
    assert answer.json()["counts"] == {"new": 2, "changed": 0, "unchanged": 0, "refused": 0}
    outlets = [[enterprise.code, one.code, one.mn, one.name, one.medium] for one in enterprise.outlets]
    assert (await applied(clerk, "outlets", await filled_in(clerk, "outlets", *outlets)))["new"] == 2

    # Grading hears of the enterprises, and a red alert finds its team.
    await empty_world.settle()
    heard = {one["code"]: one["classification"] for one in empty_world.heard("enterprise.registered")}
    assert heard == {enterprise.code: ["key_unit"], "2": []}
    await empty_world.push(RED, enterprise)
    await empty_world.settle()
    (assigned,) = empty_world.heard("case.assigned")
    assert assigned["station"] == STATION
    assert {member["officer"] for member in assigned["team"]} < OFFICERS.keys()

    # And the outlet it is about is known by the number that the platform gave.
    outlet = enterprise.outlets[0]
    known = await clerk.get(f"/dispatch/v1/enterprises/{enterprise.code}/outlets/{outlet.mn}")
    assert (known.json()["code"], known.json()["name"]) == (outlet.code, outlet.name)


async def test_what_somebody_changed_meanwhile_is_not_overwritten_unseen(the_world: World) -> None:
    clerk, chief = await the_world.app(Role.SECTION, "he"), await the_world.app(Role.STATION_CHIEF, station=STATION)
    sheet = f"编码,姓名,执法所,在岗\nxinan-01,陈志强,{STATION},是\nxinan-02,李晓敏,{STATION},否\n".encode()
    told = await dry_run(clerk, "officers", sheet)
    assert [change["fields"] for change in told["changes"]] == [{"on_duty": [True, False]}]

    # Before the clerk applies it, the chief sends the first one off duty.
    assert (await chief.patch("/dispatch/v1/officers/xinan-01", json={"on_duty": False})).is_success
    stale = await apply(clerk, "officers", sheet, told["digest"])
    assert stale.status_code == 412
    assert (await clerk.get("/dispatch/v1/officers/xinan-01")).json()["on_duty"] is False

    # The clerk looks again, sees it, and leaves the first one out.
    told = await dry_run(clerk, "officers", sheet)
    assert [change["key"] for change in told["changes"]] == [["xinan-01"], ["xinan-02"]]
    left = b"\n".join(line for line in sheet.split(b"\n") if b"xinan-01" not in line)
    assert (await applied(clerk, "officers", left))["changed"] == 1

    # Who did it, with which file, is on record.
    auditor = await the_world.app(Role.AUDITOR)
    (kept,) = (await auditor.get("/dispatch/v1/imports")).json()["items"]
    assert (kept["actor_subject"], kept["kind"], kept["changed"], kept["unchanged"]) == ("he", "officers", 1, 0)


async def filled_in(app: httpx.AsyncClient, kind: str, *lines: list[Any]) -> bytes:
    """The template of a kind with rows written over its example, as a spreadsheet saves it."""
    template = await app.get("/dispatch/v1/imports/template", params={"kind": kind, "format": "xlsx"})
    book: Workbook = load_workbook(io.BytesIO(template.content))
    sheet = book.worksheets[0]
    sheet.delete_rows(FIRST_FREE_ROW)
    for line in lines:
        sheet.append(line)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


async def dry_run(app: httpx.AsyncClient, kind: str, sheet: bytes) -> Json:
    answer = await app.post("/dispatch/v1/imports", params={"kind": kind}, files={"file": sheet})
    assert answer.is_success, answer.text
    return dict(answer.json())


async def apply(app: httpx.AsyncClient, kind: str, sheet: bytes, digest: str | None = None) -> httpx.Response:
    return await app.post(
        "/dispatch/v1/imports",
        params={"kind": kind, "dry_run": "false"},
        files={"file": sheet},
        headers={"If-Match": f'"{digest}"'} if digest else {},
    )


async def applied(app: httpx.AsyncClient, kind: str, sheet: bytes) -> dict[str, int]:
    """Its counts, once it is applied."""
    answer = await apply(app, kind, sheet)
    assert answer.is_success, answer.text
    return dict(answer.json()["counts"])
