"""CloudEvents 1.0: read in structured and in binary mode, written structured. The envelope of every topic."""

import math
import re
from base64 import b64decode
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import from_json, to_json

from shared.contract.plain_json import plain_object
from shared.contract.refusals import Invalid
from shared.contract.repeated_keys import has_each_key_once, repeated_key
from shared.time.identifiers import identifier
from shared.time.instants import Instant, shown

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"

_CLOUDEVENTS = b"application/cloudevents"
_BINARY = ("ce_specversion", "ce-specversion")

Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Refused(Invalid):
    """An event that cannot be used, and never will be: the same bytes are refused again.

    `code` names the reason for programs; `detail` tells a person which field and why.
    """

    title = "Refused"


class CloudEvent(BaseModel):
    """The envelope. Extension attributes are kept; `data` is read by the subclass for the event's type."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True, allow_inf_nan=False)

    specversion: Annotated[str, StringConstraints(pattern=r"^1\.0$")] = "1.0"
    id: Name
    source: Name
    type: Name
    subject: Name | None = None
    time: Instant | None = None
    datacontenttype: str | None = "application/json"
    data: Any = Field(default=None)


Headers: TypeAlias = tuple[tuple[str, bytes | None], ...]
"""Those of a Kafka record, in order: a name may come twice, and a value may be null."""


class Outgoing(NamedTuple):
    """An event on its way out: the identifier consumers recognise it by, its key, and its bytes."""

    event_id: UUID
    topic: str
    key: bytes | None
    value: bytes
    headers: Headers = ()


STRUCTURED_HEADERS: Headers = (("content-type", STRUCTURED.encode()),)
"""Those of every event of ours."""


E = TypeVar("E", bound=CloudEvent)
D = TypeVar("D", bound=BaseModel)


def compose(
    *,
    topic: str,
    source: str,
    type_: str,
    enterprise: str,
    time: datetime,
    data: BaseModel,
    as_json: bytes | None = None,
) -> Outgoing:
    """Compose an event of ours, keyed by the enterprise so that each enterprise's events stay in order.

    `as_json` are its data as they are `written`, where that was done before.
    """
    event_id = identifier(time)
    envelope = orjson.dumps(
        {
            "specversion": "1.0",
            "id": event_id,
            "source": source,
            "type": type_,
            "subject": enterprise,
            "time": shown(time),
            "datacontenttype": "application/json",
        }
    )
    return Outgoing(
        event_id=event_id,
        topic=topic,
        key=enterprise.encode(),
        # Written once, not read into Python and written again: it is half of what composing costs.
        value=b'%b,"data":%b}' % (envelope[:-1], written(data) if as_json is None else as_json),
        headers=STRUCTURED_HEADERS,
    )


_MODELS = type(BaseModel)


def written(data: BaseModel | Sequence[BaseModel] | Sequence[Mapping[str, Any]]) -> bytes:
    """The JSON of our own data, as the models write it themselves and in a third of the time."""
    return orjson.dumps(data, default=_parts, option=orjson.OPT_PASSTHROUGH_DATETIME)


def written_with(data: BaseModel, parts: Mapping[str, Any]) -> bytes:
    """The same of `data` of which some fields are known as what they consist of, or as JSON (`orjson.Fragment`).

    Every part that is asked for costs as much as writing it, which counts where there are thousands a second.
    """
    return orjson.dumps({**data.__dict__, **parts}, default=_parts, option=orjson.OPT_PASSTHROUGH_DATETIME)


def _parts(value: Any) -> Any:
    """What a model consists of, in the order of its fields, and an instant as every answer shows it."""
    if type(value) is datetime:
        return shown(value)
    if isinstance(type(value), _MODELS):  # asking whether the value is a BaseModel takes ten times as long
        return value.__dict__
    if isinstance(value, UUID):  # the database driver's own kind of it
        return str(value)
    if isinstance(value, datetime):
        return shown(value)
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is nothing that events carry")


def structured_form(body: bytes, attributes: Iterable[tuple[str, bytes | None]]) -> bytes:
    """Return the structured form of an event that came with `attributes` (headers, in any case) beside its `body`.

    A content type of CloudEvents says that the body is structured already; otherwise `ce_specversion` (as Kafka's
    binary mode writes it; HTTP's is `ce-specversion`) says that the attributes stand beside it. Data in base64 are
    read, so that an event is the same in every form. Raises Refused when attributes or body cannot be read.
    """
    named = [(name.lower(), value) for name, value in attributes if value is not None]
    if not named:
        return _with_data(body.removeprefix(BOM_UTF8))
    content_type = next((value.lstrip().lower() for name, value in named if name == "content-type"), b"")
    if content_type.startswith(_CLOUDEVENTS) or not any(name in _BINARY for name, _ in named):
        return _with_data(body.removeprefix(BOM_UTF8))
    try:
        envelope = {
            name[3:]: value.decode() for name, value in named if name.startswith(("ce_", "ce-")) and len(name) > 3
        }
    except UnicodeDecodeError as error:
        raise Refused("not-cloudevents", f"an event attribute is not UTF-8: {error}") from error
    try:
        data = parse_json(body)
    except Refused as refusal:
        refusal.members["id"] = envelope.get("id")
        raise
    return to_json(envelope | {"datacontenttype": "application/json", "data": data})


def _with_data(body: bytes) -> bytes:
    """The structured event in `body` with its data as JSON, also where they came as `data_base64`."""
    if b'"data_base64"' not in body:
        return body
    event = parse_json(body)
    if not isinstance(event, dict) or "data_base64" not in event:
        return body  # the words stand elsewhere, inside the data say
    if "data" in event:
        raise Refused("not-cloudevents", "the event has both `data` and `data_base64`")
    try:
        data = b64decode(event.pop("data_base64"), validate=True)
    except (TypeError, ValueError) as error:
        raise Refused("not-cloudevents", f"`data_base64` is not base64: {error}") from error
    return to_json(event | {"data": parse_json(data)})


def parse_json(body: bytes) -> Any:
    """Read the JSON in `body`. Raises Refused (`not-json`), also where it cannot be stored and shown again.

    So it does where a key stands twice: which of the two is meant nobody can tell.
    """
    body = body.removeprefix(BOM_UTF8)
    try:
        value = from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise Refused("not-json", f"the body is not JSON: {error}") from error
    if not has_each_key_once(body, value) and (key := repeated_key(body)) is not None:
        raise Refused("not-json", f"the key {key!r} stands twice in one object")
    if type(value) is not dict or b"\\u0000" in body or _LARGE.search(body):
        _require_storable(value)
    return value


_LARGE = re.compile(rb"[:,\[][ \t\r\n]*-?(?:[0-9.]{200}|[0-9.]+[eE]\+?0*[1-9][0-9]{2})")
"""How JSON has to write a number within an object that is too large: with many digits, or with a high power of ten."""


def id_of(body: bytes) -> str | None:
    """The identifier in a structured event that is refused for whatever reason, where it can be told."""
    try:
        value = from_json(body.removeprefix(BOM_UTF8))
    except ValueError:
        return None
    given = value.get("id") if isinstance(value, dict) else None
    return given if isinstance(given, str) and 0 < len(given) <= 256 and "\x00" not in given else None


def parse(model: type[E], body: bytes) -> E:
    """Read the event in structured `body`. Raises Refused, naming the first field at fault and all the others."""
    _object(body)
    return validated(model, body)


def parse_envelope(body: bytes) -> CloudEvent:
    """Read the event in structured `body`, its data as they come. Raises Refused as `parse` does."""
    value: Mapping[str, Any] | None = plain_object(body)
    if value is None or "specversion" not in value:
        value = _object(body)
    try:
        return CloudEvent.model_validate(value)
    except ValidationError as error:
        raise _refused(error) from error


def _object(body: bytes) -> Mapping[str, Any]:
    value = parse_json(body)
    if not isinstance(value, Mapping) or "specversion" not in value:
        raise Refused("not-cloudevents", "a CloudEvent is a JSON object with `specversion`, `id`, `source`, `type`")
    return value


def validated(model: type[E], body: bytes) -> E:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise _refused(error) from error


def _refused(error: ValidationError) -> Refused:
    faults = (f"{'.'.join(map(str, fault['loc'])) or 'event'}: {fault['msg']}" for fault in error.errors()[:8])
    return Refused("invalid-event", "; ".join(faults))


def data_as(model: type[D], event: CloudEvent) -> D:
    """Read the data of one of our own events as `model`. Raises Refused where it does not fit the contract."""
    try:
        return model.model_validate(event.data)
    except ValidationError as error:
        raise Refused("invalid-event", f"data of {event.type}: {error}") from error


def _require_storable(value: Any) -> None:
    """Refuse JSON that PostgreSQL, or an answer in JSON, cannot hold. Raises Refused."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if "\x00" in item:
                raise Refused("not-json", "a text contains the character NUL, which cannot be stored")
        elif isinstance(item, dict):
            pending.extend(item.keys())
            pending.extend(item.values())
        elif isinstance(item, list):
            pending.extend(item)
        elif isinstance(item, int | float) and not isinstance(item, bool):
            try:
                finite = math.isfinite(item)
            except OverflowError:
                finite = False
            if not finite:
                raise Refused("not-json", "a number is too large to be kept")
