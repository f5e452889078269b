"""The front of the services: what it cannot pass on it answers itself, in the one form of errors."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from services.front import apps, front


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/nothing", 404), ("POST", "/healthz", 405)])
async def test_what_is_nobodys_is_answered_as_a_problem(method: str, path: str, status: int) -> None:
    app: FastAPI = front({})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://front") as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == path


@pytest.mark.parametrize("app", ["console", "field", "enterprise"])
def test_a_page_is_answered_where_an_app_has_a_screen_and_nowhere_else(app: str) -> None:
    """A bookmark of a screen opens, and an address that no app knows is not there."""
    base = "" if app == "console" else f"/{app}"
    screens = re.findall(r'path: "(/[^"]*)"', (Path("web") / app / "routes.tsx").read_text())
    assert screens
    for screen in screens:
        address = (base + re.sub(r"\$\w+", "1", screen)).rstrip("/") or "/"
        assert any(re.fullmatch(_pattern(one), address) for one in apps.SCREENS[app]), address
    if app == "console":
        assert len(screens) == len(apps.SCREENS[app])


def _pattern(path: str) -> str:
    return re.sub(r"\{\w+\}", "[^/]+", re.sub(r"\{\w+:path\}", ".+", path))


def test_a_page_loads_nothing_but_ours_and_asks_only_who_signs_people_in(tmp_path: Path) -> None:
    for app in apps.SCREENS:
        (tmp_path / app).mkdir()
        (tmp_path / app / "index.html").write_text("<!doctype html>")
    assert apps.are_built(tmp_path)
    policy = apps.content_security_policy("field", "https://login.example")
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "connect-src 'self' https://login.example;" in policy
    for app in ("console", "enterprise"):
        assert "script-src 'self';" in apps.content_security_policy(app)


async def test_a_mistyped_address_gives_a_person_a_page_and_a_program_a_problem(tmp_path: Path) -> None:
    for app in apps.SCREENS:
        (tmp_path / app).mkdir()
        (tmp_path / app / "index.html").write_text(f"<!doctype html><title>{app}</title>")
    client = httpx.AsyncClient(transport=httpx.ASGITransport(front({}, built=tmp_path)), base_url="http://front")
    browser = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    async with client:
        page = await client.get("/nopage", headers=browser)
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "console" in page.text
        assert "script-src 'self'" in page.headers["content-security-policy"]
        assert (await client.head("/nopage", headers=browser)).status_code == 404
        others = [
            await client.get("/nopage"),
            await client.post("/nopage", headers=browser),
            *[await client.get(path, headers=browser) for path in ("/ingest", "/v1/nothing", "/assets/no.js")],
        ]
    for answer in others:
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json"), answer.url


async def test_where_the_apps_are_not_built_the_first_page_says_how_to_get_them(
    tmp_path: Path,
) -> None:
    assert not apps.are_built(tmp_path)
    app = front({}, built=tmp_path)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://front") as client:
        assert "make web" in (await client.get("/")).text
        assert (await client.get("/board")).status_code == 404
