"""What can wait for a person of the bureau, and how each kind is called (待办). Pure."""

from collections.abc import Mapping
from enum import StrEnum

from shared.contract.events import Bilingual
from shared.contract.roles import Role


class Kind(StrEnum):
    """The kinds, in the order in which they are listed."""

    WAITING_CASE = "waiting_case"
    REVIEW = "review"
    MARKING = "marking"
    PROPOSAL = "proposal"
    UNDELIVERED = "undelivered"
    OLD_ALERT = "old_alert"
    PROVISIONAL = "provisional"
    DEAD_LETTER = "dead_letter"
    BRAKE = "brake"


TITLES: Mapping[Kind, Bilingual] = {
    Kind.WAITING_CASE: Bilingual(zh="无人可派，须指派人员", en="no team: somebody must be sent"),
    Kind.REVIEW: Bilingual(zh="反馈待审核", en="a report waits for review"),
    Kind.MARKING: Bilingual(zh="数据标记待复核", en="a marking waits for review"),
    Kind.PROPOSAL: Bilingual(zh="待他人确认的事项", en="a proposal waits for another person"),
    Kind.UNDELIVERED: Bilingual(zh="通知未送达，须电话告知", en="a notice did not arrive: phone"),
    Kind.OLD_ALERT: Bilingual(zh="陈旧异常待确认", en="an old anomaly waits to be confirmed"),
    Kind.PROVISIONAL: Bilingual(
        zh="到期日暂定，待次年日历公布", en="the due date is provisional until the calendar is published"
    ),
    Kind.DEAD_LETTER: Bilingual(zh="死信逾时未处理", en="a dead letter has waited too long"),
    Kind.BRAKE: Bilingual(zh="分区停止读取，须恢复", en="a partition is not read until it is released"),
}
_OPERATIONS = frozenset({Kind.DEAD_LETTER, Kind.BRAKE})


def title_of(kind: Kind, subject: str) -> Bilingual:
    """What a thing of this kind is called where it stands in a list with others: what it is about comes first."""
    title = TITLES[kind]
    return Bilingual(zh=f"{subject}：{title.zh}", en=f"{subject}: {title.en}")


def named(summary: Bilingual, name: str, code: str | None) -> Bilingual:
    """The summary of a proposal, where it names an enterprise by its code, with its name too."""
    if code is None or name == code:
        return summary
    return Bilingual(zh=summary.zh.replace(code, f"{name}（{code}）"), en=summary.en.replace(code, f"{name} ({code})"))


def kinds_for(role: Role) -> list[Kind]:
    """What can wait for somebody in this role: the system's own troubles are no matter of a station."""
    return [kind for kind in Kind if role is not Role.STATION_CHIEF or kind not in _OPERATIONS]


def link_to(kind: Kind, case_id: object, alert_id: object) -> str:
    """The page of the console on which it can be dealt with."""
    if kind is Kind.PROPOSAL:
        return "/work?kind=proposal"
    if kind is Kind.DEAD_LETTER:
        return "/dead-letters"
    if kind is Kind.BRAKE:
        return "/system"
    return f"/alerts/{alert_id}" if case_id is None else f"/cases/{case_id}"
