"""How often somebody may ask: counted by who, told in headers, and refused with when to come again."""

from typing import Any

import pytest

from shared.settings import Settings
from shared.web.problems import Problem
from shared.web.rates import Rate, Rates, Windows, headers_of


def test_each_caller_has_an_own_count() -> None:
    scope: dict[str, Any] = {}
    rates = Rates({"person": "3/minute"})
    for left in (2, 1, 0):
        rates.count(scope, "person", "officer:li")
        assert headers_of(scope)["RateLimit-Policy"] == '"person";q=3;w=60'
        assert headers_of(scope)["RateLimit"].startswith(f'"person";r={left};t=')
    with pytest.raises(Problem) as refused:
        rates.count(scope, "person", "officer:li")
    assert refused.value.status == 429
    headers = refused.value.headers or {}
    assert 1 <= int(headers["Retry-After"]) <= 60
    assert headers_of(scope)["RateLimit"].startswith('"person";r=0;t=')
    rates.count(scope, "person", "officer:wang")


def test_what_has_no_limit_is_not_counted() -> None:
    scope: dict[str, Any] = {}
    Rates({}).count(scope, "person", "officer:li")
    assert headers_of(scope) == {}


def test_an_installation_sets_its_own() -> None:
    rates = Rates.from_settings(Settings(person_rate="1/hour", platform_rate="", address_rate=""))
    rates.count({}, "platform", "somebody")
    rates.count({}, "person", "somebody")
    with pytest.raises(Problem):
        rates.count({}, "person", "somebody")


def test_a_rate_that_is_none_is_refused_when_it_is_set() -> None:
    with pytest.raises(ValueError, match="often"):
        Rates({"person": "often"})


@pytest.mark.parametrize(
    ("text", "rate"),
    [("6000/minute", (6_000, 60)), ("100 per 2 hours", (100, 7_200)), (" 5 / 1 Day ", (5, 86_400))],
)
def test_a_rate_is_so_many_requests_in_so_many_seconds(text: str, rate: tuple[int, int]) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", ["", "6000", "6000/0 minutes", "6000/fortnight", "-1/minute", "1/minute; 5/hour"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no rate"):
        Rate.parse(text)


def test_what_was_asked_in_the_window_before_weighs_less_and_less() -> None:
    windows = Windows(Rate.parse("4/minute"))
    assert [windows.count("a", now)[:2] for now in (600.0, 610.0, 620.0, 630.0, 640.0)] == [
        (True, 3),
        (True, 2),
        (True, 1),
        (True, 0),
        (False, 0),
    ]
    assert windows.count("a", 640.0)[2] == 20.0  # until the window ends
    assert windows.count("a", 660.0) == (False, 0, 0.0)
    assert windows.count("a", 661.0) == (True, 0, 14.0)  # until one of those before is over
    assert windows.count("a", 690.0) == (True, 0, 0.0)
    assert windows.count("b", 690.0)[:2] == (True, 3)


def test_who_has_not_asked_for_two_windows_is_forgotten() -> None:
    windows = Windows(Rate.parse("1/minute"))
    assert [windows.count("a", now)[0] for now in (600.0, 659.0, 661.0, 780.0)] == [True, False, True, True]
