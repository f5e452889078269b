"""A station's chief: the rota of a week, dragged and saved; somebody else's change meanwhile; a sheet mended."""

import pytest
from playwright.sync_api import Locator, expect

from tests.web.browser import WIDTHS, Person
from tests.web.conftest import NewPerson
from tests.web.system import WebSystem

SEEN = 15_000


@pytest.fixture
def chief(system: WebSystem, new_person: NewPerson) -> Person:
    return new_person(system.chief("xinan"))


def day(someone: Person, date: str) -> Locator:
    return someone.page.locator("section").filter(has=someone.page.get_by_text(date, exact=True)).last


def test_a_rota_is_dragged_and_saved(system: WebSystem, chief: Person) -> None:
    chief.go("/station?week=2026-W52")
    expect(day(chief, "12月21日")).to_contain_text("全所值班", timeout=SEEN)

    # One is dragged into Monday and on to Wednesday, one is added by the keyboard; on Thursday nobody is there.
    chief.page.locator("li[draggable=true]").filter(has_text="xinan-01").drag_to(day(chief, "12月21日"))
    chief.page.get_by_label("添加值班人员：周二 12月22日").select_option("xinan-02")
    day(chief, "12月21日").locator("li").drag_to(day(chief, "12月23日"))
    expect(day(chief, "12月21日")).to_contain_text("无人值班")
    day(chief, "12月21日").get_by_role("button", name="改为全所").click()
    day(chief, "12月24日").get_by_role("button", name="改为无人").click()
    chief.page.get_by_role("button", name="保存值班表").click()
    expect(chief.page.get_by_text("没有任务因此变动")).to_be_visible(timeout=SEEN)

    with system.app(system.chief("xinan")) as app:
        stored = app.get("/dispatch/v1/stations/xinan/rota/2026-W52").json()
    assert stored["days"] == {"2026-12-22": ["xinan-02"], "2026-12-23": ["xinan-01"], "2026-12-24": []}
    chief.must_be_accessible()


def test_a_rota_that_somebody_else_changed_is_not_overwritten_unseen(system: WebSystem, chief: Person) -> None:
    chief.go("/station?week=2026-W53")
    chief.page.get_by_label("添加值班人员：周一 12月28日").select_option("xinan-01")
    with system.app(system.chief("xinan")) as app:
        path = "/dispatch/v1/stations/xinan/rota/2026-W53"
        etag = app.get(path).json()["etag"]
        body = {"days": {"2026-12-29": ["xinan-03"]}}
        assert app.put(path, json=body, headers={"If-Match": f'"{etag}"'}).status_code == 200

    chief.page.get_by_role("button", name="保存值班表").click()
    expect(chief.page.get_by_text("值班表已被他人修改")).to_be_visible(timeout=SEEN)
    expect(chief.page.get_by_role("alert")).to_contain_text("周二 12月29日 · 李俊杰", timeout=SEEN)
    chief.shoot("station-conflict-1440-light")
    chief.page.get_by_role("button", name="改用新版本").click()
    expect(day(chief, "12月29日").locator("li")).to_have_count(1)
    expect(day(chief, "12月28日")).to_contain_text("全所值班")
    chief.errors[:] = [error for error in chief.errors if "412" not in error]


def test_a_sheet_is_refused_mended_and_imported(system: WebSystem, chief: Person) -> None:
    chief.go("/station?week=2027-W01")
    sheet = chief.page.get_by_label("选择文件")

    def send(*rows: str) -> None:
        content = "\n".join(["日期,执法所,值班人员", *rows]).encode()
        sheet.set_input_files({"name": "一月.csv", "mimeType": "text/csv", "buffer": content})

    send("2027-01-04,xinan,xinan-01", "2027-01-05,xinan,nobody-there")
    expect(chief.page.get_by_text("1 处有误")).to_be_visible(timeout=SEEN)
    expect(chief.page.get_by_role("button", name="确认导入")).to_be_disabled()
    chief.shoot("station-sheet-refused-1440-light")
    chief.must_be_accessible()

    send("2027-01-04,xinan,xinan-01", "2027-01-05,xinan,xinan-02")
    expect(chief.page.get_by_text("新增 2")).to_be_visible(timeout=SEEN)
    chief.page.get_by_role("button", name="确认导入").click()
    expect(day(chief, "1月5日").locator("li")).to_have_count(1, timeout=SEEN)


@pytest.mark.parametrize("width", WIDTHS)
def test_who_only_reads_is_offered_nothing_to_change(system: WebSystem, new_person: NewPerson, width: int) -> None:
    officer = new_person(system.officer("xinan-01"), width=width, theme="dark")
    officer.go("/station")
    expect(officer.page.get_by_role("heading", name="周值班表")).to_be_visible(timeout=SEEN)
    expect(officer.page.get_by_role("button", name="保存值班表")).to_have_count(0)
    expect(officer.page.get_by_label("选择文件")).to_have_count(0)
    officer.must_fit()
    officer.must_be_accessible()
    officer.shoot(f"station-{width}-dark")
