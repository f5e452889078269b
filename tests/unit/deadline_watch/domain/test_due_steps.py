"""What happens when steps come due: in due order, with the first rung in the same pass, and never past an answer."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deadline_watch.domain import due_steps, ladder
from services.deadline_watch.domain.clocks import Clock, State
from services.deadline_watch.domain.deadlines import compute
from services.deadline_watch.domain.due_steps import ClockStep, StepResults, steps_ahead
from services.deadline_watch.domain.ladder import recipients
from shared.contract.events import Level
from shared.contract.words import ClockKind
from tests.unit.deadline_watch.domain.test_deadlines import CALENDAR, POLICY, shanghai

START = shanghai("2026-03-02", "08:30")


def clock_and_steps(kind: ClockKind = ClockKind.ON_SITE, **changes: Any) -> tuple[Clock, list[ClockStep]]:
    deadline, deadline_id = compute(kind, START, POLICY, CALENDAR), uuid4()
    facts: dict[str, Any] = {
        "deadline_id": deadline_id,
        "case_id": uuid4(),
        "alert_id": uuid4(),
        "kind": kind,
        "level": Level.RED,
        "enterprise_code": "91440306MA5000001W",
        "station": "xinan",
        "started_at": START,
        "due_at": deadline.due_at,
        "due_text": deadline.due_text,
        "provisional": False,
        "state": State.OPEN,
        "version": 1,
        "policy_version": POLICY.version,
        "calendar_version": CALENDAR.version,
    }
    return Clock(**facts | changes), steps_ahead(deadline, deadline_id, 1, "91440306MA5000001W")


def rungs_of(clock: Clock) -> tuple[ladder.DueRung, ...]:
    return ladder.rungs_after_miss(clock.kind, clock.due_at, POLICY, CALENDAR)


def nobody(_: str | None) -> Collection[str]:
    return ()


def passed(steps: list[ClockStep], clocks: dict[UUID, Clock], now: datetime, absent: Any = nobody) -> StepResults:
    due = [step for step in steps if step.at <= now]
    return due_steps.decide(due, clocks, now, rungs_of, absent, lambda _: timedelta(hours=24, minutes=2))


def emitted(results: StepResults) -> list[dict[str, Any]]:
    return [event.data.model_dump(mode="json") for event in results.events]


def test_the_first_rung_is_climbed_with_the_miss() -> None:
    clock, steps = clock_and_steps()
    results = passed(steps, {clock.deadline_id: clock}, clock.due_at)
    assert [one["step"] for one in emitted(results)] == ["missed", "rung-1-station-chief"]
    assert [(step.step, step.done_at, step.outcome) for step in results.added] == [
        ("rung-2-section", None, None),
        ("rung-3-leader", None, None),
        ("rung-1-station-chief", clock.due_at, "fired"),
    ]
    assert results.states == {clock.deadline_id: State.OVERDUE}
    assert {step.step: outcome for step, outcome in results.done}["warned-half"] == "void"  # it could help no more


def rung(clock: Clock, number: int, **changes: Any) -> ClockStep:
    found = rungs_of(clock)[number - 1]
    step = ClockStep(
        clock.deadline_id, 1, found.name, "e", "escalate", found.at, found.roles, number, found.repeat_hours
    )
    return step._replace(**changes)


@pytest.mark.parametrize(
    ("acted", "outcome"),
    [(timedelta(hours=-1), "fired"), (timedelta(minutes=30), "void"), (None, "fired")],
    ids=["before the rung before", "after it", "never"],
)
def test_a_rung_is_left_out_where_the_case_moved_since_the_one_before(acted: timedelta | None, outcome: str) -> None:
    clock, _ = clock_and_steps(state=State.OVERDUE)
    clock = clock._replace(acted_at=None if acted is None else clock.due_at + acted)
    second = rung(clock, 2)
    results = passed([second], {clock.deadline_id: clock}, second.at)
    assert [became for _, became in results.done] == [outcome]


def test_the_top_is_repeated_though_left_out_today() -> None:
    clock, _ = clock_and_steps(state=State.OVERDUE)
    top = rung(clock, 3)
    clock = clock._replace(acted_at=top.at - timedelta(hours=1))
    results = passed([top], {clock.deadline_id: clock}, top.at)
    assert not results.events
    (tomorrow,) = results.added
    assert (tomorrow.step, tomorrow.at) == ("rung-3-leader+1", top.at + timedelta(days=1))
    results = passed([tomorrow], {clock.deadline_id: clock}, tomorrow.at)
    assert [one["recipients"][0]["role"] for one in emitted(results)] == ["leader"]


@pytest.mark.parametrize("change", ["answered_at", "closed_at"])
def test_nothing_is_repeated_once_somebody_answered(change: str) -> None:
    clock, _ = clock_and_steps(state=State.OVERDUE)
    top = rung(clock, 3)
    changes: dict[str, Any] = {change: top.at - timedelta(hours=1)}
    clock = clock._replace(**changes)
    results = passed([top], {clock.deadline_id: clock}, top.at)
    assert (results.events, results.added) == ([], [])


def test_the_absent_are_passed_over_and_the_event_says_so() -> None:
    clock, _ = clock_and_steps(state=State.OVERDUE)
    first = rung(clock, 1)
    results = passed([first], {clock.deadline_id: clock}, first.at, lambda station: {"station_chief", station})
    (event,) = emitted(results)
    assert event["recipients"] == [{"role": "section", "station": None}]
    assert event["reason"]["zh"] == "所长不在岗，报上一级"


@given(
    st.lists(st.sampled_from(["station_chief", "section", "leader"]), min_size=1, unique=True),
    st.sets(st.sampled_from(["station_chief", "section", "leader"])),
)
def test_a_rung_never_reaches_nobody_and_nobody_who_is_away_but_the_leader(roles: list[str], absent: set[str]) -> None:
    found = recipients(roles, absent)
    assert found
    assert len(found) == len(set(found))
    assert not (set(found) & absent) - {"leader"}


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=20)), min_size=1, max_size=5), st.data())
def test_however_the_passes_fall_each_step_happens_once_and_in_order(
    delays: list[timedelta], data: st.DataObject
) -> None:
    """Passes at any instants come to the same outcomes: the same misses, and each step emitted at most once."""
    clock, ahead = clock_and_steps(data.draw(st.sampled_from(list(ClockKind))))
    names: list[str] = []
    now = START
    for delay in sorted(delays):
        now = max(now, START + delay)
        while any(step.at <= now for step in ahead):
            results = passed(ahead, {clock.deadline_id: clock}, now)
            done = {step.step for step, _ in results.done}
            ahead = [step for step in ahead if step.step not in done]
            ahead += [step for step in results.added if step.done_at is None]
            clock = clock._replace(state=results.states.get(clock.deadline_id, clock.state))
            names += [one["step"] for one in emitted(results)]
    assert len(names) == len(set(names))
    assert ("missed" in names) == (now >= clock.due_at)
    assert len({step.step for step in ahead}) == len(ahead)
