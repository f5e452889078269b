"""Readers of a stream who leave it: no fault of ours, and nothing for the log."""

from anyio import BrokenResourceError
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class LeavingReaders:
    """Ends quietly an answer whose reader went away while something was being written.

    FastAPI closes the reading end of a stream of events before it stops what writes to it, so that a change in that
    very moment breaks there.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except* BrokenResourceError:
            if not begun:
                raise
