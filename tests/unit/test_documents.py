"""What the OpenAPI documents of all services promise to those who generate clients from them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.runner import BUILDS
from shared.runtime.service import Service
from shared.settings import Settings
from shared.time.clock import SystemClock
from shared.web.identity import Identity
from shared.web.openapi import ServiceApp, operations_of

Json = dict[str, Any]
_CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(params=BUILDS)
async def service(request: pytest.FixtureRequest, tmp_path: Path) -> Service:
    """A service that is built and connected to nothing."""
    settings = Settings(attachments_url=tmp_path.as_uri())
    built = BUILDS[request.param](
        settings,
        SystemClock(),
        database_url="postgresql+asyncpg://nobody@localhost:1/nothing",
        kafka=settings.kafka_client("localhost:1"),
        identity=Identity.from_settings(settings, tmp_path),
    )
    assert isinstance(built, Service)
    return built


async def test_every_operation_has_a_short_id_and_a_summary_in_both_languages(service: Service) -> None:
    document, ids = service.app.openapi(), []
    for name, operation in operations_of(document):
        assert "x-summary" in operation, f"{name} has no line in the operations.yaml of its service"
        assert re.fullmatch("[a-z][A-Za-z]{2,29}", operation["operationId"]), name
        summary = operation["x-summary"]
        assert _CHINESE.search(summary["zh-CN"]), name
        assert not _CHINESE.search(summary["en"]), name
        assert operation["summary"] == f"{summary['zh-CN']} · {summary['en']}"
        ids.append(operation["operationId"])
    assert len(ids) == len(set(ids))


async def test_no_line_names_an_operation_that_is_not_there(service: Service) -> None:
    app = service.app
    assert isinstance(app, ServiceApp)
    assert set(app.operations) <= {name for name, _ in operations_of(app.openapi())}


async def test_a_schema_is_described_once_and_by_one_name(service: Service) -> None:
    document = service.app.openapi()
    for name in document["components"]["schemas"]:
        assert re.fullmatch("[A-Za-z]+(_[A-Za-z]+_)?", name), f"two models of one name, or in and out apart: {name}"
    text = str(document)
    assert "$defs" not in text
    assert "$id" not in text
    for reference in references(document):
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]


async def test_problems_and_dead_letters_are_components(service: Service) -> None:
    document = service.app.openapi()
    responses = document["components"]["responses"]
    assert {"Refused", "Failed", "DeadLetter", "AlreadyDecided"} <= set(responses)
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for name in ("Refused", "Failed", "AlreadyDecided"):
        assert responses[name]["content"] == problem
    for name, operation in operations_of(document):
        assert operation["responses"]["4XX"] == {"$ref": "#/components/responses/Refused"}, name


async def test_lists_are_pages_everywhere(service: Service) -> None:
    document = service.app.openapi()
    for name, operation in operations_of(document):
        for response in operation["responses"].values():
            schema = response.get("content", {}).get("application/json", {}).get("schema", {})
            assert schema.get("type") != "array", name
            if operation["operationId"].startswith("list"):
                record = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
                assert {"items", "next"} <= set(record["required"]), name
                break


async def test_the_pages_load_nothing_from_elsewhere(service: Service) -> None:
    transport = httpx.ASGITransport(service.app, root_path="/under")
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        page = await client.get("/under/docs")
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert not re.findall(r"""["'(](?:https?:)?//""", page.text)
        named = re.findall(r'(?:src|href)="([^"]+)"', page.text)
        assert len(named) == 3
        for address in named:
            assert (await client.get(address)).is_success
        document = (await client.get("/under/openapi.json")).json()
        assert document["servers"] == [{"url": "/under"}]
        assert document["openapi"].startswith("3.1")
        for path in ("/under/docs", "/under/openapi.json", "/under/healthz", "/under/asyncapi.json"):
            assert (await client.head(path)).status_code == 200, path


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)
