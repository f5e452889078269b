"""Who proposes and who confirms, and whose matters they may decide. Pure."""

from dataclasses import dataclass

from shared.contract.events import Actor
from shared.contract.principal import Principal
from shared.contract.roles import Role

_EVERYWHERE = frozenset({Role.SECTION, Role.LEADER, Role.ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who acts. `login` is the user of this machine who acts on the command line under that name."""

    role: str
    subject: str
    station: str | None = None
    enterprises: tuple[str, ...] = ()
    login: str | None = None

    @classmethod
    def of(cls, caller: Principal) -> "Person":
        return cls(caller.role.value, caller.subject, caller.station, caller.own_enterprises)

    @property
    def actor(self) -> Actor:
        return Actor(role=self.role, subject=self.subject)

    @property
    def name(self) -> str:
        """As records show it: a name typed on the command line with the machine's user who typed it."""
        return self.subject if self.login is None else f"{self.subject} ({self.login})"

    def is_same_as(self, other: "Person") -> bool:
        """Whether one person may stand behind both: by name in whatever role, or by the machine's user."""
        named = self.subject.strip().casefold() == other.subject.strip().casefold()
        return named or (self.login is not None and self.login == other.login)


SYSTEM = Person(role="system", subject="system:tricolor")
"""Tricolor itself, which proposes and never confirms."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Whose matter something is: of an enterprise and its station, or, without either, of the whole bureau."""

    station: str | None = None
    enterprise: str | None = None

    def is_proposed_by(self, person: Person) -> bool:
        """Whether `person` may propose something about it. For others it is not there.

        An officer may also propose about an enterprise that no station is known for: the section decides that.
        """
        match person.role:
            case Role.OFFICER:
                mine = self.station is None or self.station == person.station
                return mine and self.enterprise is not None
            case Role.ENTERPRISE:
                return self.enterprise in person.enterprises
            case _:
                return self.is_decided_by(person)

    def is_decided_by(self, person: Person) -> bool:
        """Whether it is `person`'s to decide, by station: a chief's own station's, for the section and above all."""
        if person.role == Role.STATION_CHIEF:
            return self.station is not None and self.station == person.station
        return person.role in _EVERYWHERE
