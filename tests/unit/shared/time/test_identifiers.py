"""Identifiers tell their instant and their form, and none comes twice."""

from datetime import UTC, datetime
from uuid import RFC_4122

from hypothesis import given
from hypothesis import strategies as st

from shared.time.identifiers import identifier

instants = st.datetimes(datetime(1970, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  as hypothesis takes bounds


@given(instants)
def test_an_identifier_is_a_uuid_of_version_7_that_begins_with_its_millisecond(now: datetime) -> None:
    made = identifier(now)
    assert (made.version, made.variant) == (7, RFC_4122)
    assert made.int >> 80 == int(now.timestamp() * 1000)


@given(instants, instants)
def test_identifiers_sort_by_their_instants(one: datetime, other: datetime) -> None:
    if int(one.timestamp() * 1000) < int(other.timestamp() * 1000):
        assert identifier(one) < identifier(other)


def test_a_thousand_of_one_instant_differ() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert len({identifier(now) for _ in range(1_000)}) == 1_000
