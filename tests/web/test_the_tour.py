"""The tour of the README with its pictures: those in docs/tour/ are copies of what it leaves in .screenshots/tour/."""

import re
from pathlib import Path

from playwright.sync_api import FloatRect, Page, expect

from services.sample.anomalies import WHITE, YELLOW
from shared.contract.roles import Role
from tests.web.browser import SCREENSHOTS
from tests.web.conftest import NewPerson
from tests.web.field import Telephone, becomes, officer_of, red_case
from tests.web.field_work import take
from tests.web.system import WebSystem

TOUR = SCREENSHOTS / "tour"
SEEN = 30_000
"""How long a change may take to be seen, where many programs share few processors."""
LARGEST = 120_000
"""Bytes: a README is read on telephones too."""


def picture(page: Page, name: str, *, top: float = 0) -> None:
    """What stands on the screen from `top` on, less of it where it would weigh too much."""
    expect(page.locator('.tc-loading, [aria-busy="true"]')).to_have_count(0, timeout=SEEN)
    TOUR.mkdir(parents=True, exist_ok=True)
    path: Path = TOUR / f"{name}.png"
    size = page.viewport_size
    assert size is not None
    height = size["height"] - top
    while True:
        clip = FloatRect(x=0, y=top, width=size["width"], height=height)
        page.screenshot(path=path, clip=clip, animations="disabled")
        if path.stat().st_size <= LARGEST:
            return
        height -= 80


def test_six_steps_from_the_sign_in_to_the_figure(system: WebSystem, new_person: NewPerson) -> None:
    enterprise, *others = [one for one in system.sample.enterprises if one.station == "xixiang"][9:13]
    case = red_case(system, enterprise)
    for pattern, other in zip((YELLOW, YELLOW, WHITE), others, strict=True):
        system.push(pattern, other)
    address = f"/cases/{case['case_id']}"

    # 1: sign in as the section
    section = new_person()
    section.go("/board")
    expect(section.page.get_by_role("heading", name="选择一个身份")).to_be_visible()
    picture(section.page, "1-sign-in")
    someone = next(one for one in system.sample.staff if one.role == Role.SECTION)
    section.page.get_by_role("searchbox").fill(someone.name)
    section.page.get_by_role("button", name=someone.name).first.click()

    # 2: the board
    expect(section.page).to_have_url(re.compile("/board"))
    expect(section.page.locator(f'[data-row="{case["case_id"]}"]')).to_be_visible(timeout=SEEN)
    picture(section.page, "2-board")

    # 3: a red case
    section.go(address)
    expect(section.page.get_by_text("第5日")).to_be_visible(timeout=SEEN)
    picture(section.page, "3-case")

    # 4: the officers accept, go and report
    lead = officer_of(case, "lead")
    phone = Telephone(new_person, system, lead)
    phone.open()
    phone.card(enterprise.name).click()
    for step in ("接单", "出发", "我已到场"):
        phone.press(step)
    expect(phone.page.get_by_text("定位精度 ±12 米")).to_be_visible()
    assert enterprise.entry_code is not None
    phone.page.get_by_label("入企码", exact=True).fill(enterprise.entry_code)
    phone.press("确认到场")
    for member in case["team"]:
        if member["officer"] != lead:
            for step in ("accept", "depart", "arrive"):
                take(system, case, member["officer"], step)
    phone.page.get_by_role("link", name="填写反馈").click()
    phone.write_report()
    picture(phone.page, "4-field")
    phone.press("提交反馈")
    phone.press("确认提交")
    with system.app(system.officer(lead)) as app:
        becomes(app, case, "reported")

    # 5: the chief approves
    chief = new_person(system.chief("xixiang"))
    chief.go(address)
    expect(chief.page.get_by_text("第5日")).to_be_visible(timeout=SEEN)
    expect(chief.page.locator(".tc-loading")).to_have_count(0, timeout=SEEN)
    chief.page.get_by_role("button", name="审核通过").click()
    dialog = chief.page.get_by_role("dialog")
    dialog.get_by_label("审核意见").fill("情况属实，同意办结")
    box = dialog.bounding_box()
    assert box is not None
    picture(chief.page, "5-approve", top=box["y"] - 40)
    dialog.get_by_role("button", name="提交").click()
    expect(chief.page.locator("h1 + .tc-state")).to_have_text("审核通过", timeout=SEEN)

    # 6: the figure
    section.go("/figures")
    expect(section.page.get_by_role("table").first).to_be_visible(timeout=SEEN)
    picture(section.page, "6-figures")
