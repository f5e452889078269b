"""Every app opens without a complaint: at a desk and in a hand, light and dark, and anybody can use it."""

import httpx
import pytest
from playwright.sync_api import expect

from services.front.apps import SCREENS
from shared.contract.roles import Role
from tests.web.browser import WIDTHS, Theme
from tests.web.conftest import NewPerson
from tests.web.system import WebSystem

THEMES: tuple[Theme, ...] = ("light", "dark")


def token_of(system: WebSystem, app: str) -> str | None:
    return {
        "console": system.token(Role.SECTION, "section"),
        "field": system.officer("xixiang-01"),
        "enterprise": system.enterprise(system.sample.enterprises[0].code),
        "sign-in": None,
    }[app]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("app", SCREENS)
def test_an_app_opens(system: WebSystem, new_person: NewPerson, app: str, width: int, theme: Theme) -> None:
    someone = new_person(token_of(system, app), width=width, theme=theme)
    someone.go(SCREENS[app][0])
    someone.must_fit()
    someone.must_be_accessible()
    someone.shoot(f"{app}-{width}-{theme}")


def test_every_screen_of_the_console_opens_at_its_address(system: WebSystem, new_person: NewPerson) -> None:
    someone = new_person(token_of(system, "console"))
    for path in SCREENS["console"]:
        if "{" not in path:
            someone.go(path)
            expect(someone.page.locator("h1").first, path).to_be_attached()
            assert someone.page.get_by_text("没有这个页面").count() == 0, path


def test_files_come_compressed_and_are_kept_and_pages_are_asked_for_anew(system: WebSystem) -> None:
    with httpx.Client(base_url=system.http) as client:
        page = client.get("/board")
        assert page.headers["cache-control"] == "no-cache"
        assert "script-src 'self';" in page.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        assert client.get("/board", headers={"if-none-match": page.headers["etag"]}).status_code == 304
        script = page.text.split('src="')[1].split('"')[0]
        for encoding in ("br", "gzip"):
            with client.stream("GET", script, headers={"accept-encoding": encoding}) as answer:
                assert answer.headers["content-encoding"] == encoding
                assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
                assert answer.headers["x-content-type-options"] == "nosniff"
        plain = client.get(script, headers={"accept-encoding": "identity"})
        assert "content-encoding" not in plain.headers
        for missing in ("/assets/nothing.js", "/nowhere", "/cases/1/2", "/assets/..%2F..%2Fbuild.py", "/.built"):
            assert client.get(missing).status_code == 404, missing
