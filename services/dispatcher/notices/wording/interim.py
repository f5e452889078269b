"""The notice that an interim report was accepted, and until when the final one is awaited. Pure."""

from datetime import datetime

from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.notices.wording.facts import CaseFacts
from services.dispatcher.notices.wording.phrases import (
    ASK_STATION,
    enterprise,
    instant,
    labelled,
    lines,
    numbered,
    text,
)


def interim_accepted(case: CaseFacts, planned_end: datetime) -> NoticeDraft:
    """To the enterprise: its work may go on until the end that it planned; the final report is due then."""
    target, end = enterprise(case.enterprise_code, case.enterprise_name), instant(planned_end)
    return NoticeDraft(
        occasion=f"case:{case.case_id}:interim_accepted:{case.revision}",
        purpose="interim_accepted",
        recipient_kind="enterprise",
        recipient=case.enterprise_code,
        station=None,
        enterprise_code=case.enterprise_code,
        alert_id=case.alert_id,
        case_id=case.case_id,
        subject=text(
            f"【阶段性反馈已认可】{target.zh}：请于{end.zh}前提交最终反馈",
            f"[Interim report accepted] {target.en}: the final report is due by {end.en}",
        ),
        body=lines(
            text(
                "贵单位的阶段性反馈已审核认可，案件未结。请按报告的完成时间完成整改，并在此之前提交最终反馈；"
                "逾期未提交的，将督办升级并安排现场核查。确需延长的，请联系辖区执法所提请延长。",
                "Your interim report was accepted; the case stays open. Finish by the end that you reported and submit"
                " the final report before it. Left unanswered, it is escalated and verified on site. If more time is"
                " needed, ask your station to propose an extension.",
            ),
            labelled(text("最终反馈时限", "Final report due"), end),
            numbered(text("案件编号", "Case"), case.case_id),
            ASK_STATION,
        ),
    )
