"""The words of the notices: what happened, what is asked, by when, whom to ask; in Chinese and in English."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from services.dispatcher.notices import wording
from services.dispatcher.notices.wording import CaseFacts, NoticeDraft
from services.dispatcher.notices.wording.phrases import anomaly_of, due, instant, plain
from shared.contract.contacts import Contact
from shared.contract.events import (
    AlertGraded,
    Bilingual,
    CaseKind,
    DeadlineEvent,
    DeadlineType,
    Level,
    MilestoneMissed,
    Recipient,
)

ALERT, CASE, DEADLINE = (UUID(int=number) for number in (1, 2, 3))
ENTERPRISE = "91440300MA5EXAMPL1"


def alert(**changes: Any) -> AlertGraded:
    facts: dict[str, Any] = {
        "alert_id": ALERT,
        "level": "yellow",
        "category": "gas_hourly_mean_exceedance",
        "category_name": {"zh": "废气小时均值超标", "en": "Gas hourly mean above the limit"},
        "response": "self_report",
        "enterprise": {"code": ENTERPRISE, "name": "深圳某某电子有限公司"},
        "outlet": {"mn": "A440306000001", "code": "DA001", "name": "锅炉废气排放口", "medium": "gas"},
        "district": "440306",
        "pollutant": {"code": "a21026", "name": "二氧化硫"},
        "window": {"start": "2026-03-02T08:00:00+08:00", "end": "2026-03-02T09:00:00+08:00"},
        "observed": 61.2,
        "limit": 50.0,
        "unit": "mg/m3",
        "received_at": "2026-03-02T09:05:00+08:00",
        "issued_at": "2026-03-02T20:05:30.999+08:00",
        "grading": {
            "rule": "Y1",
            "rule_book_version": "2026.1",
            "stated": False,
            "facts": {},
            "reason": {"zh": "监测值超过限值", "en": "Observed above the limit"},
        },
        "doubts": [],
    }
    return AlertGraded.model_validate_json(to_json(facts | changes))


FACTS = CaseFacts(
    case_id=CASE,
    alert_id=ALERT,
    enterprise_code=ENTERPRISE,
    enterprise_name="某某厂",
    station="shajing",
    due_at=datetime(2026, 3, 9, 16, tzinfo=UTC),
    provisional=False,
    revision=2,
    anomaly=anomaly_of(alert()),
    address="沙井街道1号",
    contact=Contact(name="王工", phone="13800000000", role="环保负责人"),
)


def deadline(*roles: str, **changes: Any) -> DeadlineEvent:
    facts: dict[str, Any] = {
        "deadline_id": DEADLINE,
        "case_id": CASE,
        "alert_id": ALERT,
        "kind": "red_feedback",
        "level": "red",
        "enterprise_code": ENTERPRISE,
        "station": "shajing",
        "started_at": "2026-03-02T09:05:00+08:00",
        "due_at": "2026-03-10T00:00:00+08:00",
        "due_text": "2026-03-09 24:00",
        "provisional": False,
        "state": "warned",
        "at": "2026-03-05T09:00:00+08:00",
        "policy_version": "1",
        "calendar_version": "2026",
        "step": "half",
        "recipients": [Recipient(role=role, station="shajing") for role in roles],
    }
    return DeadlineEvent.model_validate(facts | changes)


def offered(**changes: Any) -> NoticeDraft:
    to: dict[str, Any] = {"officer": "zhang", "part": "lead", "round": 1}
    known = {name: changes.pop(name) for name in list(changes) if name not in to}
    return wording.case_offered(FACTS._replace(**known), **to | changes)


def returned(kind: CaseKind, **changes: Any) -> list[NoticeDraft]:
    facts: dict[str, Any] = {
        "case_id": CASE,
        "alert_id": ALERT,
        "enterprise_code": ENTERPRISE,
        "enterprise_name": "某某厂",
        "kind": kind,
        "reason": "未写明原因",
        "revision": 4,
        "officers": ["zhang", "li"],
    }
    return wording.returned(**facts | changes)


def nobody(station: str, revision: int = 1) -> NoticeDraft:
    return wording.nobody_available(
        case_id=CASE,
        alert_id=ALERT,
        enterprise_code=ENTERPRISE,
        enterprise_name="某某厂",
        station=station,
        revision=revision,
    )


def every_draft() -> list[NoticeDraft]:
    bare = alert(
        enterprise={"code": ENTERPRISE},
        outlet={"mn": "A440306000001"},
        pollutant=None,
        window=None,
        observed=None,
        limit=None,
        unit=None,
    )
    told = deadline("enterprise", "officer", "station_chief", "section", "leader", rung=2)
    return [
        *(wording.white_reminder(each) for each in (alert(), bare)),
        *(wording.self_report_demand(each, CASE) for each in (alert(), bare)),
        wording.self_report_demand(alert(), CASE, ALERT),
        wording.self_report_again(alert(), CASE, datetime(2026, 3, 20, 1, 0, tzinfo=UTC), "复测仍然异常"),
        offered(),
        offered(due_at=None, enterprise_name=None, anomaly=None, address=None, contact=None, part="second"),
        nobody("shajing"),
        wording.station_unknown(FACTS),
        *returned(CaseKind.SELF_REPORT),
        *returned(CaseKind.ON_SITE),
        *(
            draft
            for type_ in (DeadlineType.WARNED, DeadlineType.MISSED, DeadlineType.ESCALATED)
            for draft in wording.deadline_notices(told, type_, ["zhang"])
        ),
    ]


@pytest.mark.parametrize("draft", every_draft(), ids=lambda draft: draft.occasion)
def test_every_notice_speaks_both_languages_and_leaves_no_gap(draft: NoticeDraft) -> None:
    for words in (draft.subject, draft.body):
        assert any("一" <= character <= "鿿" for character in words.zh)
        assert any("a" <= character <= "z" for character in words.en)
        assert "None" not in words.zh + words.en
        assert all(line.strip() == line != "" for line in (words.zh + "\n" + words.en).split("\n"))
    assert draft.body.zh.count("\n") == draft.body.en.count("\n")
    assert str(draft.case_id or draft.alert_id) in draft.body.zh
    assert str(draft.case_id or draft.alert_id) in draft.body.en


def test_a_yellow_demand_says_what_happened_what_is_asked_and_by_when() -> None:
    draft = wording.self_report_demand(alert(), CASE)
    assert (draft.recipient_kind, draft.recipient, draft.case_id) == ("enterprise", ENTERPRISE, CASE)
    assert draft.body.zh.split("\n")[:11] == [
        "深圳某某电子有限公司（91440300MA5EXAMPL1）：",
        "贵单位自动监控数据触发黄色预警。请立即开展自查整改，自预警发布之时起6小时内通过企业端如实提交自查反馈，写明异常原因、整改措施和完成时间。",
        "异常类型：废气小时均值超标",
        "排放口：锅炉废气排放口（DA001，MN A440306000001）",
        "监测因子：二氧化硫（a21026）",
        "监测值：61.2 mg/m3",
        "限值：50 mg/m3",
        "监测时段：3月2日（周一）08:00至3月2日（周一）09:00",
        "预警发布时间：3月2日（周一）20:05:30",
        "判定理由：监测值超过限值",
        "判定规则（规则库版本）：Y1（2026.1）",
    ]
    assert "反馈时限：3月3日（周二）02:05:30之前" in draft.body.zh
    assert "Due: before Tue 3 Mar 02:05:30" in draft.body.en
    assert "执法所" in draft.body.zh
    assert "依据" in draft.body.zh


def test_a_white_reminder_asks_for_no_report() -> None:
    draft = wording.white_reminder(alert(level="white"))
    assert "提醒" in draft.subject.zh
    assert "无需反馈" in draft.body.zh
    assert "时限" not in draft.body.zh
    assert draft.case_id is None


def test_an_officer_learns_the_part_and_the_due_day_as_24_00() -> None:
    lead, second = offered(), offered(officer="li", part="second")
    assert "主办" in lead.subject.zh
    assert "协办" in second.subject.zh
    assert "办理时限：3月9日（周一）24:00" in lead.body.zh
    assert len({lead.occasion, second.occasion, offered(round=2).occasion}) == 3


def test_nobody_available_is_told_to_whoever_can_help() -> None:
    assert (nobody("shajing").recipient, nobody("shajing").station) == ("station_chief", "shajing")
    unknown = wording.station_unknown(FACTS)
    assert (unknown.recipient, unknown.station) == ("section", None)


def test_the_section_is_asked_once_for_an_enterprise_of_no_station() -> None:
    first, second = wording.station_unknown(FACTS), wording.station_unknown(FACTS._replace(case_id=ALERT))
    assert first.occasion == second.occasion
    assert "某某厂" in first.subject.zh


def test_a_case_that_comes_to_wait_again_is_told_of_again() -> None:
    assert nobody("shajing", 1).occasion == nobody("shajing", 1).occasion != nobody("shajing", 4).occasion


def test_a_return_is_told_to_those_who_reported_each_time() -> None:
    (to_enterprise,) = returned(CaseKind.SELF_REPORT)
    to_team = returned(CaseKind.VERIFICATION)
    assert (to_enterprise.recipient_kind, to_enterprise.recipient) == ("enterprise", ENTERPRISE)
    assert [(draft.recipient_kind, draft.recipient) for draft in to_team] == [("officer", "zhang"), ("officer", "li")]
    assert "退回理由：未写明原因" in to_enterprise.body.zh
    assert returned(CaseKind.SELF_REPORT, revision=6)[0].occasion != to_enterprise.occasion


@pytest.mark.parametrize(
    ("type_", "heading"),
    [
        (DeadlineType.WARNED, "临期提醒"),
        (DeadlineType.MISSED, "逾期"),
        (DeadlineType.ESCALATED, "督办升级"),
        (DeadlineType.MOVED, "时限变更"),
        (DeadlineType.PAUSED, "中止计时"),
        (DeadlineType.RESUMED, "恢复计时"),
    ],
)
def test_a_deadline_is_told_to_each_of_its_recipients(type_: DeadlineType, heading: str) -> None:
    event = deadline("enterprise", "station_chief", "leader", provisional=True)
    drafts = wording.deadline_notices(event, type_)
    assert [(draft.recipient_kind, draft.recipient, draft.station) for draft in drafts] == [
        ("enterprise", ENTERPRISE, None),
        ("role", "station_chief", "shajing"),
        ("role", "leader", "shajing"),
    ]
    assert [draft.occasion for draft in drafts] == [
        f"deadline:{DEADLINE}:half:{role}" for role in ("enterprise", "station_chief", "leader")
    ]
    for draft in drafts:
        assert heading in draft.subject.zh
        assert "办理时限：3月9日（周一）24:00（暂定）" in draft.body.zh


def test_other_marks_of_a_deadline_are_told_to_nobody() -> None:
    for type_ in (DeadlineType.STARTED, DeadlineType.MET):
        assert wording.deadline_notices(deadline("station_chief"), type_) == []


def test_a_due_time_that_was_changed_is_warned_of_anew() -> None:
    told = [
        draft.occasion
        for version in (0, 1, 2)
        for draft in wording.deadline_notices(deadline("enterprise", version=version), DeadlineType.WARNED)
    ]
    assert told == [f"deadline:{DEADLINE}:half:enterprise"] * 2 + [f"deadline:{DEADLINE}:v2:half:enterprise"]


def test_while_a_clock_is_paused_nobody_is_pressed() -> None:
    (draft,) = wording.deadline_notices(deadline("enterprise", step=None, version=2), DeadlineType.PAUSED)
    assert "中止期间不计入办理时限" in draft.body.zh
    assert "submit" not in draft.body.en.lower()


def test_a_milestone_is_told_to_whoever_must_act() -> None:
    event = MilestoneMissed(
        case_id=CASE,
        alert_id=ALERT,
        kind="on_site",
        level=Level.RED,
        enterprise_code=ENTERPRISE,
        station="shajing",
        milestone="accept",
        name=Bilingual(zh="签收", en="acceptance of the assignment"),
        started_at=datetime(2026, 3, 2, 1, tzinfo=UTC),
        due_at=datetime(2026, 3, 2, 3, tzinfo=UTC),
        at=datetime(2026, 3, 2, 3, tzinfo=UTC),
        policy_version="1",
        calendar_version="1",
        recipients=[Recipient(role="station_chief", station="shajing")],
    )
    (draft,) = wording.milestone_notices(event)
    assert (draft.recipient_kind, draft.recipient, draft.station) == ("role", "station_chief", "shajing")
    assert "未按时签收" in draft.subject.zh
    assert "应于此前完成：3月2日（周一）11:00" in draft.body.zh
    assert "Expected before: Mon 2 Mar 11:00" in draft.body.en


@pytest.mark.parametrize(
    ("officers", "station", "told"),
    [
        (["zhang", "li"], "shajing", [("officer", "zhang"), ("officer", "li")]),
        ([], "shajing", [("role", "station_chief")]),
        ([], None, [("role", "section")]),
    ],
)
def test_a_team_is_told_each_and_without_a_team_its_chief(
    officers: list[str], station: str | None, told: list[tuple[str, str]]
) -> None:
    drafts = wording.deadline_notices(deadline("officer", station=station), DeadlineType.WARNED, officers)
    assert [(draft.recipient_kind, draft.recipient) for draft in drafts] == told


def test_the_ladder_gives_its_rung_and_reason() -> None:
    reason = Bilingual(zh="逾期4个工作小时", en="4 working hours late")
    event = deadline("section", level=Level.YELLOW, rung=2, reason=reason)
    (draft,) = wording.deadline_notices(event, DeadlineType.ESCALATED)
    assert "黄色" in draft.subject.zh
    assert "督办级次：2" in draft.body.zh
    assert "说明：逾期4个工作小时" in draft.body.zh


@given(name=st.text(min_size=1))
def test_a_name_from_a_platform_forges_no_line(name: str) -> None:
    hostile = alert(
        enterprise={"code": ENTERPRISE, "name": name},
        outlet={"mn": "A440306000001", "name": name},
        pollutant={"code": "a21026", "name": name},
        unit=name,
    )
    draft = wording.self_report_demand(hostile, CASE)
    usual = wording.self_report_demand(alert(), CASE)
    for words, expected in ((draft.subject, usual.subject), (draft.body, usual.body)):
        for text, lines in ((words.zh, expected.zh), (words.en, expected.en)):
            assert len(text.splitlines()) == len(lines.splitlines())
            assert all(character.isprintable() for character in text.replace("\n", ""))


@given(st.text())
def test_plain_text_is_one_short_line_and_stays_as_it_is(words: str) -> None:
    line = plain(words)
    assert len(line) <= 120
    assert len(line.splitlines()) <= 1
    assert plain(line) == line


def test_instants_are_shown_in_shanghai_and_never_rounded_up() -> None:
    shown = instant(datetime(2026, 3, 2, 15, 59, 59, 999_999, tzinfo=UTC))
    assert shown.zh == "3月2日（周一）23:59:59"
    assert shown.en == "Mon 2 Mar 23:59:59"
    assert instant(datetime(2026, 3, 2, 16, 0, tzinfo=UTC)).zh == "3月3日（周二）00:00"


def test_the_end_of_a_deadline_at_midnight_is_24_00_of_the_day_before() -> None:
    midnight = datetime(2026, 12, 8, 16, 0, tzinfo=UTC)
    assert (due(midnight).zh, due(midnight).en) == ("12月8日（周二）24:00", "Tue 8 Dec 24:00")
    assert due(midnight, provisional=True).zh == "12月8日（周二）24:00（暂定）"
    assert due(datetime(2026, 12, 8, 6, 30, tzinfo=UTC)).zh == "12月8日（周二）14:30"


def test_an_officer_is_told_what_where_and_why() -> None:
    told = offered().body.zh.split("\n")
    assert told[1:11] == [
        "排污单位：某某厂（91440300MA5EXAMPL1）",
        "地址：沙井街道1号",
        "联系人：王工 环保负责人 13800000000",
        "异常类型：废气小时均值超标",
        "排放口：锅炉废气排放口（DA001，MN A440306000001）",
        "监测因子：二氧化硫（a21026）",
        "监测值：61.2 mg/m3",
        "限值：50 mg/m3",
        "判定理由：监测值超过限值",
        "办理时限：3月9日（周一）24:00",
    ]


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001
def test_no_text_of_a_time_is_raw(moment: datetime) -> None:
    for words in (instant(moment), due(moment)):
        assert "T" not in words.zh
        assert not {"+", "-"} & {*words.zh, *words.en}


def test_notices_of_a_deadline_name_the_enterprise() -> None:
    drafts = wording.deadline_notices(deadline("station_chief"), DeadlineType.WARNED, name="某某厂")
    assert [draft.subject.zh for draft in drafts] == [
        "【临期提醒】某某厂（91440300MA5EXAMPL1）：红色预警案件办理时限临近"
    ]
