"""Which missing data a declared shutdown excuses, what contradicts it, and what may be declared."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alert_ingest.domain.grading import grade
from services.alert_ingest.domain.shutdowns import Excuses, Shutdown, ShutdownKind, check_declared, load
from shared.contract.events import Level
from shared.contract.refusals import Invalid
from tests.unit.alert_ingest.domain.anomalies import BOOK, CODE, START, anomaly, mean

POLICY = load()
MN = "A440306000001"
DAY = timedelta(days=1)
SHUTDOWN = Shutdown(
    enterprise_code=CODE,
    outlet=None,
    start=START,
    end=START + DAY,
    kind=ShutdownKind.MAINTENANCE,
    reason="锅炉年度检修",
    shutdown_id=UUID(int=1),
)


@pytest.mark.parametrize("hours", [5, 24])
def test_missing_data_within_are_a_white_record_that_is_reviewed(hours: float) -> None:
    event, excuses = anomaly("data_missing", hours=hours), Excuses([SHUTDOWN], POLICY)
    before = grade(event, BOOK).level
    excused = excuses.applied(event)
    graded = grade(excused, BOOK).doubted(excuses.doubts_of(excused))
    assert (before, graded.level, graded.grading.unmarked_level) == (
        Level.RED if hours >= 24 else Level.YELLOW,
        Level.WHITE,
        before,
    )
    (doubt,) = (one for one in graded.doubts if one.code == "declared-shutdown")
    assert str(SHUTDOWN.shutdown_id) in doubt.zh
    assert "计划检修" in doubt.zh
    assert event.data.marking is None


@given(st.integers(-48, 48), st.integers(0, 48), st.integers(-48, 48), st.integers(1, 48))
def test_only_what_lies_wholly_within_is_covered(begins: int, hours: int, starts: int, lasts: int) -> None:
    start = START + timedelta(hours=begins)
    window = {"start": start, "end": start + timedelta(hours=hours)}
    shutdown_start = START + timedelta(hours=starts)
    shutdown = replace(SHUTDOWN, start=shutdown_start, end=shutdown_start + timedelta(hours=lasts))
    covered = shutdown.covers(anomaly("data_missing", window=window).data)
    assert covered == (starts <= begins and begins + hours <= starts + lasts)


@pytest.mark.parametrize(
    ("shutdown", "category", "hours"),
    [
        (SHUTDOWN, "data_missing", 25),
        (SHUTDOWN, "data_missing", None),
        (SHUTDOWN, "data_constant", 5),
        (replace(SHUTDOWN, enterprise_code="another"), "data_missing", 5),
        (replace(SHUTDOWN, outlet="A440306000009"), "data_missing", 5),
    ],
    ids=["too long", "no end", "not missing", "another enterprise", "another outlet"],
)
def test_nothing_else_is_excused(shutdown: Shutdown, category: str, hours: float | None) -> None:
    event = anomaly(category, hours=hours)
    assert Excuses([shutdown], POLICY).applied(event) is event


def test_an_outlet_is_named_by_its_mn_or_its_permit_number() -> None:
    data = anomaly("data_missing", hours=5, outlet={"mn": MN, "code": "DA001"}).data
    assert replace(SHUTDOWN, outlet=MN).covers(data)
    assert replace(SHUTDOWN, outlet="DA001").covers(data)


@pytest.mark.parametrize(
    ("flag", "observed", "after", "contradicted"),
    [
        ("N", 60.0, timedelta(hours=3), True),
        (None, 60.0, timedelta(hours=3), True),
        ("N", 40.0, timedelta(hours=3), False),
        ("D", 60.0, timedelta(hours=3), False),
        ("N", 60.0, DAY, False),
        ("N", 60.0, -timedelta(hours=1), False),
    ],
)
def test_an_exceedance_flagged_normal_contradicts_it(
    flag: str | None, observed: float, after: timedelta, contradicted: bool
) -> None:
    data = mean("gas_hourly_mean_exceedance", "hour", observed, flag=flag).data
    assert SHUTDOWN.is_contradicted_by(data, START + after, BOOK) is contradicted


def test_what_is_flagged_missing_and_shows_a_value_above_the_limit_contradicts_it_itself() -> None:
    data = anomaly("data_missing", hours=5, observed=60.0, limit=50.0).data
    assert SHUTDOWN.is_contradicted_by(data, START, BOOK)


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (START, START, "shutdown-window"),
        (START - timedelta(hours=24, seconds=1), START + DAY, "shutdown-late"),
        (START, START + timedelta(days=30, seconds=1), "shutdown-long"),
        (START - timedelta(hours=24), START, None),
        (START + 400 * DAY, START + 430 * DAY, None),
    ],
)
def test_what_may_be_declared(start: datetime, end: datetime, code: str | None) -> None:
    span = replace(SHUTDOWN, start=start, end=end)
    if code is None:
        check_declared(span, POLICY, START)
        return
    with pytest.raises(Invalid) as refused:
        check_declared(span, POLICY, START)
    assert refused.value.code == code


def test_it_excuses_categories_that_there_are() -> None:
    assert POLICY.excuses <= BOOK.categories
