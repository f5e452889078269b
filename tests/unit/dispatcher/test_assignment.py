"""Which two officers go, and why these and not the others."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dispatcher.assignment import (
    POLICY_VERSION,
    Candidate,
    NobodyAvailable,
    Station,
    Team,
    choose,
    station_in_charge,
)

candidates = st.lists(
    st.builds(
        Candidate,
        officer=st.text("abcdef", min_size=1, max_size=3),
        name=st.just("某某"),
        certified=st.booleans(),
        on_duty=st.booleans(),
        load=st.integers(0, 4),
    ),
    max_size=8,
    unique_by=lambda candidate: candidate.officer,
)
exclusions = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.just("declined: 回避"), max_size=4)


def officer(code: str, load: int = 0, *, certified: bool = True, on_duty: bool = True) -> Candidate:
    return Candidate(code, code.upper(), certified, on_duty, load)


@given(candidates, exclusions)
def test_two_different_able_officers_and_nobody_less_loaded_stays_behind(
    known: list[Candidate], excluded: dict[str, str]
) -> None:
    able = [one for one in known if one.certified and one.on_duty and one.officer not in excluded]
    chosen = choose(known, excluded)
    if len(able) < 2:
        assert isinstance(chosen, NobodyAvailable)
        return
    assert isinstance(chosen, Team)
    assert chosen.lead != chosen.second
    assert {chosen.lead, chosen.second} <= set(able)
    assert chosen.lead.load <= chosen.second.load
    assert all(other.load >= chosen.second.load for other in set(able) - {chosen.lead, chosen.second})


@given(candidates, exclusions)
def test_everyone_is_accounted_for(known: list[Candidate], excluded: dict[str, str]) -> None:
    chosen = choose(known, excluded)
    assert chosen.explanation["policy_version"] == POLICY_VERSION
    told = {one["officer"]: one for one in chosen.explanation["candidates"]}
    assert {code: one["load"] for code, one in told.items()} == {one.officer: one.load for one in known}
    assert all(one["reason"] for one in told.values())
    team = {chosen.lead.officer, chosen.second.officer} if isinstance(chosen, Team) else set()
    assert {code for code, one in told.items() if one["chosen"]} == team


def test_the_order_of_asking_decides_nothing() -> None:
    known = [officer("c"), officer("a"), officer("b"), officer("d", 1)]
    for order in permutations(known):
        chosen = choose(order, {})
        assert isinstance(chosen, Team)
        assert (chosen.lead.officer, chosen.second.officer) == ("a", "b")


def test_each_reason_is_the_officers_own() -> None:
    known = [
        officer("free"),
        officer("busy", 3),
        officer("busy too", 3),
        officer("busier", 4),
        officer("uncertified", certified=False),
        officer("off", on_duty=False),
        officer("related"),
    ]
    chosen = choose(known, {"related": "declined: 回避"})
    assert {one["officer"]: one["reason"] for one in chosen.explanation["candidates"]} == {
        "free": "least open work",
        "busy": "least open work",
        "busy too": "as much open work; the lower code goes",
        "busier": "more open work",
        "uncertified": "not certified",
        "off": "not on duty",
        "related": "declined: 回避",
    }


def test_of_one_alone_it_says_why_none_went() -> None:
    chosen = choose([officer("alone"), officer("off", on_duty=False)], {})
    assert isinstance(chosen, NobodyAvailable)
    assert {one["officer"]: one["reason"] for one in chosen.explanation["candidates"]} == {
        "alone": "no second officer",
        "off": "not on duty",
    }


STATIONS = [
    Station("futian", "440304", []),
    Station("shajing", "440306", ["沙井"]),
    Station("xinan", "440306", ["新安"]),
]


@pytest.mark.parametrize(
    ("assigned", "district", "street", "station"),
    [
        ("xinan", "440306", "沙井", "xinan"),  # master data says so
        ("closed", "440306", "新安", "xinan"),  # a station that is no more
        (None, "440306", "新安", "xinan"),
        (None, "440306", "西乡", "shajing"),  # no station has the street: the district's first
        (None, "440306", None, "shajing"),
        (None, "440304", "新安", "futian"),  # a street of the same name elsewhere
        (None, "440300", None, None),
        (None, None, "新安", None),
    ],
)
def test_station_in_charge(assigned: str | None, district: str | None, street: str | None, station: str | None) -> None:
    assert station_in_charge(assigned, district, street, STATIONS) == station
    assert station_in_charge(assigned, district, street, STATIONS[::-1]) == station


GRID = [
    Station("futian", "440304", [], ["440306-017"]),
    Station("shajing", "440306", ["沙井"], ["440306-001", "440306-002"]),
    Station("xinan", "440306", ["新安"], ["440306-009"]),
]


@pytest.mark.parametrize(
    ("assigned", "district", "street", "grid_cell", "station"),
    [
        ("shajing", "440306", "新安", "440306-009", "shajing"),  # assigned goes before all
        (None, "440306", "沙井", "440306-009", "shajing"),  # the street before the cell
        (None, "440306", "西乡", "440306-009", "xinan"),  # the cell before the district's first
        (None, None, None, "440306-009", "xinan"),  # a cell needs no district
        (None, "440306", None, "440306-017", "futian"),  # nor that of its station
        (None, "440306", None, "440306-999", "shajing"),  # a cell of no station
        (None, None, None, None, None),
    ],
)
def test_a_grid_cell_tells_the_station_where_the_street_does_not(
    assigned: str | None, district: str | None, street: str | None, grid_cell: str | None, station: str | None
) -> None:
    for order in permutations(GRID):
        assert station_in_charge(assigned, district, street, order, grid_cell=grid_cell) == station
