"""Text that others write is text: as a script, a picture, a link or a trick of direction, wherever the apps show it.

Everything that a person or a platform can write is written once with all of it in it; then every screen that shows it
is opened, and the case's file as it is printed. No script runs, no dialog opens, the pages' policy has nothing to
refuse, and no link leads to a script.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from services.sample.anomalies import RED, WHITE, YELLOW, anomaly
from shared.contract.cloudevents import STRUCTURED
from shared.contract.events import Topic
from shared.contract.roles import Role
from tests.processes import until
from tests.web.browser import Person
from tests.web.conftest import NewPerson
from tests.web.field import PLACE, Telephone, officer_of
from tests.web.field_work import PHOTOGRAPH, take
from tests.web.system import WebSystem

SEEN = 30_000
RUNS = "window.ran=1"
HOSTILE = (
    f'<img src=x onerror="{RUNS}"><script>{RUNS}</script><svg/onload={RUNS}><a href="javascript:{RUNS}">点</a>'
    f'"\'><iframe srcdoc="<script>parent.ran=1</script>">{{{{7*7}}}}${{7*7}} \u202egnp.exe\u2066\u200b\ufeff\u2029'
)
LINK = f"javascript:{RUNS}"
FOUND = r"""() => {
  const all = [...document.querySelectorAll('*')];
  const named = ['href', 'src', 'action', 'formaction', 'srcdoc'];
  const brief = one => one.outerHTML.slice(0, 120);
  return {
    ran: 'ran' in window,
    violations: window.violations ?? [],
    links: all.flatMap(one => named.map(name => one.getAttribute(name) ?? ''))
      .filter(address => address === 'x' || /^\s*(javascript|vbscript):|^data:text|^<script/i.test(address)),
    handlers: all.filter(one => [...one.attributes].some(({ name }) => name.startsWith('on'))).map(brief),
    scripts: all.filter(one => one.tagName === 'SCRIPT' && one.src === '').map(brief),
    turning: /[\u202a-\u202e\u2066-\u2069\u200b\ufeff]/.test(document.body.innerText),
  };
}"""
NOTHING = {"ran": False, "violations": [], "links": [], "handlers": [], "scripts": [], "turning": False}
REFUSALS = ("404", "422", "401", "403")
"""What the browser notes as an error where an address is asked for that is none."""


def named(what: str) -> str:
    """Hostile text that can be told from others."""
    return f"{what} {HOSTILE}"


class Written(NamedTuple):
    """What was written where: the ids of the cases and the codes that lead to it."""

    enterprise: str
    red: dict[str, Any]
    yellow: dict[str, Any]


@pytest.fixture(scope="module")
def written(system: WebSystem) -> Iterator[Written]:
    """A district in which every text is hostile."""
    red_one, yellow_one = [one for one in system.sample.enterprises if one.station == "hangcheng"][2:4]
    with system.app(system.token(Role.ADMIN, "admin")) as admin:
        for enterprise in (red_one, yellow_one):
            path = f"/dispatch/v1/enterprises/{enterprise.code}"
            known = admin.get(path).json()
            fields = ("district", "street", "station", "classification")
            body = {field: known[field] for field in fields if known.get(field)} | PLACE
            body |= {
                "name": named("企业")[:200],
                "address": named("地址"),
                "contacts": [{"name": named("联系人")[:60], "phone": "13800000000"}],
            }
            answer = admin.put(path, json=body, headers={"If-Match": f'"{known["etag"]}"'})
            assert answer.is_success, answer.text
    red = open_hostile(system, RED, red_one, "assigned")
    yellow = open_hostile(system, YELLOW, yellow_one, "open")
    open_hostile(system, WHITE, yellow_one, None)
    station = red_one.station
    with system.app(system.chief(station)) as chief:
        (deadline, *_) = chief.get("/watch/v1/deadlines", params={"case_id": red["case_id"]}).json()["items"]
        extension = {"working_days": 2, "legal_ground": named("依据")[:200], "reason": named("延期")}
        extended = chief.post(f"/watch/v1/deadlines/{deadline['deadline_id']}/extend", json=extension)
        assert extended.status_code == 202, extended.text
        visit_and_report(system, red)
        case = f"/dispatch/v1/cases/{red['case_id']}"
        assert chief.post(f"{case}/return", json={"reason": named("退回")}).is_success
        dismissal = {"ground": "other", "reason": named("误报")}
        dismissed = chief.post(f"/ingest/v1/alerts/{red['alert_ids'][0]}/dismiss", json=dismissal)
        assert dismissed.is_success, dismissed.text
        officer = red["team"][0]["officer"]
        for path, body in {
            "/dispatch/v1/leaves": {
                "officer": officer,
                "first_day": "2027-03-01",
                "last_day": "2027-03-01",
                "reason": named("请假")[:400],
            },
            "/dispatch/v1/recusals": {
                "officer": officer,
                "enterprise_code": yellow_one.code,
                "reason": named("回避")[:400],
            },
        }.items():
            assert (answer := chief.post(path, json=body)).is_success, answer.text
    with system.app(system.enterprise(yellow_one.code)) as own:
        case = f"/dispatch/v1/cases/{yellow['case_id']}"
        attached = own.post(
            f"{case}/attachments", files={"file": (named("附件")[:200] + ".png", PHOTOGRAPH, "image/png")}
        )
        assert attached.is_success, attached.text
        plea = {"reason": named("申诉"), "evidence": [attached.json()["attachment_id"]]}
        assert own.post(f"/ingest/v1/alerts/{yellow['alert_ids'][0]}/plead", json=plea).status_code == 202
        report = {"cause": named("原因"), "measures": named("措施"), "interim": True}
        report |= {"planned_end": "2026-12-20T18:00:00+08:00", "attachments": [attached.json()["attachment_id"]]}
        assert (answer := own.post(f"{case}/self-report", json=report)).is_success, answer.text
        shutdown = {
            "enterprise_code": yellow_one.code,
            "start": "2027-01-14T08:00:00+08:00",
            "end": "2027-01-16T18:00:00+08:00",
            "kind": "other",
            "reason": named("停产"),
        }
        assert own.post("/ingest/v1/shutdowns", json=shutdown).status_code == 202
    system.publish(Topic.ANOMALY_EVENTS, json.dumps({"hostile": named("死信")}, ensure_ascii=False).encode())
    with system.app(system.token(Role.SECTION, "section")) as section:
        letters = "/ingest/v1/dead-letters"
        until(lambda: section.get(letters, params={"state": "waiting"}).json()["items"])
        yield Written(yellow_one.code, red, yellow)
        for one in section.get(letters, params={"state": "waiting"}).json()["items"]:
            section.post(f"{letters}/{one['letter_id']}/discard", json={"reason": "测试"})


def open_hostile(system: WebSystem, pattern: Any, enterprise: Any, state: str | None) -> dict[str, Any]:
    """The case of an event whose every text is hostile, once it stands at `state`."""
    event = json.loads(anomaly(pattern, enterprise, enterprise.outlets[0], system.clock.now(), system.choice))
    event["data"] |= {"note": named("备注")[:500]}
    event["data"]["enterprise"]["name"] = named("平台所报企业")[:200]
    event["data"]["outlet"]["name"] = named("排口")[:100]
    event["data"]["pollutant"]["name"] = named("因子")[:100]
    with system.app(system.token(Role.ADMIN, "admin")) as admin:
        headers = {"content-type": STRUCTURED}
        answer = admin.post("/ingest/v1/events", content=json.dumps(event).encode(), headers=headers)
        assert answer.status_code == 202, answer.text

        def found() -> Any:
            cases = admin.get("/dispatch/v1/cases", params={"enterprise": enterprise.code}).json()["items"]
            return [case for case in cases if case["state"] == state]

        return dict(until(found)[0]) if state is not None else {}


def visit_and_report(system: WebSystem, case: dict[str, Any]) -> None:
    """Both officers go; the lead attaches a photograph and reports."""
    for step in ("accept", "depart", "arrive"):
        for member in case["team"]:
            take(system, case, member["officer"], step)
    with system.app(system.officer(officer_of(case, "lead"))) as app:
        path = f"/dispatch/v1/cases/{case['case_id']}"
        photo = app.post(f"{path}/attachments", files={"file": (named("照片")[:200] + ".png", PHOTOGRAPH, "image/png")})
        assert photo.is_success, photo.text
        report = {
            "findings": named("发现"),
            "measures": named("处理"),
            "outcome": "exempt",
            "legal_basis": named("不予处罚依据")[:200],
            "attachments": [photo.json()["attachment_id"]],
        }
        assert (answer := app.post(f"{path}/feedback", json=report)).is_success, answer.text


@pytest.fixture
def watched(new_person: NewPerson) -> Iterator[Any]:
    """Makes people whose pages note what ran, what was refused and what asked; and forgives what is no answer."""
    people: list[tuple[Person, list[str]]] = []

    def make(token: str | None, **how: Any) -> Person:
        someone = new_person(token, **how)
        people.append((someone, watch(someone.page)))
        return someone

    yield make
    for someone, dialogs in people:
        assert dialogs == []
        someone.errors[:] = [
            error for error in someone.errors if not any(f"status of {code}" in error for code in REFUSALS)
        ]


def watch(page: Page) -> list[str]:
    """The dialogs that the page opens from now on; what its policy refuses is noted in it."""
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    page.add_init_script(
        "window.violations = [];"
        "document.addEventListener('securitypolicyviolation', e => window.violations.push(e.violatedDirective));"
    )
    return dialogs


def look(someone: Person, path: str, *texts: str) -> None:
    """Open a screen, see that the texts are on it as they were written, and that none of it was taken for more."""
    someone.go(path)
    expect(someone.page.locator(".tc-loading")).to_have_count(0, timeout=SEEN)
    for text in texts:
        # As text: the sign that begins a tag stands on the screen.
        shown = someone.page.get_by_text(f"{text} <img src=x").first
        expect(shown).to_be_attached(timeout=SEEN)
        direction = shown.evaluate("one => getComputedStyle(one).unicodeBidi")
        assert direction in {"isolate", "plaintext", "isolate-override"}, f"{text} turns round what stands beside it"
    assert someone.page.evaluate(FOUND) == NOTHING, path


def test_nothing_runs_in_the_console(system: WebSystem, written: Written, watched: Any) -> None:
    someone = watched(system.token(Role.SECTION, "section"))
    look(someone, "/board", "企业")
    look(someone, "/wall", "企业")
    look(someone, "/cases", "企业")
    look(someone, f"/cases/{written.red['case_id']}", "企业", "发现", "处理", "退回", "延期", "误报", "依据")
    look(someone, f"/cases/{written.yellow['case_id']}", "企业", "原因", "措施", "申诉")
    look(someone, "/alerts", "企业")
    look(someone, f"/alerts/{written.red['alert_ids'][0]}", "企业", "误报")
    look(someone, "/work", "企业")
    look(someone, "/map?all=true")
    look(someone, "/figures?by=enterprise", "企业")
    station = written.red["station"]
    look(someone, f"/station?station={station}", "请假", "回避")
    look(someone, "/dead-letters")
    someone.page.get_by_role("button", name="原文").first.click()
    expect(someone.page.locator("pre")).to_contain_text("<img src=x", timeout=SEEN)
    assert someone.page.evaluate(FOUND) == NOTHING


def test_nothing_runs_by_what_stands_in_the_address(system: WebSystem, written: Written, watched: Any) -> None:
    del written
    someone = watched(system.token(Role.SECTION, "section"))
    hostile = quote(HOSTILE)
    for path in (
        f"/cases?q={hostile}",
        f"/cases?level={hostile}&sort={hostile}&station={hostile}",
        f"/cases/{quote(LINK, safe='')}",
        f"/alerts?q={hostile}&category={hostile}",
        f"/alerts/{quote('<img src=x onerror=alert(1)>', safe='')}",
        f"/work?kind={hostile}",
        f"/map?case={hostile}&all={hostile}",
        f"/figures?from={hostile}&by={hostile}",
        f"/rules?q={hostile}",
        f"/rules?version={hostile}",
        f"/calendar?year={hostile}",
        f"/station?week={hostile}&station={hostile}",
        f"/dead-letters?service={hostile}&state={hostile}",
        f"/{quote('<img src=x onerror=alert(1)>', safe='')}",
        f"/board#{hostile}",
    ):
        someone.page.goto(f"{someone.http}{path}")
        someone.page.locator("body *").first.wait_for(state="attached")
        expect(someone.page.locator(".tc-loading")).to_have_count(0, timeout=SEEN)
        assert someone.page.evaluate(FOUND) == NOTHING, path


def test_one_is_led_nowhere_else_by_signing_in(system: WebSystem, watched: Any) -> None:
    for to in (LINK, f"//{'evil.example'}/", "https://evil.example/", "/\\evil.example", f" {LINK}", "/sign-in?to=/"):
        someone = watched(None)
        someone.go(f"/sign-in?to={quote(to, safe='')}")
        someone.page.get_by_role("searchbox").fill("西乡所")
        chief = next(one for one in system.sample.staff if one.code == "xixiang-chief")
        someone.page.get_by_role("button", name=chief.name).first.click()
        expect(someone.page.get_by_role("banner")).to_contain_text(chief.name, timeout=SEEN)
        assert someone.page.url.startswith(system.http), to
        assert someone.page.evaluate(FOUND) == NOTHING, to


def test_nothing_runs_on_an_officers_telephone(system: WebSystem, written: Written, new_person: NewPerson) -> None:
    phone = Telephone(new_person, system, officer_of(written.red, "lead"))
    dialogs = watch(phone.page)
    phone.open()
    card = phone.page.get_by_role("link").filter(has_text="企业 <img src=x").first
    expect(card).to_be_visible(timeout=SEEN)
    assert phone.page.evaluate(FOUND) == NOTHING
    card.click()
    for text in ("排口", "因子", "地址", "联系人", "退回"):
        expect(phone.page.get_by_text(f"{text} <img src=x").first).to_be_attached(timeout=SEEN)
    assert phone.page.evaluate(FOUND) == NOTHING
    phone.page.get_by_role("link", name="修改后重新提交").click()
    expect(phone.page.get_by_label("检查发现", exact=True)).to_have_value(re.compile("^发现 <img src=x"))
    # A file whose name is hostile, of the telephone's own.
    phone.page.get_by_label("从相册选").set_input_files(
        {"name": "照<img src=x onerror=alert(1)>.png", "mimeType": "image/png", "buffer": PHOTOGRAPH}
    )
    expect(phone.page.get_by_text("照<img src=x onerror=alert(1)>").first).to_be_visible(timeout=SEEN)
    assert phone.page.evaluate(FOUND) == NOTHING
    phone.open("/field/queue")
    assert phone.page.evaluate(FOUND) == NOTHING
    assert dialogs == []


def test_nothing_runs_on_the_enterprises_page(system: WebSystem, written: Written, watched: Any) -> None:
    someone = watched(system.enterprise(written.enterprise), width=390)
    look(someone, "/enterprise", "企业")
    look(someone, f"/enterprise/matters/{written.yellow['case_id']}", "企业", "申诉", "因子")
    look(someone, "/enterprise/shutdowns", "停产")
    someone.go("/enterprise/notices")
    notice = someone.page.locator(".ent-notice").first
    notice.click()
    expect(someone.page.get_by_text("<img src=x").first).to_be_visible(timeout=SEEN)
    assert someone.page.evaluate(FOUND) == NOTHING
    someone.page.goto(f"{someone.http}/enterprise/matters/{quote(LINK, safe='')}")
    expect(someone.page.locator(".tc-loading")).to_have_count(0, timeout=SEEN)
    assert someone.page.evaluate(FOUND) == NOTHING


def test_nothing_runs_in_the_printed_file_of_a_case(
    system: WebSystem, written: Written, chromium: Browser, tmp_path: Path
) -> None:
    with system.app(system.token(Role.SECTION, "section")) as section:
        path = f"/dispatch/v1/cases/{written.red['case_id']}/evidence/bundle"
        answer = section.post(path, json={"reason": named("调卷")})
        assert answer.is_success, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        bundle.extractall(tmp_path)
        names = bundle.namelist()
    assert not [name for name in names if "<" in name or "\u202e" in name or ".." in name]
    (printed,) = tmp_path.rglob("*.html")
    context = chromium.new_context()
    page = context.new_page()
    dialogs = watch(page)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(printed.as_uri())
    expect(page.get_by_text("发现 <img src=x").first).to_be_attached()
    assert (
        page.evaluate("document.querySelectorAll('[onerror],[onload],iframe,script,a[href^=\"javascript\"]').length")
        == 0
    )
    assert page.evaluate("'ran' in window") is False
    assert dialogs == []
    assert complaints == []
    context.close()
