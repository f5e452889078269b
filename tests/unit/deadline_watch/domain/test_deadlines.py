"""The 6 hours and the 5 working days, for every start instant, and how they are explained."""

from datetime import UTC, date, datetime, time, timedelta

import holidays
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.deadline_watch.domain.calendar import WorkingCalendar
from services.deadline_watch.domain.deadlines import Deadline, compute, is_late
from services.deadline_watch.domain.policy import DATA, DeadlinePolicy
from shared.contract.refusals import Invalid
from shared.contract.words import ClockKind
from shared.time.instants import SHANGHAI

CALENDAR = WorkingCalendar.load()
INDEPENDENT = holidays.country_holidays("CN", years=range(2004, 2027))
POLICY = DeadlinePolicy.load()
MICROSECOND = timedelta(microseconds=1)


def red(start: datetime) -> Deadline:
    return compute(ClockKind.ON_SITE, start, POLICY, CALENDAR)


def shanghai(day: str, at: str = "10:00") -> datetime:
    return datetime.combine(date.fromisoformat(day), time.fromisoformat(at), SHANGHAI)


def last_day(deadline: Deadline) -> str:
    return (deadline.due_at.astimezone(SHANGHAI) - MICROSECOND).date().isoformat()


@pytest.mark.parametrize(
    ("issued", "last"),
    [
        ("2024-02-08", "2024-02-21"),
        ("2024-06-14", "2024-06-21"),
        ("2024-09-30", "2024-10-12"),
        ("2025-01-24", "2025-02-07"),
        ("2025-09-26", "2025-10-10"),
        ("2026-02-13", "2026-02-27"),
        ("2026-09-18", "2026-09-24"),
    ],
)
def test_the_vectors_of_the_design(issued: str, last: str) -> None:
    for at in ("00:00", "10:00", "23:59:59.999999"):
        deadline = red(shanghai(issued, at))
        assert last_day(deadline) == last
        assert deadline.due_text == f"{last} 24:00 (+08:00)"
        assert not deadline.provisional


def test_issued_on_a_day_off_the_first_working_day_is_day_one() -> None:
    (first,) = (day for day in red(shanghai("2026-10-03")).explanation.days if day.number == 1)
    assert first.date == date(2026, 10, 8)


def test_a_make_up_saturday_counts_and_says_so() -> None:
    days = {day.date: day for day in red(shanghai("2026-10-08")).explanation.days}
    assert days[date(2026, 10, 10)].counted
    assert days[date(2026, 10, 10)].reason.zh == "国庆节调休上班"
    assert not days[date(2026, 10, 11)].counted


def counsels(**choices: str) -> DeadlinePolicy:
    """The shipped policy, with what counsel decided of the five working days."""
    chosen = ", ".join(f"{name}: {choice}" for name, choice in choices.items())
    text = DATA.read_text(encoding="utf-8")
    return DeadlinePolicy.parse(text.replace("level: red\n", f"level: red\n    <<: {{{chosen}}}\n"))


@pytest.mark.parametrize(
    ("issued", "at", "choices", "due"),
    [
        ("2026-03-02", "10:00", {"start_day": "included"}, "2026-03-06 24:00 (+08:00)"),
        ("2026-03-02", "23:59:59", {"start_day": "included"}, "2026-03-06 24:00 (+08:00)"),
        ("2026-03-01", "10:00", {"start_day": "included"}, "2026-03-06 24:00 (+08:00)"),  # a Sunday
        ("2026-03-02", "10:00", {"ends": "close_of_business"}, "2026-03-09 18:00:00 (+08:00)"),
        ("2026-03-02", "17:59", {"start_day": "included", "ends": "close_of_business"}, "2026-03-06 18:00:00 (+08:00)"),
        ("2026-03-02", "18:00", {"start_day": "included", "ends": "close_of_business"}, "2026-03-09 18:00:00 (+08:00)"),
    ],
)
def test_counsel_decides_where_the_days_begin_and_end(issued: str, at: str, choices: dict[str, str], due: str) -> None:
    deadline = compute(ClockKind.ON_SITE, shanghai(issued, at), counsels(**choices), CALENDAR)
    assert deadline.due_text == due
    assert [day.number for day in deadline.explanation.days if day.counted] == [1, 2, 3, 4, 5]


def test_what_counsel_decided_is_explained() -> None:
    policy = counsels(start_day="included", ends="close_of_business")
    before = compute(ClockKind.ON_SITE, shanghai("2026-03-02", "17:59"), policy, CALENDAR).explanation
    assert before.days[0].reason.zh == "发出当日计入"
    assert "末日 18:00 下班时止" in before.text.zh
    assert "close of business, 18:00" in before.text.en
    after = compute(ClockKind.ON_SITE, shanghai("2026-03-02", "18:00"), policy, CALENDAR).explanation
    assert after.days[0].reason.zh == "下班后发出，当日不计"
    on_a_sunday = compute(ClockKind.ON_SITE, shanghai("2026-03-01"), policy, CALENDAR).explanation
    assert on_a_sunday.days[0].reason.zh == "周末"


def test_a_day_of_issue_that_counts_is_provisional_in_a_year_nobody_published() -> None:
    policy = counsels(start_day="included")
    assert not compute(ClockKind.ON_SITE, shanghai("2026-12-21"), policy, CALENDAR).provisional
    assert compute(ClockKind.ON_SITE, shanghai("2026-12-22"), policy, CALENDAR).provisional


def test_hours_have_no_day_of_issue_and_no_close_of_business() -> None:
    text = DATA.read_text(encoding="utf-8").replace("span: {hours: 6}", "span: {hours: 6}\n    start_day: included")
    with pytest.raises(Invalid, match="for a span of working_days"):
        DeadlinePolicy.parse(text)


def test_the_day_of_issue_is_shanghais_day() -> None:
    just_before_midnight = datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)
    assert red(just_before_midnight).explanation.days[0].date == date(2026, 3, 2)
    assert red(just_before_midnight + timedelta(seconds=1)).explanation.days[0].date == date(2026, 3, 3)


def test_the_year_end_is_provisional_from_the_day_that_the_next_notice_may_move() -> None:
    """The 18th is a Friday: its fifth working day is Friday the 25th. The 21st's is Monday the 28th."""
    assert not red(shanghai("2026-12-18")).provisional
    assert red(shanghai("2026-12-21")).provisional
    deadline = red(shanghai("2026-12-24"))
    assert last_day(deadline) == "2026-12-31"
    assert deadline.provisional
    assert deadline.explanation.provisional_reason is not None
    assert "2027" in deadline.explanation.provisional_reason.zh
    assert "暂定" in deadline.explanation.text.zh


def test_the_instant_of_due_is_late_and_the_microsecond_before_is_not() -> None:
    due_at = red(shanghai("2026-03-02")).due_at
    assert is_late(due_at, due_at)
    assert not is_late(due_at - MICROSECOND, due_at)


def test_a_start_without_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        red(datetime(2026, 3, 2, 10))  # noqa: DTZ001  that is what is tested


def test_the_explanation_names_rule_source_and_versions() -> None:
    explanation = red(shanghai("2026-03-02")).explanation
    assert explanation.stated
    assert "Civil Code" in explanation.source
    assert (explanation.policy_version, explanation.calendar_version) == (POLICY.version, CALENDAR.version)
    assert "第 5 日" in explanation.text.zh
    assert "day 5" in explanation.text.en


def test_yellow_is_warned_at_three_and_five_hours_red_thrice() -> None:
    start = shanghai("2026-03-02")
    yellow = compute(ClockKind.SELF_REPORT, start, POLICY, CALENDAR)
    assert [step.at - start for step in yellow.warnings] == [timedelta(hours=3), timedelta(hours=5)]
    assert {step.recipients for step in yellow.warnings} == {("enterprise",)}
    on_site = red(start)
    span = on_site.due_at - start
    assert on_site.warnings[0].at == start + span / 2
    assert on_site.warnings[-1].at == shanghai("2026-03-09", "09:00")
    assert all(start < step.at < on_site.due_at for step in on_site.warnings)


COUNSELS = [counsels(start_day="included"), counsels(ends="close_of_business")]
starts = st.datetimes(datetime(2004, 1, 1), datetime(2026, 12, 10)).map(lambda naive: naive.replace(tzinfo=SHANGHAI))  # noqa: DTZ001


def counted_independently(start: date) -> datetime:
    """Five working days after `start`, by a calendar and a count of others."""
    day, counted = start, 0
    while counted < 5:
        day += timedelta(days=1)
        counted += INDEPENDENT.is_working_day(day)
    return datetime.combine(day + timedelta(days=1), time(), SHANGHAI)


def test_five_working_days_from_every_date_by_an_independent_count() -> None:
    days = [date(2004, 1, 1) + timedelta(days=number) for number in range((date(2026, 12, 23) - date(2004, 1, 1)).days)]
    noons = [datetime.combine(day, time(12), SHANGHAI) for day in days]
    assert [noon for noon in noons if red(noon).due_at != counted_independently(noon.date())] == []


@given(starts)
def test_five_working_days_from_every_instant_by_an_independent_count(start: datetime) -> None:
    deadline = red(start)
    assert deadline.due_at == counted_independently(start.date())
    assert [one.number for one in deadline.explanation.days if one.counted] == [1, 2, 3, 4, 5]


@given(starts)
def test_counsels_choices_only_ever_bring_the_end_forward(start: datetime) -> None:
    for policy in COUNSELS:
        assert start < compute(ClockKind.ON_SITE, start, policy, CALENDAR).due_at <= red(start).due_at


@given(starts)
def test_six_hours_are_six_hours(start: datetime) -> None:
    assert compute(ClockKind.SELF_REPORT, start, POLICY, CALENDAR).due_at - start == timedelta(hours=6)


@given(starts, st.timedeltas(timedelta(0), timedelta(days=40)))
def test_a_later_start_is_never_due_earlier(start: datetime, later: timedelta) -> None:
    assert red(start).due_at <= red(start + later).due_at


def silence(policy: DeadlinePolicy, kind: ClockKind = ClockKind.SELF_REPORT) -> datetime | None:
    return compute(kind, shanghai("2026-03-02", "08:30"), policy, CALENDAR).unanswered_at


def test_a_self_report_is_unanswered_after_a_day_and_the_time_that_its_message_may_take() -> None:
    assert silence(POLICY) == shanghai("2026-03-03", "08:32")
    assert silence(POLICY, ClockKind.ON_SITE) is None
    assert silence(POLICY, ClockKind.VERIFICATION) is None


def test_a_policy_from_before_silence_was_kept_here_has_the_same_day() -> None:
    before = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    del before["silence"]
    assert silence(DeadlinePolicy.parse(yaml.safe_dump(before))) == silence(POLICY)
    assert silence(DeadlinePolicy.parse(yaml.safe_dump(before | {"silence": None}))) is None


def test_it_is_not_unanswered_before_it_is_due() -> None:
    longer = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    longer["deadlines"]["self_report"]["span"] = {"hours": 30}
    assert silence(DeadlinePolicy.parse(yaml.safe_dump(longer))) == shanghai("2026-03-03", "14:32")
