"""What happens when steps come due: in due order, with the first rung in the same pass, and never past an answer."""

from collections.abc import Collection
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deadline_watch.domain import due_steps, ladder
from services.deadline_watch.domain.deadlines import compute
from services.deadline_watch.domain.due_steps import Plan, Step, ahead_of
from services.deadline_watch.domain.ladder import reached
from services.deadline_watch.domain.states import State
from shared.contract.events import CaseKind
from tests.unit.deadline_watch.domain.test_deadlines import CALENDAR, POLICY, shanghai

START = shanghai("2026-03-02", "08:30")


def clock_and_steps(kind: CaseKind = CaseKind.ON_SITE, **changes: Any) -> tuple[Any, list[Step]]:
    deadline, deadline_id = compute(kind, START, POLICY, CALENDAR), uuid4()
    facts: dict[str, Any] = {
        "deadline_id": deadline_id,
        "case_id": uuid4(),
        "alert_id": uuid4(),
        "kind": kind.value,
        "level": "red",
        "enterprise_code": "91440306MA5000001W",
        "station": "xinan",
        "started_at": START,
        "due_at": deadline.due_at,
        "due_text": deadline.due_text,
        "provisional": False,
        "state": "open",
        "version": 1,
        "policy_version": POLICY.version,
        "calendar_version": CALENDAR.version,
        "answered_at": None,
        "closed_at": None,
        "acted_at": None,
    }
    return SimpleNamespace(**facts | changes), ahead_of(deadline, deadline_id, 1, "91440306MA5000001W")


def climb(clock: Any) -> tuple[ladder.RungStep, ...]:
    return ladder.climb(CaseKind(clock.kind), clock.due_at, POLICY, CALENDAR)


def nobody(_: str | None) -> Collection[str]:
    return ()


def passed(steps: list[Step], clocks: dict[UUID, Any], now: datetime, absent: Any = nobody) -> Plan:
    return due_steps.work_off([step for step in steps if step.at <= now], clocks, now, climb, absent)


def told(plan: Plan) -> list[dict[str, Any]]:
    return [event.data.model_dump(mode="json") for event in plan.events]


def test_the_first_rung_is_climbed_with_the_miss() -> None:
    clock, steps = clock_and_steps()
    plan = passed(steps, {clock.deadline_id: clock}, clock.due_at)
    assert [one["step"] for one in told(plan)] == ["missed", "rung-1-station-chief"]
    assert [(step.step, step.done_at, step.outcome) for step in plan.laid] == [
        ("rung-2-section", None, None),
        ("rung-3-leader", None, None),
        ("rung-1-station-chief", clock.due_at, "fired"),
    ]
    assert plan.states == {clock.deadline_id: State.OVERDUE}
    assert {step.step: outcome for step, outcome in plan.done}["warned-half"] == "void"  # it could help no more


def rung(clock: Any, number: int, **changes: Any) -> Step:
    found = climb(clock)[number - 1]
    step = Step(clock.deadline_id, 1, found.name, "e", "escalate", found.at, found.roles, number, found.repeat_hours)
    return step._replace(**changes)


@pytest.mark.parametrize(
    ("acted", "outcome"),
    [(timedelta(hours=-1), "fired"), (timedelta(minutes=30), "void"), (None, "fired")],
    ids=["before the rung before", "after it", "never"],
)
def test_a_rung_is_left_out_where_the_case_moved_since_the_one_before(acted: timedelta | None, outcome: str) -> None:
    clock, _ = clock_and_steps(state="overdue")
    clock.acted_at = None if acted is None else clock.due_at + acted
    second = rung(clock, 2)
    plan = passed([second], {clock.deadline_id: clock}, second.at)
    assert [became for _, became in plan.done] == [outcome]


def test_the_top_is_repeated_though_left_out_today() -> None:
    clock, _ = clock_and_steps(state="overdue")
    top = rung(clock, 3)
    clock.acted_at = top.at - timedelta(hours=1)
    plan = passed([top], {clock.deadline_id: clock}, top.at)
    assert not plan.events
    (tomorrow,) = plan.laid
    assert (tomorrow.step, tomorrow.at) == ("rung-3-leader+1", top.at + timedelta(days=1))
    plan = passed([tomorrow], {clock.deadline_id: clock}, tomorrow.at)
    assert [one["recipients"][0]["role"] for one in told(plan)] == ["leader"]


@pytest.mark.parametrize("change", ["answered_at", "closed_at"])
def test_nothing_is_repeated_once_somebody_answered(change: str) -> None:
    clock, _ = clock_and_steps(state="overdue")
    top = rung(clock, 3)
    setattr(clock, change, top.at - timedelta(hours=1))
    plan = passed([top], {clock.deadline_id: clock}, top.at)
    assert (plan.events, plan.laid) == ([], [])


def test_the_absent_are_passed_over_and_the_event_says_so() -> None:
    clock, _ = clock_and_steps(state="overdue")
    first = rung(clock, 1)
    plan = passed([first], {clock.deadline_id: clock}, first.at, lambda station: {"station_chief", station})
    (event,) = told(plan)
    assert event["recipients"] == [{"role": "section", "station": None}]
    assert event["reason"]["zh"] == "所长不在岗，报上一级"


@given(
    st.lists(st.sampled_from(["station_chief", "section", "leader"]), min_size=1, unique=True),
    st.sets(st.sampled_from(["station_chief", "section", "leader"])),
)
def test_a_rung_never_reaches_nobody_and_nobody_who_is_away_but_the_leader(roles: list[str], absent: set[str]) -> None:
    found = reached(roles, absent)
    assert found
    assert len(found) == len(set(found))
    assert not (set(found) & absent) - {"leader"}


@given(st.lists(st.timedeltas(timedelta(0), timedelta(days=20)), min_size=1, max_size=5), st.data())
def test_however_the_passes_fall_each_step_happens_once_and_in_order(
    delays: list[timedelta], data: st.DataObject
) -> None:
    """Passes at any instants come to the same outcomes: the same misses, and each step told at most once."""
    clock, ahead = clock_and_steps(data.draw(st.sampled_from(list(CaseKind))))
    names: list[str] = []
    now = START
    for delay in sorted(delays):
        now = max(now, START + delay)
        while any(step.at <= now for step in ahead):
            plan = passed(ahead, {clock.deadline_id: clock}, now)
            done = {step.step for step, _ in plan.done}
            ahead = [step for step in ahead if step.step not in done]
            ahead += [step for step in plan.laid if step.done_at is None]
            clock.state = plan.states.get(clock.deadline_id, clock.state)
            names += [one["step"] for one in told(plan)]
    assert len(names) == len(set(names))
    assert ("missed" in names) == (now >= clock.due_at)
    assert len({step.step for step in ahead}) == len(ahead)
