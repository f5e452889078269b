"""API keys of platforms: stored hashed, scoped, ended, rotated with an overlap, and bodies signed with them."""

import hmac
import random
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from services.alert_ingest import tables
from services.alert_ingest.domain.api_keys import signing_key
from services.sample.anomalies import PLATFORM, WHITE, anomaly
from services.sample.district import Enterprise, Outlet
from shared.contract.roles import Role
from shared.runtime.service import Service
from shared.time.clock import ManualClock
from tests.integration.alert_ingest.conftest import App

STRUCTURED = {"Content-Type": "application/cloudevents+json"}
OUTLET = Outlet("A440306000001", "DA001", "排放口", "gas")
ENTERPRISE = Enterprise("91440306MA5000001W", "某厂", "新安", "xinan", [], (OUTLET,))


@pytest.fixture
async def platform(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A client that says nothing of itself."""
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(service.app), base_url="http://ingest", headers={"Accept-Language": "en"}
    ) as client:
        yield client


@pytest.fixture
def event(clock: ManualClock) -> bytes:
    return anomaly(WHITE, ENTERPRISE, OUTLET, clock.now(), random.Random(1))


async def made(app: App, **given: Any) -> Any:
    body = {"platform": "sz-auto", "sources": [PLATFORM]} | given
    answer = await app(Role.ADMIN).post("/v1/api-keys", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def push(client: httpx.AsyncClient, event: bytes, key: str, **headers: str) -> httpx.Response:
    return await client.post("/v1/events", content=event, headers=STRUCTURED | {"X-API-Key": key} | headers)


def signed(key: str, body: bytes, *, nonce: str, at: float | None = None, path: str = "/v1/events") -> dict[str, str]:
    """The headers of a signature, as docs/operations/api-keys.md says."""
    timestamp = str(int(time.time() if at is None else at))
    content = f"{timestamp}\n{nonce}\nPOST\n{path}\n".encode() + body
    return {
        "X-Signature-Timestamp": timestamp,
        "X-Signature-Nonce": nonce,
        "X-Signature": hmac.digest(signing_key(key), content, "sha256").hex(),
    }


async def test_a_key_opens_what_it_is_for_and_is_kept_nowhere(
    app: App, platform: httpx.AsyncClient, event: bytes, service: Service
) -> None:
    new = await made(app)
    assert new["key"].startswith(new["shown"])
    assert (await push(platform, event, new["key"])).status_code == 202
    foreign = event.replace(PLATFORM.encode(), b"/platforms/another")
    assert (await push(platform, foreign, new["key"])).status_code == 403

    (listed,) = (await app(Role.ADMIN).get("/v1/api-keys")).json()["items"]
    assert "key" not in listed
    assert listed["last_used_at"] is not None
    async with service.database.transaction() as connection:
        (row,) = (await connection.execute(select(tables.api_keys))).all()
    assert new["key"] not in str(row)
    assert new["key"].encode() not in bytes(row.digest) + bytes(row.signing)


@pytest.mark.parametrize("key", ["tck_nobody-knows-this-one", "", "a" * 5_000])
async def test_a_key_that_nobody_made_opens_nothing(
    app: App, platform: httpx.AsyncClient, event: bytes, key: str
) -> None:
    await made(app)
    assert (await push(platform, event, key)).status_code == 401


async def test_a_key_of_the_settings_is_still_read(platform: httpx.AsyncClient, event: bytes) -> None:
    assert (await push(platform, event, "a-key")).status_code == 202


async def test_rotation_leaves_the_old_key_for_the_overlap(
    app: App, platform: httpx.AsyncClient, event: bytes, service: Service
) -> None:
    old = await made(app)
    rotated = await app(Role.ADMIN).post(f"/v1/api-keys/{old['key_id']}/rotate", json={"overlap_hours": 500})
    new = rotated.json()
    assert (rotated.status_code, new["replaces"]) == (201, old["key_id"])
    assert new["sources"] == old["sources"]
    for key in (old, new):
        assert (await push(platform, event, key["key"])).status_code == 202
    async with service.database.transaction() as connection:
        ended = tables.api_keys.c.created_at  # as if the overlap was over
        await connection.execute(
            update(tables.api_keys).where(tables.api_keys.c.key_id == old["key_id"]).values(expires_at=ended)
        )
    again = await app(Role.ADMIN).post(f"/v1/api-keys/{old['key_id']}/rotate", json={})
    assert (again.status_code, again.json()["type"]) == (409, "urn:tricolor:problem:key-ended")
    # A process that has not just seen it refuses it.
    unused = await app(Role.ADMIN).post(f"/v1/api-keys/{new['key_id']}/rotate", json={"overlap_hours": 0})
    assert (await push(platform, event, unused.json()["key"])).status_code == 202


async def test_a_revoked_key_opens_nothing(
    app: App, platform: httpx.AsyncClient, event: bytes, clock: ManualClock
) -> None:
    new = await made(app)
    path = f"/v1/api-keys/{new['key_id']}/revoke"
    assert (await app(Role.ADMIN).post(path, json={})).status_code == 422
    revoked = await app(Role.ADMIN, "wang").post(path, json={"reason": "泄露"})
    assert (revoked.json()["revoked_by"], revoked.json()["revoke_reason"]) == ("wang", "泄露")
    assert (await push(platform, event, new["key"])).status_code == 401
    assert (await app(Role.ADMIN).post(path, json={"reason": "again"})).status_code == 409


async def test_only_administrators_make_keys(app: App) -> None:
    body = {"platform": "sz-auto", "sources": [PLATFORM]}
    for role in set(Role) - {Role.ADMIN}:
        assert (await app(role).post("/v1/api-keys", json=body)).status_code == 403
        assert (await app(role).get("/v1/api-keys")).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"platform": "x", "sources": []},
        {"platform": " ", "sources": ["/a"]},
        {"platform": "x", "sources": ["/a"], "days": 9_999},
        {"platform": "x", "sources": ["/a"], "nonsense": 1},
    ],
)
async def test_a_key_has_a_name_sources_and_an_end(app: App, body: dict[str, Any]) -> None:
    assert (await app(Role.ADMIN).post("/v1/api-keys", json=body)).status_code == 422


# --- signed bodies ---


async def test_a_signed_body_is_taken_once(app: App, platform: httpx.AsyncClient, event: bytes) -> None:
    new = await made(app, signed=True)
    headers = signed(new["key"], event, nonce="0123456789abcdef")
    assert (await push(platform, event, new["key"], **headers)).status_code == 202
    replayed = await push(platform, event, new["key"], **headers)
    assert (replayed.status_code, replayed.json()["type"]) == (401, "urn:tricolor:problem:signature")
    assert "used before" in replayed.json()["detail"]
    other = signed(new["key"], event, nonce="0123456789abcdeg")
    assert (await push(platform, event, new["key"], **other)).status_code == 202


async def test_what_is_not_signed_as_agreed_is_refused(app: App, platform: httpx.AsyncClient, event: bytes) -> None:
    new, another = await made(app, signed=True), await made(app, signed=True)
    good = signed(new["key"], event, nonce="0123456789abcdef")
    for wrong in (
        {},
        {"X-Signature": "00" * 32},
        good | {"X-Signature-Timestamp": "yesterday"},
        good | {"X-Signature-Nonce": "short"},
        good | {"X-Signature-Nonce": "another-nonce-than-signed"},
        signed(new["key"], event + b" ", nonce="0123456789abcdef"),
        signed(new["key"], event, nonce="0123456789abcdef", path="/v1/alerts"),
        signed(another["key"], event, nonce="0123456789abcdef"),
        signed(new["key"], event, nonce="0123456789abcdef", at=time.time() - 400),
        signed(new["key"], event, nonce="0123456789abcdef", at=time.time() + 400),
    ):
        refused = await push(platform, event, new["key"], **wrong)
        assert (refused.status_code, refused.json()["type"]) == (401, "urn:tricolor:problem:signature"), wrong
    assert (await push(platform, event, new["key"], **good)).status_code == 202  # nothing wrong used the nonce up


async def test_a_key_that_does_not_sign_needs_no_signature(app: App, platform: httpx.AsyncClient, event: bytes) -> None:
    new = await made(app)
    assert (await push(platform, event, new["key"])).status_code == 202
