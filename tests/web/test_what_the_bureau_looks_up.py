"""The map, the figures, the rule-book, the calendar, the dead letters and the services: opened, read and acted on."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from services.sample.anomalies import RED, WHITE, YELLOW
from shared.contract.events import Topic
from shared.contract.roles import Role
from tests.web.browser import Person
from tests.web.conftest import NewPerson
from tests.web.field_work import visit
from tests.web.system import WebSystem

SEEN = 20_000
"""How long an answer may take here, where many programs share few processors."""
UNREADABLE = b'{"this": "is no event'


@pytest.fixture(scope="module")
def district(system: WebSystem) -> WebSystem:
    """A district in which something is open, something is done, and something could not be read."""
    enterprises = [one for one in system.sample.enterprises if one.station == "shajing"]
    visit(system, system.open_case(RED, enterprises[0], "assigned"))
    system.open_case(YELLOW, enterprises[1], "open")
    system.push(WHITE, enterprises[2])
    for topic in (Topic.ANOMALY_EVENTS, Topic.ALERTS):
        system.publish(topic, UNREADABLE)
    return system


def test_what_could_not_be_read_is_put_aside_with_a_reason(district: WebSystem, new_person: NewPerson) -> None:
    someone = new_person(district.token(Role.SECTION, "section"))
    someone.go("/dead-letters?service=ingest")
    letters = someone.page.locator("article")
    expect(letters).to_have_count(1, timeout=SEEN)
    letters.get_by_role("button", name="放弃").click()
    letters.get_by_role("textbox").fill("厂商测试报文")
    letters.get_by_role("button", name="确认放弃").click()
    expect(letters).to_have_count(0, timeout=SEEN)
    someone.go("/dead-letters?service=ingest&state=discarded")
    expect(someone.page.get_by_text("厂商测试报文")).to_be_visible(timeout=SEEN)


@pytest.fixture
def early(system: WebSystem, new_person: NewPerson) -> Iterator[Person]:
    """Someone who asks for what is not there yet: the browser notes the answer as an error."""
    someone = new_person(system.token(Role.SECTION, "section"))
    yield someone
    someone.errors = [error for error in someone.errors if "/watch/v1/calendar/2031" not in error]


def test_a_year_without_a_calendar_says_how_it_gets_one(early: Person) -> None:
    early.go("/calendar?year=2031")
    expect(early.page.get_by_text("该年没有日历")).to_be_visible(timeout=SEEN)
    expect(early.page.get_by_role("heading", name="导入该年的放假安排")).to_be_visible()
    early.must_be_accessible()
    early.shoot("calendar-unknown-1440-light")


def test_the_system_says_who_runs_it_and_whether_the_chain_is_whole(district: WebSystem, new_person: NewPerson) -> None:
    someone = new_person(district.token(Role.SECTION, "section"))
    someone.go("/system")
    expect(someone.page.get_by_text("秒前在线")).to_have_count(4, timeout=SEEN)
    expect(someone.page.get_by_role("heading", name="链条核对")).to_be_visible()
    someone.page.get_by_text("各主题读到何处").click()
    expect(someone.page.get_by_role("columnheader", name="分区")).to_be_visible()


def test_what_cannot_be_meant_is_not_asked_for(district: WebSystem, new_person: NewPerson) -> None:
    someone = new_person(district.token(Role.SECTION, "section"))
    asked: list[str] = []
    someone.page.on("request", lambda one: asked.append(one.url) if "/console/v1/figures" in one.url else None)
    someone.go("/figures?from=2026-12-31&until=2026-12-01")
    expect(someone.page.get_by_text("不得早于 2026年12月31日")).to_be_visible()
    assert not asked
    someone.go("/cases?due_after=2026-99-99")  # no day: the list is as it is without
    expect(someone.page.locator("[data-row]").first).to_be_visible(timeout=SEEN)


def test_a_mistyped_address_says_so_and_leads_back(district: WebSystem, new_person: NewPerson) -> None:
    someone = new_person(district.token(Role.SECTION, "section"))
    someone.go("/nopage")
    expect(someone.page.get_by_text("没有这个页面")).to_be_visible()
    someone.page.get_by_role("link", name="回到首页").click()
    expect(someone.page.get_by_role("heading", level=1).first).to_be_visible(timeout=SEEN)
    # The browser notes the answer as an error.
    someone.errors = [error for error in someone.errors if "404" not in error]


def test_figures_are_taken_away_for_days_written_in_chinese(district: WebSystem, new_person: NewPerson) -> None:
    someone = new_person(district.token(Role.SECTION, "section"), language="en-US")
    someone.go("/figures")
    since = someone.page.get_by_label("自", exact=True)
    since.fill("2026年11月2日")
    since.press("Tab")
    expect(since).to_have_value("2026年11月2日")  # in a browser that speaks English
    expect(someone.page).to_have_url(re.compile("from=2026-11-02"))
    with someone.page.expect_download() as saved:
        someone.page.get_by_role("button", name="CSV").click()
    table = saved.value.path().read_text(encoding="utf-8-sig")
    assert "from=2026-11-02" in table
    assert "合计" in table
