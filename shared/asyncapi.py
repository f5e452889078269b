"""The topics as an AsyncAPI 3 document, generated from the models that read and write them."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.cloudevents import STRUCTURED
from shared.events import (
    ALERT_GRADED,
    ANOMALY_DETECTED,
    AlertGraded,
    AnomalyData,
    CaseEvent,
    CaseType,
    DeadlineEvent,
    DeadlineType,
    Topic,
)

_WRITTEN: Mapping[Topic, tuple[str, type[BaseModel], Iterable[str]]] = {
    Topic.ANOMALY_EVENTS: ("monitoring platforms", AnomalyData, [ANOMALY_DETECTED]),
    Topic.ALERTS: ("alert_ingest", AlertGraded, [ALERT_GRADED]),
    Topic.CASES: ("dispatcher", CaseEvent, list(CaseType)),
    Topic.DEADLINES: ("deadline_watch", DeadlineEvent, list(DeadlineType)),
}


@cache
def document() -> dict[str, Any]:
    """The document. Topic names are shown without the installation's prefix."""
    models: list[tuple[type[BaseModel], Literal["validation"]]] = [
        (model, "validation") for _, model, _ in _WRITTEN.values()
    ]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")
    messages = {
        type_: {"name": type_, "contentType": STRUCTURED, "payload": _envelope(type_, model.__name__)}
        for _, model, types in _WRITTEN.values()
        for type_ in types
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Tricolor 三色预警响应", "version": "1.0.0"},
        "channels": {
            topic.value: {
                "address": topic.value,
                "description": f"Written by {writer}; keyed by the enterprise code.",
                "messages": {type_: {"$ref": f"#/components/messages/{type_}"} for type_ in types},
            }
            for topic, (writer, _, types) in _WRITTEN.items()
        },
        "operations": {
            f"{'receive' if topic is Topic.ANOMALY_EVENTS else 'send'}-{topic}": {
                "action": "receive" if topic is Topic.ANOMALY_EVENTS else "send",
                "channel": {"$ref": f"#/channels/{topic}"},
            }
            for topic in _WRITTEN
        },
        "components": {"messages": messages, "schemas": schemas["$defs"]},
    }


def _envelope(type_: str, data: str) -> dict[str, Any]:
    """CloudEvents 1.0, structured."""
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string"},
            "source": {"type": "string"},
            "type": {"const": type_},
            "subject": {"type": "string", "description": "the enterprise code"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "data": {"$ref": f"#/components/schemas/{data}"},
        },
    }
