"""The kinds of records that can be imported, master data and plans: their columns, headings and examples."""

from datetime import date, datetime

from services.dispatcher.domain.entry_codes import SHORTEST
from services.dispatcher.domain.inspections import InspectionFields
from services.dispatcher.imports.reading.columns import Column, Kind, KindName, UnparsableCell, many, worded, yes_or_no
from services.dispatcher.imports.reading.contact_cells import channel, contact
from services.dispatcher.imports.reading.rows import (
    DutyRow,
    EnterpriseRow,
    EntryCodeRow,
    OfficerRow,
    OutletRow,
    StaffRow,
    StationRow,
)

_SKILLS = {"废气": "gas", "废水": "water", "VOC": "voc", "VOCs": "voc", "监测设备": "monitoring_equipment"}
_MEDIA = {"废气": "gas", "气": "gas", "废水": "water", "水": "water", "其他": "other"}
_CLASSES = {
    "重点监管对象": "key_unit",
    "正面清单": "positive_list",
    "特殊监管对象": "special_supervision",
    "VOCs分级A": "voc_a",
    "VOCs分级B": "voc_b",
    "VOCs分级C": "voc_c",
}
_POSITION = (
    Column("longitude", "经度", "WGS 84，度；与纬度同时填写或同时留空", "113.883"),
    Column("latitude", "纬度", "WGS 84，度", "22.555"),
)
_REACHED = (
    Column("phone", "电话", "手机或座机", "13800138000", others=("手机", "联系电话")),
    Column(
        "channels",
        "通知渠道",
        "渠道:地址，按先后顺序，多个用；隔开；渠道：短信、语音、企业微信、粤政易、邮件、推送、应用内",
        "短信:13800138000；应用内",
        many(channel),
    ),
)
_ROLES = {"所长": "station_chief", "执法科": "section", "分管领导": "leader"}
_TOGETHER = (("longitude", "latitude"),)


def a_day(text: str) -> date:
    """Parse a day: 2026-03-02, 2026/3/2, 2026年3月2日, or what a spreadsheet makes of a date."""
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
        raise UnparsableCell("须为日期，如 2026-03-02", "must be a date, such as 2026-03-02") from error


def _registered(name: str) -> Column:
    """The column `name` of a sheet about enterprises that are there already."""
    return Column(
        name,
        "统一社会信用代码",
        "必填，排污单位须已登记",
        "91440306MA5000001W",
        required=True,
        refers="enterprises",
        others=("企业编码", "信用代码"),
    )


KINDS: dict[KindName, Kind] = {
    "stations": Kind(
        name="stations",
        zh="执法所",
        model=StationRow,
        key=("code",),
        columns=(
            Column("code", "编码", "必填，执法所编码，不可重复", "xinan", required=True, others=("执法所编码",)),
            Column("name", "名称", "必填", "新安所", required=True),
            Column("district", "辖区", "必填，行政区划代码", "440306", required=True),
            Column("streets", "街道", "多个街道用；隔开", "新安；西乡", many()),
            Column("grid_cells", "网格", "网格编码，多个用；隔开", "440306-001；440306-002", many()),
            *_POSITION,
        ),
        together=_TOGETHER,
    ),
    "officers": Kind(
        name="officers",
        zh="执法人员",
        model=OfficerRow,
        key=("code",),
        columns=(
            Column("code", "编码", "必填，人员编码（登录名），不可重复", "xinan-01", required=True, others=("工号",)),
            Column("name", "姓名", "必填", "陈志强", required=True, others=("名称",)),
            Column("station", "执法所", "必填，执法所编码", "xinan", required=True, refers="stations"),
            Column("certified", "持证", "是或否，留空为是", "是", yes_or_no),
            Column("certificate", "执法证号", "行政执法证号", "4403060012345"),
            Column("on_duty", "在岗", "是或否，留空为是", "是", yes_or_no),
            Column(
                "skills",
                "专长",
                "废气；废水；VOC；监测设备，也可填写其他，多个用；隔开",
                "废气；监测设备",
                many(worded(_SKILLS)),
            ),
            *_REACHED,
        ),
    ),
    "staff": Kind(
        name="staff",
        zh="管理人员",
        model=StaffRow,
        key=("code",),
        columns=(
            Column(
                "code", "编码", "必填，人员编码（登录名），不可重复", "xinan-chief", required=True, others=("工号",)
            ),
            Column("name", "姓名", "必填", "林海", required=True, others=("名称",)),
            Column("role", "角色", f"必填，{'、'.join(_ROLES)}", "所长", worded(_ROLES), required=True),
            Column("station", "执法所", "所长必填，其他人员留空；执法所编码", "xinan", refers="stations"),
            *_REACHED,
        ),
    ),
    "enterprises": Kind(
        name="enterprises",
        zh="排污单位",
        model=EnterpriseRow,
        key=("code",),
        columns=(
            Column(
                "code",
                "统一社会信用代码",
                "必填，不可重复，单元格须为文本格式",
                "91440306MA5000001W",
                required=True,
                others=("编码", "信用代码"),
            ),
            Column("name", "名称", "必填", "深圳某某电子有限公司", required=True, others=("单位名称", "企业名称")),
            Column("address", "地址", "", "宝安区新安街道1号"),
            Column("district", "辖区", "行政区划代码", "440306"),
            Column("street", "街道", "", "新安"),
            Column("grid_cell", "网格", "网格编码", "440306-001"),
            Column("station", "执法所", "负责的执法所编码，留空则按街道、网格、辖区确定", "xinan", refers="stations"),
            *_POSITION,
            Column(
                "classification",
                "分类",
                f"{'；'.join(_CLASSES)}，多个用；隔开",
                "重点监管对象；VOCs分级A",
                many(worded(_CLASSES)),
            ),
            Column(
                "contacts",
                "联系人",
                "姓名/电话/职务，多人用；隔开，先填的先联系",
                "王强/13800138000/环保负责人；李娟/0755-27788888",
                many(contact),
            ),
            Column(
                "channels",
                "通知渠道",
                "渠道:地址，按先后顺序，多个用；隔开；渠道：短信、语音、邮件、推送、企业端、应用内",
                "企业端；短信:13800138000",
                many(channel),
            ),
        ),
        together=_TOGETHER,
        always={"source": "master"},
    ),
    "outlets": Kind(
        name="outlets",
        zh="排放口",
        model=OutletRow,
        key=("enterprise_code", "code"),
        columns=(
            _registered("enterprise_code"),
            Column(
                "code",
                "排放口编号",
                "必填，排污许可证上的编号，没有则填 MN 号",
                "DA001",
                required=True,
                others=("编码", "编号"),
            ),
            Column("mn", "MN号", "数采仪 MN 号，全网不可重复", "A440306000001", others=("MN",)),
            Column("name", "名称", "必填", "锅炉废气排放口", required=True, others=("排放口名称",)),
            Column("medium", "类型", "必填，废气、废水或其他", "废气", worded(_MEDIA), required=True, others=("介质",)),
            *_POSITION,
        ),
        together=_TOGETHER,
        unique=("mn",),
    ),
    "rota": Kind(
        name="rota",
        zh="值班表",
        model=DutyRow,
        key=("day", "officer"),
        columns=(
            Column("day", "日期", "必填，一行一人一天", "2026-03-02", a_day, dated=True, required=True),
            Column("station", "执法所", "必填，执法所编码", "xinan", required=True),
            Column(
                "officer",
                "值班人员",
                "必填，人员编码；当日无人值班的填“无人”",
                "xinan-01",
                required=True,
                others=("工号", "人员"),
            ),
        ),
    ),
    "entry_codes": Kind(
        name="entry_codes",
        zh="入企码",
        model=EntryCodeRow,
        key=("code",),
        columns=(
            _registered("code"),
            Column(
                "entry_code",
                "入企码",
                f"企业门口二维码的内容，至少 {SHORTEST} 个字符；留空则取消该企业的入企码",
                "GATE-7K3Q",
                secret=True,
                others=("二维码",),
            ),
        ),
        most=1_000,  # each is kept as a slow hash
    ),
    "inspections": Kind(
        name="inspections",
        zh="双随机抽查计划",
        model=InspectionFields,
        key=("plan", "enterprise_code"),
        columns=(
            Column(
                "plan", "抽查计划编号", "必填，省平台上的编号", "SZ2026Q1-0042", required=True, others=("计划编号",)
            ),
            Column(
                "enterprise_code",
                "统一社会信用代码",
                "必填，单元格须为文本格式",
                "91440306MA5000001W",
                required=True,
                others=("信用代码", "企业编码"),
            ),
            Column("matters", "检查事项", "", "排污许可证后执法检查", others=("抽查事项",)),
            Column(
                "planned_from",
                "计划开始日期",
                "必填",
                "2026-01-01",
                a_day,
                dated=True,
                required=True,
                others=("开始日期",),
            ),
            Column(
                "planned_until",
                "计划结束日期",
                "必填",
                "2026-03-31",
                a_day,
                dated=True,
                required=True,
                others=("结束日期",),
            ),
        ),
    ),
}
