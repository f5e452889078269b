"""Write golden files: an event of each form that `shared.contract.events` can write, unless one stands already.

A form is a type with its fields, all of them filled or all of them that may be empty so. For the contract as it is now:

    .venv/bin/python -m tests.golden.write NAME

and as it was at a revision, written by the models of that revision (the first event of a form stays):

    mkdir /tmp/then && git archive REVISION shared | tar -x -C /tmp/then
    PYTHONPATH=/tmp/then .venv/bin/python tests/golden/write.py NAME

NAME is the revision: `tests/golden/contract-v1/case.opened/NAME.json`, and `NAME.sparse.json` beside it. A file that
stands is never written again: what it holds lies in topics and outboxes somewhere.
"""

import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json, to_json

from shared.contract import cloudevents, events

CONTRACT = Path(__file__).parent / "contract-v1"
_AT = datetime(2026, 11, 23, 1, 5, tzinfo=UTC)
_CODE = "91440300MA5EXAMPLE"
# Where the events stand; a revision of before November 2026 has the first only.
_MODULES = [
    import_module(f"shared.contract.{name}")
    for name in ("events", "registrations", "platforms", "notices")
    if find_spec(f"shared.contract.{name}")
]
_UUID = "5d1c0000-0000-4000-8000-{:012}"

# What a reader looks into; any other field gets a value of its type.
_NAMED: Mapping[str, Any] = {
    "enterprise_code": _CODE,
    "code": _CODE,
    "state": "offered",
    "kind": "on_site",
    "level": "red",
    "previous_level": "yellow",
    "category": "gas_daily_mean_exceedance",
    "role": "station_chief",
    "channel": "sms",
    "medium": "gas",
    "milestone": "accept",
    "revision": 2,
    "version": 2,
}
_FORMATTED: Mapping[str, str] = {"date-time": _AT.isoformat(), "date": _AT.date().isoformat()}
_TYPED: Mapping[str, Any] = {"string": "文", "integer": 1, "number": 61.2, "boolean": True}


def models() -> dict[str, type[BaseModel]]:
    """What our services tell, by type, in the revision on the path: each model under the name of its type."""
    told: dict[str, Any] = {}
    for module, name in [(one, name) for one in _MODULES for name in dir(one)]:
        value = getattr(module, name)
        model = getattr(module, "".join(word.title() for word in name.split("_")), None)
        if isinstance(value, str) and value.startswith("cn.tricolor.") and isinstance(model, type):
            told[value] = model
    told |= dict.fromkeys((type_.value for type_ in events.CaseType), events.CaseEvent)
    return told | dict.fromkeys((type_.value for type_ in events.DeadlineType), events.DeadlineEvent)


def example(model: type[BaseModel], *, sparse: bool) -> bytes:
    """Data with every field of `model`, as deep as it goes; `sparse`, with as little in them as it allows."""
    schema = model.model_json_schema()
    definitions: Mapping[str, Any] = schema.get("$defs", {})
    uuids = map(_UUID.format, count(1))

    def value(schema: Mapping[str, Any], name: str) -> Any:  # noqa: PLR0911  one for each kind of schema
        kind = schema.get("type")
        if "$ref" in schema:
            return value(definitions[schema["$ref"].rpartition("/")[2]], name)
        if "anyOf" in schema:
            return None if sparse and name not in _NAMED else value(schema["anyOf"][0], name)
        if "properties" in schema:
            return {field: value(inner, field) for field, inner in schema["properties"].items()}
        if name in _NAMED and _NAMED[name] in schema.get("enum", [_NAMED[name]]):
            return _NAMED[name]
        if "enum" in schema:
            return schema["enum"][0]
        if kind == "array":
            return [] if sparse else [value(schema["items"], name)]
        if kind == "object":
            return {} if sparse else {"field": 1}
        if schema.get("format") == "uuid":
            return next(uuids)
        return _FORMATTED.get(str(schema.get("format")), _TYPED.get(str(kind)))

    return to_json(value(schema, ""))


def form(value: Any, path: str = "") -> set[str]:
    """The paths of every field in `value`: what makes two events of a type of the same form."""
    if isinstance(value, Mapping):
        return {f"{path}/{name}" for name in value} | {
            deep for name, one in value.items() for deep in form(one, f"{path}/{name}")
        }
    if isinstance(value, list):
        return {deep for one in value for deep in form(one, f"{path}/*")}
    return set()


def main(name: str) -> None:
    for type_, model in models().items():
        folder = CONTRACT / type_.removeprefix("cn.tricolor.").removesuffix(".v1")
        folder.mkdir(parents=True, exist_ok=True)
        for sparse, suffix in ((False, ".json"), (True, ".sparse.json")):
            data = model.model_validate_json(example(model, sparse=sparse))
            event = cloudevents.compose(
                topic="", source="/tricolor/golden", type_=type_, enterprise=_CODE, time=_AT, data=data
            )
            forms = [form(from_json(path.read_bytes())) for path in folder.glob("*.json")]
            if form(from_json(event.value)) not in forms:
                (folder / f"{name}{suffix}").write_bytes(event.value + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
