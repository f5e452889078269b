"""Stations, officers and enterprises as they are written and read."""

from typing import Annotated, Literal, Self

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.instants import Instant

_NO_CONTROL = r"^[^\x00-\x1f\x7f]+$"
RecordCode = Annotated[str, Path(max_length=64, pattern=_NO_CONTROL)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=64, pattern=_NO_CONTROL)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=256, pattern=_NO_CONTROL)]


class _Written(BaseModel):
    """A PUT states the whole record: what is left out is empty, and a misspelt field is refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class _Stored(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    code: str
    updated_at: Instant


class StationFields(_Written):
    """An enforcement station (执法所) and the streets in its charge."""

    name: Text
    district: Code
    streets: list[Text] = Field(default=[], max_length=100)


class Station(_Stored):
    name: str
    district: str
    streets: list[str]


class OfficerFields(_Written):
    """An enforcement officer. Only certified officers on duty are given cases (Penalty Law art. 42)."""

    name: Text
    station: Code
    certified: bool = True
    on_duty: bool = True
    skills: list[Code] = Field(default=[], max_length=50)


class Officer(_Stored):
    name: str
    station: str
    certified: bool
    on_duty: bool
    skills: list[str]


class EnterpriseFields(_Written):
    """A discharging unit (排污单位), and the `station` in charge of it. Its position is in degrees, WGS 84."""

    name: Text
    address: Text | None = None
    district: Code | None = None
    street: Text | None = None
    station: Code | None = None
    longitude: Annotated[float, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[float, Field(ge=-90, le=90)] | None = None
    classification: list[Literal["key_unit", "positive_list", "special_supervision", "voc_a", "voc_b", "voc_c"]] = (
        Field(default=[], max_length=6)
    )

    @model_validator(mode="after")
    def _has_whole_position(self) -> Self:
        if (self.longitude is None) != (self.latitude is None):
            raise ValueError("`longitude` and `latitude` come together or not at all")
        return self


class Enterprise(_Stored):
    """`source` tells whether somebody registered it (`master`) or it is known from events only (`event`)."""

    name: str | None
    address: str | None
    district: str | None
    street: str | None
    station: str | None
    longitude: float | None
    latitude: float | None
    classification: list[str]
    source: Literal["master", "event"]
