"""Who calls: what a service knows of a person or program once its identity is verified. Pure."""

from typing import Annotated, Any, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.contract.codes import Normalised, normalised
from shared.contract.events import Actor
from shared.contract.roles import USUAL_REACH, Reach, Role

Name = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00]*$")]
"""What the database can hold and a question can be asked with."""


class Credential(NamedTuple):
    """Which token or key a caller showed: by its number or hash, and the hash of its issuer. Nobody can use it."""

    id: str
    issuer: str


class Principal(BaseModel):
    """The caller: a role, a name, and for some roles the station or enterprise they belong to.

    An enterprise that does not say otherwise is named by its code; `enterprises` are those of one person who answers
    for several. `sources` are the platforms that the credential speaks for: none listed means all, as for development.
    `credential` is kept with what the caller does.
    `reach` is how far the caller may go in what is done just now: the door sets it by the operation, no token does.
    """

    model_config = ConfigDict(frozen=True)

    role: Role
    subject: Name
    station: Name | None = None
    enterprise: Annotated[Name, Normalised] | None = None
    enterprises: tuple[Annotated[Name, Normalised], ...] = ()
    sources: tuple[Name, ...] = ()
    credential: Annotated[Credential | None, Field(exclude=True, repr=False)] = None
    reach: Reach = Reach.OWN

    @model_validator(mode="before")
    @classmethod
    def _by_role(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        role = given.get("role")
        given = {"reach": USUAL_REACH[Role(role)] if role in set(Role) else Reach.OWN} | given
        if given.get("role") != Role.ENTERPRISE:
            return given
        named = given.get("enterprise") or given.get("enterprises")
        return given if named else given | {"enterprise": given.get("subject")}

    def within(self, reach: Reach) -> Self:
        """The same caller, where an operation gives the role this reach."""
        return self.model_copy(update={"reach": reach})

    @property
    def actor(self) -> Actor:
        return Actor(role=self.role.value, subject=self.subject)

    @property
    def own_enterprises(self) -> tuple[str, ...]:
        """The codes of the enterprises that the caller answers for, whatever the role."""
        return tuple(dict.fromkeys((self.enterprise, *self.enterprises) if self.enterprise else self.enterprises))

    def is_of(self, enterprise: str | None) -> bool:
        """Whether the caller answers for this enterprise."""
        return enterprise is not None and normalised(enterprise) in self.own_enterprises

    def is_at(self, station: str | None) -> bool:
        """Whether the caller belongs to this station."""
        return station is not None and station == self.station

    def speaks_for(self, source: str | None) -> bool:
        """Whether the caller may push and read what this platform says."""
        return not self.sources or source in self.sources
