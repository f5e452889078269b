"""A visit from the list to the report without a network: all of it is kept, sent in order, and counted once."""

from playwright.sync_api import FilePayload, Route, expect

from tests.web.conftest import NewPerson
from tests.web.field import TEMPLATE, Telephone, becomes, officer_of, photo, red_case, take_steps, video
from tests.web.system import WebSystem


def test_everything_done_at_the_door_arrives_once_there_is_a_network(system: WebSystem, new_person: NewPerson) -> None:
    enterprise = system.sample.enterprises[40]
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    phone = Telephone(new_person, system, lead)
    phone.open()
    expect(phone.card(enterprise.name)).to_contain_text("待接单")
    phone.shoot("today-390-light")
    phone.keep_app()

    # The lift goes down to the second basement: from here on there is no network, and the app is even opened anew.
    phone.lose_network()
    phone.page.reload()
    phone.card(enterprise.name).click()
    expect(phone.page.get_by_role("heading", level=1)).to_have_text(enterprise.name)
    phone.shoot("visit-390-light")
    phone.press("接单")
    phone.press("出发")
    phone.press("我已到场")
    expect(phone.page.get_by_text("定位精度 ±12 米")).to_be_visible()
    phone.shoot("arrive-390-light")
    phone.press("确认到场")
    phone.page.get_by_role("link", name="填写反馈").click()
    phone.add_photo()
    phone.sign()
    phone.write_report()
    phone.shoot("report-390-light")
    # The battery is dead, and so is the telephone: what was written and photographed is still there.
    phone.page.reload()
    expect(phone.page.get_by_label("检查发现", exact=True)).to_have_value(f"污水站三号泵停运。{TEMPLATE}")
    expect(phone.page.get_by_text("现场.jpg")).to_be_visible()
    phone.press("提交反馈")
    phone.shoot("confirm-390-light")
    phone.press("确认提交")
    expect(phone.page.get_by_text("没有网络。可以照常办理")).to_be_visible()
    phone.page.get_by_role("link", name="发送").click()
    expect(phone.page.get_by_text("未完成（6）")).to_be_visible()
    phone.shoot("queue-390-light")

    phone.find_network()
    with system.app(system.officer(lead)) as app:
        becomes(app, case, "reported")
        expect(phone.page.get_by_text("没有待发送的内容")).to_be_visible()
        timeline = app.get(f"/dispatch/v1/cases/{case['case_id']}/timeline?limit=200").json()["items"]
        steps = [entry for entry in timeline if entry["actor_subject"] == lead and entry["claimed_at"]]
        acts = [entry for entry in steps if not entry["type"].endswith("attachment_added.v1")]
        assert [entry["type"].split(".")[3] for entry in acts] == [
            "accepted",
            "departed",
            "arrived",
            "feedback_submitted",
        ]
        assert [entry["claimed_at"] for entry in acts] == sorted(entry["claimed_at"] for entry in acts)
        assert steps[-1] == acts[-1]  # what the report rests on had arrived before it
        report = steps[-1]["detail"]
        assert report["findings"] == f"污水站三号泵停运。{TEMPLATE}"
        files = app.get(f"/dispatch/v1/cases/{case['case_id']}/attachments").json()["items"]
        assert sorted(report["attachments"]) == sorted(file["attachment_id"] for file in files)
        by_type = {file["media_type"]: file for file in files}
        assert by_type["image/jpeg"]["size"] < len(photo()) / 3  # reduced on the device
        assert "image/png" in by_type  # the signature
    phone.forgive("ERR_INTERNET_DISCONNECTED", "ERR_FAILED")


def test_a_video_goes_on_where_the_line_broke_and_the_report_does_not_wait_for_it(
    system: WebSystem, new_person: NewPerson
) -> None:
    enterprise = system.sample.enterprises[41]
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    film = video(5)
    with system.app(system.officer(lead)) as app:
        take_steps(app, case, "accept", "depart", "arrive")
        phone = Telephone(new_person, system, lead)
        sent: list[int] = []
        broken = False

        def break_once(route: Route) -> None:
            nonlocal broken
            if route.request.method != "PATCH":
                route.continue_()
                return
            offset = int(route.request.headers["upload-offset"])
            if offset > 0 and not broken:
                broken = True
                route.abort()
                return
            sent.append(offset)
            route.continue_()

        phone.page.route("**/dispatch/v1/uploads/*", break_once)
        phone.open()
        phone.card(enterprise.name).click()
        phone.page.get_by_role("link", name="填写反馈").click()
        phone.page.get_by_label("从相册选").set_input_files(
            {"name": "排口.mp4", "mimeType": "video/mp4", "buffer": film}
        )
        expect(phone.page.get_by_text("随后补传，不耽误反馈")).to_be_visible()
        phone.write_report("立案处罚")
        phone.page.get_by_label("立案号（可以之后补）").fill("深环宝立〔2026〕12号")
        phone.press("提交反馈")
        phone.press("确认提交")
        becomes(app, case, "reported")

        def arrived() -> list[int]:
            items = app.get(f"/dispatch/v1/cases/{case['case_id']}/attachments").json()["items"]
            return [item["size"] for item in items]

        phone.page.get_by_role("link", name="发送").click()
        expect(phone.page.get_by_text("没有待发送的内容")).to_be_visible(timeout=30_000)
        assert arrived() == [len(film)]
        assert broken
        assert len(sent) == len(set(sent))  # no byte that had arrived was sent again
    phone.forgive("ERR_FAILED")


def test_a_photograph_that_nobody_can_read_holds_the_report_until_it_is_explained(
    system: WebSystem, new_person: NewPerson
) -> None:
    enterprise = system.sample.enterprises[50]
    case = red_case(system, enterprise)
    lead = officer_of(case, "lead")
    with system.app(system.officer(lead)) as app:
        take_steps(app, case, "accept", "depart", "arrive")
        phone = Telephone(new_person, system, lead)
        phone.open()
        phone.card(enterprise.name).click()
        phone.page.get_by_role("link", name="填写反馈").click()
        broken: FilePayload = {
            "name": "坏卡.png",
            "mimeType": "image/png",
            "buffer": b"what a broken memory card leaves",
        }
        phone.page.get_by_label("从相册选").set_input_files(broken)
        phone.write_report()
        phone.press("提交反馈")
        phone.press("确认提交")
        phone.page.get_by_role("link", name="1 项没有发送成功").click()
        expect(phone.page.get_by_text("有照片未被接收，处理后再发")).to_be_visible()
        phone.shoot("doubtful-390-light")
        phone.press("写明理由")
        phone.page.get_by_label("理由", exact=True).fill("存储卡损坏，原始文件留作鉴定")
        phone.press("提交理由")
        becomes(app, case, "reported")
        (kept,) = app.get(f"/dispatch/v1/cases/{case['case_id']}/attachments").json()["items"]
        assert kept["overruling"]["reason"] == "存储卡损坏，原始文件留作鉴定"
    phone.forgive("415")
