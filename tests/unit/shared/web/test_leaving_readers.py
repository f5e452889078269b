"""Whoever leaves a stream of events while something is written to it leaves no traceback behind."""

from collections.abc import AsyncIterable

import pytest
from anyio import BrokenResourceError
from fastapi import FastAPI
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.types import Message, Receive, Scope, Send

from shared.web.leaving_readers import LeavingReaders

SCOPE: Scope = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/stream",
    "raw_path": b"/stream",
    "query_string": b"",
    "root_path": "",
    "headers": [],
    "server": ("127.0.0.1", 80),
    "client": ("127.0.0.1", 1),
}


async def nothing(message: Message) -> None:
    del message


async def disconnected() -> Message:
    return {"type": "http.disconnect"}


async def test_a_reader_who_leaves_amid_a_flood_breaks_nothing() -> None:
    app = FastAPI()
    app.add_middleware(LeavingReaders)

    @app.get("/stream", response_class=EventSourceResponse)
    async def stream() -> AsyncIterable[ServerSentEvent]:
        while True:
            yield ServerSentEvent(event="case", data="x")

    for _ in range(20):
        await app(SCOPE, disconnected, nothing)


@pytest.mark.parametrize(
    ("error", "begins", "raises"),
    [
        (ExceptionGroup("", [ExceptionGroup("", [BrokenResourceError()])]), True, False),
        (ExceptionGroup("", [BrokenResourceError()]), False, True),
        (ExceptionGroup("", [BrokenResourceError(), ValueError()]), True, True),
        (ValueError(), True, True),
    ],
    ids=["left", "not-begun", "more-than-that", "another"],
)
async def test_only_that_is_passed_over(error: Exception, begins: bool, raises: bool) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        if begins:
            await send({"type": "http.response.start", "status": 200, "headers": []})
        raise error

    raised: Exception | None = None
    try:
        await LeavingReaders(app)(SCOPE, disconnected, nothing)
    except Exception as one:
        raised = one
    assert (raised is not None) is raises
    if raised is not None and begins:
        assert not isinstance(raised, ExceptionGroup) or raised.subgroup(BrokenResourceError) is None
