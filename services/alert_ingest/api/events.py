"""The entrance of anomaly events over HTTP, POST /v1/events; the Kafka topic is the other one."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote_to_bytes
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel
from pydantic_core import to_json

from services.alert_ingest.domain.deduplication import Receipt
from services.alert_ingest.handlers.group_commit import GroupCommit
from services.alert_ingest.handlers.intake import FOREIGN_SOURCE, Submission
from shared.contract.cloudevents import BATCH, STRUCTURED, structured_form
from shared.contract.events import AnomalyData, AnomalyEvent, Level
from shared.contract.refusals import Invalid, NotAllowed, TooLarge, Unsupported
from shared.contract.repeated_keys import elements_of
from shared.web.bodies import read_bounded
from shared.web.languages import Language, chinese, language_of
from shared.web.problems import documented
from shared.web.routes import Routes
from shared.web.scope import Caller
from shared.web.signatures import require_signature

BATCH_EVENTS = 1_000
BATCH_BYTES = 32 * 1024 * 1024


# What the bodies are, for the document; they are read apart, so that a bad event fails no neighbour.
_EVENT, _DATA = ({"$ref": f"#/components/schemas/{model.__name__}"} for model in (AnomalyEvent, AnomalyData))
_BATCH = {"type": "array", "minItems": 1, "maxItems": BATCH_EVENTS, "items": _EVENT}
_REQUEST_BODY = {
    "required": True,
    "content": {
        STRUCTURED: {"schema": _EVENT},
        BATCH: {"schema": _BATCH},
        "application/json": {"schema": _DATA},  # binary mode: the attributes stand in `ce-` headers
    },
}


class Fault(BaseModel):
    """Why an event was refused: a stable code, and a sentence naming the field."""

    code: str
    detail: str


class Result(BaseModel):
    id: str | None
    status: Literal["accepted", "duplicate", "repeat", "refused"]
    alert_id: UUID | None
    level: Level | None
    error: Fault | None


class Results(BaseModel):
    results: list[Result]


def router(intake: GroupCommit, event_limit: int) -> Routes:
    routes = Routes(tags=["events"])

    @routes.post(
        "/v1/events",
        status_code=202,
        response_model=Results,
        responses={
            413: documented("More bytes or events than one request may carry"),
            415: documented("Not a CloudEvents media type, or packed"),
            422: documented("No event was usable; `results` says why"),
        },
        openapi_extra={"requestBody": _REQUEST_BODY},
    )
    async def push(request: Request, caller: Caller) -> Response:
        """Take one event (structured or binary mode) or a batch of up to 1,000.

        What it answers is durable. An event of a source that the credential does not list is refused (403 where all
        are). Events are recognised by (source, id), so sending again is always safe.
        """
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        is_batch = media_type == BATCH
        if not (is_batch or media_type == STRUCTURED or "ce-specversion" in request.headers):
            raise Unsupported(
                "unsupported-media-type",
                f"Send {STRUCTURED}, {BATCH}, or binary mode with `ce-` headers; this was {media_type or 'unnamed'}.",
                title="Not a CloudEvent",
            )
        sent = await read_bounded(request, BATCH_BYTES if is_batch else event_limit)
        await require_signature(request, sent)
        bodies = _elements(sent) if is_batch else [sent]
        attributes: list[tuple[str, bytes]] = []  # of events that are structured none counts
        if not is_batch and media_type != STRUCTURED:
            attributes = [(name, unquote_to_bytes(value.encode("latin-1"))) for name, value in request.headers.items()]

        def submission(body: bytes) -> Submission:
            return Submission(
                raw=body,
                structured=lambda: structured_form(body, attributes),
                entrance="http",
                origin=caller.subject,
                speaks_for=caller.speaks_for,
                credential=caller.credential,
            )

        receipts = await intake.take([submission(body) for body in bodies])
        language = language_of(request.headers.get("accept-language"))
        return _answer([_result(receipt, language) for receipt in receipts])

    return routes


def _elements(body: bytes) -> list[bytes]:
    """The events of a batch, each in bytes of its own, so that one bad event spoils no other."""
    try:
        batch = elements_of(body.removeprefix(BOM_UTF8))
    except ValueError as error:
        raise Invalid("not-json", f"The batch is not JSON: {error}", title="Not JSON") from error
    if not batch:
        raise Invalid("not-cloudevents", "A batch is a JSON array of at least one event.", title="Not a batch")
    if len(batch) > BATCH_EVENTS:
        raise TooLarge("too-large", f"A batch carries at most {BATCH_EVENTS} events.")
    return batch


def _result(receipt: Receipt, language: Language) -> Result:
    refusal = receipt.refusal
    detail = refusal and (refusal.detail if language == "en" else chinese(refusal.detail) or refusal.detail)
    return Result(
        id=receipt.id,
        status=receipt.status,
        alert_id=receipt.alert_id,
        level=Level(receipt.level) if receipt.level else None,
        error=Fault(code=refusal.code, detail=detail) if refusal and detail else None,
    )


def _answer(results: list[Result]) -> Response:
    """The results. Raises Invalid where none of the events was usable."""
    body: Mapping[str, Any] = Results(results=results).model_dump(mode="json")
    if any(result.status != "refused" for result in results):
        return Response(to_json(body), status_code=202, media_type="application/json")
    if all(result.error is not None and result.error.code == FOREIGN_SOURCE for result in results):
        raise NotAllowed("Your credential does not list the source of these events.", **body)
    first = results[0].error
    assert first is not None  # noqa: S101  refused results carry their reason
    detail = f"{first.code}: {first.detail}" if len(results) == 1 else f"None of the {len(results)} events was usable."
    raise Invalid(first.code, detail, title="Refused", **body)
