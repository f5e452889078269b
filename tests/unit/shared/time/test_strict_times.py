"""What is a time, and what is a date: a text that says which, and nothing that a reader would have to guess."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.contract.events import Window
from shared.time.instants import CalendarDate, Instant, instant_of, shown

INSTANT: TypeAdapter[Instant] = TypeAdapter(Instant)
DATE: TypeAdapter[CalendarDate] = TypeAdapter(CalendarDate)


@pytest.mark.parametrize(
    "given",
    [
        "20261122",  # some readers' Unix time: a second of August 1970
        20261122,
        1795500000.5,
        "1795500000",
        True,
        None,
        "",
        "2026-11-22",
        "2026-W47-7T09:05:00+08:00",
        "2026-11-22T09+08:00",
        "2026-11-22T24:01:00+08:00",
        "二〇二六年十一月二十二日",
        "２０２６-11-22T09:05:00+08:00",
        "P1D",
        {"at": 1},
    ],
)
def test_what_is_not_written_as_a_time_is_none(given: Any) -> None:
    with pytest.raises(ValidationError, match=r"a time is a text with date, time and offset|24|minute|hour"):
        INSTANT.validate_python(given)
    with pytest.raises(ValidationError):
        INSTANT.validate_json(json.dumps(given))


def test_a_time_without_an_offset_is_refused_and_told_so() -> None:
    with pytest.raises(ValidationError, match="has no offset"):
        INSTANT.validate_python("2026-11-22T09:05:00")


def test_an_offset_whose_plus_became_a_blank_in_an_address_is_explained() -> None:
    with pytest.raises(ValidationError, match="written %2B"):
        INSTANT.validate_python("2026-11-22T09:05:00 08:00")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-22T09:05:00+08:00",
        "2026-11-22T01:05:00Z",
        "2026-11-22t01:05:00z",
        "2026-11-22 09:05+0800",
        "2026-11-22T09:05:00.000000000+08:00",
        " 2026-11-22T09:05:00+08:00 ",
    ],
)
def test_the_ways_of_rfc_3339_are_one_instant(text: str) -> None:
    assert INSTANT.validate_python(text) == INSTANT.validate_json(json.dumps(text)) == instant_of(text)
    assert shown(instant_of(text)) == "2026-11-22T09:05:00+08:00"


@given(st.datetimes(datetime(1901, 1, 2), datetime(9998, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001  bounds are naive
def test_what_is_shown_is_read_as_the_same_instant(instant: datetime) -> None:
    assert instant_of(shown(instant)) == INSTANT.validate_python(instant) == instant


def test_a_model_that_takes_exact_types_only_reads_times_from_json() -> None:
    assert Window.model_validate_json('{"start": "2026-11-22T00:00:00+08:00"}').start == instant_of(
        "2026-11-22T00:00:00+08:00"
    )
    with pytest.raises(ValidationError, match="a time is a text"):
        Window.model_validate_json('{"start": "20261122"}')


@pytest.mark.parametrize("given", ["20261122", 20261122, 0, "2026-11-22T00:00:00", True, "2026-02-30", "明天", 1e9])
def test_a_date_is_written_as_one(given: Any) -> None:
    with pytest.raises(ValidationError):
        DATE.validate_python(given)
    assert DATE.validate_python("2026-11-22") == date(2026, 11, 22)


def test_the_documents_call_them_times_and_dates() -> None:
    assert INSTANT.json_schema()["format"] == "date-time"
    assert DATE.json_schema()["format"] == "date"
