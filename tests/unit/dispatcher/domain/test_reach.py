"""Reaching people: in which order, within which time, alone or in a list."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.domain.policy import DigestPolicy, DispatchPolicy, ReachPolicy
from services.dispatcher.domain.reach import (
    Address,
    NoticeState,
    Pace,
    RecipientKind,
    delivery_window,
    order_of,
    pace_of,
    released_at,
    state_of,
)

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SMS, WECOM, APP, VENDOR = Address("sms", "13800000001"), Address("wecom", "zhang"), Address("in_app"), Address("vendor")
POLICY = DigestPolicy(gather_seconds=60, hours=1)

moments = st.integers(0, 10_000).map(lambda minutes: NOW + timedelta(minutes=minutes))


def test_a_notice_goes_from_queued_to_acknowledged() -> None:
    instants: list[datetime | None] = [None, None, None, None]
    states = [state_of(*instants)]
    for number in range(4):
        instants[number] = NOW
        states.append(state_of(*instants))
    assert states == list(NoticeState)


def test_the_recipients_own_order_is_kept_where_the_bureau_has_the_channel() -> None:
    assert order_of("officer", [[WECOM, APP, SMS]], {"sms", "wecom"}) == [(WECOM,), (APP,), (SMS,)]
    assert order_of("officer", [[WECOM, SMS]], {"sms"}) == [(SMS,)]


def test_where_there_is_no_channel_there_is_the_app() -> None:
    assert order_of("officer", [[WECOM]], set()) == order_of("enterprise", [], {"sms"}) == [(APP,)]


def test_the_vendor_knows_an_enterprise_without_an_address() -> None:
    assert order_of("enterprise", [[SMS]], {"sms", "vendor"}) == [(VENDOR,), (SMS,)]
    assert order_of("enterprise", [[SMS, VENDOR]], {"sms", "vendor"}) == [(SMS,), (VENDOR,)]


def test_everybody_of_an_office_is_told_at_once() -> None:
    assert order_of("role", [[SMS, WECOM], [WECOM], []], {"sms", "wecom"}) == [(SMS, WECOM)]


@pytest.mark.parametrize(
    ("purpose", "kind", "minutes"),
    [
        ("self_report_demand", "enterprise", 10),
        ("deadline_warned", "enterprise", 10),
        ("case_offered", "officer", 30),
        ("deadline_warned", "officer", 30),
        ("deadline_warned", "role", None),  # the ladder climbs past an office that stays silent
        ("white_reminder", "enterprise", None),
    ],
)
def test_only_what_starts_or_reminds_of_a_clock_is_waited_for(
    purpose: str, kind: RecipientKind, minutes: float | None
) -> None:
    window = delivery_window(purpose, kind, ReachPolicy())
    assert window == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("purpose", "kind", "at_once", "pace"),
    [
        ("new_red", "role", False, Pace.AT_ONCE),
        ("self_report_demand", "enterprise", False, Pace.AT_ONCE),
        ("case_offered", "officer", False, Pace.AT_ONCE),
        ("deadline_escalated", "role", True, Pace.AT_ONCE),  # a first miss
        ("deadline_escalated", "role", False, Pace.HOURLY),
        ("milestone_missed", "role", False, Pace.HOURLY),
        ("deadline_warned", "enterprise", False, Pace.TOGETHER),  # whose clock it is waits for no hour
        ("notice_undelivered", "role", False, Pace.TOGETHER),
        ("of_another_day", "role", False, Pace.AT_ONCE),
    ],
)
def test_what_goes_alone_and_what_in_a_list(purpose: str, kind: RecipientKind, at_once: bool, pace: Pace) -> None:
    assert pace_of(purpose, kind, at_once=at_once) is pace


@given(st.lists(moments, min_size=1).map(sorted))
def test_an_office_gets_one_list_an_hour_however_often_something_happens(events: list[datetime]) -> None:
    released: list[datetime] = []
    for now in events:
        if released and now < released[-1]:
            continue  # it joins the list that gathers
        released.append(released_at(Pace.HOURLY, now, released[-1] if released else None, POLICY))
        assert now < released[-1] <= max(now + timedelta(minutes=1), now + timedelta(hours=1))
    assert all(later - earlier >= timedelta(hours=1) for earlier, later in pairwise(released))


@given(moments, moments)
def test_who_must_answer_waits_for_the_pass_and_no_longer(now: datetime, last: datetime) -> None:
    assert released_at(Pace.TOGETHER, now, last, POLICY) == now + timedelta(minutes=1)


def test_a_policy_of_before_has_the_values_that_the_software_ships() -> None:
    shipped = DispatchPolicy.load()
    assert (shipped.reach, shipped.digest) == (ReachPolicy(), DigestPolicy())
