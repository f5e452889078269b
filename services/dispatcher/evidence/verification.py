"""Verifying files against the evidence: the bytes in the storage are those that were hashed when they came."""

import hashlib
from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.evidence.storage import Storage
from shared.contract.refusals import Unavailable
from shared.evidence.domain.chains import Fault
from shared.evidence.verification.findings import NamedFile

_ATTACHMENTS = tables.attachments.c


async def verify_files(
    connection: AsyncConnection, storage: Storage, files: Sequence[NamedFile], progress: Callable[[int], None]
) -> list[Fault]:
    """What is wrong with the files that records name, in their order."""
    faults = []
    for number, file in enumerate(files, 1):
        case_id = UUID(file.chain.removeprefix("case:"))
        own = select(_ATTACHMENTS.key).where(_ATTACHMENTS.case_id == case_id, _ATTACHMENTS.sha256 == file.sha256)
        key = await connection.scalar(own)
        found = None if key is None else await _sha256(storage, key)
        if found is None:
            faults.append(Fault(file.chain, file.number, "file-missing", f"{file.name} is not in the storage"))
        elif found != file.sha256:
            faults.append(Fault(file.chain, file.number, "file-changed", f"{file.name} is not what was hashed"))
        progress(number)
    return faults


async def _sha256(storage: Storage, key: str) -> str | None:
    digest = hashlib.sha256()
    try:
        async for chunk in storage.read(key):
            digest.update(chunk)
    except (FileNotFoundError, Unavailable):
        return None
    return digest.hexdigest()
