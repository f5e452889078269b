"""When things go wrong: the token ends, the service is away, the clock is off, a name is forty characters long."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

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


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_list_shows_each_state_for_what_it_is(system: WebSystem, new_person: NewPerson, theme: Theme) -> None:
    enterprise = system.sample.enterprises[51 if theme == "light" else 52]
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    with system.app(system.officer(lead)) as app:
        page = app.get("/dispatch/v1/assignments").json()
    one = next(item for item in page["items"] if item["case_id"] == case["case_id"])
    now = system.clock.now()

    def varied(name: str, hours: float | None, **changed: Any) -> dict[str, Any]:
        due = None if hours is None else (now + timedelta(hours=hours)).isoformat()
        item: dict[str, Any] = one | {
            "assignment_id": str(uuid4()),
            "case_id": str(uuid4()),
            "due_at": due,
            "due_text": None,
        }
        item |= changed | {"enterprise": one["enterprise"] | {"name": name}}
        return item

    items = [
        varied("深圳逾期电镀有限公司", -27, state="on_site", case_state="on_site"),
        varied(
            "深圳临期涂料有限公司", 2.6, state="en_route", case_state="en_route", level="yellow", kind="verification"
        ),
        varied("深圳退回纺织有限公司", 30, state="returned", case_state="returned"),
        varied(
            "深圳未算时限食品有限公司", None, provisional=None, contact=None, position=None, observed=None, limit=None
        ),
        varied("深圳协办塑胶有限公司", 100, state="accepted", case_state="on_site", part="second"),
        varied(
            "深圳清单半导体有限公司", 90, state="accepted", case_state="accepted", off_site_first=True, provisional=True
        ),
        varied("深圳已交家具有限公司", 60, state="on_site", case_state="reported"),
        varied("深圳中止印刷有限公司", 70, state="accepted", case_state="suspended"),
    ]
    phone = Telephone(new_person, system, lead, theme=theme)
    phone.page.route("**/dispatch/v1/assignments*", lambda route: route.fulfill(json={"items": items, "next": None}))
    phone.open()
    cards = phone.page.locator(".field-card-name")
    expect(cards).to_have_count(len(items))
    names = cards.all_inner_texts()
    assert [name[2:4] for name in names[:3]] == ["逾期", "临期", "退回"]
    assert [name[2:4] for name in names[-2:]] == ["已交", "中止"]
    phone.shoot(f"today-states-390-{theme}")
    for name in ("未算时限", "清单", "中止"):
        phone.card(name).click()
        phone.shoot(f"visit-{name}-390-{theme}")
        phone.page.get_by_role("link", name="返回任务列表").click()
    phone.forgive("404")
