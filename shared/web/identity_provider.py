"""The keys of an OpenID Connect provider: found by its discovery document, kept, and asked for again in time.

That the provider does not answer is our trouble, not the caller's: 503, and the service is not ready.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt

from shared.contract.refusals import Unavailable

_DISCOVERY = "/.well-known/openid-configuration"
_FRESH_SECONDS = 300.0
_KEPT_SECONDS = 86_400.0
"""How long known keys verify tokens while the provider is away."""
_BETWEEN_ATTEMPTS_SECONDS = 5.0
"""Tokens that name keys nobody has must not make us ask without end."""
_ANSWER_SECONDS = 4.0


class IdentityProvider:
    """Asks `issuer` for its keys: where they are by discovery, or at `jwks_url` where there is none."""

    def __init__(
        self, issuer: str, jwks_url: str | None = None, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._configured, self._jwks_url, self._monotonic = issuer, jwks_url, monotonic
        self._keys: list[jwt.PyJWK] = []
        self._fetched_at = self._tried_at = float("-inf")
        self._fault: str | None = "not asked yet"
        self._asking = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def key(self, token: str) -> jwt.PyJWK:
        """The key that `token` says it is signed with.

        Raises jwt.InvalidTokenError where the provider has none such, and Unavailable where it cannot be asked.
        """
        name = jwt.get_unverified_header(token).get("kid")
        found = self._find(name)
        if found is None:
            await self._refresh()  # keys are exchanged now and then
            found = self._find(name)
        elif self._age() >= _FRESH_SECONDS and (self._refreshing is None or self._refreshing.done()):
            # Beside the request: a provider that is slow or away holds up nobody whose key is known.
            self._refreshing = asyncio.create_task(self._refresh())
        if found is not None:
            return found
        if self._fault is not None:
            raise Unavailable(
                "identity-provider-unavailable",
                "Your token cannot be verified: the identity provider does not answer. It is not at fault. Try again.",
                retry_after_seconds=int(_BETWEEN_ATTEMPTS_SECONDS),
            )
        raise jwt.InvalidTokenError(f"the provider has no key {name!r}")

    async def missing(self) -> str | None:
        """What keeps tokens from being verified, asking anew where the last answer is old."""
        if self._age() >= _FRESH_SECONDS:
            await self._refresh()
        return self._fault

    def _age(self) -> float:
        return self._monotonic() - self._fetched_at

    def _find(self, name: str | None) -> jwt.PyJWK | None:
        if self._age() >= _KEPT_SECONDS:
            return None
        named = [key for key in self._keys if name is None or key.key_id == name]
        return named[0] if len(named) == 1 or (named and name is not None) else None

    async def _refresh(self) -> None:
        asked_at = self._monotonic()
        async with self._asking:
            if self._tried_at >= asked_at or asked_at - self._tried_at < _BETWEEN_ATTEMPTS_SECONDS:
                return  # somebody asked while this waited, or just before
            self._tried_at = asked_at
            try:
                self._keys = await self._fetch()
            except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, TypeError, KeyError) as error:
                self._fault = f"the identity provider {self._configured}: {type(error).__name__}: {error}"
            else:
                self._fault, self._fetched_at = None, self._monotonic()

    async def _fetch(self) -> list[jwt.PyJWK]:
        """The keys that verify signatures."""
        async with asyncio.timeout(_ANSWER_SECONDS), httpx.AsyncClient(timeout=_ANSWER_SECONDS) as client:
            jwks_url = self._jwks_url
            if jwks_url is None:
                document = await _json(client, self._configured.rstrip("/") + _DISCOVERY)
                jwks_url = str(document["jwks_uri"])
                if str(document["issuer"]).rstrip("/") != self._configured.rstrip("/"):
                    raise ValueError(f"it calls itself {document['issuer']}")
            held = await _json(client, jwks_url)
        keys: list[jwt.PyJWK] = []
        for given in held["keys"]:
            if isinstance(given, dict) and given.get("use") in (None, "sig"):
                with contextlib.suppress(
                    jwt.PyJWTError, ValueError, TypeError, KeyError
                ):  # a kind of key that we do not verify with
                    keys.append(jwt.PyJWK.from_dict(given))
        if not keys:
            raise ValueError(f"{jwks_url} has no key that verifies signatures")
        return keys


async def _json(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    answer = await client.get(address, headers={"Accept": "application/json"})
    answer.raise_for_status()
    document = answer.json()
    if not isinstance(document, dict):
        raise TypeError(f"{address} answered no JSON object")
    return document
