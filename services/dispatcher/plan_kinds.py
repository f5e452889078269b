"""The kinds of plans that sheets bring: the duty rota, and the quarter's double-random inspections."""

from datetime import date, datetime

from services.dispatcher.fields import Body, Code
from services.dispatcher.import_columns import Column, Kind, Unreadable
from services.dispatcher.inspections import InspectionFields


class DutyRow(Body):
    day: date
    station: Code
    officer: Code


def a_day(text: str) -> date:
    """2026-03-02, 2026/3/2, 2026年3月2日, or what a spreadsheet makes of a date."""
    plain = (
        text.split("T", maxsplit=1)[0]
        .split(" ", maxsplit=1)[0]
        .replace("年", "-")
        .replace("月", "-")
        .rstrip("日")
        .replace("/", "-")
    )
    try:
        return datetime.strptime(plain, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError as error:
        raise Unreadable("须为日期，如 2026-03-02", "must be a date, such as 2026-03-02") from error


ROTA = Kind(
    name="rota",
    zh="值班表",
    model=DutyRow,
    key=("day", "officer"),
    columns=(
        Column("day", "日期", "必填，一行一人一天", "2026-03-02", a_day, required=True),
        Column("station", "执法所", "必填，执法所编码", "xinan", required=True),
        Column("officer", "值班人员", "必填，人员编码", "xinan-01", required=True, others=("工号", "人员")),
    ),
)
INSPECTIONS = Kind(
    name="inspections",
    zh="双随机抽查计划",
    model=InspectionFields,
    key=("plan", "enterprise_code"),
    columns=(
        Column("plan", "抽查计划编号", "必填，省平台上的编号", "SZ2026Q1-0042", required=True, others=("计划编号",)),
        Column(
            "enterprise_code",
            "统一社会信用代码",
            "必填，单元格须为文本格式",
            "91440306MA5000001W",
            required=True,
            others=("信用代码", "企业编码"),
        ),
        Column("matters", "检查事项", "", "排污许可证后执法检查", others=("抽查事项",)),
        Column("planned_from", "计划开始日期", "必填", "2026-01-01", a_day, required=True, others=("开始日期",)),
        Column("planned_until", "计划结束日期", "必填", "2026-03-31", a_day, required=True, others=("结束日期",)),
    ),
)
