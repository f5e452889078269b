"""Who calls: bearer tokens of an OpenID Connect issuer, or of the embedded one for development."""

import asyncio
import contextlib
import hashlib
import hmac
import os
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import ValidationError

from shared.contract.principal import Principal
from shared.contract.refusals import NotAllowed
from shared.contract.roles import Role
from shared.settings import PlatformKey, Settings
from shared.web.problems import Problem

DEVELOPMENT_ISSUER = "urn:tricolor:development"
_CLAIM = "tricolor"
_REMEMBERED_SECONDS, _TOKENS_REMEMBERED = 60.0, 20_000


class DevelopmentIssuer:
    """Signs tokens with a key kept in the data directory. For one machine: never an identity provider."""

    def __init__(self, directory: Path) -> None:
        path = directory / "development-issuer.pem"
        if not path.exists():
            directory.mkdir(parents=True, exist_ok=True)
            key = Ed25519PrivateKey.generate().private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            fresh = path.with_suffix(f".{os.getpid()}")
            fresh.touch(mode=0o600)
            fresh.write_bytes(key)
            # Linking refuses to overwrite: of two starters the first one's key stands.
            with contextlib.suppress(FileExistsError):
                path.hardlink_to(fresh)
            fresh.unlink()
        private = serialization.load_pem_private_key(path.read_bytes(), password=None)
        assert isinstance(private, Ed25519PrivateKey)  # noqa: S101  written above
        self._private = private

    def token(self, principal: Principal, audience: str, now: datetime, life: timedelta = timedelta(days=30)) -> str:
        """Sign a bearer token for `principal`, valid for `life` from `now`, the host's real time."""
        claims = {
            "iss": DEVELOPMENT_ISSUER,
            "aud": audience,
            "sub": principal.subject,
            "iat": now,
            "exp": now + life,
            _CLAIM: principal.model_dump(mode="json", exclude={"subject"}, exclude_none=True),
        }
        return jwt.encode(claims, self._private, algorithm="EdDSA")

    async def key(self, token: str) -> Any:
        del token
        return self._private.public_key()


class Identity:
    """Verifies callers. Token times are judged by the host's real clock, not by a scaled one."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        algorithms: list[str],
        key: Callable[[str], Awaitable[Any]],
        api_keys: dict[str, PlatformKey],
    ) -> None:
        self._issuer, self._audience, self._algorithms, self._key = issuer, audience, algorithms, key
        self._seen: dict[str, tuple[Principal, float]] = {}
        self._api_keys = {
            hashlib.sha256(known.key.get_secret_value().encode()).digest(): Principal(
                role=Role.PLATFORM, subject=name, sources=known.sources
            )
            for name, known in api_keys.items()
        }

    @classmethod
    def from_settings(cls, settings: Settings, directory: Path) -> "Identity":
        """Take the issuer of the settings, or the development issuer of the data `directory`."""
        if settings.oidc_issuer is None:
            return cls(
                issuer=DEVELOPMENT_ISSUER,
                audience=settings.oidc_audience,
                algorithms=["EdDSA"],
                key=DevelopmentIssuer(directory).key,
                api_keys=settings.platforms(),
            )
        jwks = jwt.PyJWKClient(settings.oidc_jwks_url or f"{settings.oidc_issuer.rstrip('/')}/.well-known/jwks.json")

        async def key(token: str) -> Any:
            return (await asyncio.to_thread(jwks.get_signing_key_from_jwt, token)).key

        return cls(
            issuer=settings.oidc_issuer,
            audience=settings.oidc_audience,
            algorithms=["RS256", "ES256", "EdDSA"],
            key=key,
            api_keys=settings.platforms(),
        )

    async def bearer(self, token: str) -> Principal:
        """Raises Problem (401) for a token that is not valid here and now.

        One seen valid is taken as such for up to a minute, and never beyond its end: who polls all day shows the same.
        """
        known = self._seen.get(token)
        if known is not None and time.time() < known[1]:
            return known[0]
        try:
            claims = jwt.decode(
                token,
                await self._key(token),
                algorithms=self._algorithms,
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp", "sub"]},
            )
            principal = Principal.model_validate({"subject": claims["sub"], **claims.get(_CLAIM, {})})
        except (jwt.PyJWTError, ValidationError) as error:
            raise _unauthenticated(f"The bearer token is not valid: {error}") from error
        if len(self._seen) >= _TOKENS_REMEMBERED:
            self._seen.clear()
        self._seen[token] = principal, min(time.time() + _REMEMBERED_SECONDS, claims["exp"])
        return principal

    def api_key(self, key: str) -> Principal:
        digest = hashlib.sha256(key.encode()).digest()
        for known, principal in self._api_keys.items():
            if hmac.compare_digest(known, digest):
                return principal
        raise _unauthenticated("The API key is not known.")


_bearer = HTTPBearer(auto_error=False, description="A JWT; for development from `tricolor token`")
_api_key = APIKeyHeader(name="X-API-Key", auto_error=False, description="For monitoring platforms")


async def authenticated(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    api_key: Annotated[str | None, Security(_api_key)],
) -> Principal:
    """Identify the caller, whatever the role, by the `Identity` in the app's state."""
    identity: Identity = request.app.state.identity
    if bearer is not None:
        return await identity.bearer(bearer.credentials)
    if api_key is not None:
        return identity.api_key(api_key)
    raise _unauthenticated("This route needs `Authorization: Bearer …`, or `X-API-Key` from a platform.")


def require(*roles: Role) -> Any:
    """Return a dependency that identifies a caller with one of `roles`. It raises Problem 401 or 403."""

    async def authorised(principal: Annotated[Principal, Depends(authenticated)]) -> Principal:
        if principal.role not in roles:
            raise NotAllowed(f"This takes one of the roles {', '.join(roles)}; yours is {principal.role}.")
        return principal

    return Depends(authorised)


def _unauthenticated(detail: str) -> Problem:
    return Problem(401, "unauthenticated", "Who are you?", detail, headers={"WWW-Authenticate": "Bearer"})
