"""Who may call what, and on whose matters (操作权限): one line for each operation, by role. Pure but for `load`.

The door (`shared.web.scope`) asks it before a route is entered, and hands the route a caller whose `reach` it says.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from shared.contract.roles import Reach, Role
from shared.contract.yaml_text import read_yaml

DATA = Path(__file__).with_name("scope.yaml")
_REFUSED = "."


def _words(given: object) -> object:
    """A line as it stands in the file: one word for each role, in the order of `roles`."""
    return [None if word == _REFUSED else word for word in given.split()] if isinstance(given, str) else given


Line = Annotated[tuple[Reach | None, ...], BeforeValidator(_words)]


class Scope(BaseModel):
    """The table. An operation without a line is nobody's."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    roles: tuple[Role, ...]
    operations: Mapping[str, Line]
    open: Mapping[str, str] = {}

    @model_validator(mode="after")
    def _each_line_is_whole(self) -> Self:
        for operation, line in self.operations.items():
            if len(line) != len(self.roles):
                raise ValueError(f"{operation}: {len(line)} words for {len(self.roles)} roles")
        if both := sorted(self.open.keys() & self.operations.keys()):
            raise ValueError(f"{both[0]}: it is open, and has a line too")
        return self

    def is_open(self, operation: str) -> bool:
        """Whether the operation is asked for without saying who asks."""
        return operation in self.open

    def reach(self, operation: str, role: Role) -> Reach | None:
        """On whose matters a role may call the operation; None: on nobody's."""
        line = self.operations.get(operation)
        return None if line is None else line[self.roles.index(role)]

    def roles_of(self, operation: str) -> Sequence[Role]:
        """The roles that may call the operation."""
        return [role for role in self.roles if self.reach(operation, role) is not None]


@cache
def load(path: Path = DATA) -> Scope:
    """Raises pydantic's ValidationError, which names the line and the fault."""
    return Scope.model_validate(read_yaml(path.read_text(encoding="utf-8")))
