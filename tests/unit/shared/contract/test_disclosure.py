"""Who sees how much of a case, and what a record shows at that sight."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from shared.contract.disclosure import DisclosurePolicy, Sight, Visits, lines, load, shown, sight_of_case
from shared.contract.events import CaseKind
from shared.contract.principal import Principal
from shared.contract.roles import Role

VISITS = (CaseKind.ON_SITE, CaseKind.VERIFICATION)
FACTS = st.fixed_dictionaries({"arrived": st.booleans(), "closed": st.booleans(), "answered": st.booleans()})


def policy(visits: Visits) -> DisclosurePolicy:
    return load().model_copy(update={"visits": visits})


def caller(role: Role) -> Principal:
    return Principal(role=role, subject="someone")


@given(st.sampled_from(CaseKind), st.sampled_from(Visits), FACTS)
def test_the_bureau_sees_whole_what_is_within_reach(kind: CaseKind, visits: Visits, facts: dict[str, bool]) -> None:
    for role in set(Role) - {Role.ENTERPRISE, Role.PLATFORM}:
        assert sight_of_case(policy(visits), caller(role), kind, **facts) is Sight.WHOLE


@given(st.sampled_from(VISITS), FACTS)
def test_of_a_visit_nothing_is_shown_before_the_officers_arrive(kind: CaseKind, facts: dict[str, bool]) -> None:
    sight = sight_of_case(load(), caller(Role.ENTERPRISE), kind, **facts)
    if facts["arrived"]:
        assert sight is (Sight.OUTCOME if facts["closed"] else Sight.VISIT)
    else:
        assert sight is (Sight.OUTCOME if facts["closed"] and facts["answered"] else None)


@given(st.sampled_from(VISITS), FACTS)
def test_a_stricter_policy_never_shows_more(kind: CaseKind, facts: dict[str, bool]) -> None:
    seen = [sight_of_case(policy(one), caller(Role.ENTERPRISE), kind, **facts) is not None for one in Visits]
    assert seen == sorted(seen, reverse=True)


@given(st.sampled_from(Visits), FACTS)
def test_its_self_report_is_the_enterprises_own(visits: Visits, facts: dict[str, bool]) -> None:
    assert sight_of_case(policy(visits), caller(Role.ENTERPRISE), CaseKind.SELF_REPORT, **facts) is Sight.OWN


class Part(BaseModel):
    name: str
    secret: str


class Record(BaseModel):
    name: str
    count: int
    late: bool
    why: str | None
    parts: list[Part]
    part: Part
    new: dict[str, int]


TABLE = {
    "Record": lines(own="name parts part", visit="name", bureau="count late why"),
    "Part": lines(own="name", bureau="secret"),
}
RECORD = Record(
    name="n",
    count=3,
    late=True,
    why="because",
    parts=[Part(name="a", secret="s")],
    part=Part(name="b", secret="s"),
    new={"a": 1},
)


def test_what_has_no_line_is_empty_and_so_is_a_field_that_nobody_thought_of() -> None:
    seen = shown(RECORD, Sight.OWN, TABLE).model_dump()
    assert seen == {
        "name": "n",
        "count": 0,
        "late": False,
        "why": None,
        "parts": [{"name": "a", "secret": ""}],
        "part": {"name": "b", "secret": ""},
        "new": {},
    }
    assert shown(RECORD, Sight.WHOLE, TABLE) is RECORD


def test_what_cannot_be_empty_is_not_answered_at_all() -> None:
    with pytest.raises(TypeError, match="has no empty value"):
        shown(RECORD, Sight.VISIT, TABLE)
