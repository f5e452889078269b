"""Notices about which station is in charge of an enterprise (管辖). Pure."""

from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.notices.wording.facts import CaseFacts
from services.dispatcher.notices.wording.phrases import SEE_CASE, labelled, lines, numbered, text


def station_unknown(case: CaseFacts) -> NoticeDraft:
    """No station is in charge of an enterprise: to the section, once for the enterprise however many cases it has."""
    target = case.enterprise
    return NoticeDraft(
        occasion=f"enterprise:{case.enterprise_code}:station_unknown",
        purpose="nobody_available",
        recipient_kind="role",
        recipient="section",
        station=None,
        enterprise_code=case.enterprise_code,
        alert_id=case.alert_id,
        case_id=case.case_id,
        subject=text(
            f"【管辖待定】{target.zh}：请登记并确定管辖的执法所",
            f"[Station unknown] {target.en}: please register it and name its station",
        ),
        body=lines(
            text(
                "下列排污单位未登记，或登记信息不能确定管辖的执法所。请在主数据中登记该单位并确定执法所；"
                "其待办案件随即转交该所。此前案件由执法科掌握，办理时限照常计算。",
                "This enterprise is not registered, or what is registered leaves its station open. Please register it"
                " with its station; its cases go there at once. Until then they are the section's, and their deadlines"
                " run.",
            ),
            labelled(text("排污单位", "Enterprise"), target),
            numbered(text("首个案件", "First case"), case.case_id),
            SEE_CASE,
        ),
    )
