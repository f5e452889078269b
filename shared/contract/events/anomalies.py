"""What platforms push: an anomaly at an outlet (异常事件)."""

from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from shared.contract.cloudevents import CloudEvent
from shared.contract.codes import EnterpriseCode, OutletCode
from shared.contract.events.event_data import Code
from shared.time.instants import Instant


def says_nothing(value: Any) -> bool:
    """Whether a platform that fills every field of its form left this one empty."""
    kind = type(value)  # what JSON knows has no subclasses, and this is asked of every field of every event
    if kind is str:
        return not value or value.isspace()
    if kind is dict:
        return all(map(says_nothing, value.values()))
    if kind is list:
        return all(map(says_nothing, value))
    return value is None


@cache
def _optional(model: type[BaseModel]) -> frozenset[str]:
    return frozenset(name for name, field in model.model_fields.items() if not field.is_required())


def _without_blanks(model: type[BaseModel], given: Any) -> Any:
    """What is given, but for the optional fields of `model` that say nothing: they count as absent."""
    if not isinstance(given, dict):
        return given
    optional = _optional(model)
    blank = [name for name, value in given.items() if name in optional and says_nothing(value)]
    return {name: value for name, value in given.items() if name not in blank} if blank else given


def _whole(value: Any) -> Any:
    """18 for 18.0, as JSON has it; whatever else stays what it is, for the type to refuse."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Count = Annotated[int, Field(ge=0), BeforeValidator(_whole)]


class _Incoming(BaseModel):
    """Unknown fields are kept with the event's bytes and ignored; known ones must have the right type.

    Optional ones that are null or blank count as absent.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent(cls, given: Any) -> Any:
        return _without_blanks(cls, given)


class EnterpriseReference(_Incoming):
    code: EnterpriseCode
    name: str | None = None


class OutletReference(_Incoming):
    """A monitored discharge point: `mn` is its data logger's number in HJ 212, `code` its permit number."""

    mn: OutletCode | None = None
    code: OutletCode | None = None
    name: str | None = None
    medium: Literal["gas", "water", "other"] | None = None

    @model_validator(mode="after")
    def _has_identity(self) -> Self:
        if self.mn is None and self.code is None:
            raise ValueError("an outlet needs `mn` or `code`")
        return self


class Pollutant(_Incoming):
    """`code` by HJ 212 / HJ 525, e.g. a21026 sulphur dioxide, w01018 chemical oxygen demand."""

    code: Code
    name: str | None = None


class Window(_Incoming):
    """The half-open period the anomaly was observed in."""

    start: Instant
    end: Instant | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.end is not None and self.end < self.start:
            raise ValueError("`window.end` lies before `window.start`")
        return self


class MarkingKind(StrEnum):
    """The kinds of marking that remove evidence where a reason is recorded (MEE marking rules, from 2023-01-01)."""

    START_UP = "start_up"
    SHUT_DOWN = "shut_down"
    CALIBRATION = "calibration"
    FAULT = "fault"
    MAINTENANCE = "maintenance"


class Marking(_Incoming):
    """The operator's declared reason for abnormal data (2022 marking rules)."""

    kind: Annotated[
        Code,
        Field(
            description=f"known: {', '.join(MarkingKind)}; any other is accepted with a doubt and removes no evidence",
            examples=list(MarkingKind),
        ),
    ]
    reason: Annotated[str | None, Field(description="without one the marking removes no evidence")] = None


class AnomalyData(_Incoming):
    category: Code
    enterprise: EnterpriseReference
    outlet: OutletReference
    district: Code | None = None
    pollutant: Pollutant | None = None
    period: Literal["realtime", "minute", "hour", "day", "month", "quarter", "year"] | None = None
    window: Window | None = None
    observed: float | None = None
    limit: float | None = None
    unit: str | None = None
    flag: Code | None = None
    marking: Marking | None = None
    valid_count: _Count | None = None
    expected_count: _Count | None = None
    evidence: list[dict[str, Any]] = Field(default_factory=list, max_length=100)
    note: str | None = None


ANOMALY_DETECTED = "cn.tricolor.anomaly.detected.v1"


class AnomalyEvent(CloudEvent):
    """One anomaly at one outlet (异常事件)."""

    type: Literal["cn.tricolor.anomaly.detected.v1"]
    data: AnomalyData

    @model_validator(mode="before")
    @classmethod
    def _blank_is_absent(cls, given: Any) -> Any:
        return _without_blanks(cls, given)

    @model_validator(mode="after")
    def _has_instant(self) -> Self:
        if self.data.window is None and self.time is None:
            raise ValueError("an anomaly needs `data.window` or the event's `time`")
        return self
