"""Notices when a case is taken from officers, transferred, suspended, resumed, or joined to their visit. Pure."""

from collections.abc import Sequence
from datetime import date

from services.dispatcher.notices.wording.draft import NoticeDraft
from services.dispatcher.notices.wording.facts import CaseFacts
from services.dispatcher.notices.wording.phrases import CASE, SEE_CASE, enterprise_line, labelled, lines, numbered, text
from shared.contract.dates import day_in_words
from shared.contract.events import Bilingual


def taken_back(case: CaseFacts, officers: Sequence[str], reason: Bilingual) -> list[NoticeDraft]:
    """A case was taken from these officers."""
    what = text("案件已改由他人办理", "the case is in other hands now")
    demand = text("本案不再由您承办，无需再就其行动。", "It is not yours any more; nothing is asked of you on it.")
    return _to_officers(case, "taken_back", officers, what, demand, reason)


def transferred_upward(case: CaseFacts, reason: Bilingual) -> NoticeDraft:
    """A station gave the case up to the enforcement section."""
    what = text("执法所上报移交，请决定承办单位", "a station transferred a case upward; please decide who takes it")
    demand = text(
        "请移交有关执法所，或直接指派执法人员；办理时限照常计算。",
        "Transfer it to a station, or name its team; the deadline runs on.",
    )
    return _draft(case, "transferred_upward", "section", what, demand, reason)


def transferred(case: CaseFacts, reason: Bilingual) -> NoticeDraft:
    """A case came to this station from another."""
    what = text("有案件移交本所办理", "a case was transferred to your station")
    demand = text("系统将即时派单；办理时限照常计算。", "It is being assigned; the deadline runs on.")
    return _draft(case, "transferred", "station_chief", what, demand, reason)


_ONE_MORE = text("同一单位新增事项，一次进门一并查办", "one more matter at the same enterprise, for the same visit")
_ONE_DOOR = text("进一次门，查多项事", "one door, many matters")


def taken_in(visit: CaseFacts, officers: Sequence[str], case: CaseFacts) -> list[NoticeDraft]:
    """Another case of the enterprise joined the officers' visit; `visit` is assigned to them already."""
    other = str(case.case_id)
    demand = Bilingual(
        zh=f"请在本次现场检查中一并查办案件 {other}；各案时限分别计算，不因合并而延长。",
        en=f"Please handle case {other} on the same visit. Each keeps its own deadline; none becomes longer.",
    )
    more = labelled(text("新增事项时限", "Its own due time"), case.due)
    return _to_officers(
        visit, "taken_in", officers, _ONE_MORE, demand, _ONE_DOOR, case.found, more, occasion=f":{other}"
    )


def suspended(case: CaseFacts, officers: Sequence[str], reason: Bilingual) -> list[NoticeDraft]:
    what = text("案件已中止办理", "the case is suspended")
    demand = text(
        "恢复办理前请勿就其行动。中止不停止时限；如需停止，须另行办理时限暂停。",
        "Please take no step on it until it is resumed. Its deadline runs on; pausing that is another act.",
    )
    return _to_officers(case, "suspended", officers, what, demand, reason)


def resumed(case: CaseFacts, officers: Sequence[str], reason: Bilingual) -> list[NoticeDraft]:
    what = text("案件已恢复办理", "the case is resumed")
    demand = text("请继续办理，并在时限内反馈。", "Please go on with it and report in time.")
    return _to_officers(case, "resumed", officers, what, demand, reason)


def declined_too_often(case: CaseFacts, reason: Bilingual) -> NoticeDraft:
    """The last decline that the policy allows was used: from now on the chief decides."""
    what = text("案件退回次数已达上限", "the case was declined as often as may be")
    demand = text(
        "此后承办人不得再退回（回避除外），如需换人请您改派。",
        "From now on only you can take it from its team, except for recusal. Please look at who should go.",
    )
    return _draft(case, "declined_too_often", "station_chief" if case.station else "section", what, demand, reason)


def without_hands(case: CaseFacts, who: Bilingual, from_day: date | None, occasion: str) -> NoticeDraft:
    """An officer who has the case may not go for it, or not from `from_day` on; whoever decides gives it to others.

    `occasion` tells one such change from another.
    """
    what = text("承办人不能出勤", "its team may not go as it is")
    since = text("即日起", "From now on")
    if from_day is not None:
        day = day_in_words(from_day)
        since = text(f"{day.zh}起", f"From {day.en} on")
    demand = text(
        f"{since.zh}，本案承办人不能出勤，案件仍在其名下。请移交同事或改派；办理时限照常计算。",
        f"{since.en} who has this case may not go for it, and it is theirs still. Please hand it over or"
        " reassign it; its deadline runs on.",
    )
    to = "station_chief" if case.station else "section"
    draft = _draft(case, "without_hands", to, what, demand, who)
    return draft._replace(occasion=f"case:{case.case_id}:without_hands:{occasion}:{to}")


def _to_officers(
    case: CaseFacts,
    purpose: str,
    officers: Sequence[str],
    what: Bilingual,
    demand: Bilingual,
    reason: Bilingual,
    *more: Bilingual | None,
    occasion: str = "",
) -> list[NoticeDraft]:
    """The same notice to each of the officers, written once; `more` stands at its end.

    `occasion` tells one from another where the revision of the case does not.
    """
    if not officers:
        return []
    subject, body = _subject(case, what), lines(*_body(case, demand, reason), *more)
    step = f"case:{case.case_id}:{purpose}:{case.revision}"
    return [
        NoticeDraft(
            occasion=f"{step}:{officer}{occasion}",
            purpose=purpose,
            recipient_kind="officer",
            recipient=officer,
            station=None,
            enterprise_code=case.enterprise_code,
            alert_id=case.alert_id,
            case_id=case.case_id,
            subject=subject,
            body=body,
        )
        for officer in officers
    ]


def _subject(case: CaseFacts, what: Bilingual) -> Bilingual:
    target = case.enterprise
    return text(f"【案件】{target.zh}：{what.zh}", f"[Case] {target.en}: {what.en}")


def _body(case: CaseFacts, demand: Bilingual, reason: Bilingual) -> Sequence[Bilingual | None]:
    return (
        demand,
        labelled(text("理由", "Reason"), reason),
        enterprise_line(case.enterprise_code, case.enterprise_name),
        labelled(text("办理时限", "Due"), case.due),
        numbered(CASE, case.case_id),
        SEE_CASE,
    )


def _draft(
    case: CaseFacts,
    purpose: str,
    recipient: str,
    what: Bilingual,
    demand: Bilingual,
    reason: Bilingual,
) -> NoticeDraft:
    """A notice to an office."""
    return NoticeDraft(
        occasion=f"case:{case.case_id}:{purpose}:{case.revision}:{recipient}",
        purpose=purpose,
        recipient_kind="role",
        recipient=recipient,
        station=case.station if recipient == "station_chief" else None,
        enterprise_code=case.enterprise_code,
        alert_id=case.alert_id,
        case_id=case.case_id,
        subject=_subject(case, what),
        body=lines(*_body(case, demand, reason)),
    )
