"""The words of the printed file for the codes of the system. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.contract import names
from shared.contract.dates import due_in_words, instant_in_words
from shared.contract.events import Bilingual
from shared.time.instants import SHANGHAI, aware

CLOCKS = {code: name.zh for code, name in names.KINDS.items()} | {
    "self_report": "自查反馈",
    "final_report": "最终反馈",
    "on_site": "现场办理与反馈",
}
STEPS = {
    "opened": "立案",
    "assigned": "派单",
    "accepted": "签收",
    "declined": "退回派单",
    "departed": "出发",
    "arrived": "到场",
    "self_reported": "企业提交自查反馈",
    "feedback_submitted": "提交办理反馈",
    "returned": "审核退回",
    "approved": "审核通过",
    "interim_accepted": "认可阶段性反馈",
    "due_for_check": "到期复查",
    "closed": "办结",
    "merged": "并案",
    "reassigned": "改派",
    "withdrawn": "收回派单",
    "handed_over": "移交",
    "transferred": "移送",
    "suspended": "中止",
    "resumed": "恢复",
    "reopened": "重新办理",
    "unmerged": "分案",
    "attachment_added": "收到附件",
    "presence_recorded": "到场补录",
    "marking_added": "补充数据标记",
    "file_number_recorded": "补录案号",
    "truth_check": "抽签决定是否现场核查",
    "undelivered": "通知未送达",
    "delivered": "通知送达",
    "started": "时限起算",
    "warned": "临期提醒",
    "missed": "逾期",
    "met": "按期反馈",
    "moved": "时限调整",
    "paused": "时限中止",
    "unanswered": "逾期未反馈",
    "escalated": "督办升级",
}
DELIVERY = {
    "receipt": "渠道回执",
    "fetch": "本人查阅",
    "phone": "电话告知",
    "paper": "纸质送达",
    "in_person": "当面送达",
}
CAUSES = {"calendar": "日历调整", "policy": "时限策略调整", "pause": "中止", "resume": "恢复", "extend": "延长"}


def said(words: Mapping[str, str | Bilingual], code: object) -> str:
    """The Chinese word for a code; a code without one stands for itself."""
    word = words.get(str(code), str(code)) if code is not None else ""
    return word if isinstance(word, str) else word.zh


def step(type_: str) -> str:
    """The word for what a timeline's entry tells of."""
    name = type_.removeprefix("cn.tricolor.").removesuffix(".v1")
    return said(STEPS, name.rpartition(".")[2])


def moment(instant: datetime | None) -> str:
    """An instant in full, as documents write it: 2026年12月8日（周二）09:05."""
    if instant is None:
        return ""
    return f"{aware(instant).astimezone(SHANGHAI).year}年{instant_in_words(instant).zh}"


def stamp(instant: datetime | None) -> str:
    """An instant as tables write it: 2026-12-08 09:05."""
    return "" if instant is None else aware(instant).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def due(due_at: datetime, *, provisional: bool) -> str:
    """The end of a deadline in full: 2026年12月8日（周二）24:00."""
    last = aware(due_at).astimezone(SHANGHAI) - timedelta(microseconds=1)
    return f"{last.year}年{due_in_words(due_at, provisional).zh}"
