"""The channels that notices leave by: the app that recipients look into, or a vendor that is posted to."""

import asyncio
import hashlib
from typing import Any, Protocol
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from services.dispatcher.notices.wording.phrases import plain
from shared.contract.events import Bilingual
from shared.time.instants import Instant

AT_ONCE = 20
"""Requests to the vendor in flight, at most."""
SECONDS_EACH = 10.0
"""Real time that one of them may take, answer included."""


class Message(BaseModel):
    """A notice as its recipient gets it: what is posted to the vendor, and what a receipt's `sha256` covers."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    notice_id: UUID
    purpose: str
    enterprise_code: str | None
    alert_id: UUID | None
    case_id: UUID | None
    subject: Bilingual
    body: Bilingual
    created_at: Instant

    @property
    def content(self) -> bytes:
        return self.model_dump_json().encode()


class Undelivered(Exception):  # noqa: N818  the notice's state, not an error of ours
    """The channel did not take the notice this time; the text says why."""


class Channel(Protocol):
    """A way to deliver notices. Giving it the same message twice is harmless."""

    name: str

    async def deliver(self, message: Message) -> dict[str, Any]:
        """Deliver a message and return the receipt. Raises Undelivered."""
        ...

    async def close(self) -> None: ...


class InApp:
    """The app: recipients fetch `GET /v1/notices`, so what is stored is delivered."""

    name = "in_app"

    async def deliver(self, message: Message) -> dict[str, Any]:
        return {"sha256": _digest(message.content)}

    async def close(self) -> None:
        return


class Vendor:
    """The vendor of the enterprise app, to whom notices are posted. Any 2xx means that the vendor has taken it over."""

    name = "vendor"

    def __init__(self, url: str) -> None:
        self._url = httpx.URL(url)
        self._client = httpx.AsyncClient(timeout=SECONDS_EACH)
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def deliver(self, message: Message) -> dict[str, Any]:
        headers = {"Content-Type": "application/json", "Idempotency-Key": str(message.notice_id)}
        try:
            # httpx limits each read; an answer that trickles in must end, too.
            async with self._slots, asyncio.timeout(SECONDS_EACH):
                response = await self._client.post(self._url, content=message.content, headers=headers)
        except (httpx.HTTPError, TimeoutError) as error:
            raise Undelivered(plain(f"{type(error).__name__}: {error}")) from error
        if not response.is_success:
            raise Undelivered(f"the vendor answered {response.status_code}: {plain(response.text)}")
        return {
            "sha256": _digest(message.content),
            "status": response.status_code,
            "body_sha256": _digest(response.content),
            "id": _vendor_id(response.content),
        }

    async def close(self) -> None:
        await self._client.aclose()


def _vendor_id(body: bytes) -> str | None:
    """The vendor's own number of the message, where its answer is an object with an `id`."""
    try:
        answer = from_json(body)
    except ValueError:
        return None
    number = answer.get("id") if isinstance(answer, dict) else None
    return None if number is None else plain(str(number))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
