"""The built web apps as files: hashed names kept for ever, pages asked for anew, all of it compressed beforehand.

`make web` puts them into the console's package; where it was not run, nothing of this is there.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

BUILT = Path(__file__).parents[1] / "console" / "apps"
"""Where the build puts the apps."""
SCREENS: Mapping[str, tuple[str, ...]] = {
    "console": (
        "/",
        "/board",
        "/wall",
        "/cases",
        "/cases/{case_id}",
        "/alerts",
        "/alerts/{alert_id}",
        "/work",
        "/map",
        "/station",
        "/rules",
        "/calendar",
        "/figures",
        "/dead-letters",
        "/system",
    ),
    "field": ("/field", "/field/{screen:path}"),
    "enterprise": ("/enterprise", "/enterprise/{screen:path}"),
    "sign-in": ("/sign-in",),
}
"""By app, the paths at which its page is answered: what a person may have kept as a bookmark. Others are not there."""
_STYLES_OF_SCRIPTS = frozenset({"console", "enterprise"})
"""Apps whose components (antd) write style elements themselves: theme, scroll lock, measured widths. Others bring files
alone."""
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".geojson": "application/geo+json",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self)",
}


def are_built(directory: Path = BUILT) -> bool:
    return all((directory / app / "index.html").exists() for app in SCREENS)


def routes(identity_provider: str | None, directory: Path = BUILT) -> list[Route]:
    """The routes of the pages and of their files.

    `identity_provider` is the address that people sign in at; its origin is the only one beside ours that a page asks.
    """

    def page_of(app: str) -> Any:
        page = page_maker(app, identity_provider, directory)

        async def answer(request: Request) -> Response:
            return page(request)

        return answer

    async def asset(request: Request) -> Response:
        return _file(request, directory / "assets" / request.path_params["name"], _FOR_EVER)

    def loose(name: str) -> Any:
        async def answer(request: Request) -> Response:
            return _file(request, directory / name, _ASK_AGAIN)

        return answer

    beside = sorted(path.name for path in directory.iterdir() if path.is_file() and path.suffix in _MEDIA_TYPES)
    return [
        *(Route(path, page_of(app), methods=["GET"]) for app, paths in SCREENS.items() for path in paths),
        # The service worker keeps the field app's page under the name of its file.
        *(Route(f"/{app}/index.html", page_of(app), methods=["GET"]) for app in ("field",)),
        Route("/assets/{name}", asset, methods=["GET"]),
        *(Route(f"/{name}", loose(name), methods=["GET"]) for name in beside),
    ]


def page_maker(app: str, identity_provider: str | None, directory: Path = BUILT) -> Callable[[Request], Response]:
    """What answers with the page of `app`, whose scripts show the screen that the address asks for."""
    asked = None if identity_provider is None else _origin(identity_provider)
    policy = {"Content-Security-Policy": content_security_policy(app, asked)}
    return lambda request: _file(request, directory / app / "index.html", _ASK_AGAIN, policy)


def content_security_policy(app: str, identity_provider: str | None = None) -> str:
    """What the page of `app` may load: our own, and no script that stands in a page."""
    written = " 'unsafe-inline'" if app in _STYLES_OF_SCRIPTS else ""
    asked = f" {identity_provider}" if identity_provider else ""
    return "; ".join(
        (
            "default-src 'self'",
            "script-src 'self'",
            f"style-src 'self'{written}",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            f"connect-src 'self'{asked}",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _file(request: Request, path: Path, caching: str, headers: Mapping[str, str] | None = None) -> Response:
    """The file in the smallest form that the caller takes; that it has not changed, if the caller has it."""
    media_type = _MEDIA_TYPES.get(path.suffix)
    if media_type is None or not path.is_file():  # built anew meanwhile: the page asks for files of its own time
        raise HTTPException(404)
    sent = {**_ALWAYS, "Cache-Control": caching, "Vary": "Accept-Encoding", **(headers or {})}
    accepted = {part.split(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    for encoding, ending in (("br", ".br"), ("gzip", ".gz")):
        if encoding in accepted and (smaller := path.with_name(path.name + ending)).is_file():
            path, sent = smaller, {**sent, "Content-Encoding": encoding}
            break
    answer = FileResponse(path, media_type=media_type, headers=sent, stat_result=path.stat())
    if answer.headers["etag"] in request.headers.get("if-none-match", ""):
        kept = {name: value for name, value in answer.headers.items() if name not in {"content-length", "content-type"}}
        return Response(status_code=304, headers=kept)
    return answer
