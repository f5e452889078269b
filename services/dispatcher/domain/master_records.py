"""Stations, officers, office staff, enterprises and outlets as they are written and read."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.dispatcher.domain.record_changes import How, etag_of
from shared.contract.codes import Normalised
from shared.contract.commands import Command
from shared.contract.contacts import WITHOUT_ADDRESS, Channel, ChannelAddress, Contact
from shared.contract.registrations import Classification
from shared.time.instants import Instant

_NO_CONTROL = r"^[^\x00-\x1f\x7f]+$"
Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64, pattern=_NO_CONTROL)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=256, pattern=_NO_CONTROL)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Medium = Literal["gas", "water", "other"]
OfficeRole = Literal["station_chief", "section", "leader"]

_PHONE = re.compile(r"\+?\d[\d -]{3,28}\d((转|#) ?\d{1,6})?", re.ASCII)


def _is_phone(text: str) -> str:
    if not _PHONE.fullmatch(text):
        raise PydanticCustomError("phone", "must be a telephone number: digits, spaces, hyphens, 转 and an extension")
    return text


Phone = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_is_phone)]


class _Written(Command):
    """A PUT states the whole record: what is left out is empty, and a misspelt field is refused."""


class _Placed(_Written):
    """A position in degrees, WGS 84: whole or unknown."""

    longitude: Longitude | None = None
    latitude: Latitude | None = None

    @model_validator(mode="after")
    def _has_whole_position(self) -> Self:
        if (self.longitude is None) != (self.latitude is None):
            raise PydanticCustomError("half_position", "`longitude` and `latitude` come together or not at all")
        return self


class ContactFields(_Written):
    """A person of the enterprise to phone."""

    name: Text
    phone: Phone
    role: Text | None = Field(default=None, description="the person's function there: 环保负责人, 法定代表人")


class ChannelAddressFields(_Written):
    """Where messages reach somebody on one channel; `in_app` and `vendor` need no address."""

    channel: Channel
    address: Text | None = None

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        if (self.address is None) != (self.channel in WITHOUT_ADDRESS):
            raise PydanticCustomError("channel_address", "every channel but `in_app` and `vendor` needs an `address`")
        return self


Contacts = Annotated[list[ContactFields], Field(max_length=20, description="whom to phone, the first one first")]
Channels = Annotated[
    list[ChannelAddressFields],
    Field(max_length=10, description="where messages go, in this order: the next where one does not arrive"),
]


class Stored(BaseModel):
    """A record as it is answered. `etag` names this content of it: as `If-Match` it makes a change safe."""

    code: str
    updated_at: Instant
    etag: str

    @classmethod
    def of(cls, fields: Mapping[str, Any], **more: Any) -> Self:
        """The record of a stored row."""
        return cls.model_validate({**fields, "etag": etag_of(fields), **more})


class StationFields(_Placed):
    """An enforcement station (执法所), and the streets and grid cells (网格) in its charge."""

    name: Text
    district: Code
    streets: list[Text] = Field(default=[], max_length=100)
    grid_cells: list[Code] = Field(default=[], max_length=1_000)


class Station(Stored):
    name: str
    district: str
    streets: list[str]
    grid_cells: list[str]
    longitude: float | None
    latitude: float | None


class OfficerFields(_Written):
    """An enforcement officer. Only certified officers on duty are given cases (Penalty Law art. 42).

    `certificate` is the number of the law-enforcement certificate (行政执法证号).
    """

    name: Text
    station: Code
    certified: bool = True
    certificate: Code | None = None
    on_duty: bool = True
    skills: list[Code] = Field(
        default=[],
        max_length=50,
        description="`gas`, `water`, `voc` and `monitoring_equipment` are what cases ask for; others are kept",
    )
    phone: Phone | None = None
    channels: Channels = Field(default=[])


class Officer(Stored):
    name: str
    station: str
    certified: bool
    certificate: str | None
    on_duty: bool
    skills: list[str]
    phone: str | None
    channels: list[ChannelAddress]


class StaffFields(_Written):
    """Somebody of an office: a station's chief, the section (执法科), the district leader. `code` is the login."""

    name: Text
    role: OfficeRole
    station: Code | None = Field(default=None, description="a chief's station; the others have none")
    phone: Phone | None = None
    channels: Channels = Field(default=[])

    @model_validator(mode="after")
    def _chief_has_station(self) -> Self:
        if (self.role == "station_chief") != (self.station is not None):
            raise PydanticCustomError("station_of_role", "a `station_chief` has a `station`, the other roles have none")
        return self


class Staff(Stored):
    name: str
    role: OfficeRole
    station: str | None
    phone: str | None
    channels: list[ChannelAddress]


class EnterpriseFields(_Placed):
    """A discharging unit (排污单位), the `station` in charge of it, and the grid cell (网格) it lies in."""

    name: Text
    address: Text | None = None
    district: Code | None = None
    street: Text | None = None
    grid_cell: Code | None = None
    station: Code | None = None
    classification: list[Classification] = Field(default=[], max_length=6)
    contacts: Contacts = Field(default=[])
    channels: Channels = Field(default=[])


class Enterprise(Stored):
    """`source` says whether somebody registered it (`master`) or it is known from events only (`event`).

    `entry_code_set_at`: since when arriving officers scan a code at its gate; null where there is none.
    """

    name: str | None
    address: str | None
    district: str | None
    street: str | None
    grid_cell: str | None
    station: str | None
    longitude: float | None
    latitude: float | None
    classification: list[str]
    contacts: list[Contact]
    channels: list[ChannelAddress]
    source: Literal["master", "event"]
    entry_code_set_at: Instant | None


class OutletFields(_Placed):
    """A monitored discharge point (排放口). `mn` is its data logger's number in HJ 212, one in the whole network."""

    name: Text
    medium: Medium
    mn: Annotated[Code | None, Normalised] = None


class Outlet(Stored):
    """`code` is its number in the discharge permit; the MN where the permit gives none."""

    enterprise_code: str
    name: str
    medium: Medium
    mn: str | None
    longitude: float | None
    latitude: float | None


class HistoryEntry(BaseModel):
    """A change of a record: who made it, when, by what, and which fields were what before and are what since.

    `how`: `event` means that a platform's event named an enterprise that nobody had registered. Telephone numbers and
    addresses are null for whoever need not call; that they changed is said.
    """

    model_config = ConfigDict(from_attributes=True)

    entry_id: int
    change: Literal["new", "changed"]
    changes: dict[str, list[Any]]
    actor_role: str
    actor_subject: str
    how: How
    import_id: int | None
    at: Instant
