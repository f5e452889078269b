"""Arriving where a code hangs at the gate: scanned or typed, without a network too, and seen by who reviews."""

import pytest
from playwright.sync_api import expect

from shared.contract.roles import Role
from tests.web.browser import Theme
from tests.web.conftest import NewPerson
from tests.web.field import Telephone, becomes, officer_of, red_case, take_steps
from tests.web.field_work import report
from tests.web.system import WebSystem

GATE = "GATE-7K3Q"
CAMERA = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() {
    return window.gateIsSeen ? [{ rawValue: "https://example.com/e/gate-7k3q?x=1" }] : [];
  }
};
navigator.mediaDevices.getUserMedia = async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 320, height: 240 });
  const context = canvas.getContext("2d");
  const draw = () => { context.fillStyle = "#345"; context.fillRect(0, 0, 320, 240); requestAnimationFrame(draw); };
  draw();
  return canvas.captureStream(15);
};
"""
"""A browser that reads QR codes, and a camera that sees one once it is told to."""


def hang_up(system: WebSystem, enterprise: str) -> None:
    with system.app(system.token(Role.ADMIN, "admin")) as admin:
        answer = admin.put(f"/dispatch/v1/enterprises/{enterprise}/entry-code", json={"entry_code": GATE})
    assert answer.is_success, answer.text


def check_of(system: WebSystem, case_id: str, officer: str) -> str:
    with system.app(system.token(Role.SECTION, "section")) as app:
        items = app.get(f"/dispatch/v1/cases/{case_id}/assignments").json()["items"]
    said: str = next(one["entry_check"] for one in items if one["officer"] == officer)
    return said


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_code_is_scanned_at_the_gate_without_a_network(
    system: WebSystem, new_person: NewPerson, theme: Theme
) -> None:
    enterprise = system.sample.enterprises[300 if theme == "light" else 301]
    hang_up(system, enterprise.code)
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    with system.app(system.officer(lead)) as app:
        take_steps(app, case, "accept", "depart")
        phone = Telephone(new_person, system, lead, theme=theme)
        phone.page.add_init_script(CAMERA)
        phone.open()
        phone.card(enterprise.name).click()
        phone.lose_network()
        phone.press("我已到场")
        expect(phone.page.get_by_text("不扫码也可以到场")).to_be_visible()
        phone.shoot(f"entry-code-390-{theme}")
        phone.press("扫描入企码")
        expect(phone.page.get_by_label("将摄像头对准企业门口的二维码")).to_be_visible()
        phone.shoot(f"scanning-390-{theme}")
        phone.page.evaluate("window.gateIsSeen = true")
        expect(phone.page.get_by_label("入企码", exact=True)).to_have_value("gate-7k3q")
        phone.press("确认到场")
        phone.find_network()
        becomes(app, case, "on_site")
    assert check_of(system, case["case_id"], lead) == "matched"


def test_a_wrong_code_is_taken_and_shown_to_the_reviewer(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = system.sample.enterprises[302]
    hang_up(system, enterprise.code)
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    with system.app(system.officer(lead)) as app:
        take_steps(app, case, "accept", "depart")
        phone = Telephone(new_person, system, lead)
        phone.open()
        phone.card(enterprise.name).click()
        phone.press("我已到场")
        phone.page.get_by_label("入企码", exact=True).fill("GATE-0000")
        phone.press("确认到场")
        becomes(app, case, "on_site")
    assert check_of(system, case["case_id"], lead) == "not_matched"
    report(system, case, lead)
    chief = new_person(system.chief(enterprise.station))
    chief.go(f"/cases/{case['case_id']}")
    expect(chief.page.get_by_role("region", name="办理反馈").get_by_text("扫码不符")).to_be_visible(timeout=20_000)
    chief.shoot("case-wrong-entry-code")
