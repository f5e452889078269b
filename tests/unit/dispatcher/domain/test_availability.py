"""Who may go: one rule for today and days ahead."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.domain.availability import (
    ABSENCES,
    ROTA,
    Barrier,
    DutyDay,
    Hindrance,
    LeavePeriod,
    Person,
    barred,
    hindrance,
    unable_throughout,
)
from shared.contract.events import Bilingual

DAY = date(2026, 3, 2)
CHEN = Person("chen", "陈", "xinan")
LEAVE = LeavePeriod(DAY, DAY + timedelta(days=3), "年休假")
NOBODY: frozenset[str] = frozenset()


def barrier(found: Hindrance | None) -> Barrier | None:
    return found and found.barrier


@pytest.mark.parametrize(
    ("person", "day", "expected"),
    [
        (CHEN, DutyDay(DAY), None),
        (CHEN, DutyDay(DAY, rota={"xinan": frozenset({"chen"})}), None),
        (CHEN, DutyDay(DAY, rota={"xinan": frozenset({"li"})}), Barrier.NOT_ON_ROTA),
        (CHEN, DutyDay(DAY, rota={"xinan": NOBODY}), Barrier.NOT_ON_ROTA),
        (CHEN, DutyDay(DAY, rota={"shajing": NOBODY}), None),
        (CHEN, DutyDay(DAY, rota={"xinan": frozenset({"li"})}, substitutes={"li": "chen"}), None),
        (CHEN, DutyDay(DAY, substitutes={"chen": "li"}), Barrier.SUBSTITUTED),
        (CHEN, DutyDay(DAY, rota={"xinan": frozenset({"chen"})}, leaves={"chen": LEAVE}), Barrier.ON_LEAVE),
        (Person("chen", "陈", "xinan", on_duty=False), DutyDay(DAY), Barrier.OFF_DUTY),
        (Person("chen", "陈", "xinan", certified=False, on_duty=False), DutyDay(DAY), Barrier.UNCERTIFIED),
        (Person("chen", "陈", "shajing"), DutyDay(DAY), Barrier.OTHER_STATION),
    ],
)
def test_the_rule(person: Person, day: DutyDay, expected: Barrier | None) -> None:
    assert barrier(hindrance(person, day, station="xinan")) == expected


def test_the_reasons_are_written_in_words() -> None:
    substituted = DutyDay(DAY, substitutes={"chen": "li"}, names={"li": "李"}).absence(CHEN)
    assert substituted == Hindrance(Barrier.SUBSTITUTED, Bilingual(zh="由李替班", en="replaced by 李"))
    away = DutyDay(DAY, leaves={"chen": LEAVE}).absence(CHEN)
    assert away == Hindrance(Barrier.ON_LEAVE, Bilingual(zh="请假至3月5日（周四）", en="on leave until Thu 5 Mar"))


@given(st.sampled_from(Barrier), st.none() | st.text(min_size=1))
def test_a_chief_who_calls_in_goes_past_absence_and_nothing_else(one: Barrier, recused: str | None) -> None:
    left = barred(Hindrance(one, Bilingual(zh="不能", en="unable")), recused=recused, past=ABSENCES)
    if recused is not None:
        assert barrier(left) is Barrier.RECUSED
    else:
        assert (left is None) == (one in {Barrier.OFF_DUTY, Barrier.ON_LEAVE, Barrier.SUBSTITUTED, Barrier.NOT_ON_ROTA})
    assert ROTA < ABSENCES


def days(*able: bool) -> list[DutyDay]:
    rotas = (frozenset({"chen"}) if one else NOBODY for one in able)
    return [DutyDay(DAY + timedelta(days=number), rota={"xinan": rota}) for number, rota in enumerate(rotas)]


@given(st.lists(st.booleans(), max_size=10), st.none() | st.integers(-24, 240))
def test_who_can_go_on_one_day_before_it_is_due_is_not_missed(able: list[bool], hours: int | None) -> None:
    due_at = None if hours is None else datetime(2026, 3, 1, 16, tzinfo=UTC) + timedelta(hours=hours)
    reached = [one for number, one in enumerate(able) if hours is None or 24 * number < hours]
    found = unable_throughout(CHEN, days(*able), due_at)
    assert (found is not None) == (bool(reached) and not any(reached))
    if found is not None:
        assert found[0].day == DAY
