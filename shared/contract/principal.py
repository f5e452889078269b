"""Who calls: what a service knows of a person or program once its identity is verified. Pure."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from shared.contract.events import Actor
from shared.contract.roles import Role


class Principal(BaseModel):
    """The caller: a role, a name, and for some roles the station or enterprise they belong to.

    An enterprise that does not say otherwise is named by its code.
    """

    model_config = ConfigDict(frozen=True)

    role: Role
    subject: str
    station: str | None = None
    enterprise: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _enterprise_by_subject(cls, given: Any) -> Any:
        if isinstance(given, dict) and given.get("role") == Role.ENTERPRISE and not given.get("enterprise"):
            return given | {"enterprise": given.get("subject")}
        return given

    @property
    def actor(self) -> Actor:
        return Actor(role=self.role.value, subject=self.subject)
