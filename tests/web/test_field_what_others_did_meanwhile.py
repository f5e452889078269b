"""What others did meanwhile: a case that changed hands, a colleague who went ahead, a report that came back."""

from playwright.sync_api import expect

from tests.web.conftest import NewPerson
from tests.web.field import Telephone, becomes, officer_of, red_case, state_of, take_steps
from tests.web.system import WebSystem

REPORT = {"findings": "活性炭未更换", "measures": "现场约谈", "outcome": "rectified"}


def test_a_case_that_others_have_by_now_is_a_conflict_with_a_way_on(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = system.sample.enterprises[42]
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    phone = Telephone(new_person, system, lead)
    phone.open()
    phone.keep_app()
    phone.lose_network()
    phone.card(enterprise.name).click()
    phone.press("接单")
    phone.press("出发")

    with system.app(system.chief(enterprise.station)) as chief:
        given = chief.post(f"/dispatch/v1/cases/{case['case_id']}/reassign", json={"reason": "失联，由同事接替"})
        assert given.is_success, given.text
        assert lead not in [member["officer"] for member in given.json()["team"]]

    phone.find_network()
    phone.page.get_by_role("link", name="2 项没有发送成功").click()
    expect(phone.page.get_by_text("情况已变")).to_have_count(2)
    expect(phone.page.get_by_text("这项任务已由他人承办（案件现在：待接单）")).to_be_visible()
    phone.shoot("conflict-390-light")
    phone.press("知道了，这 2 项不再发送")
    expect(phone.page.get_by_text("没有待发送的内容")).to_be_visible()
    phone.page.get_by_role("link", name="任务", exact=True).click()
    expect(phone.page.get_by_text("近三天结束或改派（1）")).to_be_visible()
    phone.forgive("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")


def test_the_second_officer_is_recorded_behind_the_first(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = system.sample.enterprises[43]
    case = red_case(system, enterprise)
    lead, second = officer_of(case, "lead"), officer_of(case, "second")
    with system.app(system.officer(lead)) as app:
        take_steps(app, case, "accept", "depart", "arrive")
        phone = Telephone(new_person, system, second)
        phone.open()
        phone.card(enterprise.name).click()
        expect(phone.page.get_by_text("您是协办")).to_be_visible()
        phone.shoot("second-390-light")
        assert app.post(f"/dispatch/v1/cases/{case['case_id']}/feedback", json=REPORT).is_success
        with system.app(system.chief(enterprise.station)) as chief:
            early = chief.post(f"/dispatch/v1/cases/{case['case_id']}/approve")
            assert early.json()["type"].endswith("second-officer-missing")
            phone.press("接单")
            phone.press("出发")
            expect(
                phone.page.get_by_text("您的到场还没有记录").or_(phone.page.get_by_text("我已到场")).first
            ).to_be_visible()
            phone.press("我已到场")
            phone.press("确认到场")
            expect(phone.page.get_by_text("反馈已提交，等待审核")).to_be_visible()
            expect(phone.page.get_by_role("link", name="发送")).to_have_text("⇅发送")  # nothing waits any more
            approved = chief.post(f"/dispatch/v1/cases/{case['case_id']}/approve")
            assert approved.is_success, approved.text
        expect(phone.page.get_by_text("审核通过").first).to_be_visible()
        phone.shoot("approved-390-light")


def test_a_report_that_is_returned_comes_back_with_its_reason_and_is_sent_again(
    system: WebSystem, new_person: NewPerson
) -> None:
    enterprise = system.sample.enterprises[44]
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    with system.app(system.officer(lead)) as app, system.app(system.chief(enterprise.station)) as chief:
        take_steps(app, case, "accept", "depart", "arrive")
        assert app.post(f"/dispatch/v1/cases/{case['case_id']}/feedback", json=REPORT).is_success
        phone = Telephone(new_person, system, lead)
        phone.open()
        expect(phone.page.get_by_text("等待他人处理（1）")).to_be_visible()
        returned = chief.post(f"/dispatch/v1/cases/{case['case_id']}/return", json={"reason": "未写改正期限"})
        assert returned.is_success
        # The telephone is told by itself.
        expect(phone.card(enterprise.name)).to_contain_text("审核退回，待修改")
        phone.card(enterprise.name).click()
        expect(phone.page.get_by_text("退回原因：未写改正期限")).to_be_visible()
        phone.shoot("returned-390-light")
        phone.page.get_by_role("link", name="修改后重新提交").click()
        expect(phone.page.get_by_label("检查发现", exact=True)).to_have_value("活性炭未更换")
        phone.page.get_by_label("责令改正").check()
        phone.press("提交反馈")
        expect(phone.page.get_by_text("责令改正须写改正期限。")).to_be_visible()
        phone.shoot("report-fault-390-light")
        phone.page.get_by_label("改正期限").fill("2026-12-10")
        phone.press("提交反馈")
        phone.press("确认提交")
        becomes(app, case, "reported")
        again = chief.get(f"/dispatch/v1/cases/{case['case_id']}/timeline?limit=200").json()["items"]
        reports = [entry["detail"] for entry in again if entry["type"].endswith("feedback_submitted.v1")]
        assert [report["outcome"] for report in reports] == ["rectified", "order_to_correct"]
        assert reports[1]["correct_by"] == "2026-12-10"


def test_a_case_is_declined_with_a_reason(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = system.sample.enterprises[45]
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    phone = Telephone(new_person, system, lead)
    phone.open()
    phone.card(enterprise.name).click()
    phone.press("不能去，退单")
    phone.press("确认退单")
    expect(phone.page.get_by_text("请写明理由")).to_be_visible()
    phone.shoot("decline-390-light")
    phone.press("正在办理另一紧急案件")
    phone.press("确认退单")
    expect(phone.page.get_by_text("已不由您办理")).to_be_visible()
    with system.app(system.chief(enterprise.station)) as chief:
        assert state_of(chief, case) == "assigned"
        team = chief.get(f"/dispatch/v1/cases/{case['case_id']}").json()["team"]
        assert lead not in [member["officer"] for member in team]
