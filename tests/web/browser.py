"""A person at a browser: signed in, at a width, in a theme; and what must hold of every screen they look at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect

SCREENSHOTS = Path(__file__).parents[2] / ".screenshots"
"""Not committed: to be looked at."""
WIDTHS = {1440: 900, 390: 844}
"""Width and height: a desk, and a telephone in a hand."""
Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")
_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
_SWITCH = "Switch to English"
_SERIOUS = {"serious", "critical"}


@dataclass
class Person:
    """Someone's browser. `errors` are what its console and its pages complained of: to be empty at the end."""

    context: BrowserContext
    page: Page
    http: str
    errors: list[str] = field(default_factory=list)

    def go(self, path: str) -> None:
        """Open an address of the apps, and wait for what is read at first."""
        self.page.goto(f"{self.http}{path}")
        # Not by a function: the pages' policy lets no text become a script, a test's neither.
        self.page.locator("#app > *").first.wait_for(state="attached")
        expect(self.page.locator(".tc-loading")).to_have_count(0, timeout=30_000)

    def shoot(self, name: str) -> Path:
        """Keep a picture of the whole page, and return where."""
        SCREENSHOTS.mkdir(exist_ok=True)
        path = SCREENSHOTS / f"{name}.png"
        self.page.evaluate("window.scrollTo(0, 0)")  # what sticks to the top is at the top
        size = self.page.viewport_size
        assert size is not None
        tall = self.page.evaluate("document.documentElement.scrollHeight")
        if tall > size["height"]:  # a list draws the lines that are on the screen, so that has to hold them all
            self.page.set_viewport_size({"width": size["width"], "height": tall})
            self.page.evaluate(_TWO_FRAMES)
        self.page.screenshot(path=path, full_page=True, animations="disabled")
        self.page.set_viewport_size(size)
        return path

    def settle(self) -> None:
        """Wait until nothing is being read any more, and what was read is drawn."""
        expect(self.page.locator('.tc-loading, [aria-busy="true"]')).to_have_count(0, timeout=60_000)
        self.page.evaluate(_TWO_FRAMES)

    def looks(self) -> Iterator[str]:
        """Show the same page at a desk and in a hand, light and dark, and yield what each look is called."""
        for width, height in WIDTHS.items():
            for theme in THEMES:
                self.page.set_viewport_size({"width": width, "height": height})
                self.page.emulate_media(color_scheme=theme)
                self.settle()
                yield f"{width}-{theme}"

    def look_at(self, name: str) -> None:
        """Keep a picture of the page in every look, all of which fit; and one in English.

        Whether it is accessible is asked of the first and the last: of either width, and of either theme.
        """
        looks = [f"{width}-{theme}" for width in WIDTHS for theme in THEMES]
        for look in self.looks():
            self.must_fit()
            if look in (looks[0], looks[-1]):
                self.must_be_accessible()
            self.shoot(f"{name}-{look}")
        self.page.emulate_media(color_scheme="light")
        switch = self.page.get_by_role("button", name=_SWITCH)
        if switch.count() == 1:
            switch.click()
        else:  # a wall and a telephone have it elsewhere
            self._speak("en")
        self.settle()
        self.must_fit()
        self.shoot(f"{name}-{list(WIDTHS)[-1]}-light-en")
        self._speak("zh-CN")

    def _speak(self, language: str) -> None:
        self.page.evaluate("language => localStorage.setItem('tricolor.language', language)", language)
        if language == "en":
            self.page.reload()

    def shoot_paper(self, name: str) -> None:
        """Keep a picture of what a printer would be given."""
        self.page.set_viewport_size({"width": 794, "height": 1123})  # A4 at 96 points an inch
        self.page.emulate_media(media="print", color_scheme="light")
        self.settle()
        self.shoot(f"{name}-paper")
        self.page.emulate_media(media="screen")

    def must_be_accessible(self) -> None:
        """Fail with what axe finds on the page as it is, where that is serious."""
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        serious = [
            f"{one['id']}: {one['help']}: " + "; ".join(node["html"][:200] for node in one["nodes"][:5])
            for one in found
            if one["impact"] in _SERIOUS
        ]
        assert not serious, "\n".join(serious)

    def must_fit(self) -> None:
        """Fail where the page is wider than the screen, so that one had to move it to and fro to read."""
        beyond = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert beyond <= 0, f"{beyond} px too wide at {self.page.url}"


def person(
    browser: Browser,
    http: str,
    token: str | None = None,
    *,
    width: int = 1440,
    theme: Theme = "light",
    language: str = "zh-CN",
    zone: str = "Europe/Paris",
) -> Person:
    """A browser of its own for whoever holds `token`; without one, for whoever is not signed in yet."""
    phone = width < 600
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS.get(width, 900)},
        color_scheme=theme,
        locale=language,
        timezone_id=zone,  # the apps show and take Shanghai's time wherever a device thinks it is
        has_touch=phone,
        is_mobile=phone,
    )
    spoken = "en" if language == "en" else "zh-CN"
    # Once: a language that is chosen within the test stays.
    context.add_init_script(
        f"localStorage.getItem('tricolor.language') || localStorage.setItem('tricolor.language', '{spoken}')"
    )
    if token is not None:
        # Once: a sign-out within the test stays one.
        context.add_init_script(
            "if (!localStorage.getItem('tricolor.signed-in-by-test')) {"
            f"localStorage.setItem('tricolor.session', '{token}');"
            "localStorage.setItem('tricolor.signed-in-by-test', '1'); }"
        )
    page = context.new_page()
    made = Person(context, page, http)
    page.on("console", lambda message: _note(made, message))
    page.on("pageerror", lambda error: made.errors.append(f"uncaught: {error}"))
    page.on("request", lambda request: _ours_only(made, request))
    return made


def _note(person: Person, message: ConsoleMessage) -> None:
    if message.type in {"error", "warning"}:
        person.errors.append(f"{message.type}: {message.text} ({message.location.get('url')})")


def _ours_only(person: Person, request: Request) -> None:
    if not request.url.startswith((person.http, "data:", "blob:")):
        person.errors.append(f"asked another host: {request.url}")
