"""Every screen of every app, in a district in full swing: it fits, anybody can use it, and there is a picture of it.

Each is opened once and shown in all four looks: at a desk and in a hand, light and dark; and once in English.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from shared.contract.roles import Role
from tests.web.browser import Person, person
from tests.web.conftest import NewSystem
from tests.web.full_district import District, fill
from tests.web.system import WebSystem

WEB = Path(__file__).parents[2] / "web"
SEEN = 60_000
"""How long an answer may take here, where many programs share few processors."""
Screens = dict[str, str]


@pytest.fixture(scope="module")
def busy(new_system: NewSystem) -> Iterator[tuple[WebSystem, District]]:
    with new_system("full-swing") as system:
        yield system, fill(system)


@pytest.fixture
def look(chromium: Browser, busy: tuple[WebSystem, District]) -> Iterator[Callable[[str | None, Screens], Person]]:
    """Look at screens as whoever holds a token; what the browser complained of fails."""
    system, _ = busy
    people: list[Person] = []

    def at(token: str | None, screens: Screens) -> Person:
        people.append(someone := person(chromium, system.http, token))
        someone.page.clock.set_system_time(system.clock.now())  # the device's clock is right
        for name, path in screens.items():
            someone.go(path)
            expect(someone.page.locator("h1").first).to_be_attached(timeout=SEEN)
            assert someone.page.get_by_text("没有这个页面").count() == 0, path
            someone.look_at(name)
        return someone

    yield at
    errors = [error for one in people for error in one.errors]
    for one in people:
        one.context.close()
    assert not errors, "\n".join(errors)


def of_the_console(found: District) -> Screens:
    return {
        "board": "/board",
        "wall": "/wall",
        "cases": "/cases",
        "cases-none": "/cases?q=没有这样的企业",
        "case-overdue": f"/cases/{found.overdue['case_id']}",
        "case-joined": f"/cases/{found.joined['case_id']}",
        "case-closed": f"/cases/{found.approved['case_id']}",
        "alerts": "/alerts",
        "alert": f"/alerts/{found.reported['alert_ids'][0]}",
        "work": "/work",
        "map": "/map",
        "map-all": "/map?all=true",
        "station": "/station",
        "rules": "/rules",
        "calendar": "/calendar",
        "figures": "/figures",
        "figures-by-level": "/figures?by=level",
        "figures-none": "/figures?from=2020-01-01&until=2020-01-02",
        "dead-letters": "/dead-letters",
        "system": "/system",
    }


def of_the_field(assignment: str) -> Screens:
    return {
        "field": "/field",
        "field-visit": f"/field/assignments/{assignment}",
        "field-report": f"/field/assignments/{assignment}/report",
        "field-queue": "/field/queue",
        "field-me": "/field/me",
    }


def of_the_enterprise(found: District) -> Screens:
    return {
        "enterprise": "/enterprise",
        "enterprise-matter": f"/enterprise/matters/{found.demanded['case_id']}",
        "enterprise-notices": "/enterprise/notices",
        "enterprise-shutdowns": "/enterprise/shutdowns",
    }


def test_the_console(busy: tuple[WebSystem, District], look: Callable[[str | None, Screens], Person]) -> None:
    system, found = busy
    screens = of_the_console(found)
    must_be_all("console", screens)
    someone = look(system.token(Role.SECTION, "section"), screens)
    for name in ("case-overdue", "figures"):
        someone.go(screens[name])
        someone.shoot_paper(name)


def test_the_console_of_a_chief(
    busy: tuple[WebSystem, District], look: Callable[[str | None, Screens], Person]
) -> None:
    system, found = busy
    someone = look(
        system.chief(found.reported["station"]),
        {"board-chief": "/board", "work-chief": "/work", "case-reported": f"/cases/{found.reported['case_id']}"},
    )
    someone.page.get_by_role("button", name="审核通过").or_(someone.page.get_by_role("button", name="Approve")).click()
    expect(someone.page.get_by_role("dialog")).to_be_visible()
    for look_ in someone.looks():
        someone.must_be_accessible()
        someone.shoot(f"case-approve-{look_}")


def test_the_field_app(busy: tuple[WebSystem, District], look: Callable[[str | None, Screens], Person]) -> None:
    system, found = busy
    token = system.officer(found.officer)
    with system.app(token) as app:
        (assignment, *_) = app.get("/dispatch/v1/assignments").json()["items"]
    screens = of_the_field(assignment["assignment_id"])
    must_be_all("field", screens)
    look(token, screens)


def test_the_enterprises_page(busy: tuple[WebSystem, District], look: Callable[[str | None, Screens], Person]) -> None:
    system, found = busy
    screens = of_the_enterprise(found)
    must_be_all("enterprise", screens)
    look(system.enterprise(found.enterprise), screens)


def test_the_sign_in(look: Callable[[str | None, Screens], Person]) -> None:
    look(None, {"sign-in": "/sign-in"})


def must_be_all(app: str, screens: Screens) -> None:
    """Fail where a route of the app's router is not among the screens."""
    routes = re.findall(r'\bpath: "(/[^"]*)"', (WEB / app / "routes.tsx").read_text())
    base = "" if app == "console" else f"/{app}"
    for route in routes:
        pattern = re.sub(r"\$\w+", "[^/]+", (base + route).rstrip("/")) or "/board"  # `/` leads there
        assert any(re.fullmatch(pattern + r"(\?.*)?", path) for path in screens.values()), route
