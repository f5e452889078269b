"""Notices when a deadline comes near, is missed, or moves a case up the ladder. Pure."""

from collections.abc import Iterable, Sequence
from typing import Literal

from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.notices.wording.phrases import (
    ASK_STATION,
    SEE_CASE,
    both,
    due,
    enterprise,
    instant,
    labelled,
    lines,
    numbered,
    text,
)
from shared.contract.events import Bilingual, DeadlineEvent, DeadlineType, Level, MilestoneMissed, Recipient
from shared.time.instants import shown

Addressee = Literal["enterprise", "officer", "office"]

_HAPPENED = {
    DeadlineType.WARNED: (text("临期提醒", "Due soon"), text("办理时限临近", "is due soon")),
    DeadlineType.MISSED: (text("逾期", "Overdue"), text("已超过办理时限，尚未办结", "is overdue")),
    DeadlineType.ESCALATED: (text("督办升级", "Escalated"), text("逾期未办结，现升级督办", "is overdue and escalated")),
    DeadlineType.MOVED: (text("时限变更", "Due time changed"), text("办理时限有变更", "is due at another time")),
    DeadlineType.PAUSED: (text("中止计时", "Clock paused"), text("办理时限中止计时", "has its clock paused")),
    DeadlineType.RESUMED: (text("恢复计时", "Clock resumed"), text("办理时限恢复计时", "has its clock running again")),
}
_STANDS_STILL = text(
    "中止期间不计入办理时限；恢复计时后另行通知。", "The time until it is resumed does not count; you will be told."
)
# In time, and late.
_ASKED: dict[Addressee, tuple[Bilingual, Bilingual]] = {
    "enterprise": (
        text(
            "请抓紧完成自查整改，并在时限之前如实提交自查反馈。",
            "Please finish the self-inspection and submit a truthful self-report before it is due.",
        ),
        text(
            "请立即提交自查反馈。逾期情况已通报辖区执法所。",
            "Submit the self-report at once. The station has been told that it is late.",
        ),
    ),
    "officer": (
        text("请抓紧到场办理，并在时限之前提交办理反馈。", "Please finish on site and report before it is due."),
        text("请立即办理并提交反馈，说明逾期原因。", "Finish and report at once, and say why it is late."),
    ),
    "office": (
        text("请督促责任单位或承办人员按期办结。", "Please see to it that it is finished in time."),
        text(
            "请立即督办：督促责任单位或承办人员办理，必要时改派。",
            "Please act now: press those in charge, or reassign the case.",
        ),
    ),
}
_ASK: dict[Addressee, Bilingual] = {
    "enterprise": ASK_STATION,
    "officer": text("如有疑问，请联系本所所长。", "Questions: ask the chief of your station."),
    "office": SEE_CASE,
}
_UNHEARD = text(
    "起算或提醒本时限的通知尚未送达，执法所也未登记电话告知",
    "a notice that started this clock or reminded of it has not arrived, and no call is on record",
)
_COLOURS = {
    Level.WHITE: text("白色", "white"),
    Level.YELLOW: text("黄色", "yellow"),
    Level.RED: text("红色", "red"),
}


def deadline_notices(
    event: DeadlineEvent,
    type_: DeadlineType,
    officers: Sequence[str] = (),
    *,
    name: str | None = None,
    unheard: bool = False,
) -> list[NoticeDraft]:
    """One notice for each recipient of a mark that asks for something; none for a deadline that started or was met.

    `officers` is the case's team: the recipient "officer" means each of them, or, while there is no team, the
    station's chief in their place. While no station is in charge, its chief is the section. `name` is the enterprise's;
    `unheard` says that a notice of the clock has not arrived, which offices are told.
    """
    if type_ not in _HAPPENED:
        return []
    return [
        _draft(
            event,
            type_,
            addressee,
            recipient,
            station,
            target=enterprise(event.enterprise_code, name),
            unheard=unheard and addressee == "office",
        )
        for addressee, recipient, station in _addressed(event, officers)
    ]


def _addressed(event: DeadlineEvent, officers: Sequence[str]) -> Iterable[tuple[Addressee, str, str | None]]:
    for recipient in event.recipients:
        match recipient:
            case Recipient(role="enterprise"):
                yield "enterprise", event.enterprise_code, None
            case Recipient(role="officer"):
                yield from (("officer", officer, None) for officer in officers)
                if not officers:
                    yield "office", "station_chief" if event.station else "section", event.station
            case Recipient(station=station):
                yield "office", office(recipient), station


def office(recipient: Recipient) -> str:
    """The role that a mark for an office goes to: the section in place of a chief, while no station is in charge."""
    return "section" if recipient.role == "station_chief" and recipient.station is None else recipient.role


def _draft(
    event: DeadlineEvent,
    type_: DeadlineType,
    addressee: Addressee,
    recipient: str,
    station: str | None,
    *,
    target: Bilingual,
    unheard: bool,
) -> NoticeDraft:
    heading, happened = _HAPPENED[type_]
    colour, (in_time, late) = _COLOURS[event.level], _ASKED[addressee]
    whom = addressee if addressee == "enterprise" else recipient
    # A due time that was changed is warned of anew.
    version = f":v{event.version}" if event.version > 1 else ""
    return NoticeDraft(
        occasion=f"deadline:{event.deadline_id}{version}:{event.step or type_.name.lower()}:{whom}",
        purpose=f"deadline_{type_.name.lower()}",
        recipient_kind="role" if addressee == "office" else addressee,
        recipient=recipient,
        station=station,
        enterprise_code=event.enterprise_code,
        alert_id=event.alert_id,
        case_id=event.case_id,
        subject=text(
            f"【{heading.zh}】{target.zh}：{colour.zh}预警案件{happened.zh}",
            f"[{heading.en}] The {colour.en} case of {target.en} {happened.en}",
        ),
        body=lines(
            text(f"下列{colour.zh}预警案件{happened.zh}。", f"This {colour.en} case {happened.en}."),
            _asked(type_, in_time, late),
            labelled(text("排污单位", "Enterprise"), target),
            labelled(text("办理时限", "Due"), due(event.due_at, event.provisional)),
            labelled(text("督办级次", "Rung of the ladder"), both(str(event.rung)) if event.rung else None),
            labelled(text("说明", "Reason"), event.reason),
            labelled(text("送达情况", "Delivery"), _UNHEARD) if unheard else None,
            numbered(text("案件编号", "Case"), event.case_id),
            _ASK[addressee],
        ),
        at_once=type_ is DeadlineType.MISSED or (type_ is DeadlineType.ESCALATED and event.rung == 1),
    )


def _asked(type_: DeadlineType, in_time: Bilingual, late: Bilingual) -> Bilingual:
    if type_ is DeadlineType.PAUSED:
        return _STANDS_STILL
    return late if type_ in (DeadlineType.MISSED, DeadlineType.ESCALATED) else in_time


def milestone_notices(event: MilestoneMissed, *, name: str | None = None) -> list[NoticeDraft]:
    """One notice for each office that must act where a case was not accepted, reached or reviewed in time.

    While no station is in charge, its chief is the section. `name` is the enterprise's.
    """
    colour, target = _COLOURS[event.level], enterprise(event.enterprise_code, name)
    return [
        NoticeDraft(
            occasion=f"milestone:{event.case_id}:{event.milestone}:{shown(event.started_at)}:{office(recipient)}",
            purpose="milestone_missed",
            recipient_kind="role",
            recipient=office(recipient),
            station=recipient.station,
            enterprise_code=event.enterprise_code,
            alert_id=event.alert_id,
            case_id=event.case_id,
            subject=text(
                f"【内部时限】{target.zh}：{colour.zh}预警案件未按时{event.name.zh}",
                f"[Internal deadline] The {colour.en} case of {target.en}: {event.name.en} is late",
            ),
            body=lines(
                text(
                    f"下列{colour.zh}预警案件未按内部时限完成“{event.name.zh}”。",
                    f"This {colour.en} case has not seen its {event.name.en} in the time that the bureau expects.",
                ),
                text(
                    "请督促，必要时改派。办理时限照常计算。", "Please press for it, or reassign. Its deadline runs on."
                ),
                labelled(text("排污单位", "Enterprise"), target),
                labelled(text("起算", "From"), instant(event.started_at)),
                labelled(text("应于此前完成", "Expected before"), due(event.due_at)),
                numbered(text("案件编号", "Case"), event.case_id),
                SEE_CASE,
            ),
        )
        for recipient in event.recipients
    ]
