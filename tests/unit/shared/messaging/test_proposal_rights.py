"""Whose proposals are whose to make and to decide, and who is the same person."""

import pytest

from shared.contract.roles import Role
from shared.messaging.proposals.people import Matter, Person

XINAN = Matter("xinan", "91440306MA5000001W")
NO_STATION = Matter(None, "91440306MA5000001W")
BUREAU = Matter()


def person(role: Role, station: str | None = None, enterprise: str | None = None) -> Person:
    return Person(role, "somebody", station, (enterprise,) if enterprise else ())


@pytest.mark.parametrize(
    ("matter", "who", "proposes", "decides"),
    [
        (XINAN, person(Role.STATION_CHIEF, "xinan"), True, True),
        (XINAN, person(Role.STATION_CHIEF, "shajing"), False, False),
        (XINAN, person(Role.STATION_CHIEF), False, False),
        (NO_STATION, person(Role.STATION_CHIEF, "xinan"), False, False),
        (BUREAU, person(Role.STATION_CHIEF, "xinan"), False, False),
        (XINAN, person(Role.OFFICER, "xinan"), True, False),
        (XINAN, person(Role.OFFICER, "shajing"), False, False),
        (NO_STATION, person(Role.OFFICER), True, False),
        (BUREAU, person(Role.OFFICER, "xinan"), False, False),
        (XINAN, person(Role.ENTERPRISE, enterprise="91440306MA5000001W"), True, False),
        (XINAN, person(Role.ENTERPRISE, enterprise="another"), False, False),
        (XINAN, person(Role.PLATFORM), False, False),
        *((matter, person(role), True, True) for matter in (XINAN, BUREAU) for role in (Role.SECTION, Role.LEADER)),
    ],
)
def test_a_station_proposes_and_decides_for_its_own(matter: Matter, who: Person, proposes: bool, decides: bool) -> None:
    assert (matter.is_proposed_by(who), matter.is_decided_by(who)) == (proposes, decides)


def test_a_person_is_the_same_in_every_role_and_behind_every_name_typed_on_one_login() -> None:
    wang = Person(Role.SECTION, "wang", login="root@one")
    assert wang.is_same_as(Person(Role.LEADER, " Wang "))
    assert wang.is_same_as(Person(Role.LEADER, "li", login="root@one"))
    assert not wang.is_same_as(Person(Role.LEADER, "li", login="li@one"))
    assert not Person(Role.SECTION, "wang").is_same_as(Person(Role.LEADER, "li"))
    assert (wang.name, Person(Role.SECTION, "wang").name) == ("wang (root@one)", "wang")
