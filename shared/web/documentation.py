"""The pages that show the documents: OpenAPI to read and try, AsyncAPI. Nothing is loaded from elsewhere."""

from importlib.resources import as_file, files
from typing import Any

from fastapi import Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from shared.contract.asyncapi import document
from shared.web.openapi import ServiceApp
from shared.web.routes import Routes

_ASSETS = "/docs/assets"
PATHS = frozenset({"/openapi.json", "/asyncapi.json", "/docs"})
"""What is read before anybody signs in: the documents hold nothing of this installation."""
_OURS_ONLY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)


def install(app: ServiceApp) -> None:
    """Give `app` its pages. The assets of Swagger UI come from a package that ships them."""
    with as_file(files("fastapi_offline") / "static") as assets:
        app.mount(_ASSETS, StaticFiles(directory=assets), name="assets of the documentation")
    routes = Routes(include_in_schema=False)

    @routes.get("/openapi.json")
    async def openapi(request: Request) -> dict[str, Any]:
        """The routes, at the address that they are asked under."""
        return app.openapi() | {"servers": [{"url": request.scope.get("root_path") or "/"}]}

    @routes.get("/asyncapi.json")
    async def asyncapi() -> dict[str, Any]:
        """The topics, as `/openapi.json` is for the routes."""
        return document()

    @routes.get("/docs")
    async def docs(request: Request) -> HTMLResponse:
        """The routes, to read and to try."""
        root = request.scope.get("root_path", "")
        page = get_swagger_ui_html(
            openapi_url=f"{root}/openapi.json",
            title=app.title,
            swagger_js_url=f"{root}{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{root}{_ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{root}{_ASSETS}/favicon.png",
        )
        page.headers["Content-Security-Policy"] = _OURS_ONLY
        return page

    app.take(routes)
