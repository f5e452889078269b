"""The enterprise's page: from the notice to the accepted report, a plea, a shutdown; and nothing of a raid."""

from playwright.sync_api import expect

from services.sample.anomalies import RED, YELLOW
from services.sample.district import Enterprise
from tests.web.conftest import NewPerson
from tests.web.system import WebSystem

SEEN = 30_000
"""How long the page may take to ask again, where many programs share few processors."""
SCREENS = {"to-do": "/enterprise", "notices": "/enterprise/notices", "shutdowns": "/enterprise/shutdowns"}


def of_station(system: WebSystem, station: str, number: int) -> Enterprise:
    return [one for one in system.sample.enterprises if one.station == station][number]


def test_from_the_notice_to_the_accepted_report(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = of_station(system, "songgang", 0)
    case = system.open_case(YELLOW, enterprise, "open")
    someone = new_person(system.enterprise(enterprise.code), width=390)

    # The notice is acknowledged by being opened, and leads to the matter.
    someone.go("/enterprise/notices")
    notice = someone.page.get_by_role("button", name="请于6小时内完成自查整改并反馈").first
    notice.click()
    expect(notice).to_contain_text("已确认阅读", timeout=SEEN)
    someone.page.get_by_role("link", name="查看事项").click()
    expect(someone.page.get_by_text("待企业反馈").first).to_be_visible()
    expect(someone.page.get_by_text("剩 5 小时").or_(someone.page.get_by_text("剩 6 小时")).first).to_be_visible()

    # What is written stays, whatever becomes of the page.
    someone.page.get_by_label("原因").fill("活性炭饱和")
    someone.page.get_by_label("整改措施").fill("更换活性炭")
    someone.page.reload()
    expect(someone.page.get_by_label("原因")).to_have_value("活性炭饱和")

    # The work goes on: an interim report with its end.
    someone.page.get_by_label("阶段反馈（整改仍在进行）").check()
    someone.page.get_by_label("计划完成时间").fill("2026-12-10T18:00")
    someone.page.get_by_role("button", name="提交").click()
    expect(someone.page.get_by_text("阶段反馈，待审核").first).to_be_visible(timeout=SEEN)
    someone.must_be_accessible()
    someone.must_fit()

    # The station accepts it, and the page says what is due now.
    with system.app(system.chief("songgang")) as chief:
        assert chief.post(f"/dispatch/v1/cases/{case['case_id']}/approve").is_success
    expect(someone.page.get_by_text("整改中").first).to_be_visible(timeout=SEEN)
    expect(someone.page.get_by_text("阶段反馈（整改仍在进行）")).to_have_count(0)


def test_a_plea_and_a_shutdown_wait_for_the_station(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = of_station(system, "songgang", 1)
    case = system.open_case(YELLOW, enterprise, "open")
    someone = new_person(system.enterprise(enterprise.code), width=390)
    someone.go(f"/enterprise/matters/{case['case_id']}")
    someone.page.get_by_role("button", name="申诉误报").click()
    someone.page.get_by_label("理由").fill("采样管路检修，数据无效")
    someone.page.get_by_role("form", name="申诉误报").get_by_role("button", name="提交").click()
    expect(someone.page.get_by_text("等待决定").first).to_be_visible(timeout=SEEN)

    someone.go("/enterprise/shutdowns")
    someone.page.get_by_label("开始").fill("2026-12-14T08:00")
    someone.page.get_by_label("结束").fill("2026-12-16T18:00")
    someone.page.get_by_label("说明").fill("年度检修")
    someone.page.get_by_role("button", name="提交").click()
    expect(someone.page.get_by_text("等待决定").first).to_be_visible(timeout=SEEN)


def test_what_is_missing_is_said_by_the_page_itself(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = of_station(system, "songgang", 3)
    case = system.open_case(YELLOW, enterprise, "open")
    someone = new_person(system.enterprise(enterprise.code), width=390)
    someone.go(f"/enterprise/matters/{case['case_id']}")
    report = someone.page.get_by_role("form", name="自查反馈")
    report.get_by_role("button", name="提交").click()
    expect(report.get_by_role("alert")).to_have_text("请填写：原因、整改措施、完成时间")
    cause = report.get_by_label("原因")
    expect(cause).to_be_focused()
    # The label stands below the header, which covers whatever is scrolled under it.
    label = report.locator("label", has_text="原因").bounding_box()
    header = someone.page.locator(".enterprise-header").bounding_box()
    assert label is not None
    assert header is not None
    assert label["y"] >= header["y"] + header["height"]
    cause.fill("  ")
    expect(report.get_by_role("alert")).to_have_count(0)
    report.get_by_label("整改措施").fill("更换活性炭")
    report.get_by_role("button", name="提交").click()
    expect(report.get_by_role("alert")).to_have_text("请填写：原因、完成时间")


def test_a_raid_is_not_announced(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = of_station(system, "songgang", 2)
    system.open_case(RED, enterprise, "assigned")
    someone = new_person(system.enterprise(enterprise.code), width=390)
    answers: list[str] = []
    someone.page.on("response", lambda answer: answers.append(answer.text()) if "/v1/" in answer.url else None)
    for path in SCREENS.values():
        someone.go(path)
    expect(someone.page.get_by_text("停产检修报备").first).to_be_visible()
    for path in ("/enterprise", "/enterprise/notices"):
        someone.go(path)
        expect(someone.page.get_by_text("没有").first).to_be_visible()
    assert not [one for one in answers if '"red"' in one or "on_site" in one]
