"""Routes that are loaded and made when first asked for.

FastAPI reads the signature of a route's function and makes a validator for each of its parameters, which takes some
milliseconds: for the routes of all services more than a second. Of the many, few are asked soon after a start.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send


class Declared(NamedTuple):
    """What was said of a route where it stands: `options` are those of `APIRouter.add_api_route`."""

    path: str
    endpoint: Callable[..., Any]
    options: dict[str, Any]


class Routes(APIRouter):
    """The routes of one module, declared as on any router. `ServiceApp.take` gives them to an app."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.declared: list[Declared] = []

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Keep what is said of the route, for when it is made."""
        self.declared.append(Declared(path, endpoint, options))

    def of(self, app: APIRouter) -> list["LateRoute"]:
        """The routes, with what `app` says of all of its own."""
        maker = APIRouter(
            tags=self.tags,
            include_in_schema=self.include_in_schema,
            responses=app.responses | self.responses,
            dependencies=[*app.dependencies, *self.dependencies],
        )
        return [LateRoute(maker, declared) for declared in self.declared]


class LateRoute(BaseRoute):
    """A route that knows its path, and the rest when that path is asked for."""

    def __init__(self, maker: APIRouter, declared: Declared) -> None:
        self._maker, self._declared = maker, declared
        self._place = Route(declared.path, declared.endpoint, name=declared.options.get("name"))
        self.path_format = self._place.path_format

    @cached_property
    def made(self) -> APIRoute:
        """The route itself."""
        self._maker.add_api_route(self._declared.path, self._declared.endpoint, **self._declared.options)
        route = self._maker.routes.pop()
        assert isinstance(route, APIRoute)  # noqa: S101  as the maker makes them
        return route

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, _ = self._place.matches(scope)
        return (match, {}) if match is Match.NONE else self.made.matches(scope)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        return self._place.url_path_for(name, **path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.made.handle(scope, receive, send)


class LateRoutes(BaseRoute):
    """All routes of a service, loaded when the first of them may be asked for.

    Their modules, and what nothing else needs, are a tenth of what a start loads.
    """

    def __init__(self, make: Callable[[], Iterable[Routes]], app: APIRouter) -> None:
        self._make, self._app = make, app

    @cached_property
    def loaded(self) -> list[LateRoute]:
        """Each of them."""
        return [route for routes in self._make() for route in routes.of(self._app)]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Answer the first that fits; else the first of which only the path does, as a router does."""
        found: tuple[Match, Scope] = (Match.NONE, {})
        for one in self.loaded:
            match, inner = one.matches(scope)
            if match is Match.FULL:
                return match, inner
            if found[0] is Match.NONE:
                found = match, inner
        return found

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        route: APIRoute = scope["route"]
        await route.handle(scope, receive, send)
