"""Stations, officers, enterprises and outlets as they are written and read."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from shared.time.instants import Instant

_NO_CONTROL = r"^[^\x00-\x1f\x7f]+$"
Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64, pattern=_NO_CONTROL)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=256, pattern=_NO_CONTROL)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Medium = Literal["gas", "water", "other"]
Classification = Literal["key_unit", "positive_list", "special_supervision", "voc_a", "voc_b", "voc_c"]


class _Written(BaseModel):
    """A PUT states the whole record: what is left out is empty, and a misspelt field is refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Placed(_Written):
    """A position in degrees, WGS 84: whole or unknown."""

    longitude: Longitude | None = None
    latitude: Latitude | None = None

    @model_validator(mode="after")
    def _has_whole_position(self) -> Self:
        if (self.longitude is None) != (self.latitude is None):
            raise PydanticCustomError("half_position", "`longitude` and `latitude` come together or not at all")
        return self


class _Stored(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    updated_at: Instant


class StationFields(_Placed):
    """An enforcement station (执法所), and the streets and grid cells (网格) in its charge."""

    name: Text
    district: Code
    streets: list[Text] = Field(default=[], max_length=100)
    grid_cells: list[Code] = Field(default=[], max_length=1_000)


class Station(_Stored):
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


class Officer(_Stored):
    name: str
    station: str
    certified: bool
    certificate: str | None
    on_duty: bool
    skills: list[str]


class EnterpriseFields(_Placed):
    """A discharging unit (排污单位), the `station` in charge of it, and the grid cell (网格) it lies in."""

    name: Text
    address: Text | None = None
    district: Code | None = None
    street: Text | None = None
    grid_cell: Code | None = None
    station: Code | None = None
    classification: list[Classification] = Field(default=[], max_length=6)


class Enterprise(_Stored):
    """`source` says whether somebody registered it (`master`) or it is known from events only (`event`)."""

    name: str | None
    address: str | None
    district: str | None
    street: str | None
    grid_cell: str | None
    station: str | None
    longitude: float | None
    latitude: float | None
    classification: list[str]
    source: Literal["master", "event"]


class OutletFields(_Placed):
    """A monitored discharge point (排放口). `mn` is its data logger's number in HJ 212, one in the whole network."""

    name: Text
    medium: Medium
    mn: Code | None = None


class Outlet(_Stored):
    """`code` is its number in the discharge permit; the MN where the permit gives none."""

    enterprise_code: str
    name: str
    medium: Medium
    mn: str | None
    longitude: float | None
    latitude: float | None
