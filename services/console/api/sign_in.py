"""The routes that say how one signs in, and that sign in whoever tries the system out on this machine."""

import ipaddress
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Request
from pydantic import BaseModel, Field

from services.console.store import sample_people
from services.console.store.sample_people import SamplePerson
from shared.contract.commands import Command
from shared.contract.principal import Name, Principal
from shared.contract.refusals import NotAllowed, NotFound
from shared.contract.roles import Role
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import SystemClock
from shared.time.instants import Instant
from shared.web.development_issuer import DevelopmentIssuer
from shared.web.identity import Identity
from shared.web.routes import Routes

_LIFE = timedelta(days=1)


class OidcSignIn(BaseModel):
    """One signs in at the office's identity provider: code flow with PKCE, as a public client."""

    mode: Literal["oidc"] = "oidc"
    issuer: str
    client_id: str
    audience: str
    scope: str


class EmbeddedSignIn(BaseModel):
    """One chooses who to be: for trying out, where development tokens are in force."""

    mode: Literal["embedded"] = "embedded"
    people: list[SamplePerson]


SignInWay = Annotated[OidcSignIn | EmbeddedSignIn, Field(discriminator="mode")]


class SignInCommand(Command):
    """Who one wants to be."""

    role: Role
    subject: Name
    station: Name | None = None
    enterprise: Name | None = None
    enterprises: tuple[Name, ...] = ()


class SignedIn(BaseModel):
    """The bearer token that one is signed in with, and until when."""

    token: str
    expires_at: Instant


def router(database: Database, identity: Identity, settings: Settings) -> Routes:
    """Tokens are issued by the host's real time, as they are judged."""
    routes = Routes(tags=["session"])

    @routes.get("/v1/sign-in")
    async def read_sign_in(request: Request) -> SignInWay:
        """How one signs in here. Open to everybody; the sample's people are shown on this machine only."""
        if settings.oidc_issuer is not None:
            return OidcSignIn(
                issuer=settings.oidc_issuer,
                client_id=settings.oidc_client_id,
                audience=settings.oidc_audience,
                scope=settings.oidc_scope,
            )
        _issuer_for(request, identity)
        async with database.autocommit() as connection:
            return EmbeddedSignIn(people=await sample_people.some_of_each(connection))

    @routes.post("/v1/sign-in")
    async def sign_in(request: Request, command: SignInCommand) -> SignedIn:
        """A token for whoever tries the system out, on this machine, as anybody."""
        issuer = _issuer_for(request, identity)
        principal = Principal.model_validate(command.model_dump(exclude_none=True))
        now: datetime = SystemClock().now()
        return SignedIn(token=issuer.token(principal, settings.oidc_audience, now, _LIFE), expires_at=now + _LIFE)

    return routes


def _issuer_for(request: Request, identity: Identity) -> DevelopmentIssuer:
    """The issuer of development tokens, for a request from this machine. Raises NotFound, NotAllowed."""
    if identity.development is None:
        raise NotFound("sign-in with", "development tokens")
    if not _from_this_machine(request):
        raise NotAllowed("Development tokens are given out on this machine only; others take `tricolor token`.")
    return identity.development


def _from_this_machine(request: Request) -> bool:
    """Whether the caller is at this machine, and knows it by an address of its own.

    A page elsewhere whose name was made to lead here shows that name; what a proxy passes on says so.
    """
    passed_on = any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-forwarded-host"))
    client = request.client.host if request.client else ""
    return not passed_on and _is_loopback(client) and _is_loopback(request.url.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
