"""What one person asks for and another decides, each at a browser of their own; and at what time they say it is.

The enterprises are those of Xinqiao, where no other test has any.
"""

import pytest
from playwright.sync_api import Page, expect

from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.processes import until
from tests.web.browser import Person, Theme
from tests.web.conftest import NewPerson
from tests.web.field import Telephone, officer_of, red_case, take_steps
from tests.web.field_work import PHOTOGRAPH
from tests.web.system import WebSystem

SEEN = 30_000
STATION = "xinqiao"


def of_xinqiao(system: WebSystem, number: int) -> Enterprise:
    # The first are among those that tests of the field app take by their place in the whole district.
    return [one for one in system.sample.enterprises if one.station == STATION][number + 10]


def decide(someone: Person, text: str, decision: str, reason: str) -> None:
    """Decide on the proposal that has `text` in it, in one's list of work."""
    someone.go("/work?kind=proposal")
    line = someone.page.locator("article", has_text=text)
    line.get_by_role("button", name=decision).click(timeout=SEEN)
    dialog = someone.page.get_by_role("dialog")
    dialog.get_by_label("理由").fill(reason)
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)


@pytest.mark.parametrize(("theme", "number"), [("light", 0), ("dark", 1)])
def test_a_planned_shutdown_is_declared_by_the_enterprise_and_confirmed_by_the_station(
    system: WebSystem, new_person: NewPerson, theme: Theme, number: int
) -> None:
    enterprise = of_xinqiao(system, number)
    someone = new_person(system.enterprise(enterprise.code), width=390, theme=theme)
    someone.go("/enterprise/shutdowns")
    page = someone.page
    # An end before the start is said at the field, and is not sent.
    page.get_by_label("开始").fill("2026-12-14 8:00")
    page.get_by_label("结束").fill("2026-12-13 18:00")
    page.get_by_label("说明").fill("年度检修")
    expect(page.get_by_text("不得早于 2026年12月14日 08:00")).to_be_visible()
    someone.must_fit()
    someone.must_be_accessible()
    someone.shoot(f"enterprise-shutdown-fault-390-{theme}")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("等待决定")).to_have_count(0)
    page.get_by_label("结束").fill("2026年12月16日 18:00")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("等待决定").first).to_be_visible(timeout=SEEN)

    decide(new_person(system.chief(STATION), theme=theme), enterprise.name, "确认", "已核实检修计划")
    with system.app(system.enterprise(enterprise.code)) as app:
        (declared,) = until(lambda: app.get("/ingest/v1/shutdowns").json()["items"])
    assert declared["start"] == "2026-12-14T08:00:00+08:00"
    assert declared["end"] == "2026-12-16T18:00:00+08:00"
    # The page of the enterprise shows the decision without being asked again.
    confirmed = page.locator("h2", has_text="已确认").locator("xpath=following-sibling::*[1]")
    expect(confirmed).to_contain_text("2026年12月14日 08:00", timeout=SEEN)
    expect(page.get_by_text("等待决定")).to_have_count(0)


def test_a_plea_of_false_alarm_rests_on_a_file_that_the_station_looks_at(
    system: WebSystem, new_person: NewPerson
) -> None:
    enterprise = of_xinqiao(system, 2)
    case = system.open_case(YELLOW, enterprise, "open")
    (alert_id,) = case["alert_ids"]
    someone = new_person(system.enterprise(enterprise.code), width=390)
    someone.go(f"/enterprise/matters/{case['case_id']}")
    someone.page.get_by_role("button", name="申诉误报").click()
    form = someone.page.get_by_role("form", name="申诉误报")
    form.get_by_label("理由").fill("采样管路检修，数据无效")
    form.locator("input[type=file]").set_input_files(
        {"name": "检修工单.png", "mimeType": "image/png", "buffer": PHOTOGRAPH}
    )
    expect(form.get_by_text("检修工单.png")).to_be_visible(timeout=SEEN)
    someone.must_fit()
    someone.must_be_accessible()
    someone.shoot("enterprise-plea-file-390-light")
    form.get_by_role("button", name="提交").click()
    expect(someone.page.get_by_text("等待决定").first).to_be_visible(timeout=SEEN)

    # The chief sees what it rests on beside the plea, and dismisses the alert.
    chief = new_person(system.chief(STATION))
    chief.go(f"/cases/{case['case_id']}")
    plea = chief.page.locator("[data-part=proposals] li", has_text="采样管路检修")
    expect(plea.get_by_role("button", name="检修工单.png")).to_be_visible(timeout=SEEN)
    chief.must_be_accessible()
    chief.shoot("case-plea-file-1440-light")
    plea.get_by_role("button", name="检修工单.png").click()
    viewer = chief.page.get_by_role("dialog", name="检修工单.png")
    expect(viewer.get_by_role("img", name="检修工单.png")).to_be_visible(timeout=SEEN)
    viewer.get_by_role("button", name="关闭").click()
    plea.get_by_role("button", name="确认").click()
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)
    with system.app(system.chief(STATION)) as app:
        until(lambda: app.get(f"/ingest/v1/alerts/{alert_id}").json()["dismissed_at"])
    expect(someone.page.get_by_text("误报申辩 · 已同意")).to_be_visible(timeout=SEEN)


def test_an_extension_is_withdrawn_by_whoever_proposed_it(system: WebSystem, new_person: NewPerson) -> None:
    case = system.open_case(RED, of_xinqiao(system, 3), "assigned")
    chief, section = new_person(system.chief(STATION)), new_person(system.token(Role.SECTION, "section"))
    chief.go(f"/cases/{case['case_id']}")
    chief.page.get_by_role("button", name="申请延期").first.click(timeout=SEEN)
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请填写")
    dialog.get_by_label("延长单位").select_option("working_days")
    dialog.get_by_label("延长数量").fill("2")
    dialog.get_by_label("法律依据").fill("行政处罚法第六十条")
    dialog.get_by_label("理由").fill("须委托监测，等待报告")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)
    proposal = chief.page.locator("[data-part=proposals] li", has_text="须委托监测")
    expect(proposal).to_be_visible(timeout=SEEN)
    # Whoever proposed it may only withdraw it; the section may decide.
    expect(proposal.get_by_role("button", name="确认")).to_have_count(0)
    section.go(f"/cases/{case['case_id']}")
    other = section.page.locator("[data-part=proposals] li", has_text="须委托监测")
    expect(other.get_by_role("button", name="确认")).to_be_visible(timeout=SEEN)
    expect(other.get_by_role("button", name="撤回")).to_have_count(0)

    proposal.get_by_role("button", name="撤回").click()
    dialog.get_by_label("理由").fill("监测报告已出")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)
    expect(proposal).to_contain_text("已撤回", timeout=SEEN)
    chief.shoot("case-extension-withdrawn-1440-light")
    with system.app(system.chief(STATION)) as app:
        items = app.get("/watch/v1/proposals", params={"state": "withdrawn"}).json()["items"]
        (clock,) = app.get("/watch/v1/deadlines", params={"case_id": case["case_id"]}).json()["items"]
        deadline = app.get(f"/watch/v1/deadlines/{clock['deadline_id']}").json()
    assert [one["reason"] for one in items if one["case_id"] == case["case_id"]] == ["须委托监测，等待报告"]
    assert not deadline["changes"]


@pytest.mark.parametrize(("theme", "number"), [("light", 4), ("dark", 5)])
def test_who_of_the_enterprise_was_there_signs_by_name(
    system: WebSystem, new_person: NewPerson, theme: Theme, number: int
) -> None:
    case = red_case(system, of_xinqiao(system, number))
    lead, second = officer_of(case, "lead"), officer_of(case, "second")
    with system.app(system.officer(second)) as app:
        take_steps(app, case, "accept", "depart", "arrive")
    with system.app(system.officer(lead)) as app:
        own = take_steps(app, case, "accept", "depart", "arrive")
        phone = Telephone(new_person, system, lead, theme=theme)
        phone.open(f"/field/assignments/{own['assignment_id']}/report")
        phone.write_report()
        phone.press("签名")
        phone.page.get_by_label("被检查单位在场人").check()
        draw(phone.page)
        phone.press("保存签名")
        expect(phone.page.get_by_text("请写在场人姓名。")).to_be_visible()
        phone.page.get_by_label("在场人姓名、职务").fill("王工，环保负责人")
        phone.shoot(f"signature-of-the-enterprise-390-{theme}")
        phone.press("保存签名")
        expect(phone.page.get_by_text("签名（被检查单位在场人 王工，环保负责人）.png")).to_be_visible()
        phone.press("提交反馈")
        phone.press("确认提交")
        until(lambda: app.get(f"/dispatch/v1/cases/{case['case_id']}").json()["state"] == "reported")
    chief = new_person(system.chief(STATION), theme=theme)
    chief.go(f"/cases/{case['case_id']}")
    expect(chief.page.get_by_text("被检查单位在场人 王工，环保负责人").first).to_be_visible(timeout=SEEN)


def draw(page: Page) -> None:
    box = page.get_by_label("请在框内签名").last.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 100)
    page.mouse.down()
    for x in range(40, 300, 20):
        page.mouse.move(box["x"] + x, box["y"] + 100 + (x % 60))
    page.mouse.up()


@pytest.mark.parametrize(
    ("zone", "language", "number"),
    [("UTC", "zh-CN", 6), ("Asia/Tokyo", "en", 7), ("America/Los_Angeles", "zh-CN", 8)],
)
def test_a_time_is_shanghais_whatever_zone_and_language_the_browser_has(
    system: WebSystem, new_person: NewPerson, zone: str, language: str, number: int
) -> None:
    enterprise = of_xinqiao(system, number)
    someone = new_person(system.enterprise(enterprise.code), width=390, zone=zone, language=language)
    start, end, why, submit, beside = (
        ("From", "Until", "Explanation", "Submit", "Beijing time")
        if language == "en"
        else ("开始", "结束", "说明", "提交", "北京时间")
    )
    someone.go("/enterprise/shutdowns")
    page = someone.page
    expect(page.get_by_text(beside).first).to_be_visible()
    # Half past midnight in Shanghai is the day before in Los Angeles and London.
    page.get_by_label(start).fill("2027-03-14 00:30")
    page.get_by_label(end).fill("2027-03-15 23:45")
    page.get_by_label(why).fill("检修")
    with page.expect_request("**/ingest/v1/shutdowns") as sent:
        page.get_by_role("button", name=submit).click()
    body = sent.value.post_data_json
    assert body is not None
    assert (body["start"], body["end"]) == ("2027-03-14T00:30:00+08:00", "2027-03-15T23:45:00+08:00")


@pytest.mark.parametrize(("zone", "number"), [("UTC", 9), ("Asia/Tokyo", 10)])
def test_a_chief_abroad_records_when_somebody_was_there_in_shanghais_time(
    system: WebSystem, new_person: NewPerson, zone: str, number: int
) -> None:
    case = system.open_case(RED, of_xinqiao(system, number), "assigned")
    lead = officer_of(case, "lead")
    with system.app(system.officer(lead)) as app:
        take_steps(app, case, "accept", "depart", "arrive")
    chief = new_person(system.chief(STATION), zone=zone)
    chief.go(f"/cases/{case['case_id']}")
    chief.page.get_by_role("button", name="到场补录").click(timeout=SEEN)
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_role("checkbox").first.check()
    moment = dialog.get_by_label("到场时间")
    moment.fill("2199-01-01 00:00")
    dialog.get_by_label("原因类别").select_option("no_network")
    dialog.get_by_label("理由").fill("厂区无信号")
    expect(dialog.get_by_text("不得晚于")).to_be_visible()
    expect(dialog.get_by_text("北京时间")).to_be_visible()
    chief.must_be_accessible()
    chief.shoot(f"case-presence-fault-{zone.rpartition('/')[2]}")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_be_visible()
    moment.fill("2026-11-30 09:00")
    with chief.page.expect_request("**/presence") as sent:
        dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)
    assert (sent.value.post_data_json or {})["arrived_at"] == "2026-11-30T09:00:00+08:00"
    # What the page shows of it is the same, in Shanghai's time too.
    expect(chief.page.get_by_text("11月30日 09:00 到场 · 没有网络")).to_be_visible(timeout=SEEN)


def test_a_day_of_the_field_app_is_shanghais(system: WebSystem, new_person: NewPerson) -> None:
    case = red_case(system, of_xinqiao(system, 11))
    lead = officer_of(case, "lead")
    with system.app(system.officer(lead)) as app:
        own = take_steps(app, case, "accept", "depart", "arrive")
    phone = Telephone(new_person, system, lead, zone="America/Los_Angeles")
    phone.open(f"/field/assignments/{own['assignment_id']}/report")
    phone.page.get_by_label("责令改正").check()
    day = phone.page.get_by_label("改正期限")
    day.fill("2020-01-01")
    phone.page.get_by_label("检查发现", exact=True).fill("污水站三号泵停运")
    expect(phone.page.get_by_text("不得早于 2026年")).to_be_visible()
    phone.shoot("day-fault-390-light")
    day.fill("2026年12月10日")
    phone.page.get_by_label("检查发现", exact=True).focus()
    expect(day).to_have_value("2026年12月10日")
    expect(phone.page.get_by_text("不得早于")).to_have_count(0)
