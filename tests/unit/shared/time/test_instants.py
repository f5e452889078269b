"""Which instants can be evidence: those with an offset, of a year that can be kept and shown at +08:00."""

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.time.instants import Instant, instant_of, shown

INSTANT: TypeAdapter[Instant] = TypeAdapter(Instant)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23T09:05:00",
        "0001-01-01T00:00:00+14:00",  # before the year 1 in UTC
        "9999-12-31T23:59:59-14:00",  # after the year 9999 in UTC
        "9999-12-31T16:00:00Z",  # after the year 9999 at +08:00
        "1900-12-31T23:59:59Z",  # Shanghai kept its mean time, +08:05:43
    ],
)
def test_others_are_refused_wherever_they_are_read(text: str) -> None:
    with pytest.raises(ValidationError):
        INSTANT.validate_json(f'"{text}"')
    with pytest.raises(ValueError, match=r"offset|years"):
        instant_of(text)


@pytest.mark.parametrize("text", ["1901-01-01T08:00:00+08:00", "9999-12-31T23:59:59+08:00"])
def test_the_first_and_the_last_are_shown_as_they_are_read(text: str) -> None:
    assert shown(INSTANT.validate_json(f'"{text}"')) == shown(instant_of(text)) == text
