"""Codes at gates, local days off, who is away from the ladder; and the list of work that follows what others do."""

import pytest
from playwright.sync_api import expect

from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.processes import until
from tests.web.browser import Person, Theme
from tests.web.conftest import NewPerson
from tests.web.system import WebSystem

SEEN = 30_000
STATION = "xinqiao"


def of_xinqiao(system: WebSystem, number: int) -> Enterprise:
    # Those before are of the tests of what two settle.
    return [one for one in system.sample.enterprises if one.station == STATION][number + 22]


@pytest.fixture
def section(system: WebSystem, new_person: NewPerson) -> Person:
    return new_person(system.token(Role.SECTION, "section"))


def code_set_at(system: WebSystem, enterprise: Enterprise) -> str | None:
    with system.app(system.token(Role.SECTION, "section")) as app:
        said: str | None = app.get(f"/dispatch/v1/enterprises/{enterprise.code}").json()["entry_code_set_at"]
    return said


@pytest.mark.parametrize(("theme", "number"), [("light", 0), ("dark", 1)])
def test_a_code_is_set_at_a_gate_and_taken_away(
    system: WebSystem, new_person: NewPerson, theme: Theme, number: int
) -> None:
    enterprise = of_xinqiao(system, number)
    section = new_person(system.token(Role.SECTION, "section"), theme=theme)
    section.go(f"/station?station={STATION}")
    part = section.page.locator("[data-part=entry-codes]")
    # Some of the sample's enterprises have one.
    expect(part.get_by_text("入企码设置于").first).to_be_visible(timeout=SEEN)
    part.get_by_label("按名称、信用代码查找").fill(enterprise.name)
    part.get_by_role("button", name=f"设置入企码：{enterprise.name}").click(timeout=SEEN)
    code = part.get_by_label("入企码", exact=True)
    code.fill("ab")
    part.get_by_role("button", name="设置", exact=True).click()
    expect(part.get_by_role("alert")).to_have_text("入企码至少 4 个字符。")
    section.must_be_accessible()
    section.shoot(f"station-entry-code-fault-{theme}")
    code.fill("GATE-7K3Q")
    code.press("Enter")
    expect(part.get_by_text("入企码设置于")).to_be_visible(timeout=SEEN)
    assert code_set_at(system, enterprise) is not None
    part.get_by_role("button", name=f"取消入企码：{enterprise.name}").click()
    expect(part.get_by_text("未设置入企码")).to_be_visible(timeout=SEEN)
    assert code_set_at(system, enterprise) is None


def test_codes_come_by_sheet_after_a_dry_run(system: WebSystem, section: Person) -> None:
    one, other = of_xinqiao(system, 2), of_xinqiao(system, 3)
    section.go(f"/station?station={STATION}")
    section.page.get_by_label("内容").select_option("entry_codes")
    sheet = section.page.get_by_label("选择文件")

    def send(*rows: str) -> None:
        content = "\n".join(["统一社会信用代码,入企码", *rows]).encode()
        sheet.set_input_files({"name": "入企码.csv", "mimeType": "text/csv", "buffer": content})

    send(f"{one.code},SHEET-0001", f"{other.code},ab")
    expect(section.page.get_by_text("1 处有误")).to_be_visible(timeout=SEEN)
    send(f"{one.code},SHEET-0001", f"{other.code},SHEET-0002")
    section.page.get_by_role("button", name="确认导入").click(timeout=SEEN)
    expect(section.page.get_by_text("已导入 2").first).to_be_visible(timeout=SEEN)
    assert "SHEET-0001" not in section.page.content()
    assert code_set_at(system, one) is not None
    assert code_set_at(system, other) is not None


def test_a_chief_sees_no_codes_to_set(system: WebSystem, new_person: NewPerson) -> None:
    chief = new_person(system.chief(STATION))
    chief.go("/station")
    expect(chief.page.get_by_role("heading", name="督办人员离岗")).to_be_visible(timeout=SEEN)
    expect(chief.page.get_by_role("heading", name="入企码")).to_have_count(0)


@pytest.mark.parametrize(("theme", "number"), [("light", 4), ("dark", 5)])
def test_a_local_day_off_says_which_deadlines_it_moves_and_why(
    system: WebSystem, new_person: NewPerson, theme: Theme, number: int
) -> None:
    enterprise = of_xinqiao(system, number)
    system.open_case(RED, enterprise, "assigned")
    section = new_person(system.token(Role.SECTION, "section"), theme=theme)
    section.go("/calendar")
    form = section.page.get_by_role("form", name="增加本地非工作日")
    form.get_by_label("日期").fill("2026-12-02")
    form.get_by_label("名称").fill("台风停工")
    form.get_by_label("依据").fill("深防〔2026〕9号")
    form.get_by_role("button", name="预览").click()
    row = form.get_by_role("row").filter(has_text=enterprise.code)
    expect(row).to_contain_text("12月7日周一 24:00", timeout=SEEN)
    expect(row).to_contain_text("12月8日周二 24:00")
    expect(row).to_contain_text("2026年12月2日 改为非工作日：台风停工")
    section.must_be_accessible()
    section.shoot(f"calendar-local-day-off-{theme}")
    if theme == "dark":
        return
    form.get_by_role("button", name="提请").click()
    expect(section.page.get_by_text("已提请，等待另一人批准")).to_be_visible(timeout=SEEN)
    with system.app(system.token(Role.SECTION, "section")) as app:
        (local,) = app.get("/watch/v1/proposals", params={"state": "open", "kind": "local_day_off"}).json()["items"]
        assert "2026-12-02" in local["subject"]
        assert app.post(f"/watch/v1/proposals/{local['proposal_id']}/withdraw", json={}).is_success


@pytest.mark.parametrize(("theme", "zone"), [("light", "UTC"), ("dark", "Asia/Tokyo")])
def test_a_chief_is_away_and_back_early(system: WebSystem, new_person: NewPerson, theme: Theme, zone: str) -> None:
    chief = new_person(system.chief(STATION), theme=theme, zone=zone)
    chief.go("/station")
    part = chief.page.locator("[data-part=absences]")
    part.get_by_text("登记离岗").click(timeout=SEEN)
    # A chief records the own absence; the others' are the section's to record.
    expect(part.get_by_label("离岗人员").locator("option")).to_have_count(1)
    part.get_by_label("离岗时间").fill("2026-11-30 08:30")
    part.get_by_label("返岗时间").fill("2026-11-29 08:30")
    part.get_by_label("事由").fill(f"外出培训 {theme}")
    expect(part.get_by_text("不得早于 2026年11月30日 08:30")).to_be_visible()
    chief.must_be_accessible()
    chief.shoot(f"station-absence-fault-{theme}")
    part.get_by_label("返岗时间").fill("2026-12-31 18:00")
    part.get_by_role("button", name="确认").click()
    line = part.locator("li", has_text=f"外出培训 {theme}")
    expect(line).to_contain_text("2026年11月30日 08:30", timeout=SEEN)
    with system.app(system.chief(STATION)) as app:
        kept = [one for one in app.get("/watch/v1/absences").json()["items"] if theme in one["reason"]]
    assert [(one["since"], one["until"]) for one in kept] == [
        ("2026-11-30T08:30:00+08:00", "2026-12-31T18:00:00+08:00")
    ]
    line.get_by_role("button", name="提前返岗").click()
    expect(line).to_have_count(0, timeout=SEEN)


def test_the_list_of_work_follows_the_stream(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = of_xinqiao(system, 6)
    case = system.open_case(YELLOW, enterprise, "open")
    (alert_id,) = case["alert_ids"]
    chief = new_person(system.chief(STATION))
    chief.go("/work?kind=proposal")
    asked: list[str] = []
    chief.page.on("request", lambda request: asked.append(request.url) if "/console/v1/work" in request.url else None)
    line = chief.page.locator("article", has_text=enterprise.name)
    expect(line).to_have_count(0)
    with system.app(system.enterprise(enterprise.code)) as app:
        plea = {"reason": "采样管路检修", "evidence": []}
        answer = app.post(f"/ingest/v1/alerts/{alert_id}/plead", json=plea)
        assert answer.status_code == 202
        proposal = answer.json()["proposal"]["proposal_id"]
    expect(line).to_be_visible(timeout=SEEN)
    before = len(asked)
    with system.app(system.enterprise(enterprise.code)) as app:
        assert app.post(f"/ingest/v1/proposals/{proposal}/withdraw", json={}).is_success
    expect(line).to_have_count(0, timeout=SEEN)
    until(lambda: len(asked) > before)
