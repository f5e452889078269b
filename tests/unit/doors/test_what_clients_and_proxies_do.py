"""What clients, proxies and scanners send to the doors of such systems, after public fault reports."""

import gzip

import pytest

from shared.contract.roles import Role
from shared.runtime.service import Service
from tests.unit.doors.conftest import BUILDS
from tests.unit.doors.test_nothing_unknown_is_taken import IDENTIFIER, Client, address, caller, methods_of, routes


async def test_a_key_given_twice_in_a_body_is_named(client: Client) -> None:
    async with client("dispatcher", Role.ADMIN) as app:
        for method, content_type in (("PATCH", "application/merge-patch+json"), ("PUT", "application/json")):
            answer = await app.request(
                method,
                "/v1/officers/chen",
                content=b'{"phone":"13800000001","phone":"13800000009"}',
                headers={"Content-Type": content_type},
            )
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["pointer"] == "/body/phone"


@pytest.mark.parametrize("name", BUILDS)
async def test_a_slash_too_many_is_not_there_and_sends_nobody_elsewhere(client: Client, name: str) -> None:
    of = {"ingest": "/v1/events", "dispatcher": "/v1/cases", "watch": "/v1/deadlines", "console": "/v1/me"}
    path = of[name]
    async with client(name, Role.ADMIN) as app:
        for method in ("GET", "POST", "HEAD"):
            answer = await app.request(method, path + "/", headers={"X-Forwarded-Proto": "https"})
            assert (answer.status_code, "location" in answer.headers) == (404, False)
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("name", BUILDS)
async def test_a_packed_body_is_refused_as_such_by_every_route(
    services: dict[str, Service], client: Client, name: str
) -> None:
    tried = 0
    for route in routes(services[name]):
        for method in methods_of(route) & {"POST", "PUT", "PATCH", "DELETE"}:
            async with client(name, caller(services[name], method, route.path)) as app:
                answer = await app.request(
                    method,
                    address(route),
                    content=gzip.compress(b"{}"),
                    headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
                )
            assert (answer.status_code, answer.json()["type"]) == (
                415,
                "urn:tricolor:problem:unsupported-content-encoding",
            ), (method, route.path)
            assert "gzip" in answer.json()["detail"]
            tried += 1
    assert tried


async def test_a_body_said_to_be_as_it_is_is_read(client: Client) -> None:
    async with client("dispatcher", Role.OFFICER) as app:
        answer = await app.post(
            f"/v1/assignments/{IDENTIFIER}/arrive", json={"nonsense": 1}, headers={"Content-Encoding": "identity"}
        )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/body/nonsense")


async def test_methods_that_nobody_has_are_one_series_of_the_metrics(client: Client) -> None:
    async with client("watch", Role.ADMIN) as app:
        for number in range(5):
            assert (await app.request(f"EVIL{number}", "/healthz")).status_code == 405
        metrics = (await app.get("/metrics")).text
    assert "EVIL" not in metrics
    assert 'method="other"' in metrics


async def test_an_empty_file_is_refused_when_it_is_announced(client: Client) -> None:
    """Else it would wait for a last byte that never comes."""
    async with client("dispatcher", Role.OFFICER) as app:
        answer = await app.post(
            f"/v1/cases/{IDENTIFIER}/uploads", headers={"Tus-Resumable": "1.0.0", "Upload-Length": "0"}
        )
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/header/upload-length")
