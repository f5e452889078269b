"""What a caller sends to have something done: a body that says nothing the service does not understand."""

from pydantic import BaseModel, ConfigDict


class Command(BaseModel):
    """The body of a command. A key that nobody knows is refused by name, also in what is nested, never lost."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
