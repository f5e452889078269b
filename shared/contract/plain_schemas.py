"""Schemas of what is written plainly, which the validator reads by itself and without a call back to Python.

Nearly everything is: no blank field, every code in the form it is stored in, times with seconds and offset. The models
of the contract also read what is written otherwise, field by field and at three times the cost. What is not certainly
plain is refused here, for the models to read; what is read here is what they would have read.
"""

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from pydantic_core import CoreSchema
from pydantic_core import core_schema as schema

from shared.contract.events import EnterpriseReference, Marking, OutletReference, Pollutant, Window

_BLANK = r"\s\x00-\x1f"
"""What Python or Rust takes for a blank."""


def text(pattern: str = rf"^[^{_BLANK}]", longest: int | None = None) -> CoreSchema:
    return schema.str_schema(strict=True, pattern=pattern, max_length=longest)


TEXT = text()
TEXT_OR_EMPTY = schema.union_schema(
    [
        TEXT,
        schema.chain_schema([schema.literal_schema([""]), schema.no_info_plain_validator_function(lambda _: None)]),
    ],
    mode="left_to_right",
)
NAME = text(longest=256)
WORD = text(r"^[!-~]([ -~]*[!-~])?$", 64)
_CODE = text(r"^[A-Z0-9][A-Z0-9/_.-]*$", 64)
_INSTANT = re.compile(
    r"(19[1-9][0-9]|2[0-8][0-9]{2})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
)


@lru_cache(maxsize=4_096)
def _instant(written: str) -> datetime:
    """Remembered, for instants come again, and in UTC as those of the clock and of the database.

    So what is remembered by an instant is found at once: two of the same instant, each with a zone of its own, are
    compared by asking both zones for their offsets.
    """
    if _INSTANT.fullmatch(written) is None:
        raise ValueError("it is not written plainly")
    return datetime.fromisoformat(written).astimezone(UTC)


INSTANT = schema.chain_schema([schema.str_schema(strict=True), schema.no_info_plain_validator_function(_instant)])
NUMBER = schema.float_schema(strict=True, allow_inf_nan=False)


def model(
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


ENTERPRISE = model(EnterpriseReference, {"code": _CODE}, {"name": TEXT_OR_EMPTY})
OUTLET = model(
    OutletReference,
    {},
    {
        "mn": _CODE,
        "code": _CODE,
        "name": TEXT_OR_EMPTY,
        "medium": schema.literal_schema(["gas", "water", "other"]),
    },
)
"""With or without a number: `is_complete` says whether it has one."""
POLLUTANT = model(Pollutant, {"code": WORD}, {"name": TEXT_OR_EMPTY})
WINDOW = model(Window, {"start": INSTANT}, {"end": INSTANT})
"""In whatever order: `is_complete` says whether it is in order."""
MARKING = model(Marking, {"kind": WORD}, {"reason": TEXT_OR_EMPTY})


def is_complete(outlet: OutletReference, window: Window | None) -> bool:
    """Whether an outlet has a number and a window ends after it begins, which the models ask of them as wholes."""
    if outlet.mn is None and outlet.code is None:
        return False
    return window is None or window.end is None or window.start <= window.end
