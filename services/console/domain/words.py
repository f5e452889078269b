"""What codes are called in tables that people take away. A code that is not known here is called by itself. Pure."""

from collections.abc import Mapping

from shared.contract.events import Bilingual


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
    open=("未派单、未反馈", "open"),
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
    reopened=("重新办理", "reopened"),
)
OUTCOMES = _named(
    rectified=("已整改", "rectified"),
    order_to_correct=("责令改正", "ordered to correct"),
    case_filed_for_penalty=("立案处罚", "filed for a penalty"),
    exempt=("依法不予处罚", "exempt by law"),
    observation_period=("给予观察期", "observation period"),
    false_alarm=("误报", "false alarm"),
    report_untrue=("自查反馈不实", "report untrue"),
    accepted_report=("自查反馈认可", "report accepted"),
    marking_accepted=("标记认可", "marking accepted"),
    marking_questioned=("标记存疑", "marking questioned"),
    upgraded=("升级办理", "upgraded"),
    downgraded=("降级办理", "downgraded"),
)


def level_name(code: str) -> Bilingual:
    return called(LEVELS, code)


def called(names: Mapping[str, Bilingual], code: str | None) -> Bilingual:
    """What `names` call the code, in both languages."""
    return names.get(code or "") or Bilingual(zh=code or "", en=code or "")
