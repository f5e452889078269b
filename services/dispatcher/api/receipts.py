"""Where channels say that a notice arrived, or will not: each by the key that was agreed with its vendor."""

import hmac
from collections.abc import Mapping
from typing import Annotated

from fastapi import Path, Security
from fastapi.security import APIKeyHeader
from pydantic import SecretStr

from services.dispatcher.cases.unit_of_work import CaseUnitOfWork
from services.dispatcher.handlers.deliveries import ReceiptBody, ReceiptKept, take_receipt
from shared.messaging.unit_of_work import UnitsOfWork
from shared.web.problems import Problem
from shared.web.routes import Routes

_key = APIKeyHeader(name="X-API-Key", scheme_name="ReceiptKey", auto_error=False, description="For vendors of messages")


def router(units: UnitsOfWork[CaseUnitOfWork], keys: Mapping[str, SecretStr]) -> Routes:
    """`keys` are those of the channels whose vendors send receipts."""
    routes = Routes(tags=["notices"])

    @routes.post("/v1/channels/{channel}/receipts")
    async def take(
        channel: Annotated[str, Path(max_length=64)],
        body: ReceiptBody,
        key: Annotated[str | None, Security(_key)],
    ) -> ReceiptKept:
        """The channel's receipt: the notice was delivered, or failed. Sent again it changes nothing."""
        known = keys.get(channel)
        if known is None or not hmac.compare_digest(known.get_secret_value().encode(), (key or "").encode()):
            raise Problem(401, "unauthenticated", "Who are you?", "X-API-Key: the key of this channel's receipts.")
        async with units.open() as work:
            return await take_receipt(work, channel, body)

    return routes
