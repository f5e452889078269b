"""The notice that a marking, data flag or limit took a grade down and waits for the station to look at it. Pure."""

from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.notices.wording.facts import CaseFacts
from services.dispatcher.notices.wording.phrases import (
    SEE_CASE,
    enterprise,
    labelled,
    lines,
    numbered,
    plain,
    text,
)
from shared.contract.events import AlertGraded, Bilingual, Level

_LEVELS = {Level.WHITE: "白色", Level.YELLOW: "黄色", Level.RED: "红色"}
_WITHOUT_EFFECT = frozenset({"marking-unknown", "marking-without-reason"})
"""The doubts of a marking that took nothing down: a data flag or a limit did."""


def marking_in_words(alert: AlertGraded) -> Bilingual:
    """Which marking, data flag or limit took the grade down, and from what to what."""
    marking, before = alert.marking, alert.grading.unmarked_level or alert.level
    doubts = {doubt.code: doubt for doubt in alert.doubts}
    if marking is None or doubts.keys() & _WITHOUT_EFFECT:
        for code in ("marking-to-review", "limit-to-review"):
            if code in doubts:
                return text(plain(doubts[code].zh), plain(doubts[code].en))
    kind = plain(marking.kind) if marking else f"flag {plain(alert.flag or '')}"
    why = plain(marking.reason) if marking and marking.reason else "—"
    return text(
        f"数据标记 {kind}（理由：{why}）使分级由{_LEVELS[before]}降为{_LEVELS[alert.level]}，须核实",
        f"the marking {kind} (reason: {why}) took the grade from {before} to {alert.level}; it is to be reviewed",
    )


def marking_to_review(case: CaseFacts, said: Bilingual) -> NoticeDraft:
    """To the station's chief, or to the section where no station is in charge."""
    target = enterprise(case.enterprise_code, case.enterprise_name)
    return NoticeDraft(
        occasion=f"case:{case.case_id}:marking_to_review",
        purpose="marking_to_review",
        recipient_kind="role",
        recipient="station_chief" if case.station else "section",
        station=case.station,
        enterprise_code=case.enterprise_code,
        alert_id=case.alert_id,
        case_id=case.case_id,
        subject=text(f"【标记待核实】{target.zh}", f"[Marking to review] {target.en}"),
        body=lines(
            said,
            text(
                "请核实该标记：属实的审核通过（并按比例抽取现场核查），存疑的退回，将安排现场核查。",
                "Please review it: approve a true one (some are drawn for verification on site); return one in doubt,"
                " and officers look on site.",
            ),
            labelled(text("排污单位", "Enterprise"), target),
            numbered(text("案件编号", "Case"), case.case_id),
            SEE_CASE,
        ),
    )
