"""Every form of the console, filled in and sent once; what came of it is asked of the services."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

from services.sample.anomalies import RED, WHITE, YELLOW
from services.sample.district import Enterprise
from shared.contract.events import Topic
from shared.contract.roles import Role
from shared.time.instants import SHANGHAI
from tests.processes import until
from tests.web.browser import Person
from tests.web.conftest import NewPerson
from tests.web.field import join_matter
from tests.web.field_work import report, take, visit
from tests.web.system import WebSystem

SEEN = 30_000
"""How long an answer may take here, where many programs share few processors."""
STATION = "shiyan"


def of_station(system: WebSystem, number: int) -> Enterprise:
    return [one for one in system.sample.enterprises if one.station == STATION][number + 4]


@pytest.fixture
def chief(system: WebSystem, new_person: NewPerson) -> Person:
    return new_person(system.chief(STATION))


@pytest.fixture
def section(system: WebSystem, new_person: NewPerson) -> Person:
    return new_person(system.token(Role.SECTION, "section"))


def fill(form: Locator, values: Mapping[str, str]) -> None:
    """Fill in fields by their names, whatever kind they are."""
    for name, value in values.items():
        field = form.get_by_label(name).first
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)


def act(someone: Person, name: str, values: Mapping[str, str]) -> None:
    """Take an act of a case: its button, its form, and nothing that was refused."""
    someone.page.get_by_role("button", name=re.compile(f"^{name}")).first.click(timeout=SEEN)
    dialog = someone.page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name=name)).to_be_visible()
    fill(dialog, values)
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)


def known(system: WebSystem, case: Mapping[str, Any]) -> dict[str, Any]:
    with system.app(system.token(Role.ADMIN, "admin")) as admin:
        found: dict[str, Any] = admin.get(f"/dispatch/v1/cases/{case['case_id']}").json()
    return found


def state(someone: Person, name: str) -> None:
    expect(someone.page.locator("h1 + .tc-state")).to_contain_text(name, timeout=SEEN)


def test_a_case_is_suspended_resumed_and_transferred(system: WebSystem, chief: Person) -> None:
    case = system.open_case(RED, of_station(system, 0), "assigned")
    chief.go(f"/cases/{case['case_id']}")
    act(chief, "中止", {"理由": "企业停产，无法检查"})
    state(chief, "中止")
    assert known(system, case)["state"] == "suspended"
    act(chief, "恢复", {"理由": "企业已复产"})
    state(chief, "待接单")
    act(chief, "移送", {"移送至": "xixiang", "理由": "按属地移送西乡所"})
    # It is another station's now, and this chief's no more.
    until(lambda: known(system, case)["station"] == "xixiang")
    expect(chief.page.get_by_text("没有这个页面")).to_be_visible(timeout=SEEN)
    chief.errors[:] = [error for error in chief.errors if "404" not in error]


def test_a_case_is_handed_over_to_a_colleague(system: WebSystem, chief: Person) -> None:
    case = system.open_case(RED, of_station(system, 1), "assigned")
    leaving = case["team"][0]["officer"]
    take(system, case, leaving, "accept")
    chief.go(f"/cases/{case['case_id']}")
    chief.page.get_by_role("button", name=re.compile("^移交")).first.click(timeout=SEEN)
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_label("移出人员").select_option(leaving)
    taking = dialog.get_by_label("接手人员")
    expect(taking.locator("option:not([disabled])").nth(1)).to_be_attached(timeout=SEEN)
    free = taking.locator("option:not([disabled])").evaluate_all("all => all.map(one => one.value).filter(Boolean)")
    (first, *_) = [code for code in free if code not in {member["officer"] for member in case["team"]}]
    taking.select_option(first)
    fill(dialog, {"理由": "参加培训"})
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)
    team = {member["officer"] for member in known(system, case)["team"]}
    assert first in team
    assert leaving not in team


def test_who_was_there_is_recorded_where_a_telephone_failed_and_the_file_number_follows(
    system: WebSystem, chief: Person
) -> None:
    case = system.open_case(RED, of_station(system, 2), "assigned")
    lead = next(member["officer"] for member in case["team"] if member["part"] == "lead")
    for step in ("accept", "depart", "arrive"):
        take(system, case, lead, step)
    report(system, case, lead)
    chief.go(f"/cases/{case['case_id']}")
    state(chief, "待审核")
    # Nobody but the lead is known to have been there: approving is refused, and says what is missing.
    chief.page.get_by_role("button", name=re.compile("^审核通过")).click()
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog.get_by_role("alert")).to_contain_text("到场", timeout=SEEN)
    dialog.get_by_role("button", name="取消").or_(dialog.get_by_role("button", name="关闭")).first.click()

    chief.page.get_by_role("button", name="到场补录").click()
    for box in dialog.get_by_role("checkbox").all():
        if box.is_enabled():
            box.check()
    fill(dialog, {"到场时间": "2026-11-30T09:00", "原因类别": "device_lost", "理由": "手机进水"})
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)
    act(chief, "审核通过", {"处理结果": "case_filed_for_penalty", "审核意见": "同意立案"})
    state(chief, "审核通过")
    act(chief, "登记立案号", {"立案号": "深环宝立〔2026〕88号"})
    expect(chief.page.get_by_text("深环宝立〔2026〕88号").first).to_be_visible(timeout=SEEN)
    found = known(system, case)
    assert (found["outcome"], found["file_number"]) == ("case_filed_for_penalty", "深环宝立〔2026〕88号")
    chief.errors[:] = [error for error in chief.errors if "409" not in error]


def test_a_report_is_returned_with_a_reason(system: WebSystem, chief: Person) -> None:
    case = system.open_case(RED, of_station(system, 3), "assigned")
    visit(system, case)
    chief.go(f"/cases/{case['case_id']}")
    act(chief, "退回补充", {"理由": "缺少整改照片"})
    state(chief, "退回补充")
    expect(chief.page.get_by_text("缺少整改照片").first).to_be_visible(timeout=SEEN)


def test_a_notice_that_nobody_received_is_given_by_phone(system: WebSystem, chief: Person) -> None:
    case = system.open_case(YELLOW, of_station(system, 4), "open")
    # A field of minutes: what was sent within this one has to be over. No moment later than the page's clock is taken.
    system.after(minutes=2)
    chief.go(f"/cases/{case['case_id']}")
    notices = chief.page.locator("[data-part=notices]")
    notices.get_by_role("button", name="登记人工送达").first.click(timeout=SEEN)
    dialog = chief.page.get_by_role("dialog")
    now = system.clock.now().astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")
    fill(dialog, {"方式": "phone", "送达时间": now, "签收人": "王工（环保负责人）", "见证人": "李队"})
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)
    with system.app(system.chief(STATION)) as app:
        given = app.get(f"/dispatch/v1/cases/{case['case_id']}/notices").json()["items"]
    assert [one for one in given if one["delivered_at"]]


def test_a_matter_that_joined_a_visit_is_parted_from_it(system: WebSystem, chief: Person) -> None:
    enterprise = of_station(system, 5)
    case = system.open_case(RED, enterprise, "assigned")
    join_matter(system, enterprise, case)
    (matter,) = known(system, case)["matters"]
    chief.go(f"/cases/{matter['case_id']}")
    act(chief, "取消并案", {"理由": "涉及另一排放口，分别办理"})
    until(lambda: not known(system, case)["matters"])
    state(chief, "待接单")


def test_people_are_away_stand_in_and_are_kept_out(system: WebSystem, chief: Person) -> None:
    enterprise = of_station(system, 6)
    chief.go("/station?week=2027-W02")
    page = chief.page

    def send(title: str, values: Mapping[str, str]) -> None:
        part = page.locator("details", has=page.get_by_text(title, exact=True))
        summary = part.locator("summary")
        summary.click(timeout=SEEN)
        if not part.evaluate("one => one.open"):  # a list that arrives just then moves it from under the pointer
            summary.click(timeout=SEEN)
        fill(part, values)
        part.get_by_role("button", name="确认").click()

    send("登记请假", {"人员": f"{STATION}-05", "第一天": "2027-01-12", "最后一天": "2027-01-13", "事由": "年休假"})
    expect(page.get_by_text("年休假")).to_be_visible(timeout=SEEN)
    send(
        "登记替班",
        {"日期": "2027-01-14", "原值班人员": f"{STATION}-01", "替班人员": f"{STATION}-02", "事由": "家中有事"},
    )
    expect(page.get_by_text("家中有事")).to_be_visible(timeout=SEEN)
    send("登记回避", {"人员": f"{STATION}-03", "信用代码": enterprise.code, "事由": "近亲属任职"})
    expect(page.get_by_text("近亲属任职")).to_be_visible(timeout=SEEN)
    chief.shoot("station-away-1440-light")
    chief.must_be_accessible()

    # And each is taken back.
    for button, text in (("销假", "年休假"), ("取消", "家中有事"), ("解除", "近亲属任职")):
        line = page.locator("li", has_text=text)
        line.get_by_role("button", name=button).click()
        expect(line).to_have_count(0, timeout=SEEN)


def test_an_alert_is_downgraded_by_two_and_a_plea_is_turned_down(
    system: WebSystem, chief: Person, section: Person
) -> None:
    enterprise = of_station(system, 7)
    case = system.open_case(YELLOW, enterprise, "open")
    (alert_id,) = case["alert_ids"]
    with system.app(system.enterprise(enterprise.code)) as app:
        plea = {"reason": "采样管路检修", "evidence": []}
        assert app.post(f"/ingest/v1/alerts/{alert_id}/plead", json=plea).status_code == 202
    chief.go(f"/cases/{case['case_id']}")
    proposal = chief.page.locator("[data-part=proposals] li", has_text="采样管路检修")
    proposal.get_by_role("button", name="驳回").click(timeout=SEEN)
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请填写：理由")
    fill(dialog, {"理由": "工单与时段不符"})
    dialog.get_by_role("button", name="提交").click()
    expect(proposal.get_by_text("工单与时段不符")).to_be_visible(timeout=SEEN)

    section.go(f"/alerts/{alert_id}")
    act(section, "申请降级", {"降至": "white", "原因类别": "calibration", "理由": "校准期间"})
    expect(section.page.get_by_role("button", name="撤回")).to_be_visible(timeout=SEEN)
    chief.go("/work?kind=proposal")
    line = chief.page.locator("article", has_text=enterprise.name)
    line.get_by_role("button", name="确认").click(timeout=SEEN)
    dialog.get_by_role("button", name="提交").click()
    with system.app(system.chief(STATION)) as app:
        until(lambda: app.get(f"/ingest/v1/alerts/{alert_id}").json()["level"] == "white")


def test_a_rule_book_is_begun_checked_tested_and_confirmed_by_another(
    system: WebSystem, section: Person, new_person: NewPerson
) -> None:
    system.push(WHITE, of_station(system, 8))
    section.go("/rules")
    page = section.page
    page.get_by_role("button", name="从施行中的规则库改起").click(timeout=SEEN)
    book = page.get_by_label("规则库（YAML）")
    expect(book).to_have_value(re.compile("version:"))
    changed = re.sub(r"(?m)^version: .*$", 'version: "试行-1"', book.input_value())
    changed = re.sub(r"(code: communication_retry\n(?:.*\n)*?\s+source: ).*", r"\1本局试行", changed, count=1)
    book.fill("version: [")
    page.get_by_role("button", name="校验").click()
    expect(page.get_by_text("无效")).to_be_visible(timeout=SEEN)
    book.fill(changed)
    page.get_by_role("button", name="校验").click()
    expect(page.get_by_text("有效：版本 试行-1")).to_be_visible(timeout=SEEN)
    expect(page.get_by_role("row", name="communication_retry 依据")).to_contain_text("本局试行")
    page.get_by_label("异常事件（JSON）").fill("{not json")
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_text("这不是有效的 JSON")).to_be_visible()
    page.get_by_label("回测自").fill("2026-11-01")
    page.get_by_role("button", name="回测", exact=True).click()
    expect(page.get_by_text(re.compile("回测 .* 条预警"))).to_be_visible(timeout=120_000)
    section.shoot("rules-candidate-1440-light")
    section.must_be_accessible()
    page.get_by_label("修改理由").fill("试行一个月")
    page.get_by_role("button", name="提请发布").click()
    expect(page.get_by_text("已提请，等待另一人批准")).to_be_visible(timeout=SEEN)

    other = new_person(system.token(Role.SECTION, "section-2"))
    confirm(other, "试行-1")
    with system.app(system.token(Role.SECTION, "section")) as app:
        versions = until(lambda: of_version(app.get("/ingest/v1/rule-book/versions").json(), "试行-1"))
    assert versions[0]["confirmed_by"] == "section-2"


def of_version(page: Mapping[str, Any], version: str) -> list[dict[str, Any]]:
    return [one for one in page["items"] if one["version"] == version]


def confirm(someone: Person, text: str) -> None:
    """Confirm the proposal that has `text` in it, in one's list of work."""
    someone.go("/work?kind=proposal")
    line = someone.page.locator("article", has_text=text)
    line.get_by_role("button", name="确认").click(timeout=SEEN)
    dialog = someone.page.get_by_role("dialog")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)


@pytest.mark.parametrize(
    ("title", "path", "version"),
    [
        ("时限与督办策略", "/watch/v1/deadline-policies", "时限-2"),
        ("派单策略", "/dispatch/v1/dispatch-policies", "派单-2"),
    ],
)
def test_a_policy_is_previewed_proposed_and_confirmed_by_another(
    system: WebSystem, section: Person, new_person: NewPerson, title: str, path: str, version: str
) -> None:
    section.go("/calendar")
    part = section.page.locator("section", has=section.page.get_by_role("heading", name=title, exact=True))
    part.get_by_role("button", name="拟议修改").click(timeout=SEEN)
    text = part.get_by_label("策略文本（YAML）")
    good = re.sub(r"(?m)^version: .*$", f'version: "{version}"', text.input_value())
    text.fill("version: 3")
    part.get_by_role("button", name="预览").click()
    expect(part.get_by_role("alert")).to_be_visible(timeout=SEEN)
    assert "errors.pydantic.dev" not in part.get_by_role("alert").inner_text()
    text.fill(good)
    part.get_by_role("button", name="预览").click()
    expect(part.get_by_role("status")).to_be_visible(timeout=SEEN)
    section.shoot(f"calendar-policy-{version}-1440-light")
    section.must_be_accessible()
    part.get_by_label("说明").fill("按市局要求调整")
    part.get_by_role("button", name="提请").click()
    expect(section.page.get_by_text("已提请，等待另一人批准")).to_be_visible(timeout=SEEN)
    confirm(new_person(system.token(Role.SECTION, "section-2")), version)
    with system.app(system.token(Role.SECTION, "section")) as app:
        until(lambda: of_version(app.get(path).json(), version))
    section.errors[:] = [error for error in section.errors if "422" not in error]


def test_a_year_is_previewed_and_proposed_and_withdrawn(system: WebSystem, section: Person) -> None:
    section.go("/calendar?year=2027")
    page = section.page
    form = page.locator("form", has=page.get_by_role("heading", name="导入该年的放假安排"))
    fill(
        form,
        {
            "放假日期": "2027-01-01\n2027-01-02\n2027-01-03",
            "通知名称": "放假安排",
            "文号": "国办发明电〔2026〕9号",
            "说明": "依通知",
        },
    )
    form.get_by_role("button", name="预览").click()
    expect(form.get_by_role("status")).to_be_visible(timeout=SEEN)
    form.get_by_role("button", name="提请").click()
    expect(page.get_by_text("已提请，等待另一人批准")).to_be_visible(timeout=SEEN)
    with system.app(system.token(Role.SECTION, "section")) as app:
        waiting = app.get("/watch/v1/proposals", params={"state": "open"}).json()["items"]
        (year,) = [one for one in waiting if one["kind"] == "calendar_year"]
        assert app.post(f"/watch/v1/proposals/{year['proposal_id']}/withdraw", json={}).is_success


def test_a_dead_letter_is_sent_again(system: WebSystem, section: Person) -> None:
    system.publish(Topic.ANOMALY_EVENTS, b'{"not": "an event", "of": "the forms"')
    with system.app(system.token(Role.SECTION, "section")) as app:
        path = "/ingest/v1/dead-letters"
        (letter, *_) = until(lambda: app.get(path, params={"state": "waiting"}).json()["items"])
        section.go("/dead-letters?service=ingest")
        one = section.page.locator("article").first
        one.get_by_role("button", name="原文").click(timeout=SEEN)
        expect(one.locator("pre")).to_contain_text("not", timeout=SEEN)
        one.get_by_role("button", name="重投").click()
        expect(section.page.get_by_text("已重投，等待结果")).to_be_visible(timeout=SEEN)
        until(lambda: app.get(f"{path}/{letter['letter_id']}").json()["state"] == "retried")
        # It is refused as before, and waits as another letter; that one is given up.
        (again, *_) = until(lambda: app.get(path, params={"state": "waiting"}).json()["items"])
        assert app.post(f"{path}/{again['letter_id']}/discard", json={"reason": "厂商测试"}).is_success


def test_a_partition_that_was_stopped_is_read_again(system: WebSystem, section: Person) -> None:
    for number in range(220):
        system.publish(Topic.ALERTS, b"garbage %d" % number)
    with system.app(system.token(Role.SECTION, "section")) as app:
        path = "/dispatch/v1/brakes"
        until(lambda: app.get(path, params={"in_force": True}).json()["items"])
        section.go("/dead-letters")
        stopped = section.page.locator("section", has=section.page.get_by_role("heading", name="已停止接收的分区"))
        expect(stopped.locator("article").first).to_be_visible(timeout=SEEN)
        section.shoot("dead-letters-braked-1440-light")
        section.must_be_accessible()
        while stopped.locator("article").count():
            one = stopped.locator("article").first
            one.get_by_role("button", name="恢复接收").click()
            one.get_by_role("textbox").fill("已清除故障报文")
            one.get_by_role("button", name="确认恢复").click()
            expect(section.page.get_by_text("已恢复接收").first).to_be_visible(timeout=SEEN)
            section.page.reload()
            expect(section.page.locator(".tc-loading")).to_have_count(0, timeout=SEEN)
        until(lambda: not app.get(path, params={"in_force": True}).json()["items"])
