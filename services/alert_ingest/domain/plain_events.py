"""Events that are written plainly are read at once, by the validator's own machinery and without a call back to Python.

Nearly all are: no blank field, every code in the form it is stored in, times with seconds and offset. The models of the
contract (`AnomalyEvent`) also read what is written otherwise, field by field and at three times the cost; whatever is
not certainly plain is left to them, and what is read here is what they would have read.
"""

from typing import Any, NamedTuple

import orjson
from pydantic_core import CoreSchema, SchemaValidator, from_json
from pydantic_core import core_schema as schema

from shared.contract.events import (
    ANOMALY_DETECTED,
    AnomalyData,
    AnomalyEvent,
    EnterpriseReference,
    Marking,
    OutletReference,
    Pollutant,
    Window,
    says_nothing,
)

CONTENT = ("type", "subject", "time", "data")
"""What makes two events the same."""
_BLANK = r"\s\x00-\x1f"
"""What Python or Rust takes for a blank."""


def _text(pattern: str = rf"^[^{_BLANK}]", longest: int | None = None) -> CoreSchema:
    return schema.str_schema(strict=True, pattern=pattern, max_length=longest)


_TEXT = _text()
_TEXT_OR_EMPTY = schema.union_schema(
    [
        _TEXT,
        schema.chain_schema([schema.literal_schema([""]), schema.no_info_plain_validator_function(lambda _: None)]),
    ],
    mode="left_to_right",
)
_NAME = _text(longest=256)
_WORD = _text(r"^[!-~]([ -~]*[!-~])?$", 64)
_CODE = _text(r"^[A-Z0-9][A-Z0-9/_.-]*$", 64)
_INSTANT = schema.chain_schema(
    [
        _text(
            r"^(19[1-9][0-9]|2[0-8][0-9]{2})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
            r"(Z|[+-][0-9]{2}:[0-9]{2})$"
        ),
        schema.datetime_schema(),
    ]
)
_NUMBER = schema.float_schema(strict=True, allow_inf_nan=False)
_COUNT = schema.int_schema(strict=True, ge=0)


def _model(
    cls: type[Any], required: dict[str, CoreSchema], optional: dict[str, CoreSchema], *, extra: bool = False
) -> CoreSchema:
    """A model of the contract, of which the `optional` fields may be absent or null."""
    fields = {name: schema.model_field(one) for name, one in required.items()} | {
        name: schema.model_field(schema.with_default_schema(schema.nullable_schema(one), default=None))
        for name, one in optional.items()
    }
    ordered = {name: fields[name] for name in cls.model_fields}
    return schema.model_schema(
        cls,
        schema.model_fields_schema(ordered, extra_behavior="allow" if extra else "ignore"),
        config=schema.CoreConfig(extra_fields_behavior="allow" if extra else "ignore"),
        frozen=True,
    )


_DATA = _model(
    AnomalyData,
    {
        "category": _WORD,
        "enterprise": _model(EnterpriseReference, {"code": _CODE}, {"name": _TEXT_OR_EMPTY}),
        "outlet": _model(
            OutletReference,
            {},
            {
                "mn": _CODE,
                "code": _CODE,
                "name": _TEXT_OR_EMPTY,
                "medium": schema.literal_schema(["gas", "water", "other"]),
            },
        ),
        "evidence": schema.with_default_schema(
            schema.list_schema(schema.dict_schema(schema.str_schema(), schema.any_schema()), max_length=100),
            default_factory=list,
        ),
    },
    {
        "district": _WORD,
        "pollutant": _model(Pollutant, {"code": _WORD}, {"name": _TEXT_OR_EMPTY}),
        "period": schema.literal_schema(["realtime", "minute", "hour", "day", "month", "quarter", "year"]),
        "window": _model(Window, {"start": _INSTANT}, {"end": _INSTANT}),
        "observed": _NUMBER,
        "limit": _NUMBER,
        "unit": _TEXT_OR_EMPTY,
        "flag": _WORD,
        "marking": _model(Marking, {"kind": _WORD}, {"reason": _TEXT_OR_EMPTY}),
        "valid_count": _COUNT,
        "expected_count": _COUNT,
        "note": _TEXT_OR_EMPTY,
    },
)
_EVENT = SchemaValidator(
    _model(
        AnomalyEvent,
        {
            "specversion": schema.literal_schema(["1.0"]),
            "id": _NAME,
            "source": _NAME,
            "type": schema.literal_schema([ANOMALY_DETECTED]),
            "datacontenttype": schema.with_default_schema(_TEXT, default="application/json"),
            "data": _DATA,
        },
        {"subject": _NAME, "time": _INSTANT},
        extra=True,
    ),
    _use_prebuilt=False,  # else the models' own validators would take the place of these
)


class Plain(NamedTuple):
    """An event that was plain, and the JSON of what makes another event the same as it, keys in order."""

    event: AnomalyEvent
    content: bytes


def read(body: bytes) -> Plain | None:
    """Read the event in `body`; None where it is not plain, or not usable."""
    content = None
    try:
        value = from_json(body)
        content = _content_of(value, body)
        event: AnomalyEvent = _EVENT.validate_python(value)
    except (ValueError, orjson.JSONEncodeError):
        return None
    if content is None or not _is_complete(event):
        return None
    return Plain(event, content)


def _is_complete(event: AnomalyEvent) -> bool:
    data, window = event.data, event.data.window
    if (data.outlet.mn is None and data.outlet.code is None) or (data.evidence and says_nothing(data.evidence)):
        return False
    if window is None:
        return event.time is not None
    return window.end is None or window.start <= window.end


def _content_of(value: Any, body: bytes) -> bytes | None:
    """The content of the event in `body`; None where a key may stand twice in it, or a number be too large to keep.

    A key is what a colon follows: there are as many in what was read as there were, or one was read over another. A
    number out of range is null when it is written. Escaped characters could hide either, and blanks before a colon.
    Raises JSONEncodeError for an integer of more than 64 bits.
    """
    if not isinstance(value, dict) or _hides_something(body):
        return None
    for name, one in value.items():
        if type(one) is not str and name != "data":
            return None
    content = orjson.dumps({name: value.get(name) for name in CONTENT}, option=orjson.OPT_SORT_KEYS)
    absent = sum(name not in value for name in CONTENT)
    keys = len(value) - len(CONTENT) + content.count(b'":')
    if keys != body.count(b'":'):
        return None
    nulls = body.count(b"null") + absent
    if nulls and content.count(b"null") != nulls:
        return None
    return content


def _hides_something(body: bytes) -> bool:
    """Whether a control character or a quote is escaped by its number, or a blank comes before a colon.

    A single character is sought first: that takes a twentieth of the time.
    """
    return (
        (b"\\" in body and b"\\u00" in body)
        or (b" " in body and b" :" in body)
        or (b"\t" in body and b"\t:" in body)
        or (b"\n" in body and b"\n:" in body)
        or (b"\r" in body and b"\r:" in body)
    )
