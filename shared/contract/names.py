"""What people call the codes of the contract, in tables, printed files and descriptions alike.

The apps have the same words in `web/shared/words`; a test holds the two together. A code that is not known here is
called by itself: a bureau has words of its own. Pure.
"""

from collections.abc import Mapping

from shared.contract.events import Bilingual, CaseKind


def _named(**names: tuple[str, str]) -> Mapping[str, Bilingual]:
    return {code: Bilingual(zh=zh, en=en) for code, (zh, en) in names.items()}


LEVELS = _named(red=("红色", "red"), yellow=("黄色", "yellow"), white=("白色", "white"))
KINDS = _named(
    self_report=("企业自查反馈", "self-report"),
    on_site=("现场检查", "visit"),
    verification=("现场核查", "verification"),
    follow_up=("复查", "follow-up"),
    marking=("数据标记核实", "review of a marking"),
)
STATES = _named(
    open=("待派单", "without a team"),
    assigned=("待接单", "assigned"),
    declined=("已退单，待改派", "declined"),
    accepted=("已接单", "accepted"),
    en_route=("赶赴现场", "on the way"),
    on_site=("现场检查中", "on site"),
    reported=("已反馈，待审核", "awaiting review"),
    returned=("退回补充", "returned"),
    approved=("审核通过", "approved"),
    self_reported=("已自查，待审核", "report awaiting review"),
    interim_reported=("阶段反馈，待审核", "interim report awaiting review"),
    rectifying=("整改中", "work goes on"),
    accepted_report=("自查认可", "report accepted"),
    questioned=("存疑，转现场", "questioned"),
    scheduled=("待复查", "scheduled"),
    superseded=("已重新分级", "graded anew"),
    dismissed=("已撤销", "dismissed"),
    merged=("已并案", "joined another"),
    suspended=("中止办理", "suspended"),
    transferred=("已移送，待派单", "transferred"),
    reopened=("重新办理，待派单", "reopened"),
)
STATES_BY_KIND: Mapping[str, Mapping[str, Bilingual]] = {
    CaseKind.SELF_REPORT: _named(
        open=("待企业反馈", "awaiting the enterprise"),
        reopened=("重新办理，待企业反馈", "reopened, awaiting the enterprise"),
        returned=("退回企业补充", "returned to the enterprise"),
    ),
    CaseKind.MARKING: _named(self_reported=("待核实", "awaiting review")),
}
"""The same state asks something else of somebody else: an open self-report waits for the enterprise."""
ON_SITE_OUTCOMES: Mapping[str, Bilingual] = _named(
    rectified=("已整改", "rectified"),
    order_to_correct=("责令改正", "ordered to correct"),
    case_filed_for_penalty=("立案处罚", "filed for a penalty"),
    exempt=("依法不予处罚", "exempt by law"),
    observation_period=("给予观察期", "observation period"),
    false_alarm=("误报", "false alarm"),
    report_untrue=("自查反馈不实", "report untrue"),
)
"""What officers come to: the outcomes that the statistics know by name."""
OUTCOMES: Mapping[str, Bilingual] = {
    **ON_SITE_OUTCOMES,
    **_named(
        accepted_report=("自查反馈认可", "report accepted"),
        marking_accepted=("标记认可", "marking accepted"),
        marking_questioned=("标记存疑", "marking questioned"),
        upgraded=("升级办理", "upgraded"),
        downgraded=("降级办理", "downgraded"),
    ),
}

ROLES = _named(
    platform=("监测平台", "platform"),
    enterprise=("企业", "enterprise"),
    officer=("执法人员", "officer"),
    station_chief=("所长", "station chief"),
    section=("执法科", "enforcement section"),
    leader=("分管领导", "district leader"),
    auditor=("审计人员", "auditor"),
    admin=("系统管理员", "administrator"),
    system=("系统", "system"),
)
ENTRY_CHECKS = _named(
    matched=("扫码相符", "entry code matched"),
    not_matched=("扫码不符", "entry code did not match"),
    not_scanned=("未扫码", "entry code not scanned"),
    not_asked=("无入企码", "no entry code"),
)
"""What an officer's arrival says of the code at the enterprise's gate (入企码)."""

ARRIVAL_DOUBTS = _named(
    after_report=("反馈之后才登记到场", "recorded after the report"),
    no_position=("未提供定位", "without a position"),
)
"""What is in doubt about an officer's arrival (到场存疑)."""


def called(names: Mapping[str, Bilingual], code: str | None) -> Bilingual:
    """What `names` call the code, in both languages."""
    return names.get(code or "") or Bilingual(zh=code or "", en=code or "")


def state_name(state: str, kind: str) -> Bilingual:
    """What a case of this kind stands at."""
    return called({**STATES, **STATES_BY_KIND.get(kind, {})}, state)
