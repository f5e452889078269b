"""Notices to an enterprise when an alert is issued. Pure."""

from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.notices.wording.phrases import (
    ASK_STATION,
    CASE,
    both,
    due,
    enterprise,
    labelled,
    line,
    lines,
    numbered,
    observation,
    text,
)
from shared.contract.events import AlertGraded, Bilingual

SELF_REPORT_WITHIN = timedelta(hours=6)
"""Stated in the 2024 Bao'an work plan, part 三（三）: self-inspection and report within 6 hours of the alert."""

_BASIS = text(
    "依据：《2024年度宝安区生态环境执法工作计划》三（三）及其所依据的《深圳市污染源自动监控异常数据预警规范》。",
    "Basis: 2024 Bao'an district eco-environment enforcement work plan, part 3 (3), and the Shenzhen rules on alerts"
    " for abnormal automatic-monitoring data that it rests on.",
)
_ALERT = text("预警编号", "Alert")
_REMINDER = text(
    "贵单位自动监控数据触发白色预警。现提醒贵单位及时核查生产、治污和监测设备运行情况，主动防范异常事件发生。",
    "Your automatic-monitoring data raised a white alert. Please check production, treatment and monitoring equipment"
    " now, to prevent an incident.",
)
_NO_REPORT = lines(
    text("本提醒无需反馈，请阅知后确认。", "No report is required; please acknowledge this notice."),
    _BASIS,
    ASK_STATION,
)
_REPORT = text(
    "贵单位自动监控数据触发黄色预警。请立即开展自查整改，自预警发布之时起6小时内通过企业端如实提交自查反馈，"
    "写明异常原因、整改措施和完成时间。",
    "Your automatic-monitoring data raised a yellow alert. Inspect and rectify at once, and within 6 hours of its issue"
    " submit a truthful self-report in the enterprise app: cause, measures, time finished.",
)
_HOURS = lines(
    text(
        "6小时为自然小时，夜间和节假日不扣除；以系统收到反馈的时间为准。逾期未反馈的，将督办升级并安排现场核查。",
        "The hours are clock hours, nights and holidays included; the system's receipt decides. An unanswered alert is"
        " escalated and verified on site.",
    ),
    _BASIS,
    ASK_STATION,
)


def white_reminder(alert: AlertGraded) -> NoticeDraft:
    """White: reminds the enterprise to prevent an incident; no answer is required (the plan, 三（三）)."""
    return NoticeDraft(
        occasion=f"alert:{alert.alert_id}:reminder",
        purpose="white_reminder",
        recipient_kind="enterprise",
        recipient=alert.enterprise.code,
        station=None,
        enterprise_code=alert.enterprise.code,
        alert_id=alert.alert_id,
        case_id=None,
        subject=text(
            f"【白色预警】提醒防范：{alert.category_name.zh}", f"[White alert] Reminder: {alert.category_name.en}"
        ),
        body=lines(
            _salutation(alert.enterprise.code, alert.enterprise.name),
            _REMINDER,
            *observation(alert),
            numbered(_ALERT, alert.alert_id),
            _NO_REPORT,
        ),
    )


def self_report_demand(alert: AlertGraded, case_id: UUID, joined: UUID | None = None) -> NoticeDraft:
    """Yellow: self-inspection, rectification and a truthful report within 6 hours (the plan, 三（三）).

    `joined` is the open case that it became a further matter of.
    """
    return _demand(alert, case_id, joined, alert.issued_at, _REPORT)


def self_report_again(
    alert: AlertGraded, case_id: UUID, since: datetime, reason: str, joined: UUID | None = None
) -> NoticeDraft:
    """A yellow case that was closed is asked for anew; its 6 hours run from `since`."""
    opening = text(
        "贵单位已办结的黄色预警案件现重新办理。请再次开展自查整改，自重新办理之时起6小时内通过企业端如实提交自查反馈，"
        "写明异常原因、整改措施和完成时间。",
        "A yellow alert of yours that had been closed is asked about again. Inspect and rectify once more, and within"
        " 6 hours from now submit a truthful self-report in the enterprise app: cause, measures, time finished.",
    )
    return _demand(alert, case_id, joined, since, lines(opening, labelled(text("理由", "Reason"), both(reason))))


def _demand(alert: AlertGraded, case_id: UUID, joined: UUID | None, since: datetime, opening: Bilingual) -> NoticeDraft:
    return NoticeDraft(
        occasion=f"case:{case_id}:self_report_demand",
        purpose="self_report_demand",
        recipient_kind="enterprise",
        recipient=alert.enterprise.code,
        station=None,
        enterprise_code=alert.enterprise.code,
        alert_id=alert.alert_id,
        case_id=case_id,
        subject=text(
            f"【黄色预警】请于6小时内完成自查整改并反馈：{alert.category_name.zh}",
            f"[Yellow alert] Inspect, rectify and report within 6 hours: {alert.category_name.en}",
        ),
        body=lines(
            _salutation(alert.enterprise.code, alert.enterprise.name),
            opening,
            *observation(alert),
            _until(since),
            numbered(CASE, case_id),
            _one_answer(joined),
            _HOURS,
        ),
    )


@lru_cache(maxsize=1_024)
def _until(since: datetime) -> Bilingual:
    until = due(since + SELF_REPORT_WITHIN)
    return line(text("反馈时限", "Due"), text(f"{until.zh}之前", f"before {until.en}"))


def _one_answer(joined: UUID | None) -> Bilingual | None:
    if joined is None:
        return None
    case = str(joined)
    return Bilingual(
        zh=f"本事项并入贵单位尚未反馈的案件 {case}：提交一份自查反馈即可一并答复，各事项的时限分别计算。",
        en=f"It joins your open case {case}: one self-report answers all its matters, each of which keeps its own"
        " deadline.",
    )


@lru_cache(maxsize=4_096)
def _salutation(code: str, name: str | None) -> Bilingual:
    addressee = enterprise(code, name)
    return text(f"{addressee.zh}：", f"To {addressee.en}:")
