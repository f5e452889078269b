"""What a chief hears at once: a new red, a report that waits for review, a notice that did not arrive. Pure."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.notices.wording.facts import CaseFacts
from services.dispatcher.notices.wording.phrases import (
    CASE,
    SEE_CASE,
    both,
    enterprise_line,
    instant,
    labelled,
    lines,
    numbered,
    observation,
    plain,
    text,
)
from shared.contract.events import AlertGraded, Bilingual

_NEW_RED = text(
    "本所辖区新增红色预警，系统正在派单。请关注签收和到场情况。",
    "There is a new red alert in your area, and its team is being assigned. Please watch that they go.",
)


def new_red(case: CaseFacts, alert: AlertGraded) -> NoticeDraft:
    """A red alert opened a case, or joined the visit of one."""
    target = case.enterprise
    return _to_chief(
        case,
        "new_red",
        text(
            f"【红色预警】{target.zh}：{alert.category_name.zh}", f"[Red alert] {target.en}: {alert.category_name.en}"
        ),
        lines(
            _NEW_RED,
            enterprise_line(case.enterprise_code, case.enterprise_name),
            *observation(alert),
            numbered(CASE, case.case_id),
            SEE_CASE,
        ),
        key=str(alert.alert_id),
    )


def report_waiting(case: CaseFacts, *, of_enterprise: bool) -> NoticeDraft:
    """A self-report, or what officers reported, waits for review."""
    target = case.enterprise
    report = text("自查反馈", "self-report") if of_enterprise else text("办理反馈", "feedback")
    return _to_chief(
        case,
        "report_waiting",
        text(f"【待审核】{target.zh}的{report.zh}", f"[To review] The {report.en} on {target.en}"),
        lines(
            text(
                f"下列案件的{report.zh}已提交，请审核：通过，或说明理由退回。",
                f"The {report.en} on this case was submitted. Please review it: approve it, or return it and say why.",
            ),
            labelled(text("排污单位", "Enterprise"), target),
            labelled(text("办理时限", "Due"), case.due),
            numbered(text("案件编号", "Case"), case.case_id),
            SEE_CASE,
        ),
        key=str(case.revision),
    )


def notice_undelivered(
    case: CaseFacts,
    *,
    notice_id: UUID,
    subject: Bilingual,
    recipient: Bilingual,
    phones: Sequence[Bilingual],
    queued_at: datetime,
) -> NoticeDraft:
    """A notice that starts or reminds of a clock did not arrive by any channel: somebody has to phone."""
    target = case.enterprise
    numbers = lines(*phones) if phones else text("档案中没有电话", "none in the master data")
    return _to_chief(
        case,
        "notice_undelivered",
        text(f"【未送达】请电话告知{recipient.zh}", f"[Not delivered] Please phone {recipient.en}"),
        lines(
            text(
                "下列通知未在规定时间内送达，时限仍在计算。请立即电话或上门告知，并在“未送达通知”中登记告知时间和见证人。",
                "This notice did not arrive in time, and the clock is running. Please phone or go there now, and record"
                " when it was given and who witnessed it.",
            ),
            labelled(text("未送达的通知", "Notice"), subject),
            labelled(text("收件人", "Recipient"), recipient),
            labelled(text("电话", "Phone"), text(numbers.zh.replace("\n", "；"), numbers.en.replace("\n", "; "))),
            labelled(text("发出时间", "Issued"), instant(queued_at)),
            labelled(text("排污单位", "Enterprise"), target),
            labelled(text("办理时限", "Due"), case.due),
            numbered(text("案件编号", "Case"), case.case_id),
            numbered(text("通知编号", "Notice number"), notice_id),
        ),
        key=str(notice_id),
    )


def phone_of(name: str | None, role: str | None, phone: str) -> Bilingual:
    """Whom to phone: the number with whatever is known of the person."""
    who = " ".join(plain(part) for part in (name, role) if part)
    return both(f"{who} {plain(phone)}".strip())


def _to_chief(case: CaseFacts, purpose: str, subject: Bilingual, body: Bilingual, *, key: str) -> NoticeDraft:
    """To the station's chief, or to the section while no station is in charge."""
    recipient = "station_chief" if case.station else "section"
    return NoticeDraft(
        occasion=f"case:{case.case_id}:{purpose}:{key}:{case.station or recipient}",
        purpose=purpose,
        recipient_kind="role",
        recipient=recipient,
        station=case.station,
        enterprise_code=case.enterprise_code,
        alert_id=case.alert_id,
        case_id=case.case_id,
        subject=subject,
        body=body,
    )
