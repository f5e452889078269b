"""The duty room: from the alert to the approval, across browsers that see each other's change; and a wall."""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from playwright.sync_api import Route, expect

from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.processes import until
from tests.web.browser import Person
from tests.web.conftest import NewPerson
from tests.web.field_work import visit
from tests.web.system import WebSystem

SEEN = 15_000
"""How long a change may take to be seen here, where many programs share few processors. It takes about a second."""


def of_station(system: WebSystem, station: str, number: int) -> Enterprise:
    """An enterprise of a station, another one for each number: tests share the system."""
    return [one for one in system.sample.enterprises if one.station == station][number]


@pytest.fixture
def chief(system: WebSystem, new_person: NewPerson) -> Person:
    return new_person(system.chief("xixiang"))


@pytest.fixture
def section(system: WebSystem, new_person: NewPerson) -> Person:
    return new_person(system.token(Role.SECTION, "section"))


def test_from_the_alert_to_the_approval_across_two_browsers(system: WebSystem, chief: Person, section: Person) -> None:
    enterprise = of_station(system, "xixiang", 0)
    chief.go("/board")
    section.go("/board?station=xixiang")

    # The alert arrives, and what comes of it, while both look.
    case = system.open_case(RED, enterprise, "assigned")
    for someone in (chief, section):
        feed = someone.page.get_by_role("log")
        expect(feed.get_by_text(enterprise.name).first).to_be_visible(timeout=SEEN)
        line = someone.page.locator(f'[data-row="{case["case_id"]}"]')
        expect(line).to_contain_text("待接单", timeout=SEEN)

    # One opens it by keyboard, the other by its name.
    chief.page.locator(f'[data-row="{case["case_id"]}"] a').click()
    section.go(f"/cases/{case['case_id']}")
    for someone in (chief, section):
        expect(someone.page.get_by_role("heading", level=1)).to_have_text(enterprise.name)
        expect(someone.page.get_by_text("逐日计算")).to_be_attached()
        expect(someone.page.get_by_text("第5日")).to_be_visible()
        expect(someone.page.get_by_role("button", name="审核通过")).to_have_count(0)

    # The officers go and report; both pages follow.
    visit(system, case)
    for someone in (chief, section):
        expect(someone.page.locator("h1 + .tc-state")).to_have_text("已反馈，待审核", timeout=SEEN)
        expect(someone.page.get_by_text("废气收集管道破损").first).to_be_visible(timeout=SEEN)

    # The chief approves by keyboard; the other browser sees it without being touched.
    chief.page.keyboard.press("a")
    dialog = chief.page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="审核通过")).to_be_visible()
    dialog.get_by_label("审核意见").fill("情况属实，同意办结")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0)
    for someone in (chief, section):
        expect(someone.page.locator("h1 + .tc-state")).to_have_text("审核通过", timeout=SEEN)
        expect(someone.page.get_by_text("情况属实，同意办结").first).to_be_visible(timeout=SEEN)
        someone.must_be_accessible()


def test_two_decide_at_once_and_the_second_looks_again(system: WebSystem, chief: Person, section: Person) -> None:
    case = system.open_case(RED, of_station(system, "xixiang", 1), "assigned")
    visit(system, case)
    address = f"/cases/{case['case_id']}"
    chief.go(address)
    chief.page.get_by_role("button", name="审核通过").click()
    chief.page.get_by_label("审核意见").fill("同意")

    section.go(address)
    section.page.get_by_role("button", name="退回补充").click()
    returning = section.page.get_by_role("dialog")
    returning.get_by_label("理由").fill("请补充现场照片")
    returning.get_by_role("button", name="提交").click()
    expect(section.page.locator("h1 + .tc-state")).to_have_text("退回补充", timeout=SEEN)

    # What was written stays; the present state is shown, and approving is not possible any more.
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog.get_by_text("这个案件刚被别人改动")).to_be_visible(timeout=SEEN)
    expect(dialog.get_by_text("退回补充").first).to_be_visible()
    expect(dialog.get_by_text("这一操作已不可行")).to_be_visible()
    expect(dialog.get_by_label("审核意见")).to_have_value("同意")
    chief.must_be_accessible()
    chief.shoot("case-conflict-1440-light")
    dialog.get_by_role("button", name="关闭，查看最新").click()
    expect(chief.page.locator("h1 + .tc-state")).to_have_text("退回补充")
    chief.errors = [error for error in chief.errors if "412" not in error]  # the browser notes a refusal as an error


def test_the_case_is_reassigned_and_a_longer_deadline_is_proposed(
    system: WebSystem, chief: Person, section: Person
) -> None:
    case = system.open_case(RED, of_station(system, "xixiang", 2), "assigned")
    chief.go(f"/cases/{case['case_id']}")
    before = {member["name"] for member in case["team"]}
    chief.page.get_by_role("button", name="改派").click()
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog.get_by_role("alert")).to_contain_text("请填写：理由")
    dialog.get_by_label("理由").first.fill("另有任务")
    dialog.get_by_role("button", name="提交").click()
    expect(dialog).to_have_count(0, timeout=SEEN)
    team = chief.page.locator("section", has=chief.page.get_by_role("heading", name="办理人员"))
    for name in before:
        expect(team.locator("li > b", has_text=name)).to_have_count(0, timeout=SEEN)

    chief.page.get_by_role("button", name="申请延期").click()
    dialog.get_by_label("延长单位").select_option("working_days")
    dialog.get_by_label("延长数量").fill("3")
    dialog.get_by_label("法律依据").fill("《行政处罚法》第四十五条")
    dialog.get_by_label("理由").fill("检测报告未出")
    dialog.get_by_role("button", name="提交").click()
    expect(chief.page.get_by_text("待另一人确认").first).to_be_visible(timeout=SEEN)
    # Who proposed it may take it back; another confirms.
    expect(chief.page.get_by_role("button", name="撤回")).to_be_visible(timeout=SEEN)
    section.go(f"/cases/{case['case_id']}")
    section.page.get_by_role("button", name="确认", exact=True).click()
    section.page.get_by_role("dialog").get_by_role("button", name="提交").click()
    expect(section.page.get_by_text("时限变更（1 次）")).to_be_visible(timeout=SEEN)
    section.must_be_accessible()


def test_the_lists_keep_their_filters_in_the_address(system: WebSystem, chief: Person) -> None:
    enterprise = of_station(system, "xixiang", 3)
    case = system.open_case(YELLOW, enterprise, "open")
    chief.go("/cases")
    row = chief.page.locator(f'[data-row="{case["case_id"]}"]')
    expect(row).to_be_visible(timeout=SEEN)
    chief.page.keyboard.press("/")
    chief.page.keyboard.type(enterprise.name[2:8])
    expect(chief.page).to_have_url(re.compile("q="), timeout=SEEN)
    chief.page.get_by_role("button", name="黄色").click()
    expect(chief.page).to_have_url(re.compile("level=yellow"))
    chief.page.reload()
    expect(row).to_be_visible(timeout=SEEN)
    chief.must_be_accessible()
    with chief.page.expect_download() as saved:
        chief.page.get_by_role("button", name="Excel（.xlsx）").click()
    assert saved.value.suggested_filename.endswith(".xlsx")
    # j goes to the first, Enter opens it.
    chief.page.get_by_role("searchbox").blur()
    chief.page.keyboard.press("j")
    chief.page.keyboard.press("Enter")
    expect(chief.page).to_have_url(re.compile(f"/cases/{case['case_id']}"))
    chief.page.go_back()
    chief.page.get_by_role("button", name="红色").click()
    chief.page.get_by_role("button", name="黄色").click()
    expect(chief.page.get_by_text("没有符合条件的内容")).to_be_visible(timeout=SEEN)
    chief.page.get_by_role("button", name="清除筛选").first.click()
    expect(row).to_be_visible(timeout=SEEN)


def test_an_alert_says_why_and_is_dismissed_by_two(system: WebSystem, chief: Person, section: Person) -> None:
    enterprise = of_station(system, "xixiang", 4)
    case = system.open_case(YELLOW, enterprise, "open")
    (alert_id,) = case["alert_ids"]
    chief.go(f"/alerts/{alert_id}")
    expect(chief.page.get_by_text("据以判定的事实")).to_be_visible()
    expect(chief.page.get_by_text(re.compile("为什么不更严"))).to_be_visible()
    chief.must_be_accessible()
    chief.page.get_by_role("button", name="申请撤销（误报）").click()
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_label("原因类别").select_option("calibration")
    dialog.get_by_label("理由").fill("设备正在校准")
    dialog.get_by_role("button", name="提交").click()
    expect(chief.page.get_by_role("button", name="撤回")).to_be_visible(timeout=SEEN)

    section.go("/work?kind=proposal")
    line = section.page.locator("article", has_text=enterprise.name)
    line.get_by_role("button", name="确认").click(timeout=SEEN)
    section.page.get_by_role("dialog").get_by_role("button", name="提交").click()
    expect(chief.page.get_by_text("已撤销").first).to_be_visible(timeout=SEEN)
    section.must_be_accessible()


def test_the_wall_follows_without_hands(system: WebSystem, section: Person) -> None:
    section.go("/wall")
    enterprise = of_station(system, "xixiang", 5)
    system.open_case(RED, enterprise, "assigned")
    expect(section.page.get_by_text(enterprise.name).first).to_be_visible(timeout=SEEN)
    section.must_fit()
    section.must_be_accessible()


def test_the_keys_are_listed(system: WebSystem, chief: Person) -> None:
    del system
    chief.go("/board")
    expect(chief.page.get_by_role("heading", name="即将到期")).to_be_visible(timeout=SEEN)
    chief.page.keyboard.press("?")
    expect(chief.page.get_by_role("dialog").get_by_text("下一条")).to_be_visible()
    chief.page.keyboard.press("Escape")
    chief.page.keyboard.press("g")
    chief.page.keyboard.press("c")
    expect(chief.page).to_have_url(re.compile("/cases"))


def test_ten_thousand_cases_are_scrolled_through(system: WebSystem, chief: Person) -> None:
    case = system.open_case(RED, of_station(system, "xixiang", 8), "assigned")
    with system.app(system.chief("xixiang")) as app:
        asked = {"enterprise": case["enterprise_code"]}
        (row,) = until(lambda: app.get("/console/v1/cases", params=asked).json()["items"])

    def page(route: Route) -> None:
        first = int(parse_qs(urlsplit(route.request.url).query).get("cursor", ["0"])[0])
        names = {
            number: f"第{number}家——深圳市宝安区福永街道凤凰社区第三工业园新能源电子材料有限公司"
            for number in range(first, first + 100)
        }
        items = [row | {"case_id": str(UUID(int=number)), "enterprise_name": name} for number, name in names.items()]
        route.fulfill(json={"items": items, "next": str(first + 100) if first + 100 < 10_000 else None})

    chief.page.route("**/console/v1/cases?**", page)
    chief.go("/cases?open=any")
    expect(chief.page.get_by_text(re.compile("^第0家"))).to_be_visible(timeout=SEEN)
    for _ in range(12):
        chief.page.keyboard.press("End")
        expect(chief.page.get_by_text(re.compile("已显示"))).to_be_visible(timeout=SEEN)
    assert chief.page.locator("[data-row]").count() < 60  # as many as a screen holds, however many there are
    chief.must_fit()


@pytest.fixture
def ended(system: WebSystem, new_person: NewPerson) -> Iterator[Person]:
    someone = new_person(system.chief("xixiang"))
    yield someone
    someone.errors = [error for error in someone.errors if "401" not in error and "ERR_" not in error]


def test_what_is_on_the_screen_stays_when_the_token_ends(ended: Person) -> None:
    ended.go("/board")
    expect(ended.page.get_by_role("heading", name="各所在办")).to_be_visible(timeout=SEEN)
    refusal = {"type": "urn:tricolor:problem:unauthenticated", "title": "未登录", "detail": "令牌已过期"}
    ended.page.route("**/console/v1/board**", lambda route: route.fulfill(status=401, json=refusal))
    expect(ended.page.get_by_text("登录已到期").first).to_be_visible(timeout=60_000)
    expect(ended.page.get_by_role("heading", name="各所在办")).to_be_visible()
    ended.shoot("board-token-ended-1440-light")


def test_a_service_that_is_away_is_said(ended: Person) -> None:
    ended.go("/board")
    expect(ended.page.get_by_role("heading", name="各所在办")).to_be_visible(timeout=SEEN)
    ended.page.route("**/console/v1/**", lambda route: route.abort())
    expect(ended.page.get_by_text("暂时联系不上服务").first).to_be_visible(timeout=40_000)
    expect(ended.page.get_by_role("heading", name="值班看板")).to_be_visible()
    ended.shoot("board-away-1440-light")
