"""The one number of the plan, the share of tasks handled, is served, explained, and leads to the cases it counts."""

import csv
import io
from io import BytesIO

import httpx
from openpyxl import load_workbook

from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.scenarios.conftest import STATION
from tests.world import Json, World


async def read(app: httpx.AsyncClient, path: str) -> Json:
    answer = await app.get(f"/console/v1/{path}")
    assert answer.is_success, answer.text
    found: Json = answer.json()
    return found


async def test_figures_lists_map_and_tables_agree(the_world: World, enterprise: Enterprise) -> None:
    leader = await the_world.app(Role.LEADER, "li")
    chief = await the_world.app(Role.STATION_CHIEF, "chief", station=STATION)
    gas, water = enterprise.outlets
    admin = await the_world.app(Role.ADMIN)
    where = {"longitude": 113.885, "latitude": 22.56}
    assert (await admin.patch(f"/dispatch/v1/enterprises/{enterprise.code}", json=where)).is_success
    await the_world.settle()
    await the_world.push(RED, enterprise, gas)
    await the_world.push(YELLOW, enterprise, water)
    await the_world.settle()

    # The enterprise answers its yellow in time, and the station accepts it; the red is nobody's for ten days.
    (yellow,) = (await read(leader, "cases?level=yellow"))["items"]
    person = await the_world.app(Role.ENTERPRISE, enterprise.code, enterprise=enterprise.code)
    await the_world.at("2026-03-02T10:30")
    report = {"cause": "活性炭饱和", "measures": "更换活性炭", "finished_at": "2026-03-02T10:00:00+08:00"}
    answer = await person.post(f"/dispatch/v1/cases/{yellow['case_id']}/self-report", json=report)
    assert answer.is_success, answer.text
    answer = await chief.post(f"/dispatch/v1/cases/{yellow['case_id']}/approve")
    assert answer.is_success, answer.text
    await the_world.settle()
    await the_world.at("2026-03-12T08:00")

    figures = await read(leader, "figures?period=month&by=level")
    rows = {row["key"]: row for row in figures["rows"]}
    assert (rows["yellow"]["handled"], rows["yellow"]["on_time"], rows["yellow"]["late"]) == (1, 1, 0)
    assert rows["yellow"]["response_seconds"]["p50"] == 2 * 3600
    assert (rows["red"]["open"], rows["red"]["overdue"], rows["red"]["share"]) == (1, 1, 0)
    assert rows["red"]["name"]["zh"] == "红色"
    assert figures["definitions"]["handled"]["zh"]

    # Every count is the number of cases that its question finds.
    for by in ("station", "officer", "level", "category", "enterprise", "day", "hour"):
        figures = await read(leader, f"figures?period=month&by={by}")
        for row in (figures["totals"], *figures["rows"]):
            for name, question in row["cases"].items():
                found = await read(leader, f"cases?{question}")
                assert len(found["items"]) == row[name], (by, name, question)

    # The board and the metrics count by the same definitions.
    board = await read(leader, "board")
    assert board["handled"]["handled"] == figures["totals"]["handled"]
    assert board["handled"]["total"] == figures["totals"]["total"]

    # Another station has none of it, and does not see this one's.
    other = await the_world.app(Role.STATION_CHIEF, "chief", station="shajing")
    assert (await read(other, "figures"))["totals"]["total"] == 0
    assert (await read(other, "map"))["features"][1:] == []

    # On the map the enterprise is where it is, with what is open there.
    places = await read(leader, "map")
    (place,) = [one for one in places["features"] if one["properties"]["of"] == "enterprise"]
    assert place["properties"]["code"] == enterprise.code
    # Where the accepted report was drawn, which nobody can foretell, its verification is nobody's for ten days too.
    drawn = len((await read(leader, "cases?kind=verification"))["items"])
    assert (place["properties"]["red"], place["properties"]["overdue"]) == (1, 1 + drawn)
    assert place["geometry"]["coordinates"] == [113.885, 22.56]

    # The list is taken away as a table, with what was asked written above it: by suffix, or by `Accept`.
    table = await leader.get("/console/v1/cases.csv?level=red", headers={"Accept-Language": "zh-CN"})
    lines = list(csv.reader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert ["筛选条件", "level=red"] in lines
    assert lines[-1][lines[6].index("企业编码")] == enterprise.code
    assert lines[-1][lines[6].index("逾期在办")] == "是"
    same = await leader.get("/console/v1/cases?level=red", headers={"Accept": "text/csv", "Accept-Language": "en"})
    assert "enterprise code" in same.text
    book = await leader.get("/console/v1/alerts.xlsx")
    sheet = load_workbook(BytesIO(book.content)).active
    assert sheet is not None
    assert sheet.max_row == 9  # six lines above, the headings, two alerts
    assert "attachment" in book.headers["content-disposition"]

    # So are figures, those of all rows last.
    exported = await leader.get("/console/v1/figures.csv?by=level&level=red", headers={"Accept-Language": "zh-CN"})
    lines = list(csv.reader(io.StringIO(exported.content.decode("utf-8-sig"))))
    assert ["筛选条件", "by=level; level=red"] in lines
    heads, (red, together) = lines[6], lines[7:]
    assert (red[heads.index("名称")], together[heads.index("名称")]) == ("红色", "合计")
    assert red[heads.index("立案")] == together[heads.index("立案")] == "1"
    book = await leader.get("/console/v1/figures.xlsx?by=level")
    sheet = load_workbook(BytesIO(book.content)).active
    assert sheet is not None
    assert sheet.max_row == 7 + len((await read(leader, "figures?by=level"))["rows"]) + 1
    assert (await leader.get("/console/v1/figures", headers={"Accept": "text/csv"})).text.startswith("\ufeff")

    # Who took it away, and why, is kept for the auditor.
    why = {"X-Access-Reason": "%E6%9C%88%E6%8A%A5"}
    assert (await leader.get("/console/v1/cases.csv?level=yellow", headers=why)).is_success
    auditor = await the_world.app(Role.AUDITOR, "wu")
    kept = (await read(auditor, "access-records"))["items"]
    (asked,) = [one for one in kept if one["subject"] == "level=yellow"]
    assert (asked["action"], asked["reason"]) == ("exportCases", "月报")
    assert {one["person"] for one in kept} == {"li"}
