"""The front of the services: what it cannot pass on it answers itself, in the one form of errors."""

import httpx
import pytest
from fastapi import FastAPI

from services.front import front


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/v1/nothing", 404), ("POST", "/healthz", 405)])
async def test_what_is_nobodys_is_answered_as_a_problem(method: str, path: str, status: int) -> None:
    app: FastAPI = front({})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://front") as client:
        answer = await client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["instance"] == path
