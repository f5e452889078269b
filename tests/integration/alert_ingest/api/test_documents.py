"""What is published for those who write clients: OpenAPI of the routes, AsyncAPI of the topics."""

from typing import Any

from shared.contract.events import CaseType, DeadlineType
from shared.contract.roles import Role
from tests.integration.alert_ingest.conftest import App


async def test_openapi_shows_the_event_and_the_securities(app: App) -> None:
    document = (await app(Role.AUDITOR, "a").get("/openapi.json")).json()
    content = document["paths"]["/v1/events"]["post"]["requestBody"]["content"]
    schemas = document["components"]["schemas"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/AnomalyData"}
    assert content["application/cloudevents+json"]["schema"] == {"$ref": "#/components/schemas/AnomalyEvent"}
    assert "category" in schemas["AnomalyData"]["properties"]
    assert schemas["AnomalyEvent"]["required"] == ["id", "source", "type", "data"]
    assert document["servers"] == [{"url": "/"}]
    assert set(document["components"]["securitySchemes"]) == {"HTTPBearer", "APIKeyHeader"}


async def test_asyncapi_has_every_type_and_no_dangling_reference(app: App) -> None:
    document = (await app(Role.AUDITOR, "a").get("/asyncapi.json")).json()
    assert set(document["channels"]) == {"anomaly-events", "alerts", "cases", "master-data", "deadlines", "console"}
    assert {*CaseType, *DeadlineType} <= set(document["components"]["messages"])
    for reference in references(document):
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [found for item in value.values() for found in references(item)]
    if isinstance(value, list):
        return [found for item in value for found in references(item)]
    return []
