"""Whether a case's evidence holds, on its page; and the whole file of the case, taken away with a reason."""

from zipfile import ZipFile

from playwright.sync_api import expect

from services.sample.anomalies import RED
from shared.contract.roles import Role
from tests.web.conftest import NewPerson
from tests.web.field_work import visit
from tests.web.system import WebSystem
from tests.web.test_the_duty_room import SEEN, of_station


def test_the_page_says_whether_the_evidence_holds(system: WebSystem, new_person: NewPerson) -> None:
    case = system.open_case(RED, of_station(system, "fuhai", 9), "assigned")
    auditor = new_person(system.token(Role.AUDITOR, "auditor"))
    auditor.go(f"/cases/{case['case_id']}")
    verdict = auditor.page.locator('[data-part="proof"]').get_by_role("status")
    expect(verdict).to_contain_text("✓", timeout=SEEN)
    expect(verdict).to_contain_text("存证完整")
    auditor.must_be_accessible()
    auditor.shoot("case-evidence-holds-1440-light")

    system.falsify(case["case_id"])
    auditor.page.get_by_role("button", name="重新核验").click()
    expect(verdict).to_contain_text("✗", timeout=SEEN)
    expect(verdict).to_contain_text("存证不符")
    fault = auditor.page.locator('[data-part="proof"] li', has_text="派单办理 · 第 2 条")
    expect(fault).to_contain_text("所附文书与写入时的哈希不符（被改动）")
    auditor.must_be_accessible()
    auditor.shoot("case-evidence-broken-1440-light")


def test_the_file_of_a_case_is_taken_away_with_a_reason(system: WebSystem, new_person: NewPerson) -> None:
    case = system.open_case(RED, of_station(system, "fuhai", 10), "assigned")
    visit(system, case)
    chief = new_person(system.chief("fuhai"))
    chief.go(f"/cases/{case['case_id']}")
    expect(chief.page.locator('[data-part="proof"]').get_by_role("status")).to_contain_text("✓", timeout=SEEN)
    chief.page.get_by_role("button", name="导出电子卷宗").click()
    chief.page.get_by_role("button", name="导出", exact=True).click()
    expect(chief.page.get_by_text("请填写导出事由")).to_be_visible()
    chief.page.get_by_label("导出事由").fill("行政复议")
    with chief.page.expect_download(timeout=60_000) as saved:
        chief.page.get_by_role("button", name="导出", exact=True).click()
    with ZipFile(saved.value.path()) as bundle:
        names = bundle.namelist()
        assert bundle.testzip() is None
    assert any(name.endswith(".pdf") for name in names)
    assert any(name.endswith("verify.py") for name in names), names
    expect(chief.page.get_by_text("卷宗已导出").first).to_be_visible()
    with system.app(system.token(Role.AUDITOR, "auditor")) as auditor:
        kept = auditor.get("/dispatch/v1/access-records", params={"case_id": case["case_id"]}).json()["items"]
    assert [(one["action"], one["reason"]) for one in kept if one["action"] == "exportCase"] == [
        ("exportCase", "行政复议")
    ]


def test_an_officer_sees_the_verdict_and_takes_nothing_away(system: WebSystem, new_person: NewPerson) -> None:
    case = system.open_case(RED, of_station(system, "fuhai", 11), "assigned")
    officer = new_person(system.officer(case["team"][0]["officer"]))
    officer.go(f"/cases/{case['case_id']}")
    expect(officer.page.locator('[data-part="proof"]').get_by_role("status")).to_contain_text("✓", timeout=SEEN)
    expect(officer.page.get_by_role("button", name="导出电子卷宗")).to_have_count(0)
