"""What callers may write into a request about a case: text that can be stored, times that can be meant."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AliasChoices, Field, StringConstraints

from shared.contract.codes import Normalised
from shared.contract.commands import Command
from shared.time.instants import Instant

_STORABLE = r"^[^\x00]*$"  # PostgreSQL's text cannot hold NUL
_LONGEST = 10_000

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=_LONGEST, pattern=_STORABLE)]
"""A reason, finding or measure: evidence, so never blank."""
Remark = Annotated[str, StringConstraints(strip_whitespace=True, max_length=_LONGEST, pattern=_STORABLE)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_STORABLE)]
EnterpriseCode = Annotated[Code, Normalised]
ClaimedTime = Annotated[Instant, Field(ge=datetime(1970, 1, 1, tzinfo=UTC), lt=datetime(2970, 1, 1, tzinfo=UTC))]
"""What a device's clock says. One that was never set says 1970; that is kept as claimed."""
Named = Annotated[
    list[UUID],
    Field(max_length=200, description="attachments of the case that the report rests on: photographs, videos, scans"),
]


class Body(Command):
    """What a caller writes about a case."""


class Position(Body):
    """Where the device says it is, WGS 84 degrees. The short names that devices use are understood."""

    longitude: Annotated[float, Field(ge=-180, le=180, validation_alias=AliasChoices("longitude", "lng", "lon"))]
    latitude: Annotated[float, Field(ge=-90, le=90, validation_alias=AliasChoices("latitude", "lat"))]


class ReasonBody(Body):
    reason: Words
