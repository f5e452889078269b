"""An officer with a telephone: at the door, in the rain, with and without a network."""

import random
import struct
import zlib
from typing import Any

import httpx
from playwright.sync_api import Geolocation, Page, expect

from services.sample.anomalies import RED, SEVERE
from services.sample.district import Enterprise
from shared.contract.roles import Role
from tests.processes import until
from tests.web.browser import SCREENSHOTS, Person
from tests.web.conftest import NewPerson
from tests.web.system import WebSystem

PLACE = {"longitude": 113.8831, "latitude": 22.5553}
"""Where the enterprise of a test lies, WGS 84."""
TEMPLATE = "药剂投加不足，未及时调整。"
Json = dict[str, Any]


def photo(width: int = 1600, height: int = 1200, seed: int = 1) -> bytes:
    """A photograph as a camera makes it: large, and with nothing to squeeze out of it."""
    choice = random.Random(seed)
    rows = b"".join(b"\x00" + choice.randbytes(width * 3) for _ in range(height))
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows, 0)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )


def video(megabytes: int) -> bytes:
    """What begins as an MP4 does; the rest nobody looks at."""
    head = b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isomiso2"
    return head + random.Random(2).randbytes(megabytes * 1024 * 1024)


def red_case(system: WebSystem, enterprise: Enterprise, *, name: str | None = None) -> Json:
    """A red case with a team, at an enterprise that has an address and a position."""
    with system.app(system.token(Role.ADMIN, "admin")) as admin:
        path = f"/dispatch/v1/enterprises/{enterprise.code}"
        known = admin.get(path).json()
        fields = ("district", "street", "station", "classification", "contacts", "address")
        changed = (
            {field: known[field] for field in fields if known.get(field)} | PLACE | {"name": name or known["name"]}
        )
        headers = {"If-Match": f'"{known["etag"]}"'}
        assert (answer := admin.put(path, json=changed, headers=headers)).is_success, answer.text
    return system.open_case(RED, enterprise, "assigned")


def join_matter(system: WebSystem, enterprise: Enterprise, case: Json) -> None:
    """Another matter of the enterprise, which joins the visit of `case`."""
    system.push(SEVERE, enterprise)
    with system.app(system.chief(enterprise.station)) as chief:
        until(lambda: chief.get(f"/dispatch/v1/cases/{case['case_id']}").json()["matters"])


def officer_of(case: Json, part: str) -> str:
    code: str = next(member["officer"] for member in case["team"] if member["part"] == part)
    return code


def take_steps(app: httpx.Client, case: Json, *steps: str) -> Json:
    """Take steps of one's own assignment, and return it."""
    items = app.get("/dispatch/v1/assignments").json()["items"]
    own: Json = next(item for item in items if item["case_id"] == case["case_id"])
    for step in steps:
        assert (answer := app.post(f"/dispatch/v1/assignments/{own['assignment_id']}/{step}")).is_success, answer.text
    return own


def state_of(app: httpx.Client, case: Json) -> str:
    state: str = app.get(f"/dispatch/v1/cases/{case['case_id']}").json()["state"]
    return state


def becomes(app: httpx.Client, case: Json, state: str) -> None:
    until(lambda: state_of(app, case) == state)


class Telephone:
    """An officer's telephone with the field app on it."""

    def __init__(self, new_person: NewPerson, system: WebSystem, officer: str, **how: Any) -> None:
        self.person: Person = new_person(system.officer(officer), width=390, **how)
        self.page: Page = self.person.page
        self._context = self.person.context
        self._context.grant_permissions(["geolocation"], origin=system.http)
        self._context.set_geolocation(
            Geolocation(longitude=PLACE["longitude"], latitude=PLACE["latitude"], accuracy=12)
        )
        # The device's clock is right, as far as the system's own goes.
        self.page.clock.set_system_time(system.clock.now())

    def open(self, path: str = "/field") -> None:
        self.person.go(path)
        expect(self.page.get_by_role("heading", level=1)).to_be_visible()

    def keep_app(self) -> None:
        """Wait until the app is kept on the device, and use it from there."""
        self.page.evaluate("async () => { await navigator.serviceWorker.ready }")
        self.page.reload()
        assert self.page.evaluate("navigator.serviceWorker.controller !== null")

    def lose_network(self) -> None:
        self._context.set_offline(True)

    def find_network(self) -> None:
        """The network is back. What the browser complained of meanwhile is what a dead line looks like."""
        self._context.set_offline(False)
        self.forgive("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")

    def forgive(self, *words: str) -> None:
        errors = self.person.errors
        errors[:] = [error for error in errors if not any(word in error for word in words)]

    def card(self, enterprise: str) -> Any:
        return self.page.get_by_role("link").filter(has_text=enterprise)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def shoot(self, name: str) -> None:
        """Look at the screen: it fits, anybody can use it, and there is a picture of it."""
        self.person.must_fit()
        self.person.must_be_accessible()
        # A dialog as it is; a page as tall as what is on it, so that what sticks to the bottom is at the bottom.
        page, size = self.page, self.page.viewport_size
        assert size is not None
        if page.get_by_role("dialog").count() > 0:
            page.screenshot(path=SCREENSHOTS / f"field-{name}.png", animations="disabled")
            return
        tall = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": max(size["height"], tall)})
        self.person.shoot(f"field-{name}")
        page.set_viewport_size(size)

    def add_photo(self, name: str = "现场.png", seed: int = 1) -> None:
        self.page.get_by_label("从相册选").set_input_files(
            {"name": name, "mimeType": "image/png", "buffer": photo(seed=seed)}
        )
        expect(self.page.get_by_text(name.replace(".png", ".jpg"))).to_be_visible()

    def sign(self) -> None:
        self.press("签名")
        box = self.page.get_by_label("请在框内签名").last.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + 40, box["y"] + 100)
        self.page.mouse.down()
        for x in range(40, 300, 20):
            self.page.mouse.move(box["x"] + x, box["y"] + 100 + (x % 60))
        self.page.mouse.up()
        self.press("保存签名")

    def write_report(self, outcome: str = "已整改") -> None:
        self.page.get_by_label("检查发现", exact=True).fill("污水站三号泵停运")
        self.page.get_by_role("button", name=TEMPLATE).click()
        self.page.get_by_label("处理措施", exact=True).fill("当场恢复运行")
        self.page.get_by_label(outcome).check()
