"""Notices when a case is offered to officers, finds none, is returned, or ends. Pure."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from services.dispatcher.domain.outcomes import DOWNGRADED, UPGRADED
from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.notices.wording.facts import CaseFacts
from services.dispatcher.notices.wording.phrases import (
    ASK_STATION,
    SEE_CASE,
    both,
    enterprise,
    labelled,
    lines,
    numbered,
    text,
)
from shared.contract.events import Bilingual, CaseKind
from shared.contract.words import DecisiveOutcome

_ENDINGS = {
    UPGRADED: text("预警已升级，另立案件办理", "the alert was upgraded; another case takes its place"),
    DOWNGRADED: text("经复核，预警已降级", "the alert was downgraded by a reviewed decision"),
    DecisiveOutcome.FALSE_ALARM: text(
        "经复核，预警为误报，已撤销", "the alert was a false alarm, withdrawn by a reviewed decision"
    ),
}
_ENDINGS_FOR_ENTERPRISES = {UPGRADED: text("自查反馈程序已结束", "the self-report on it is closed")}
"""Enforcement is unannounced: an enterprise is not told that its yellow alert became a red one."""
_PARTS = {"lead": text("主办", "lead"), "second": text("协办", "second")}


def case_offered(
    case: CaseFacts,
    *,
    officer: str,
    part: Literal["lead", "second"],
    round: int,  # noqa: A002  the table's word; nothing is rounded here
) -> NoticeDraft:
    """An officer is given a case, as lead (主办) or second (协办) of its team: what it is about, where, by when."""
    target, role = case.enterprise, _PARTS[part]
    return NoticeDraft(
        occasion=f"case:{case.case_id}:offered:{round}:{officer}",
        purpose="case_offered",
        recipient_kind="officer",
        recipient=officer,
        station=None,
        enterprise_code=case.enterprise_code,
        alert_id=case.alert_id,
        case_id=case.case_id,
        subject=text(f"【派单】{target.zh}：您为{role.zh}", f"[Assignment] {target.en}: you are the {role.en}"),
        body=lines(
            text(
                f"现将下列案件派给您，您为{role.zh}。请及时签收并到达现场，在时限内完成办理与反馈；不能承办的，请退回并说明理由。",
                f"This case is assigned to you as {role.en}. Please accept it, go on site, and finish handling and"
                " feedback in time; if you cannot take it, decline it and say why.",
            ),
            case.matter,
            labelled(
                text("办理时限", "Due"), case.due or text("正在计算，以案件页面为准", "being computed; see the case")
            ),
            numbered(text("案件编号", "Case"), case.case_id),
            text("如有疑问，请联系本所所长。", "Questions: ask the chief of your station."),
        ),
    )


def nobody_available(
    *,
    case_id: UUID,
    alert_id: UUID,
    enterprise_code: str,
    enterprise_name: str | None,
    station: str,
    revision: int,
) -> NoticeDraft:
    """No team of two can be formed. To the station's chief.

    `revision` is the case's since it waits: it can come to wait more than once.
    """
    target = enterprise(enterprise_code, enterprise_name)
    cause = text(
        "辖区执法所当前没有两名以上可派的在岗持证执法人员", "the station has no two certified officers on duty"
    )
    demand = text("请调配在岗人员或改派", "Please put officers on duty or reassign it")
    return NoticeDraft(
        occasion=f"case:{case_id}:nobody_available:{revision}:{station}",
        purpose="nobody_available",
        recipient_kind="role",
        recipient="station_chief",
        station=station,
        enterprise_code=enterprise_code,
        alert_id=alert_id,
        case_id=case_id,
        subject=text(f"【待派单】{target.zh}：无人可派", f"[Waiting] {target.en}: nobody to assign"),
        body=lines(
            text(
                f"下列案件暂时无法派单：{cause.zh}。{demand.zh}。案件在待派队列中，办理时限照常计算。",
                f"This case cannot be assigned: {cause.en}. {demand.en}. It waits in the queue; its deadline runs.",
            ),
            labelled(text("排污单位", "Enterprise"), target),
            numbered(text("案件编号", "Case"), case_id),
            text("如有疑问，请联系执法科。", "Questions: ask the enforcement section."),
        ),
    )


def returned(
    *,
    case_id: UUID,
    alert_id: UUID,
    enterprise_code: str,
    enterprise_name: str | None,
    kind: CaseKind,
    reason: str,
    revision: int,
    officers: Sequence[str] = (),
) -> list[NoticeDraft]:
    """A report did not pass the review. To the enterprise whose self-report it is, else to the `officers`.

    `revision` is the case's after the return: a case can be returned more than once. The deadline stays.
    """
    target, is_self_report = enterprise(enterprise_code, enterprise_name), kind is CaseKind.SELF_REPORT
    report = text("自查反馈", "self-report") if is_self_report else text("办理反馈", "feedback")
    return [
        NoticeDraft(
            occasion=f"case:{case_id}:returned:{revision}:{recipient}",
            purpose="returned",
            recipient_kind="enterprise" if is_self_report else "officer",
            recipient=recipient,
            station=None,
            enterprise_code=enterprise_code,
            alert_id=alert_id,
            case_id=case_id,
            subject=text(
                f"【审核退回】{target.zh}：请补充{report.zh}", f"[Returned] {target.en}: complete the {report.en}"
            ),
            body=lines(
                text(
                    f"下列案件的{report.zh}经审核退回。请按退回理由补充办理，并重新提交；原办理时限不变。",
                    f"The {report.en} on this case was returned by the review. Please complete it and submit it again;"
                    " the deadline stays as it was.",
                ),
                labelled(text("退回理由", "Reason"), both(reason)),
                labelled(text("排污单位", "Enterprise"), target),
                numbered(text("案件编号", "Case"), case_id),
                ASK_STATION if is_self_report else text("如有疑问，请联系审核人。", "Questions: ask the reviewer."),
            ),
        )
        for recipient in ([enterprise_code] if is_self_report else officers)
    ]


def ended(
    *,
    case_id: UUID,
    known_as: UUID | None,
    alert_id: UUID,
    enterprise_code: str,
    enterprise_name: str | None,
    kind: CaseKind,
    outcome: str,
    reason: str,
    officers: Sequence[str],
) -> list[NoticeDraft]:
    """A case ended before anybody finished it. To the enterprise whose self-report it was, else to the `officers`.

    `known_as` is the case by which the enterprise knows of the matter: of a false alarm it hears wherever it does. The
    reason is internal, and so is what takes the case's place.
    """
    target = enterprise(enterprise_code, enterprise_name)
    officers_drafts = [
        _ended("officer", officer, case_id, case_id, alert_id, enterprise_code, target, _ENDINGS[outcome], both(reason))
        for officer in officers
    ]
    if known_as is None or not (kind is CaseKind.SELF_REPORT or outcome == DecisiveOutcome.FALSE_ALARM):
        return officers_drafts
    why = _ENDINGS_FOR_ENTERPRISES.get(outcome, _ENDINGS[outcome])
    to_enterprise = _ended(
        "enterprise", enterprise_code, case_id, known_as, alert_id, enterprise_code, target, why, None
    )
    return [*officers_drafts, to_enterprise]


def _ended(
    recipient_kind: Literal["enterprise", "officer"],
    recipient: str,
    ended_case: UUID,
    known_as: UUID,
    alert_id: UUID,
    enterprise_code: str,
    target: Bilingual,
    why: Bilingual,
    reason: Bilingual | None,
) -> NoticeDraft:
    return NoticeDraft(
        occasion=f"case:{ended_case}:ended:{recipient}",
        purpose="case_ended",
        recipient_kind=recipient_kind,
        recipient=recipient,
        station=None,
        enterprise_code=enterprise_code,
        alert_id=alert_id,
        case_id=known_as,
        subject=text(f"【案件终止】{target.zh}：{why.zh}", f"[Case ended] {target.en}: {why.en}"),
        body=lines(
            text(
                f"下列案件已终止：{why.zh}。无需再就本案办理或反馈。",
                f"This case has ended: {why.en}. Nothing more is to be done or reported on it.",
            ),
            labelled(text("理由", "Reason"), reason),
            labelled(text("排污单位", "Enterprise"), target),
            numbered(text("案件编号", "Case"), known_as),
            ASK_STATION if recipient_kind == "enterprise" else SEE_CASE,
        ),
    )
