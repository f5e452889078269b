"""Lists as tables where `Accept` asks for them: the routes know them by suffix."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from services.console.api.table_files import MEDIA

_LISTS = re.compile(r".*/v1/(?:cases|alerts|figures)")


class ByAccept:
    """Has a list answered as a table where `Accept` asks for one before anything else."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _LISTS.fullmatch(scope["path"]):
            accept = next((value for name, value in scope["headers"] if name == b"accept"), b"").decode("latin-1")
            first = accept.partition(",")[0].partition(";")[0].strip().lower()
            suffix = next((name for name, media in MEDIA.items() if media.partition(";")[0] == first), None)
            if suffix is not None:
                scope = {**scope, "path": f"{scope['path']}.{suffix}", "raw_path": None}
        await self._app(scope, receive, send)
