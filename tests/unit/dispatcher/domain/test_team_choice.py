"""Which two officers go, and why these and not the others."""

from collections import Counter
from itertools import combinations, permutations
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.dispatcher.domain.availability import Barrier, Hindrance
from services.dispatcher.domain.batch_assignment import BatchPlan, assign_batch, one_by_one
from services.dispatcher.domain.distance import Place, metres
from services.dispatcher.domain.policy import DispatchPolicy
from services.dispatcher.domain.team_choice import (
    Candidate,
    Matter,
    NobodyAvailable,
    StationArea,
    Team,
    able_for,
    choose,
    pair_cost,
    station_in_charge,
)
from shared.contract.events import Bilingual

POLICY = DispatchPolicy.load()
AWAY = Hindrance(Barrier.ON_LEAVE, Bilingual(zh="请假", en="on leave"))
UNCERTIFIED = Hindrance(Barrier.UNCERTIFIED, Bilingual(zh="无执法证", en="not certified"))
DECLINED = Bilingual(zh="已退回：病假", en="declined: ill")
SKILLS = ("gas", "water", "voc")

places = st.builds(Place, st.floats(113.7, 114.0), st.floats(22.5, 22.9))
officers = st.lists(
    st.builds(
        Candidate,
        officer=st.text("abcdef", min_size=1, max_size=3),
        name=st.just("某某"),
        hindered=st.none() | st.none() | st.sampled_from([AWAY, UNCERTIFIED]),
        skills=st.frozensets(st.sampled_from(SKILLS)),
        open_cases=st.integers(0, 12),
        due_soon=st.integers(0, 3),
        recent=st.integers(0, 20),
        places=st.lists(places, max_size=2).map(tuple),
        leaving=st.booleans(),
    ),
    max_size=7,
    unique_by=lambda candidate: candidate.officer,
)
matters = st.builds(
    Matter,
    case_id=st.uuids(),
    skills=st.frozensets(st.sampled_from(SKILLS), max_size=2),
    place=st.none() | places,
    excluded=st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.just(DECLINED), max_size=2),
    familiar=st.frozensets(st.text("abcdef", min_size=1, max_size=3), max_size=2),
)
bursts = st.lists(matters, max_size=5, unique_by=lambda matter: matter.case_id)


def officer(code: str, open_cases: int = 0, **facts: object) -> Candidate:
    return Candidate(code, code.upper(), open_cases=open_cases, **facts)  # type: ignore[arg-type]


@given(matters, officers)
def test_no_team_that_could_go_costs_less(matter: Matter, known: list[Candidate]) -> None:
    able = able_for(matter, known, POLICY)
    chosen = choose(matter, known, POLICY)
    if len(able) < 2:
        assert isinstance(chosen, NobodyAvailable)
        return
    assert isinstance(chosen, Team)
    assert chosen.lead != chosen.second
    assert {chosen.lead, chosen.second} <= set(able)
    cheapest = min(pair_cost(matter, pair, POLICY) for pair in combinations(able, 2))
    assert pair_cost(matter, (chosen.lead, chosen.second), POLICY) == cheapest == chosen.explanation["points"]


@given(matters, officers)
def test_everyone_is_accounted_for(matter: Matter, known: list[Candidate]) -> None:
    chosen = choose(matter, known, POLICY)
    assert chosen.explanation["policy_version"] == POLICY.version
    told = {one["officer"]: one for one in chosen.explanation["candidates"]}
    assert set(told) == {one.officer for one in known}
    assert all(one["reason"]["zh"] and one["reason"]["en"] for one in told.values())
    team = chosen.officers if isinstance(chosen, Team) else frozenset()
    assert {code for code, one in told.items() if one["chosen"]} == team


def test_the_order_of_asking_decides_nothing() -> None:
    known = [officer("c"), officer("a"), officer("b"), officer("d", 1)]
    for order in permutations(known):
        chosen = choose(Matter(uuid4()), order, POLICY)
        assert isinstance(chosen, Team)
        assert (chosen.lead.officer, chosen.second.officer) == ("a", "b")


def test_each_reason_is_the_officers_own() -> None:
    known = [
        officer("free", skills=frozenset({"gas"})),
        officer("busy", 3),
        officer("busy too", 3),
        officer("busier", 4),
        officer("full", 12),
        officer("uncertified", hindered=UNCERTIFIED),
        officer("off", hindered=AWAY),
        officer("related"),
    ]
    chosen = choose(Matter(uuid4(), frozenset({"gas"}), excluded={"related": DECLINED}), known, POLICY)
    assert {one["officer"]: one["reason"]["en"] for one in chosen.explanation["candidates"]} == {
        "free": "0 points; the two are the lowest together",
        "busy": "30 points; the two are the lowest together",
        "busy too": "30 points, but without the skill asked for",
        "busier": "40 points, more than either chosen",
        "full": "has 12 cases in hand, the most there may be",
        "uncertified": "not certified",
        "off": "on leave",
        "related": "declined: ill",
    }


def test_one_of_the_two_has_the_skill_and_leads() -> None:
    known = [officer("a"), officer("b"), officer("gas", 3, skills=frozenset({"gas"}))]
    chosen = choose(Matter(uuid4(), frozenset({"gas"})), known, POLICY)
    assert isinstance(chosen, Team)
    assert (chosen.lead.officer, chosen.second.officer) == ("gas", "a")


def test_the_skill_is_not_worth_any_burden() -> None:
    known = [officer("a"), officer("b"), officer("gas", 9, skills=frozenset({"gas"}))]
    chosen = choose(Matter(uuid4(), frozenset({"gas"})), known, POLICY)
    assert chosen.explanation["skills_missing"] == ["gas"]


def test_who_knows_the_enterprise_goes_before_who_has_a_case_less() -> None:
    known = [officer("a"), officer("b"), officer("known", 1)]
    chosen = choose(Matter(uuid4(), familiar=frozenset({"known"})), known, POLICY)
    assert isinstance(chosen, Team)
    assert chosen.officers == {"a", "known"}


def test_of_equals_the_nearest_goes_and_never_before_less_work() -> None:
    here, near, far = Place(113.9, 22.6), Place(113.9, 22.61), Place(113.9, 22.8)
    known = [officer("a", 1, places=(far,)), officer("b", 1, places=(near,)), officer("c", 0, places=(far,))]
    chosen = choose(Matter(uuid4(), place=here), known, POLICY)
    assert isinstance(chosen, Team)
    assert chosen.officers == {"b", "c"}


@given(st.integers(2, 9), st.integers(0, 60))
def test_over_a_month_everybody_is_given_as_much(number: int, cases: int) -> None:
    """One case after another, each closed before the next comes: nobody's present load says who had it easy."""
    recent: Counter[str] = Counter({f"o{one}": 0 for one in range(number)})
    for _ in range(cases):
        team = choose(Matter(uuid4()), [officer(code, recent=given) for code, given in recent.items()], POLICY)
        assert isinstance(team, Team)
        recent.update(team.officers)
    assert max(recent.values()) - min(recent.values()) <= 1


def test_who_was_spared_is_asked_before_who_lives_nearer() -> None:
    near, far = (Place(113.88, 22.55),), (Place(113.98, 22.65),)
    known = [officer("near", recent=5, places=near), officer("far", recent=1, places=far), officer("new", recent=1)]
    chosen = choose(Matter(uuid4(), place=near[0]), known, POLICY)
    assert isinstance(chosen, Team)
    assert chosen.officers == {"far", "new"}


def test_of_one_alone_it_says_why_none_went() -> None:
    chosen = choose(Matter(uuid4()), [officer("alone"), officer("off", hindered=AWAY)], POLICY)
    assert isinstance(chosen, NobodyAvailable)
    assert {one["officer"]: one["reason"]["en"] for one in chosen.explanation["candidates"]} == {
        "alone": "no second officer",
        "off": "on leave",
    }


def test_a_degree_of_latitude_is_111_kilometres() -> None:
    assert metres(Place(113.9, 22.0), Place(113.9, 23.0)) == pytest.approx(111_195, abs=50)
    assert metres(Place(113.9, 22.5), Place(113.9, 22.5)) == 0


# --- many at once ---


def sound(burst: list[Matter], known: list[Candidate], plan: BatchPlan) -> dict[str, int]:
    """What any plan must be; answers how many cases each officer was given."""
    given_to: dict[str, int] = {}
    for matter in burst:
        team = plan.teams[matter.case_id]
        if isinstance(team, Team):
            assert len(team.officers) == 2
            assert team.officers <= {one.officer for one in able_for(matter, known, POLICY)}
            for code in team.officers:
                given_to[code] = given_to.get(code, 0) + 1
    for one in known:
        assert one.open_cases + given_to.get(one.officer, 0) <= max(POLICY.assignment.capacity, one.open_cases)
    return given_to


def served(plan: BatchPlan) -> set[UUID]:
    return {case_id for case_id, team in plan.teams.items() if isinstance(team, Team)}


@settings(max_examples=150, deadline=None)
@given(bursts, officers)
def test_a_burst_is_assigned_soundly_and_never_dearer_than_one_by_one(
    burst: list[Matter], known: list[Candidate]
) -> None:
    together, singly = assign_batch(burst, known, POLICY), one_by_one(burst, known, POLICY)
    sound(burst, known, together)
    sound(burst, known, singly)
    assert len(served(together)) >= len(served(singly))
    if served(together) == served(singly):
        assert together.points <= singly.points + 0.01 + 1e-3 * abs(singly.points)


@settings(max_examples=60, deadline=None)
@given(st.lists(matters, min_size=2, max_size=2, unique_by=lambda matter: matter.case_id), officers)
def test_of_two_cases_the_cheapest_pair_of_teams_is_found(burst: list[Matter], known: list[Candidate]) -> None:
    """Compared with all the plans there are."""
    first, second = burst
    best = None
    for one in combinations(able_for(first, known, POLICY), 2):
        taken = {candidate.officer: 1 for candidate in one}
        for other in combinations(able_for(second, known, POLICY), 2):
            room = POLICY.assignment.capacity
            if any(two.open_cases + taken.get(two.officer, 0) >= room for two in other):
                continue
            points = pair_cost(first, one, POLICY) + pair_cost(second, other, POLICY, taken)
            best = points if best is None else min(best, points)
    plan = assign_batch(burst, known, POLICY)
    if best is None:
        assert len(served(plan)) < 2
    else:
        assert len(served(plan)) == 2
        assert plan.points == pytest.approx(best, abs=0.05, rel=1e-3)


def test_where_all_cannot_be_served_the_earlier_ones_are() -> None:
    known = [officer("a", 11), officer("b", 11), officer("c", 11), officer("d", 11)]
    burst = [Matter(uuid4()) for _ in range(4)]
    plan = assign_batch(burst, known, POLICY)
    assert served(plan) == {burst[0].case_id, burst[1].case_id}


STATIONS = [
    StationArea("futian", "440304", []),
    StationArea("shajing", "440306", ["沙井"]),
    StationArea("xinan", "440306", ["新安"]),
]


@pytest.mark.parametrize(
    ("assigned", "district", "street", "station"),
    [
        ("xinan", "440306", "沙井", "xinan"),  # master data says so
        ("closed", "440306", "新安", "xinan"),  # a station that is no more
        (None, "440306", "新安", "xinan"),
        (None, "440306", "西乡", None),  # no station has the street, and the district has several
        (None, "440306", None, None),
        (None, "440304", None, "futian"),  # the district's only one
        (None, "440304", "新安", "futian"),  # a street of the same name elsewhere
        (None, "440300", None, None),
        (None, None, "新安", None),
    ],
)
def test_station_in_charge(assigned: str | None, district: str | None, street: str | None, station: str | None) -> None:
    assert station_in_charge(assigned, district, street, STATIONS) == station
    assert station_in_charge(assigned, district, street, STATIONS[::-1]) == station


GRID = [
    StationArea("futian", "440304", [], ["440306-017"]),
    StationArea("shajing", "440306", ["沙井"], ["440306-001", "440306-002"]),
    StationArea("xinan", "440306", ["新安"], ["440306-009"]),
]


@pytest.mark.parametrize(
    ("assigned", "district", "street", "grid_cell", "station"),
    [
        ("shajing", "440306", "新安", "440306-009", "shajing"),  # assigned goes before all
        (None, "440306", "沙井", "440306-009", "shajing"),  # the street before the cell
        (None, "440306", "西乡", "440306-009", "xinan"),  # the cell where no station has the street
        (None, None, None, "440306-009", "xinan"),  # a cell needs no district
        (None, "440306", None, "440306-017", "futian"),  # nor that of its station
        (None, "440306", None, "440306-999", None),  # a cell of no station, in a district of several
        (None, None, None, None, None),
    ],
)
def test_a_grid_cell_tells_the_station_where_the_street_does_not(
    assigned: str | None, district: str | None, street: str | None, grid_cell: str | None, station: str | None
) -> None:
    for order in permutations(GRID):
        assert station_in_charge(assigned, district, street, order, grid_cell=grid_cell) == station


def test_who_goes_on_leave_soon_goes_only_where_nobody_else_can() -> None:
    leaving, busy, free = officer("a", leaving=True), officer("b", 4), officer("c")
    chosen = choose(Matter(uuid4()), [leaving, busy, free], POLICY)
    assert isinstance(chosen, Team)
    assert chosen.officers == {"b", "c"}
    alone = choose(Matter(uuid4()), [leaving, free], POLICY)
    assert isinstance(alone, Team)
