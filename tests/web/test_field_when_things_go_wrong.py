"""When things go wrong: the token ends, the service is away, the clock is off, a name is forty characters long."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.web.browser import Theme
from tests.web.conftest import NewPerson
from tests.web.field import Telephone, becomes, join_matter, officer_of, red_case, take_steps
from tests.web.system import WebSystem

LONG = "深圳市宝安区新桥街道某某精密电路科技股份有限公司第二分公司废水处理与资源化利用中心一厂"


def test_a_token_that_ends_keeps_the_queue_and_goes_on_after_signing_in(
    system: WebSystem, new_person: NewPerson
) -> None:
    enterprise = system.sample.enterprises[46]
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    phone = Telephone(new_person, system, lead)
    phone.open()
    phone.card(enterprise.name).click()
    ended = {"status": 401, "json": {"type": "urn:tricolor:problem:unauthenticated", "title": "", "detail": ""}}
    phone.page.route("**/dispatch/**", lambda route: route.fulfill(**ended))
    phone.press("接单")
    expect(phone.page.get_by_text("您做的都在本机，重新登录后继续发送")).to_be_visible()
    phone.shoot("token-ended-390-light")

    phone.page.unroute("**/dispatch/**")
    phone.page.evaluate("token => localStorage.setItem('tricolor.session', token)", system.officer(lead))
    phone.page.reload()
    with system.app(system.officer(lead)) as app:
        becomes(app, case, "accepted")
    phone.forgive("401")


def test_a_service_that_is_away_is_said_and_tried_again(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = system.sample.enterprises[47]
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    phone = Telephone(new_person, system, lead)
    phone.open()
    phone.card(enterprise.name).click()
    phone.page.route("**/dispatch/**", lambda route: route.fulfill(status=503, body=""))
    phone.press("接单")
    expect(phone.page.get_by_text("服务暂时没有响应")).to_be_visible()
    phone.page.unroute("**/dispatch/**")
    with system.app(system.officer(lead)) as app:
        becomes(app, case, "accepted")
    expect(phone.page.get_by_text("服务暂时没有响应")).to_be_hidden()
    phone.forgive("503")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_long_names_and_a_wrong_clock_fit_the_screen(system: WebSystem, new_person: NewPerson, theme: Theme) -> None:
    enterprise = system.sample.enterprises[48 if theme == "light" else 49]
    case = red_case(system, enterprise, name=LONG)
    join_matter(system, enterprise, case)
    lead = officer_of(case, "lead")
    phone = Telephone(new_person, system, lead, theme=theme)
    phone.page.clock.set_system_time(system.clock.now() + timedelta(hours=1))
    phone.open()
    expect(phone.page.get_by_text("本机时间比服务器快 1 小时")).to_be_visible()
    # The countdown goes by the server: five working days from Monday end on the next Monday, not an hour earlier.
    expect(phone.card(LONG)).to_contain_text("截止")
    phone.shoot(f"today-long-390-{theme}")
    phone.card(LONG).click()
    phone.shoot(f"visit-long-390-{theme}")
    with system.app(system.officer(lead)) as app:
        take_steps(app, case, "accept", "depart", "arrive")
    phone.page.get_by_role("link", name="填写反馈").click()
    phone.write_report("责令改正")
    phone.add_photo()
    phone.page.get_by_role("checkbox").check()
    phone.shoot(f"report-long-390-{theme}")
    phone.page.get_by_role("link", name="我的").click()
    phone.page.get_by_role("button", name="Switch to English").click()
    phone.page.get_by_role("link", name="Tasks").click()
    phone.card(LONG).click()
    expect(phone.page.get_by_text("Where to go, whom to phone")).to_be_visible()
    phone.shoot(f"visit-long-390-{theme}-en")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_nothing_to_do_is_said_in_both_languages(
    system: WebSystem, new_person: NewPerson, theme: Theme, language: str
) -> None:
    phone = Telephone(new_person, system, "songgang-07", theme=theme, language=language)
    for screen, path in {"today": "/field", "queue": "/field/queue", "me": "/field/me"}.items():
        phone.open(path)
        phone.shoot(f"{screen}-empty-390-{theme}-{language}")
