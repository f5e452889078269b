"""The topics as an AsyncAPI 3 document, generated from the models that read and write them."""

from functools import cache
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from shared.contract.cloudevents import STRUCTURED
from shared.contract.events import Topic
from shared.contract.messages import MESSAGES, MODELS, WRITERS


@cache
def document() -> dict[str, Any]:
    """The document. Topic names are shown without the installation's prefix."""
    models: list[tuple[type[BaseModel], Literal["validation"]]] = [
        (model, "validation") for model in dict.fromkeys(MODELS.values())
    ]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Tricolor 三色预警响应", "version": "1.0.0"},
        "channels": {
            topic.value: {
                "address": topic.value,
                "description": f"Written by {WRITERS[topic]}; keyed by the enterprise code.",
                "messages": {type_: {"$ref": f"#/components/messages/{type_}"} for type_ in messages},
            }
            for topic, messages in MESSAGES.items()
        },
        "operations": {
            f"{'receive' if topic is Topic.ANOMALY_EVENTS else 'send'}-{topic}": {
                "action": "receive" if topic is Topic.ANOMALY_EVENTS else "send",
                "channel": {"$ref": f"#/channels/{topic}"},
            }
            for topic in Topic
        },
        "components": {
            "messages": {
                type_: {"name": type_, "contentType": STRUCTURED, "payload": _envelope(type_, model)}
                for type_, model in MODELS.items()
            },
            "schemas": schemas["$defs"],
        },
    }


def _envelope(type_: str, data: type[BaseModel]) -> dict[str, Any]:
    """CloudEvents 1.0, structured. What says nothing but that it came needs its time, and no data."""
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "data"]
        if data.model_fields
        else ["source", "type", "time"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string"},
            "source": {"type": "string"},
            "type": {"const": type_},
            "subject": {"type": "string", "description": "the enterprise code"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "data": {"$ref": f"#/components/schemas/{data.__name__}"},
        },
    }
