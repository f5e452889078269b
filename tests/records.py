"""Writing records of master data as a client does that looks first."""

from typing import Any

import httpx


async def put(client: httpx.AsyncClient, path: str, body: dict[str, Any]) -> httpx.Response:
    """PUT a record with the ETag of what is there, if anything is."""
    present = await client.get(path)
    return await client.put(
        path, json=body, headers={"If-Match": present.headers["ETag"]} if present.is_success else {}
    )
