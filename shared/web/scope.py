"""The door of every route: who calls is identified, and let in as far as the table of operations says.

The one place where roles open routes. A route without a line in `shared/contract/scope.yaml` lets nobody in.
"""

from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials

from shared.contract.principal import Principal
from shared.contract.refusals import NotAllowed
from shared.contract.roles import Role
from shared.web.documentation import PATHS
from shared.web.identity import BY_API_KEY, BY_BEARER, Identity, authenticated
from shared.web.openapi import ServiceApp, operation_of
from shared.web.problems import Problem
from shared.web.rates import Kind

_SCOPE_KEY = "tricolor.caller"


async def admitted(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(BY_BEARER)],
    api_key: Annotated[str | None, Security(BY_API_KEY)],
) -> Principal | None:
    """The caller, with the reach that the operation gives the role; None where it is open to everybody.

    A dependency of every route: `FastAPI(dependencies=[Depends(admitted)])`. Raises Problem 401 or 429, NotAllowed.
    """
    app, route = request.app, request.scope.get("route")
    if not isinstance(app, ServiceApp) or not isinstance(route, APIRoute) or route.path in PATHS:
        return None
    operation = operation_of(app.operations, route)
    identity: Identity = app.state.identity
    address = "" if request.client is None else request.client.host
    if operation is not None and app.scope.is_open(operation):
        identity.rates.count(request.scope, "address", address)
        return None
    try:
        caller = await authenticated(request, bearer, api_key)
    except Problem:
        identity.rates.count(request.scope, "address", address)  # who guesses is slowed down
        raise
    kind: Kind = "platform" if caller.role is Role.PLATFORM else "person"
    identity.rates.count(request.scope, kind, f"{caller.role}:{caller.subject}")
    reach = None if operation is None else app.scope.reach(operation, caller.role)
    if reach is None:
        roles = () if operation is None else app.scope.roles_of(operation)
        raise NotAllowed(f"This takes one of the roles {', '.join(roles)}; yours is {caller.role}.")
    within = request.scope[_SCOPE_KEY] = caller.within(reach)
    return within


async def _caller(request: Request) -> Principal:
    # Not a dependency on `admitted`, which every route has: FastAPI would look through all that it depends on again.
    caller: Principal = request.scope[_SCOPE_KEY]  # where an open operation asks for one, a fault of the table
    return caller


Caller = Annotated[Principal, Depends(_caller)]
"""Whoever calls, as a route takes it."""
