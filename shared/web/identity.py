"""Who calls: bearer tokens of an OpenID Connect issuer, or of the embedded one for development."""

import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import jwt
from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import ValidationError

from shared.contract.platform_keys import KnownKey, PlatformKeys
from shared.contract.principal import Credential, Principal
from shared.contract.roles import Role
from shared.settings import PlatformKey, Settings
from shared.web.development_issuer import CLAIM, DEVELOPMENT_ISSUER, DevelopmentIssuer
from shared.web.identity_provider import IdentityProvider
from shared.web.problems import Problem
from shared.web.rates import Rates
from shared.web.signatures import expect_signature

_LEEWAY_SECONDS = 30.0
"""By how much the clock of an issuer may differ from ours."""
_REMEMBERED_SECONDS, _TOKENS_REMEMBERED = 60.0, 20_000


@dataclass(frozen=True, slots=True)
class _Verified:
    """A token that was found valid: whose it is, when it ends, and until when it is not looked at again."""

    principal: Principal
    ends_at: float
    remembered_until: float


class Identity:
    """Verifies callers. Token times are judged by the host's real clock, not by a scaled one."""

    def __init__(
        self,
        *,
        issuer: str | Sequence[str],
        audience: str,
        algorithms: list[str],
        key: Callable[[str], Awaitable[Any]],
        api_keys: dict[str, PlatformKey],
        missing: Callable[[], Awaitable[str | None]] | None = None,
        development: DevelopmentIssuer | None = None,
        rates: Rates | None = None,
    ) -> None:
        """`missing` answers what keeps tokens from being verified, where another machine has a say in that.

        `development` is the issuer of development tokens, where those are in force. `rates` counts how often each
        caller asks; without it everybody asks as often as they like.
        """
        self.rates = Rates({}) if rates is None else rates
        self.keys: PlatformKeys | None = None
        self._issuer, self._audience, self._algorithms, self._key = issuer, audience, algorithms, key
        self.missing, self.development = missing, development
        self._seen: dict[str, _Verified] = {}
        self._api_keys = {
            hashlib.sha256(known.key.get_secret_value().encode()).digest(): Principal(
                role=Role.PLATFORM, subject=name, sources=known.sources, credential=Credential(f"key:{name}", "api-key")
            )
            for name, known in api_keys.items()
        }

    @classmethod
    def from_settings(cls, settings: Settings, directory: Path) -> "Identity":
        """Take the issuer of the settings, or the development issuer of the data `directory`."""
        if settings.oidc_issuer is None:
            development = DevelopmentIssuer(directory)
            return cls(
                issuer=DEVELOPMENT_ISSUER,
                audience=settings.oidc_audience,
                algorithms=["EdDSA"],
                key=development.key,
                api_keys=settings.platforms(),
                development=development,
                rates=Rates.from_settings(settings),
            )
        provider = IdentityProvider(settings.oidc_issuer, settings.oidc_jwks_url)
        return cls(
            issuer=(settings.oidc_issuer.rstrip("/"), f"{settings.oidc_issuer.rstrip('/')}/"),
            audience=settings.oidc_audience,
            algorithms=["RS256", "ES256", "EdDSA"],
            key=provider.key,
            api_keys=settings.platforms(),
            missing=provider.missing,
            rates=Rates.from_settings(settings),
        )

    async def bearer(self, token: str) -> Principal:
        """Raises Problem (401) for a token that is not valid here and now.

        One seen valid is taken as such for up to a minute, and never beyond its end: who polls all day shows the same.
        """
        return (await self._verified(token)).principal

    async def ends_at(self, token: str) -> float:
        """When the token ends, in seconds since 1970. Raises Problem (401) for one that is not valid."""
        return (await self._verified(token)).ends_at

    async def _verified(self, token: str) -> "_Verified":
        known = self._seen.get(token)
        if known is not None and time.time() < known.remembered_until:
            return known
        try:
            claims = jwt.decode(
                token,
                await self._key(token),
                algorithms=self._algorithms,
                audience=self._audience,
                issuer=self._issuer,
                leeway=_LEEWAY_SECONDS,
                options={"require": ["exp", "sub"]},
            )
            ends_at = float(claims["exp"])
            principal = _principal(claims, _credential(token, claims))
        # Whatever a token's claims are made of, that they cannot be read is its fault.
        except (jwt.PyJWTError, ValidationError, ValueError, TypeError, AttributeError, OverflowError) as error:
            raise _unauthenticated(f"The bearer token is not valid: {error}") from error
        if len(self._seen) >= _TOKENS_REMEMBERED:
            self._seen.clear()
        verified = _Verified(principal, ends_at, min(time.time() + _REMEMBERED_SECONDS, ends_at))
        self._seen[token] = verified
        return verified

    def knowing(self, keys: PlatformKeys) -> "Identity":
        """The same, which also knows the `keys` that a service keeps."""
        other = copy(self)
        other.keys = keys
        return other

    async def api_key(self, key: str) -> KnownKey | Principal:
        """Whose key it is. Raises Problem (401) for one that opens nothing here and now."""
        digest = hashlib.sha256(key.encode()).digest()
        for known, principal in self._api_keys.items():
            if hmac.compare_digest(known, digest):
                return principal
        stored = None if self.keys is None else await self.keys.find(key)
        if stored is None:
            raise _unauthenticated("The API key is not known.")
        return stored


BY_BEARER = HTTPBearer(auto_error=False, description="A JWT; for development from `tricolor token`")
BY_API_KEY = APIKeyHeader(name="X-API-Key", auto_error=False, description="For monitoring platforms")


async def authenticated(
    request: Request, bearer: HTTPAuthorizationCredentials | None, api_key: str | None
) -> Principal:
    """Identify the caller, whatever the role, by the `Identity` in the app's state."""
    identity: Identity = request.app.state.identity
    if bearer is not None:
        return await identity.bearer(bearer.credentials)
    if api_key is not None:
        known = await identity.api_key(api_key)
        if isinstance(known, Principal):
            return known
        if identity.keys is not None and known.signing is not None:
            expect_signature(request.scope, identity.keys, known)
        return known.principal
    raise _unauthenticated("This route needs `Authorization: Bearer …`, or `X-API-Key` from a platform.")


async def token_ends_at(
    request: Request, bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BY_BEARER)]
) -> float:
    """When the caller's token ends, in seconds since 1970: what is held open for a caller ends with it.

    An API key never ends.
    """
    identity: Identity = request.app.state.identity
    return float("inf") if bearer is None else await identity.ends_at(bearer.credentials)


TokenEnd = Annotated[float, Depends(token_ends_at)]


def _principal(claims: dict[str, Any], credential: Credential) -> Principal:
    """The caller of a token. How far it reaches is said by what is asked for, never by a token."""
    said = {name: value for name, value in {**claims.get(CLAIM, {})}.items() if name != "reach"}
    return Principal.model_validate(said | {"subject": claims["sub"], "credential": credential})


def _credential(token: str, claims: dict[str, Any]) -> Credential:
    """What is kept of a token: its number, or the hash of one without, and the hash of who issued it."""
    number = claims.get("jti") or f"sha256:{hashlib.sha256(token.encode()).hexdigest()}"
    return Credential(str(number)[:256], hashlib.sha256(str(claims.get("iss")).encode()).hexdigest())


def _unauthenticated(detail: str) -> Problem:
    return Problem(401, "unauthenticated", "Who are you?", detail, headers={"WWW-Authenticate": "Bearer"})
