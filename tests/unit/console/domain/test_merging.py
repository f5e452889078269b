"""A row is what the set of its events says: in whatever order they come, and however often."""

from collections.abc import Sequence
from functools import reduce

from hypothesis import given
from hypothesis import strategies as st

from services.console.domain.alert_record import AlertRecord
from services.console.domain.case_record import CaseRecord
from services.console.domain.clock_record import ClockRecord
from services.console.domain.completion import completion_of, concluded, open_checks
from services.console.domain.counts import Differences, counted, day_of, standing_of
from shared.contract.events import CaseEvent, CaseKind, CaseType, FileNumberRecorded, Level
from tests.unit.console.domain.events_of_a_case import (
    ALERT,
    CASE,
    CLOCK,
    CODE,
    LIFE,
    Told,
    at,
    dismissed,
    grade,
    step,
)

EMPTY = CaseRecord(case_id=CASE, enterprise_code=CODE, alert_id=ALERT)
NUMBERS = [
    Told(
        "file",
        FileNumberRecorded(case_id=CASE, alert_id=ALERT, enterprise_code=CODE, station=None, file_number=n, at=at(m)),
    )
    for n, m in (("深环罚〔2026〕1号", 110), ("深环罚〔2026〕2号", 120))
]
GRADES = [
    grade(Level.YELLOW, 1, 0, held=True),
    grade(Level.YELLOW, 2, 5),
    grade(Level.RED, 3, 60),
    dismissed(90),
]


def case_of(told: Sequence[Told]) -> CaseRecord:
    def merge(case: CaseRecord, one: Told) -> CaseRecord:
        if isinstance(one.data, CaseEvent):
            return case.with_event(one.type_, one.data)
        return case.with_file_number(one.data)

    return reduce(merge, told, EMPTY)


def clock_of(told: Sequence[Told]) -> ClockRecord:
    return reduce(ClockRecord.merged, [ClockRecord.of(one.type_, one.data) for one in told])


def alert_of(told: Sequence[Told]) -> AlertRecord:
    def merge(alert: AlertRecord, one: Told) -> AlertRecord:
        return alert.with_dismissal(one.data) if "dismissed" in one.type_ else alert.with_grade(one.data)

    return reduce(merge, told, AlertRecord(alert_id=ALERT, enterprise_code=CODE)).dated()


def any_order(told: Sequence[Told]) -> st.SearchStrategy[list[Told]]:
    """All of them, some twice, shuffled."""
    return st.lists(st.sampled_from(told)).flatmap(lambda again: st.permutations([*told, *again]))


@given(any_order([*LIFE, *NUMBERS]))
def test_a_case_is_the_same_in_any_order(told: list[Told]) -> None:
    case = case_of(told)
    assert case == case_of([*LIFE, *NUMBERS])
    assert (case.state, case.revision, case.outcome) == ("approved", 9, "rectified")
    assert (case.opened_at, case.arrived_at, case.answered_at, case.closed_at) == (at(0), at(30), at(50), at(100))
    assert case.file_number == "深环罚〔2026〕2号"


@given(any_order(CLOCK))
def test_a_clock_is_the_same_in_any_order(told: list[Told]) -> None:
    clock = clock_of(told)
    assert clock == clock_of(CLOCK)
    assert (clock.state, clock.rung) == ("overdue", "section")


@given(any_order(GRADES))
def test_an_alert_is_the_same_in_any_order(told: list[Told]) -> None:
    alert = alert_of(told)
    assert alert == alert_of(GRADES)
    assert (alert.level, alert.held, alert.dismissed_at, alert.updated_at) == ("red", False, at(90), at(90))


@given(st.permutations(range(len(LIFE) + 1)), st.permutations(range(len(CLOCK) + 1)))
def test_counts_that_follow_each_change_are_those_of_the_rows(lives: list[int], clocks: list[int]) -> None:
    """Whatever was known between, what was put on a count is taken off it again."""
    differences, before = Differences(), None
    for life, ticks in zip(lives, [*clocks, *[len(CLOCK)] * len(lives)], strict=False):
        seen = [clock_of(CLOCK[:ticks])] if ticks else []
        case = case_of(LIFE[:life])
        if case.kind is None and not seen:
            continue
        after = concluded(case, seen, open_checks([case])[case.alert_id])
        differences.change(before, after)
        before = after
    assert before is not None
    standings, days = counted([before])
    assert dict(differences.standings()) == standings
    assert dict(differences.days()) == days


def test_what_follows_from_a_case_and_its_clock() -> None:
    case = concluded(case_of(LIFE[:4]), [clock_of(CLOCK[:2])], set())
    assert (case.overdue, case.awaits, case.handled, case.on_time) == (False, "answer", False, None)
    late = concluded(case_of(LIFE[:4]), [clock_of(CLOCK)], set())
    assert (late.overdue, late.rung) == (True, "section")
    assert standing_of(late) == ("xinan", "on_site", "red", True, "section", "answer")
    done = concluded(case_of(LIFE), [clock_of(CLOCK[:3])], set())
    assert (done.overdue, done.rung, done.awaits) == (False, None, None)
    assert completion_of(done) == (True, True, True, True, False, False)
    assert completion_of(concluded(case_of(LIFE), [clock_of(CLOCK)], set())) == (True, True, True, False, True, False)
    assert standing_of(done) is None
    assert day_of(done) is not None


def test_a_case_without_a_clock_is_listed_last_and_a_clock_without_a_case_not_at_all() -> None:
    case = concluded(case_of(LIFE[:1]), [], set())
    assert (case.due_at, case.due_key.year, case.awaits) == (None, 9999, "team")
    stub = concluded(EMPTY, [clock_of(CLOCK)], set())
    assert (stub.kind, stub.overdue, standing_of(stub), day_of(stub)) == (None, False, None, None)


def test_finished_waits_for_follow_ups_and_for_the_number_of_the_file() -> None:
    filed = step(CaseType.CLOSED, "approved", 9, 100, outcome="case_filed_for_penalty")
    case = case_of([*LIFE[:8], filed])
    assert not concluded(case, [], set()).finished
    assert concluded(case_of([*LIFE[:8], filed, NUMBERS[0]]), [], set()).finished
    check = step(CaseType.OPENED, "scheduled", 1, 100, case_id=ALERT, kind=CaseKind.FOLLOW_UP)
    checks = open_checks(
        [case_of(LIFE), case_of([]).model_copy(update={"case_id": ALERT}).with_event(check.type_, check.data)]
    )
    assert checks[ALERT] == {ALERT}
    assert not concluded(case_of(LIFE), [], checks[ALERT]).finished


def test_a_superseded_case_counts_for_nothing() -> None:
    ended = step(CaseType.CLOSED, "superseded", 2, 3, outcome="upgraded")
    assert not any(completion_of(concluded(case_of([LIFE[0], ended]), [], set())))
