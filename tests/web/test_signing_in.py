"""Signing in: as one of the sample's people, at an identity provider, anew when a token ends; and the way back."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, expect

from shared.contract.principal import Principal
from shared.contract.roles import Role
from shared.time.clock import SystemClock
from shared.web.development_issuer import DevelopmentIssuer
from tests.web.browser import person
from tests.web.conftest import NewPerson, NewSystem
from tests.web.provider import Provider, provider
from tests.web.system import WebSystem


def test_one_of_the_samples_people_is_led_back_to_where_they_wanted_to_go(
    system: WebSystem, new_person: NewPerson
) -> None:
    someone = new_person()
    someone.go("/cases?level=red")
    page = someone.page
    expect(page.get_by_role("heading", name="选择一个身份")).to_be_visible()
    someone.shoot("sign-in-people")
    page.get_by_role("searchbox").fill("西乡所")
    chief = next(one for one in system.sample.staff if one.code == "xixiang-chief")
    page.get_by_role("button", name=chief.name).first.click()
    expect(page).to_have_url(re.compile(r"/cases\?level=red"))
    expect(page.get_by_role("banner")).to_contain_text(chief.name)
    expect(page.get_by_role("banner")).to_contain_text("西乡所")
    page.get_by_role("button", name="退出").click()
    expect(page).to_have_url(re.compile("/sign-in$"))


def test_everybody_is_led_to_the_page_of_their_role(system: WebSystem, new_person: NewPerson) -> None:
    officer = new_person(system.officer("xixiang-01"))
    officer.go("/figures")  # officers look at the console too
    enterprise = new_person(system.enterprise(system.sample.enterprises[0].code))
    enterprise.go("/board")
    expect(enterprise.page.get_by_text("这里不是您的页面")).to_be_visible()
    enterprise.page.get_by_role("link", name="前往我的页面").click()
    expect(enterprise.page).to_have_url(re.compile("/enterprise$"))


def test_a_token_that_ends_is_said_and_what_is_on_the_screen_stays(system: WebSystem, new_person: NewPerson) -> None:
    someone = new_person(_short(system))
    someone.go("/cases?level=red")
    page = someone.page
    expect(page.get_by_role("alert").first).to_contain_text("登录已到期")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    someone.shoot("token-ended")
    page.get_by_role("link", name="重新登录").click()
    expect(page).to_have_url(re.compile("to=%2Fcases%3Flevel%3Dred"))
    # The services said so themselves: that is how it was noticed.
    someone.errors.clear()


def test_development_tokens_are_for_this_machine_only(system: WebSystem) -> None:
    with httpx.Client(base_url=system.http) as client:
        assert client.get("/console/v1/sign-in").json()["mode"] == "embedded"
        for headers in ({"host": "tricolor.example"}, {"x-forwarded-for": "10.0.0.7"}):
            assert client.get("/console/v1/sign-in", headers=headers).status_code == 403
            wanted = {"role": "admin", "subject": "admin"}
            assert client.post("/console/v1/sign-in", json=wanted, headers=headers).status_code == 403


def test_on_another_machine_one_signs_in_with_a_token_issued_by_hand(system: WebSystem, new_person: NewPerson) -> None:
    someone = new_person()
    someone.page.set_extra_http_headers({"X-Forwarded-For": "10.0.0.7"})
    someone.go("/sign-in")
    someone.shoot("sign-in-token")
    someone.page.get_by_label("用令牌登录").fill("no token")
    someone.page.get_by_role("button", name="登录").click()
    expect(someone.page.get_by_role("alert")).to_contain_text("令牌无法识别")
    someone.page.get_by_label("用令牌登录").fill(system.token(Role.SECTION, "section"))
    someone.page.get_by_role("button", name="登录").click()
    expect(someone.page).to_have_url(re.compile("/board"))
    # That the people are not shown is said by a refusal, which the browser notes.
    refused = [error for error in someone.errors if "403" in error]
    assert refused == someone.errors
    someone.errors.clear()


@pytest.fixture(scope="module")
def side() -> Iterator[Provider]:
    with provider() as made:
        yield made


@pytest.fixture(scope="module")
def office(new_system: NewSystem, side: Provider) -> Iterator[WebSystem]:
    """The system as an office runs it: with an identity provider of its own."""
    with new_system("office", TRICOLOR_OIDC_ISSUER=side.issuer, TRICOLOR_OIDC_CLIENT_ID="tricolor-web") as made:
        yield made


def test_the_offices_identity_provider_signs_people_in(office: WebSystem, side: Provider, chromium: Browser) -> None:
    side.person = {"sub": "xixiang-chief", "tricolor": {"role": "station_chief", "station": "xixiang"}}
    someone = person(chromium, office.http)
    someone.page.goto(f"{office.http}/cases?level=red")
    someone.page.get_by_role("button", name="使用单位账号登录").click()
    expect(someone.page).to_have_url(re.compile(r"/cases\?level=red$"))
    expect(someone.page.get_by_role("banner")).to_contain_text("所长")
    elsewhere = [error for error in someone.errors if side.issuer not in error]
    assert not elsewhere, "\n".join(elsewhere)
    someone.context.close()


@pytest.mark.parametrize(
    ("refuses", "claims", "said"),
    [(True, {}, "no"), (False, {"sub": "stranger"}, "没有角色")],
    ids=["the provider refuses", "no role here"],
)
def test_who_cannot_be_signed_in_is_told_so(
    office: WebSystem, side: Provider, chromium: Browser, refuses: bool, claims: dict[str, Any], said: str
) -> None:
    side.refuses, side.person = refuses, claims
    someone = person(chromium, office.http)
    someone.page.goto(f"{office.http}/sign-in")
    someone.page.get_by_role("button", name="使用单位账号登录").click()
    expect(someone.page.get_by_role("alert")).to_contain_text(said)
    someone.context.close()
    side.refuses = False


def _short(system: WebSystem) -> str:
    """A token that has just ended."""
    principal = Principal(role=Role.SECTION, subject="section")
    issued = SystemClock().now() - timedelta(hours=1)
    return DevelopmentIssuer(system.data).token(principal, "tricolor", issued, timedelta(minutes=1))
