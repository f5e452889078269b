"""Counting the past: exact at the edges of every span, and blind to duplicates and to the order of arrival."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from services.alert_ingest.domain.assessment import Assessment, earlier_alerts_of_all, evaluate, matching
from services.alert_ingest.domain.history import HistoryEntry, HistoryFact, Within
from services.alert_ingest.domain.parsing import Occurrence
from shared.contract.events import AnomalyEvent, Level
from shared.time.instants import SHANGHAI, aware
from tests.unit.alert_ingest.domain.anomalies import BOOK, CODE, mean
from tests.unit.alert_ingest.domain.test_grading import HOURLY

NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)
MOMENT = timedelta(microseconds=1)
MN = "A440306000001"
FAMILIES = BOOK.family_members


def entry(at: datetime, number: int = 1, **changes: Any) -> HistoryEntry:
    known: dict[str, Any] = {
        "enterprise_code": CODE,
        "outlet": MN,
        "pollutant": "a21026",
        "rule": HOURLY,
        "level": Level.YELLOW,
        "exceeding": True,
    }
    return HistoryEntry(alert_id=UUID(int=number), occurred_at=aware(at), **(known | changes))


def fact(**changes: Any) -> HistoryFact:
    known = {"zh": "次数", "en": "count", "counts": "alerts", "at": "outlet", "within": {"hours": 24}}
    return HistoryFact.model_validate(known | changes)


def counted(one: HistoryFact, own: HistoryEntry, *others: HistoryEntry) -> float:
    return one.counted(own, matching(one.query(own, FAMILIES), others)).value


# --- which others count -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("within", "first"),
    [
        pytest.param({"hours": 24}, NOON - timedelta(hours=24) + MOMENT, id="hours"),
        pytest.param({"days": 7}, NOON - timedelta(days=7) + MOMENT, id="days"),
        pytest.param({"calendar": "day"}, datetime(2026, 11, 23, tzinfo=SHANGHAI), id="a day of Shanghai"),
        pytest.param({"calendar": "month"}, datetime(2026, 11, 1, tzinfo=SHANGHAI), id="a month of Shanghai"),
    ],
)
def test_a_span_begins_to_the_microsecond(within: dict[str, Any], first: datetime) -> None:
    one = fact(within=within)
    assert counted(one, entry(NOON), entry(first, 2)) == 2
    assert counted(one, entry(NOON), entry(first - MOMENT, 2)) == 1
    assert NOON - Within.model_validate(within).longest <= first


def test_only_what_occurred_earlier_counts() -> None:
    later, same = entry(NOON + MOMENT, 2), entry(NOON, 3)
    assert counted(fact(), entry(NOON), later, same, entry(NOON - MOMENT, 4)) == 2


@pytest.mark.parametrize(
    ("one", "other", "counts"),
    [
        pytest.param(fact(), {"outlet": "another"}, False, id="another outlet"),
        pytest.param(fact(at="enterprise"), {"outlet": "another"}, True, id="of the enterprise"),
        pytest.param(fact(at="enterprise"), {"enterprise_code": "another"}, False, id="another enterprise"),
        pytest.param(fact(), {"pollutant": "a21002"}, True, id="any pollutant"),
        pytest.param(fact(same=["pollutant"]), {"pollutant": "a21002"}, False, id="this pollutant"),
        pytest.param(fact(same=["category"]), {"rule": "approaching_limit"}, False, id="this category"),
        pytest.param(fact(same=["family"]), {"rule": "approaching_limit"}, True, id="a related category"),
        pytest.param(fact(same=["family"]), {"rule": "data_missing"}, False, id="an unrelated category"),
        pytest.param(fact(level="yellow"), {"level": Level.RED}, False, id="this level"),
    ],
)
def test_what_must_be_the_same(one: HistoryFact, other: dict[str, Any], counts: bool) -> None:
    assert counted(one, entry(NOON), entry(NOON - timedelta(hours=1), 2, **other)) == 1 + counts


def test_an_alert_of_another_level_does_not_count_itself() -> None:
    assert counted(fact(level="red"), entry(NOON), entry(NOON - MOMENT, 2, level=Level.RED)) == 1


# --- hours above the limit ------------------------------------------------------------------------------------------


def hours(*ago: float) -> list[HistoryEntry]:
    return [entry(NOON - timedelta(hours=one), number) for number, one in enumerate(ago, 2)]


@pytest.mark.parametrize(
    ("ago", "run"),
    [((), 1), ((1,), 2), ((1, 2), 3), ((2,), 1), ((1, 3), 2), ((1, 1.5, 2), 3), ((1, 2, 3, 5), 4)],
    ids=str,
)
def test_consecutive_hours_adjoin(ago: tuple[float, ...], run: int) -> None:
    one = fact(counts="consecutive_exceeding_hours", same=["pollutant"], within={"days": 7})
    own = entry(NOON)
    found = one.counted(own, matching(one.query(own, FAMILIES), hours(*ago)))
    assert found.value == run
    assert len(found.causes) >= run - 1


def test_hours_add_up_and_one_hour_told_twice_is_one() -> None:
    one = fact(counts="exceeding_hours", within={"calendar": "day"})
    assert counted(one, entry(NOON), *hours(1, 3, 2.75, 5)) == 4
    assert counted(one, entry(NOON, exceeding=False), *hours(1, 3)) == 2
    assert counted(one, entry(NOON), entry(NOON - timedelta(hours=1), 2, exceeding=False)) == 1


def test_an_hour_that_is_no_evidence_ends_no_run_and_begins_none() -> None:
    one = fact(counts="consecutive_exceeding_hours", within={"days": 7})
    assert counted(one, entry(NOON, exceeding=False), *hours(1, 2)) == 0


# --- days on end ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days_ago", "run"),
    [((), 1), ((1,), 2), ((1, 2), 3), ((2,), 1), ((1, 3), 2), ((0.25, 1), 2), ((1, 1.25, 2), 3), ((1, 2, 4), 3)],
    ids=str,
)
def test_consecutive_days_adjoin(days_ago: tuple[float, ...], run: int) -> None:
    one, own = fact(counts="consecutive_days", within={"days": 31}), entry(NOON, exceeding=False)
    others = [entry(NOON - timedelta(days=ago), number, exceeding=False) for number, ago in enumerate(days_ago, 2)]
    found = one.counted(own, matching(one.query(own, FAMILIES), others))
    assert found.value == run
    assert len(found.causes) >= run - 1


def test_a_day_is_shanghais() -> None:
    one, midnight = fact(counts="consecutive_days", within={"days": 31}), NOON.replace(hour=0)
    assert counted(one, entry(midnight), entry(midnight - MOMENT, 2)) == 2
    assert counted(one, entry(midnight), entry(midnight - timedelta(days=1), 2)) == 2
    assert counted(one, entry(midnight), entry(midnight - timedelta(days=1) - MOMENT, 2)) == 1
    assert counted(one, entry(midnight + timedelta(hours=23)), entry(midnight, 2)) == 1


def test_an_alert_of_another_level_is_in_no_run_of_days() -> None:
    one = fact(counts="consecutive_days", level="red", within={"days": 31})
    assert counted(one, entry(NOON), entry(NOON - timedelta(days=1), 2, level=Level.RED)) == 0


def test_causes_are_the_others_the_earliest_first() -> None:
    one, own = fact(), entry(NOON)
    others = [entry(NOON - timedelta(hours=ago), number) for number, ago in ((7, 1), (5, 3), (6, 2))]
    assert one.counted(own, matching(one.query(own, FAMILIES), others)).causes == (
        UUID(int=5),
        UUID(int=6),
        UUID(int=7),
    )


@pytest.mark.parametrize("within", [{}, {"hours": 1, "days": 1}, {"hours": 0}, {"days": 400}, {"calendar": "year"}])
def test_a_span_is_one_thing(within: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Within.model_validate(within)


# --- properties -------------------------------------------------------------------------------------------------------

facts = st.sampled_from([*BOOK.history.values(), fact(counts="consecutive_days", within={"days": 31})])
entries = st.builds(
    entry,
    st.integers(0, 60).map(lambda hour: NOON - timedelta(hours=hour)),
    st.integers(2, 12),
    outlet=st.sampled_from([MN, "another"]),
    pollutant=st.sampled_from(["a21026", "a21002"]),
    level=st.sampled_from(Level),
    exceeding=st.booleans(),
)


def by_id(found: list[HistoryEntry]) -> list[HistoryEntry]:
    return list({one.alert_id: one for one in found}.values())


@given(facts, st.lists(entries, max_size=12).map(by_id), st.randoms())
def test_the_order_in_which_others_are_known_makes_no_difference(
    one: HistoryFact, others: list[HistoryEntry], mix: Any
) -> None:
    shuffled = mix.sample(others, len(others))
    own = entry(NOON)
    query = one.query(own, FAMILIES)
    assert one.counted(own, matching(query, others)) == one.counted(own, matching(query, shuffled))


@given(facts, st.lists(entries, max_size=12).map(by_id))
def test_nothing_before_means_alone(one: HistoryFact, others: list[HistoryEntry]) -> None:
    own = entry(NOON)
    later = [other for other in others if other.occurred_at >= own.occurred_at]
    assert counted(one, own, *later) == one.alone(own.level, exceeding=own.exceeding)


def hourly(hour: int, value: float, number: int) -> Assessment:
    """An hourly mean at one outlet, `hour` hours into the day."""
    event = mean(HOURLY, "hour", value, pollutant={"code": "a21026"})
    occurrence = Occurrence(MN, HOURLY, "a21026", aware(NOON + timedelta(hours=hour)), CODE)
    return Assessment.of(UUID(int=number), event, occurrence, BOOK)


streams = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from([10.0, 45.0, 61.0, 120.0])), max_size=7, unique_by=lambda one: one[0]
)


def grade_together(assessment: list[Assessment]) -> list[Level]:
    together = [one.grade(known) for one, known in zip(assessment, earlier_alerts_of_all(assessment), strict=True)]
    alone = [one.level(known) for one, known in zip(assessment, earlier_alerts_of_all(assessment), strict=True)]
    assert [graded.level for graded in together] == alone
    return alone


def levels_after(arrivals: list[Assessment]) -> dict[UUID, Level]:
    """What the intake comes to, one arrival at a time: the newcomer is graded, and the others again, upwards only."""
    present: list[Assessment] = []
    levels: dict[UUID, Level] = {}
    for one in arrivals:
        present.append(one)
        for each, level in zip(present, grade_together(present), strict=True):
            was = levels.get(each.entry.alert_id, Level.WHITE)
            levels[each.entry.alert_id] = max(was, level, key=lambda one: one.rank)
    return levels


@settings(max_examples=40)
@given(streams, st.randoms())
def test_the_order_of_arrival_does_not_change_the_final_level(stream: list[tuple[int, float]], mix: Any) -> None:
    arrivals = [hourly(hour, value, number) for number, (hour, value) in enumerate(stream)]
    shuffled = mix.sample(arrivals, len(arrivals))
    at_once = dict(zip([one.entry.alert_id for one in arrivals], grade_together(arrivals), strict=True))
    assert levels_after(arrivals) == levels_after(shuffled) == at_once


# --- what stands for an anomaly that was sent more than once --------------------------------------------------------


def sent(value: float | None, **changes: Any) -> AnomalyEvent:
    return mean(HOURLY, "hour", value, pollutant={"code": "a21026"}, **changes)


def first(event: AnomalyEvent) -> Assessment:
    return Assessment.of(UUID(int=1), event, Occurrence(MN, HOURLY, "a21026", aware(NOON), CODE), BOOK)


def strongest(events: list[AnomalyEvent], of: Callable[[Assessment], Any]) -> Any:
    return of(evaluate(first(events[0]), events[1:]).strongest)


def test_the_strongest_event_stands_whatever_came_first() -> None:
    events = [sent(None), sent(61.0), sent(120.0), sent(61.0, flag="D"), sent(120.0, flag="C")]
    found = {strongest(list(order), lambda one: one.strength) for order in permutations(events)}
    assert found == {(2, True, "gas_hourly_mean_severe_exceedance")}


def test_a_mark_that_comes_late_is_for_people_to_judge() -> None:
    evaluation = evaluate(first(sent(120.0)), [sent(120.0, marking={"kind": "calibration", "reason": "零点校准"})])
    assert evaluation.strongest.entry.level is Level.RED
    assert [one.entry.rule for one in evaluation.weaker] == ["marked_abnormal"]


def test_the_same_again_changes_nothing() -> None:
    evaluation = evaluate(first(sent(120.0)), [sent(120.0)])
    assert evaluation.strongest.entry.rule == "gas_hourly_mean_severe_exceedance"
    assert evaluation.weaker == ()
