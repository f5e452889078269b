"""The channels that notices leave by: the app that recipients look into, or a vendor that is posted to."""

import asyncio
import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, Self
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json

from services.dispatcher.domain.reach import IN_APP, VENDOR, Address
from services.dispatcher.notices.links import MatterLink
from services.dispatcher.notices.wording.phrases import plain
from shared.contract.events import Bilingual
from shared.outgoing import Network, OutgoingTransport
from shared.settings import Settings
from shared.time.instants import Instant

AT_ONCE = 20
"""Requests to one vendor in flight, at most."""
SECONDS_EACH = 10.0
"""Real time that one of them may take, answer included."""


class Message(BaseModel):
    """A notice as its recipient gets it: what is posted to the vendor, and what a receipt's `sha256` covers."""

    model_config = ConfigDict(from_attributes=True, frozen=True)

    notice_id: UUID
    purpose: str
    recipient_kind: str
    recipient: str
    station: str | None
    enterprise_code: str | None
    alert_id: UUID | None
    case_id: UUID | None
    subject: Bilingual
    body: Bilingual
    matters: list[MatterLink] = []
    address: str | None = None
    created_at: Instant

    @property
    def content(self) -> bytes:
        return self.model_dump_json().encode()


class Undelivered(Exception):  # noqa: N818  the notice's state, not an error of ours
    """The channel did not take the notice this time; the text says why."""


class Taken(NamedTuple):
    """What a channel answered that took a notice: its receipt, and whether that says that it arrived already."""

    receipt: dict[str, Any]
    delivered: bool = False


class Channel(Protocol):
    """A way to send notices. Giving it the same message twice is harmless."""

    async def send(self, message: Message) -> Taken:
        """Have the channel take a message. Raises Undelivered."""
        ...

    async def close(self) -> None: ...


class InApp:
    """The app: recipients fetch `GET /v1/notices`, and their own fetch is what shows that it arrived."""

    async def send(self, message: Message) -> Taken:
        return Taken({"sha256": _digest(message.content)})

    async def close(self) -> None:
        return


class Vendor:
    """A vendor to whom notices are posted. Any 2xx means that it has taken the notice over: it is sent.

    It is delivered when the vendor's answer says so (`"status": "delivered"`), or when its receipt comes later.
    """

    def __init__(self, url: str, private: Sequence[Network] = ()) -> None:
        self._url = httpx.URL(url)
        # No proxy of the environment: one would go wherever it is told.
        self._client = httpx.AsyncClient(
            timeout=SECONDS_EACH, transport=OutgoingTransport(private), trust_env=False, follow_redirects=False
        )
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def send(self, message: Message) -> Taken:
        key = str(message.notice_id) if message.address is None else f"{message.notice_id}:{message.address}"
        # A header is ASCII: an address that is not names itself by its hash.
        key = key if key.isascii() else f"{message.notice_id}:{_digest(key.encode())[:16]}"
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            # httpx limits each read; an answer that trickles in must end, too.
            async with self._slots, asyncio.timeout(SECONDS_EACH):
                response = await self._client.post(self._url, content=message.content, headers=headers)
        except (httpx.HTTPError, TimeoutError) as error:
            raise Undelivered(plain(f"{type(error).__name__}: {error}")) from error
        if not response.is_success:
            raise Undelivered(f"the vendor answered {response.status_code}: {plain(response.text)}")
        answer = _answer(response.content)
        return Taken(
            {
                "sha256": _digest(message.content),
                "status": response.status_code,
                "body_sha256": _digest(response.content),
                "id": _vendor_id(answer),
            },
            delivered=answer.get("status") == "delivered",
        )

    async def close(self) -> None:
        await self._client.aclose()


class Channels:
    """The channels of this installation, by name."""

    def __init__(self, vendors: Mapping[str, str], private: Sequence[Network] = ()) -> None:
        """`vendors` by channel; `private` are the private networks that notices may be posted into."""
        self._channels: dict[str, Channel] = {name: Vendor(url, private) for name, url in vendors.items()}
        self._channels[IN_APP] = InApp()

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The vendors that the settings name, each with where notices are posted to."""
        vendors = {name: channel.url for name, channel in settings.notice_channels.items()}
        if settings.enterprise_channel_url is not None:
            vendors.setdefault(VENDOR, settings.enterprise_channel_url)
        return cls(vendors, settings.outgoing_private_networks)

    @property
    def names(self) -> Collection[str]:
        return self._channels.keys()

    async def send(self, message: Message, to: Collection[Address]) -> Taken:
        """Send a message to all of several addresses. Raises Undelivered unless each channel took it."""
        taken = await asyncio.gather(
            *(self._channels[one.channel].send(message.model_copy(update={"address": one.address})) for one in to)
        )
        if len(taken) == 1:
            return taken[0]
        return Taken({"receipts": [one.receipt for one in taken]}, delivered=any(one.delivered for one in taken))

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()


def _answer(body: bytes) -> dict[str, Any]:
    """The vendor's answer, where it is an object."""
    try:
        answer = from_json(body)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}


def _vendor_id(answer: Mapping[str, Any]) -> str | None:
    """The vendor's own number of the message, where it gives one."""
    number = answer.get("id")
    return None if number is None else plain(str(number))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
