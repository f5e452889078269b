"""The journeys of the roles, from the alert to the approval: each in a browser of its own, all at once.

What one does the others see without touching anything: the console by its stream, the telephones and the enterprise's
page by requests that the server holds. How long it took, by the pages' own clocks, is written to
`.screenshots/seen-after.json`: two seconds at most, where the machine has nothing else to do.
"""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Request, expect

from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise
from shared.contract.roles import Role
from shared.time.instants import SHANGHAI
from tests.web.browser import SCREENSHOTS, Person
from tests.web.conftest import NewPerson
from tests.web.field import Telephone, officer_of, red_case
from tests.web.field_work import PHOTOGRAPH as PICTURE
from tests.web.system import WebSystem

SEEN = 60_000
"""How long a change may take to be seen here, where many programs share few processors. It takes about a second."""
STATION = "fuhai"
NOTE_WHEN = """text => {
  window.seenAt = undefined;
  const look = () => {
    if (window.seenAt === undefined && document.body.innerText.includes(text))
      window.seenAt = performance.timeOrigin + performance.now();
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
  look();
}"""


class Delays:
    """How long after an act was answered in one browser it was seen in another."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._answered: list[tuple[str, float]] = []

    def follow(self, acting: Page) -> None:
        """Keep when requests of a page that change something were answered, by the browser's clock."""
        acting.on("requestfinished", self._keep)

    def _keep(self, request: Request) -> None:
        if request.method != "GET":
            timing = request.timing
            self._answered.append((request.url, timing["startTime"] + max(timing["responseEnd"], 0)))

    def expect_soon(self, watching: Page, text: str) -> None:
        """From here on note when `text` comes to stand on the page."""
        watching.evaluate(NOTE_WHEN, text)

    def note(self, name: str, part: str, watching: Page, text: str) -> None:
        """What a request with `part` in its address did is seen on the page, and how long after its answer."""
        expect(watching.get_by_text(text).first).to_be_visible(timeout=SEEN)
        seen = watching.evaluate("window.seenAt")
        answered = [at for url, at in self._answered if part in url][-1]
        self.seconds[name] = round((seen - answered) / 1000, 3)


@pytest.fixture(scope="module")
def delays() -> Iterator[Delays]:
    made = Delays()
    yield made
    SCREENSHOTS.mkdir(exist_ok=True)
    (SCREENSHOTS / "seen-after.json").write_text(json.dumps(made.seconds, indent=1))


def enterprise_of(system: WebSystem, number: int) -> Enterprise:
    """An enterprise of the station, another one for each number: tests share the system."""
    return [one for one in system.sample.enterprises if one.station == STATION][number + 4]


def stands_at(someone: Person, name: str) -> None:
    expect(someone.page.locator("h1 + .tc-state")).to_contain_text(name, timeout=SEEN)


def attach(page: Page, name: str) -> None:
    """Attach a photograph to the report that an enterprise writes."""
    page.get_by_label("照片、视频").set_input_files({"name": name, "mimeType": "image/png", "buffer": PICTURE})
    expect(page.get_by_text(f"{name} · 已上传")).to_be_visible(timeout=SEEN)


def arrive(phone: Telephone) -> None:
    for step in ("接单", "出发", "我已到场"):
        phone.press(step)
    expect(phone.page.get_by_text("定位精度 ±12 米")).to_be_visible(timeout=SEEN)
    phone.press("确认到场")


def test_a_red_case_from_the_alert_to_the_approval(system: WebSystem, new_person: NewPerson, delays: Delays) -> None:
    enterprise = enterprise_of(system, 0)
    chief = new_person(system.chief(STATION))
    section = new_person(system.token(Role.SECTION, "section"))
    leader = new_person(system.token(Role.LEADER, "leader"), theme="dark")
    auditor = new_person(system.token(Role.AUDITOR, "auditor"))
    own = new_person(system.enterprise(enterprise.code), width=390)
    office = {"chief": chief, "section": section, "leader": leader, "auditor": auditor}
    for someone in office.values():
        someone.go("/board")
    own.go("/enterprise")

    # The alert: the whole office sees it and the case that it opens, the enterprise does not.
    case = red_case(system, enterprise)
    address = f"/cases/{case['case_id']}"
    for someone in office.values():
        feed = someone.page.get_by_role("log")
        expect(feed.get_by_text(enterprise.name).first).to_be_visible(timeout=SEEN)
        someone.go(address)
        stands_at(someone, "待接单")
    expect(own.page.get_by_text("没有待办事项")).to_be_visible()
    # Who only reads is offered nothing; who decides is.
    expect(auditor.page.get_by_role("button", name="改派")).to_have_count(0)
    for someone in (chief, section, leader):
        expect(someone.page.get_by_role("button", name="改派").first).to_be_visible(timeout=SEEN)

    # Two officers accept, go and arrive; the office follows each step, and the enterprise sees who stands there.
    lead = Telephone(new_person, system, officer_of(case, "lead"))
    second = Telephone(new_person, system, officer_of(case, "second"))
    for acting in (lead.page, chief.page):
        delays.follow(acting)
    for phone in (lead, second):
        phone.open()
        phone.card(enterprise.name).click()
    delays.expect_soon(section.page, "已接单")
    lead.press("接单")
    delays.note("officer accepts → section", "/offline-actions", section.page, "已接单")
    lead.press("出发")
    for someone in office.values():
        stands_at(someone, "赶赴现场")
    lead.press("我已到场")
    expect(lead.page.get_by_text("定位精度 ±12 米")).to_be_visible(timeout=SEEN)
    delays.expect_soon(own.page, "现场")
    lead.press("确认到场")
    for someone in office.values():
        stands_at(someone, "现场")
    delays.note("officer arrives → enterprise", "/offline-actions", own.page, "现场")
    expect(own.page.get_by_text("没有待办事项")).to_have_count(0, timeout=SEEN)
    own.must_be_accessible()
    arrive(second)

    # The lead reports; the second officer and the office see it.
    delays.expect_soon(chief.page, "已反馈，待审核")
    lead.page.get_by_role("link", name="填写反馈").click()
    lead.add_photo()
    lead.write_report()
    lead.press("提交反馈")
    lead.press("确认提交")
    delays.note("officer reports → chief", "/offline-actions", chief.page, "已反馈，待审核")
    expect(second.page.get_by_text("反馈已提交，等待审核")).to_be_visible(timeout=SEEN)
    for someone in office.values():
        stands_at(someone, "待审核")
        expect(someone.page.get_by_text("现场.jpg").first).to_be_visible(timeout=SEEN)
    expect(auditor.page.get_by_role("button", name="审核通过")).to_have_count(0)

    # The chief returns it, the lead mends it, the chief approves: everybody sees the end of it.
    chief.page.get_by_role("button", name="退回补充").click()
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_label("理由").fill("请写明恢复运行的时间")
    dialog.get_by_role("button", name="提交").click()
    lead.page.get_by_role("link", name="任务", exact=True).click()
    lead.card(enterprise.name).click()
    expect(lead.page.get_by_text("请写明恢复运行的时间")).to_be_visible(timeout=SEEN)
    lead.page.get_by_role("link", name="修改后重新提交").click()
    lead.page.get_by_label("处理措施", exact=True).fill("当场恢复运行，10:20 恢复正常")
    lead.press("提交反馈")
    lead.press("确认提交")
    stands_at(chief, "待审核")
    chief.page.get_by_role("button", name="审核通过").click()
    dialog.get_by_label("审核意见").fill("同意办结")
    delays.expect_soon(leader.page, "同意办结")
    dialog.get_by_role("button", name="提交").click()
    delays.note("chief approves → leader", "/approve", leader.page, "同意办结")
    for someone in office.values():
        stands_at(someone, "审核通过")
        expect(someone.page.get_by_text("同意办结").first).to_be_visible(timeout=SEEN)
        someone.must_be_accessible()
        someone.must_fit()
    own.page.reload()
    expect(own.page.get_by_text("已办")).to_be_visible(timeout=SEEN)


def test_a_yellow_case_from_the_notice_to_the_accepted_report(
    system: WebSystem, new_person: NewPerson, delays: Delays
) -> None:
    enterprise = enterprise_of(system, 1)
    own = new_person(system.enterprise(enterprise.code), width=390)
    chief = new_person(system.chief(STATION))
    section = new_person(system.token(Role.SECTION, "section"))
    for acting in (own.page, chief.page):
        delays.follow(acting)
    own.go("/enterprise")
    expect(own.page.get_by_text("没有待办事项")).to_be_visible(timeout=SEEN)
    case = system.open_case(YELLOW, enterprise, "open")

    # It appears by itself; the enterprise answers with a photograph, first that the work goes on.
    own.page.get_by_role("link").filter(has_text=enterprise.name).click(timeout=SEEN)
    for someone in (chief, section):
        someone.go(f"/cases/{case['case_id']}")
        stands_at(someone, "待企业反馈")
    page = own.page
    page.get_by_label("原因").fill("活性炭饱和")
    page.get_by_label("整改措施").fill("更换活性炭")
    page.get_by_label("阶段反馈（整改仍在进行）").check()
    page.get_by_label("计划完成时间").fill("2026-12-10T18:00")
    attach(page, "更换前.png")
    delays.expect_soon(chief.page, "阶段反馈，待审核")
    page.get_by_role("button", name="提交").click()
    delays.note("enterprise reports → chief", "/self-report", chief.page, "阶段反馈，待审核")
    expect(chief.page.get_by_text("更换前.png").first).to_be_visible(timeout=SEEN)

    # The chief accepts it, and the enterprise's page asks for the final report by itself.
    chief.page.get_by_role("button", name="审核通过").click()
    delays.expect_soon(page, "整改中")
    chief.page.get_by_role("dialog").get_by_role("button", name="提交").click()
    delays.note("chief accepts → enterprise", "/approve", page, "整改中")
    page.get_by_label("原因").fill("活性炭饱和")
    page.get_by_label("整改措施").fill("已更换活性炭，复测达标")
    page.get_by_label(re.compile("^完成时间")).fill(system.clock.now().astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M"))
    attach(page, "更换后.png")
    page.get_by_role("button", name="提交").click()
    stands_at(chief, "待审核")

    # It comes back once, with a reason, and is sent again.
    chief.page.get_by_role("button", name="退回补充").click()
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_label("理由").fill("请附复测报告")
    dialog.get_by_role("button", name="提交").click()
    expect(page.get_by_text("请附复测报告").first).to_be_visible(timeout=SEEN)
    own.must_be_accessible()
    page.get_by_label("原因").fill("活性炭饱和")
    page.get_by_label("整改措施").fill("已更换活性炭，复测报告附后")
    page.get_by_label(re.compile("^完成时间")).fill(system.clock.now().astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M"))
    attach(page, "复测报告.png")
    page.get_by_role("button", name="提交").click()
    stands_at(chief, "待审核")
    chief.page.get_by_role("button", name="审核通过").click()
    dialog.get_by_role("button", name="提交").click()
    for someone in (chief, section):
        stands_at(someone, "自查认可")
    expect(page.get_by_text("自查认可").first).to_be_visible(timeout=SEEN)


def test_the_case_page_is_the_offices_alone(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = enterprise_of(system, 2)
    case = system.open_case(RED, enterprise, "assigned")
    own = new_person(system.enterprise(enterprise.code))
    answers: list[str] = []
    own.page.on("response", lambda answer: answers.append(answer.text()) if "/v1/" in answer.url else None)
    for path in (f"/cases/{case['case_id']}", f"/enterprise/matters/{case['case_id']}"):
        own.page.goto(f"{own.http}{path}")
        expect(own.page.locator("#app > *").first).to_be_attached()
        expect(own.page.locator(".tc-loading")).to_have_count(0, timeout=SEEN)
        for text in ("红色", "现场", case["team"][0]["name"]):
            expect(own.page.get_by_text(text)).to_have_count(0)
    told = " ".join(answers)
    for secret in (case["team"][0]["officer"], case["team"][0]["name"], "on_site", "assigned", '"red"'):
        assert secret not in told
    own.errors[:] = [error for error in own.errors if "404" not in error and "403" not in error]
