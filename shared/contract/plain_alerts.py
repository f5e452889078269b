"""Alerts that are written plainly, as the intake writes them, are read at once: see `plain_schemas`."""

from functools import cache
from typing import Any

from pydantic_core import CoreSchema, SchemaValidator, ValidationError
from pydantic_core import core_schema as schema

from shared.contract.events import AlertGraded, Bilingual, Doubt, Grading, Level
from shared.contract.plain_schemas import (
    ENTERPRISE,
    INSTANT,
    MARKING,
    NUMBER,
    OUTLET,
    POLLUTANT,
    WINDOW,
    is_complete,
    model,
)

_STRING = schema.str_schema(strict=True)
_TEXTS: dict[str, CoreSchema] = {"zh": _STRING, "en": _STRING}
_FLAG = schema.with_default_schema(schema.bool_schema(strict=True), default=False)


def _list(of: CoreSchema) -> CoreSchema:
    return schema.with_default_schema(schema.list_schema(of), default_factory=list)


@cache
def _validator() -> SchemaValidator:
    """Made when the first alert is read: a command line that reads none need not wait for it."""
    level = schema.enum_schema(Level, [*Level], sub_type="str")
    bilingual = model(Bilingual, _TEXTS, {})
    explained = schema.is_instance_schema(dict)  # of whatever: the keys of what was JSON are texts
    grading = model(
        Grading,
        {
            "rule": _STRING,
            "rule_book_version": _STRING,
            "stated": schema.bool_schema(strict=True),
            "facts": explained,
            "reason": bilingual,
            "considered": _list(explained),
            "causes": _list(schema.uuid_schema()),
        },
        {"source": _STRING, "own_rule": _STRING, "upgraded_from": level, "unmarked_level": level},
    )
    alert = model(
        AlertGraded,
        {
            "alert_id": schema.uuid_schema(),
            "level": level,
            "category": _STRING,
            "category_name": bilingual,
            "response": _STRING,
            "enterprise": ENTERPRISE,
            "outlet": OUTLET,
            "district": schema.nullable_schema(_STRING),
            "pollutant": schema.nullable_schema(POLLUTANT),
            "window": schema.nullable_schema(WINDOW),
            "observed": schema.nullable_schema(NUMBER),
            "limit": schema.nullable_schema(NUMBER),
            "unit": schema.nullable_schema(_STRING),
            "received_at": INSTANT,
            "issued_at": INSTANT,
            "grading": grading,
            "doubts": schema.list_schema(model(Doubt, {"code": _STRING, **_TEXTS}, {})),
            "marking_effective": _FLAG,
            "held": _FLAG,
        },
        {"flag": _STRING, "marking": MARKING, "counted_on": schema.uuid_schema()},
    )
    return SchemaValidator(alert, _use_prebuilt=False)  # else the models' own validators would take its place


def plain_alert(data: Any) -> AlertGraded | None:
    """The alert that `data` write; None where they are not plain, or none."""
    try:
        alert: AlertGraded = _validator().validate_python(data)
    except ValidationError:
        return None
    return alert if is_complete(alert.outlet, alert.window) else None
