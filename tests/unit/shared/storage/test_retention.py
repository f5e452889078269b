"""The retention policy: what a month is, what is due when, and which policies cannot be."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.storage import retention
from shared.storage.retention import Archive, Memory, RetentionPolicy, bounds, month_of, months_before
from shared.time.instants import SHANGHAI

GROUND = {"zh": "推定", "en": "inferred"}
instants = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(SHANGHAI))  # noqa: DTZ001  bounds of a strategy


def policy(**changes: Any) -> RetentionPolicy:
    """The one shipped, with some entries (archives__outbox={…}) changed."""
    data = yaml.safe_load(retention.DATA.read_text(encoding="utf-8"))
    for path, values in changes.items():
        part, entry = path.split("__")
        data[part][entry] |= values
    return RetentionPolicy.model_validate(data)


def test_the_policy_shipped_stands_up_and_drops_no_evidence() -> None:
    shipped = retention.load()
    assert shipped.archives.events.kept_months is None
    assert shipped.archives.events.oldest_month(datetime(2100, 1, 1, tzinfo=SHANGHAI)) is None


@given(instants)
def test_every_instant_lies_in_its_month(instant: datetime) -> None:
    first, after = bounds(month_of(instant))
    assert first <= instant < after
    assert month_of(after) == months_before(month_of(instant), -1)


@given(instants, st.integers(0, 400), st.integers(0, 400))
def test_months_add_up(instant: datetime, one: int, other: int) -> None:
    month = month_of(instant)
    assert months_before(months_before(month, one), other) == months_before(month, one + other)


@given(instants, st.integers(1, 240))
def test_a_month_goes_only_when_all_of_it_has_been_kept(now: datetime, kept: int) -> None:
    """Every row of the youngest month that goes is `kept` calendar months old at least."""
    oldest = Archive.model_validate({"hot_days": 1, "kept_months": kept, "ground": GROUND}).oldest_month(now)
    assert oldest is not None
    _, end_of_the_last_to_go = bounds(months_before(oldest, 1))
    assert months_before(month_of(end_of_the_last_to_go), -kept) <= month_of(now)
    assert months_before(month_of(now), kept) == oldest


def test_a_month_is_shanghais() -> None:
    assert month_of(datetime.fromisoformat("2026-02-28T16:00:00+00:00")) == date(2026, 3, 1)
    assert month_of(datetime.fromisoformat("2026-02-28T15:59:59+00:00")) == date(2026, 2, 1)


def test_spans_count_from_now() -> None:
    now = datetime(2026, 11, 25, 12, tzinfo=SHANGHAI)
    archive = Archive.model_validate({"hot_days": 30, "kept_months": 36, "ground": GROUND})
    assert archive.moves_before(now) == now - timedelta(days=30)
    assert archive.oldest_month(now) == date(2023, 11, 1)
    assert Memory.model_validate({"kept_days": 7, "ground": GROUND}).forgets_before(now) == now - timedelta(days=7)
    assert Memory.model_validate({"kept_days": None, "ground": GROUND}).forgets_before(now) is None


def test_an_inbox_outlives_the_outboxes_that_could_send_again() -> None:
    for changes in (
        {"memories__inbox": {"kept_days": 36 * 31}},
        {"archives__outbox": {"kept_months": 120}},
        {"archives__outbox": {"kept_months": None}},
    ):
        with pytest.raises(ValidationError, match="acted on twice"):
            policy(**changes)
    policy(archives__outbox={"kept_months": None}, memories__inbox={"kept_days": None})


def test_nothing_is_due_to_go_before_it_moves() -> None:
    with pytest.raises(ValidationError, match="before it moves"):
        policy(archives__refusals={"hot_days": 90, "kept_months": 2})


def test_an_entry_that_is_not_known_is_named() -> None:
    with pytest.raises(ValidationError, match="attachments"):
        RetentionPolicy.model_validate(
            yaml.safe_load(retention.DATA.read_text(encoding="utf-8")) | {"attachments": {"kept_days": 1}}
        )
