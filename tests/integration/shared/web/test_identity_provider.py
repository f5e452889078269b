"""Callers verified by the keys of an identity provider that is another machine: slow, away, renewed, or wrong."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from fastapi import FastAPI

from shared.contract.refusals import Unavailable
from shared.contract.roles import Reach, Role
from shared.contract.scope import Scope
from shared.settings import Settings
from shared.telemetry import Telemetry
from shared.web.app import create_app
from shared.web.identity import Identity
from shared.web.identity_provider import IdentityProvider
from shared.web.scope import Caller
from tests.integration.shared.web.provider import Provider, provider

ANYBODY = Scope(
    roles=tuple(Role),
    operations={"readMe": (Reach.OWN,) * len(Role)},
    open={"readHealth": "it lives", "readReadiness": "it is ready"},
)


@asynccontextmanager
async def served(side: Provider, tmp_path: Path, issuer: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    async with served_by(issuer or side.issuer, tmp_path) as client:
        yield client


@asynccontextmanager
async def served_by(issuer: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app that knows people by the tokens of `issuer`."""
    settings = Settings(oidc_issuer=issuer, oidc_jwks_url=None)
    identity = Identity.from_settings(settings, tmp_path)
    operations = tmp_path / "operations.yaml"
    operations.write_text("GET /v1/me: {id: readMe, zh: 我是谁, en: Say who I am}", encoding="utf-8")
    app: FastAPI = create_app(
        title="door",
        description="",
        identity=identity,
        telemetry=Telemetry("door"),
        checks={},
        operations=operations,
        scope=ANYBODY,
    )

    @app.get("/v1/me")
    async def me(caller: Caller) -> dict[str, Any]:
        return {"subject": caller.subject, "role": caller.role, "station": caller.station}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door") as client:
        yield client


async def asked(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get("/v1/me", headers={"Authorization": f"Bearer {token}"})


async def test_keys_and_issuer_are_those_of_the_discovery_document(tmp_path: Path) -> None:
    async with provider() as side, served(side, tmp_path) as client:
        answer = await asked(client, side.token())
        assert answer.json() == {"subject": "officer-1", "role": "officer", "station": "xinan"}
        assert (await client.get("/readyz")).status_code == 200
        assert (await asked(client, side.token(iss="https://elsewhere.example"))).status_code == 401
        assert (await asked(client, side.token(aud="somebody-else"))).status_code == 401


async def test_an_issuer_with_a_slash_at_its_end_is_the_same(tmp_path: Path) -> None:
    async with provider() as side, served(side, tmp_path, f"{side.issuer}/") as client:
        side.calls_itself = f"{side.issuer}/"
        assert (await asked(client, side.token(iss=side.issuer))).status_code == 200
        assert (await asked(client, side.token(iss=f"{side.issuer}/"))).status_code == 200


@pytest.mark.parametrize("status", [503, 404, 302])
async def test_a_provider_that_does_not_answer_is_our_trouble_and_not_the_callers(tmp_path: Path, status: int) -> None:
    async with provider() as side, served(side, tmp_path) as client:
        side.status = status
        answer = await asked(client, side.token())
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["type"] == "urn:tricolor:problem:identity-provider-unavailable"
        ready = await client.get("/readyz")
        assert ready.status_code == 503
        assert "identity provider" in ready.json()["missing"]["identity"]


async def test_nobody_there_at_all_is_the_same(tmp_path: Path) -> None:
    async with provider() as side:
        token = side.token()
    async with served(side, tmp_path) as client:  # the server has ended
        assert (await asked(client, token)).status_code == 503
        assert (await client.get("/readyz")).status_code == 503


async def test_a_provider_that_calls_itself_something_else_is_not_believed(tmp_path: Path) -> None:
    async with provider() as side, served(side, tmp_path) as client:
        side.calls_itself = "https://elsewhere.example"
        assert (await asked(client, side.token())).status_code == 503
        assert "calls itself" in (await client.get("/readyz")).json()["missing"]["identity"]


async def test_known_keys_go_on_while_the_provider_is_away_and_new_ones_are_found_when_it_is_back() -> None:
    now = 0.0
    async with provider() as side:
        keys = IdentityProvider(side.issuer, monotonic=lambda: now)
        assert (await keys.key(side.token())).key_id == "one"
        side.status, now = 503, 400.0
        assert await keys.missing() is not None
        assert (await keys.key(side.token())).key_id == "one"
        side.exchange_keys("one", "two")
        now += 10
        with pytest.raises(Unavailable):  # it may be good, and nobody can say
            await keys.key(side.token("two"))
        side.status, now = 200, now + 10
        assert (await keys.key(side.token("two"))).key_id == "two"
        assert await keys.missing() is None
        with pytest.raises(jwt.InvalidTokenError, match="no key"):
            await keys.key(side.token("three"))


async def test_keys_that_nobody_has_do_not_make_us_ask_without_end() -> None:
    now = 0.0
    async with provider() as side:
        keys = IdentityProvider(side.issuer, monotonic=lambda: now)
        await keys.missing()
        now += 6
        for number in range(20):
            with pytest.raises(jwt.InvalidTokenError):
                await keys.key(side.token(f"no-{number}"))
        assert side.asked == 2


async def test_a_key_that_was_taken_back_verifies_nothing_any_more() -> None:
    now = 0.0
    async with provider() as side:
        keys = IdentityProvider(side.issuer, monotonic=lambda: now)
        old = side.token()
        await keys.key(old)
        side.exchange_keys("two")
        now += 301
        assert await keys.missing() is None
        now += 6
        with pytest.raises(jwt.InvalidTokenError):
            await keys.key(old)


@pytest.mark.parametrize("seconds", [6, 25])
async def test_a_clock_that_is_a_little_ahead_or_behind_is_no_reason_to_refuse(tmp_path: Path, seconds: float) -> None:
    async with provider() as side, served(side, tmp_path) as client:
        assert (await asked(client, side.token(issued=seconds))).status_code == 200
        assert (await asked(client, side.token(issued=-seconds, life=1))).status_code == 200
        assert (await asked(client, side.token(issued=seconds + 30))).status_code == 401
        assert (await asked(client, side.token(issued=-60, life=1))).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"tricolor": []},
        {"tricolor": "officer"},
        {"tricolor": 7},
        {"tricolor": None},
        {"tricolor": {}},
        {"tricolor": {"role": ["officer"]}},
        {"tricolor": {"role": "emperor"}},
        {"tricolor": {"role": "enterprise", "enterprises": {"a": 1}}},
        {"tricolor": {"role": "officer", "station": "\x00"}},
        {"exp": "tomorrow"},
        {"exp": None},
        {"exp": []},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": True},
        {"iat": "yesterday"},
        {"nbf": {}},
        {"aud": 7},
        {"aud": {"tricolor": 1}},
        {"iss": 7},
        {"sub": 7},
        {"sub": None},
        {"sub": ""},
        {"sub": "a\x00b"},
        {"sub": "a" * 10_000},
    ],
)
async def test_malformed_claims_are_401_and_never_500(tmp_path: Path, claims: dict[str, Any]) -> None:
    async with provider() as side, served(side, tmp_path) as client:
        answer = await asked(client, side.token(**claims))
        assert answer.status_code == 401, answer.text
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_no_claim_of_ours_names_somebody_else_than_the_subject(tmp_path: Path) -> None:
    async with provider() as side, served(side, tmp_path) as client:
        answer = await asked(client, side.token(tricolor={"role": "officer", "subject": "somebody-else"}))
        assert answer.json()["subject"] == "officer-1"


@pytest.mark.parametrize("token", ["x", "a.b.c", "....", "é.é.é", "eyJhbGciOiJub25lIn0.e30.", "e30.e30.e30"])
async def test_what_is_no_token_is_401(tmp_path: Path, token: str) -> None:
    async with provider() as side, served(side, tmp_path) as client:
        await client.get("/readyz")
        answer = await client.get("/v1/me", headers=[(b"Authorization", f"Bearer {token}".encode())])
        assert answer.status_code == 401
