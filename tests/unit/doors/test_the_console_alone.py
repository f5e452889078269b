"""The console alone: its pages and what it passes on under the known prefixes, itself with and without its own."""

from pathlib import Path

import httpx

from services.front import apps, front
from shared.runtime.service import Service


async def test_it_answers_with_and_without_its_prefix(services: dict[str, Service]) -> None:
    app = front({"console": services["console"]}, alone="console")
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://tricolor") as client:
        for path in ("/v1/board", "/console/v1/board"):
            assert (await client.get(path)).status_code == 401, path
        for path in ("/docs", "/openapi.json", "/metrics", "/console/openapi.json", "/v1/clock", "/"):
            assert (await client.get(path)).status_code == 200, path
        nowhere = await client.get("/v1/nowhere")
        assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")


async def test_alone_too_it_gives_a_person_a_page_where_nothing_is(
    services: dict[str, Service], tmp_path: Path
) -> None:
    for name in apps.SCREENS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text("<!doctype html>")
    app = front({"console": services["console"]}, built=tmp_path, alone="console")
    browser = {"accept": "text/html,*/*;q=0.8"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://tricolor") as client:
        page = await client.get("/nopage", headers=browser)
        assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
        for path in ("/v1/nowhere", "/console/v1/nowhere", "/console/nowhere"):
            answer = await client.get(path, headers=browser)
            assert answer.headers["content-type"] == "application/problem+json", path


async def test_beside_the_others_every_service_has_its_prefix_only(services: dict[str, Service]) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(front(services)), base_url="https://tricolor") as client:
        for path in ("/v1/board", "/v1/cases", "/openapi.json", "/metrics"):
            assert (await client.get(path)).status_code == 404, path
