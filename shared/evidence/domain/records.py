"""Records of evidence: who did what, when and where, by which token and policies, chained to the record before. Pure.

A record is canonical JSON (RFC 8785) of texts and whole numbers; what happened in full is the document beside it, which
it names by its hash: the event as it was published, byte for byte.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from shared.contract.events import Actor
from shared.contract.messages import HashedFile
from shared.contract.principal import Credential
from shared.evidence.domain.chains import Head
from shared.evidence.domain.hashing import HASHES, Algorithm
from shared.time.instants import shown

_NOTHING: Mapping[str, str] = MappingProxyType({})


class Fact(NamedTuple):
    """Something that happened, about what `chain` names; `document` says it in full.

    `policy` and `where` are names and values. `claimed_at` is the time of a device, which decides nothing.
    `credential` is by which token it was brought about, where that is not the unit of work's.
    """

    type_: str
    chain: str
    enterprise: str
    document: bytes
    actor: Actor | None = None
    claimed_at: datetime | None = None
    event_id: UUID | None = None
    files: Sequence[HashedFile] = ()
    policy: Mapping[str, str] = _NOTHING
    where: Mapping[str, str] = _NOTHING
    credential: Credential | None = None


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What all facts of a unit of work have in common: when, where in the system, and who called."""

    at: datetime
    service: str
    caller: Actor
    credential: Credential | None = None
    algorithm: Algorithm = "sha256"


class Record(NamedTuple):
    """A fact as it is stored."""

    chain: str
    number: int
    enterprise: str
    hash: bytes
    content: bytes
    document: bytes


def record_of(fact: Fact, head: Head, common: Circumstances) -> Record:
    """The record of `fact` that follows `head`."""
    hashed, actor = HASHES[common.algorithm], fact.actor or common.caller
    credential = fact.credential or common.credential
    # Names in order, texts and whole numbers only: then this JSON is the canonical one, and nothing has to be sorted.
    content: dict[str, Any] = {
        "actor": {"role": actor.role, "subject": actor.subject},
        "at": shown(common.at),
        "chain": fact.chain,
    }
    if fact.claimed_at is not None:
        content["claimed_at"] = shown(fact.claimed_at)
    content["document"] = {"bytes": len(fact.document), common.algorithm: hashed(fact.document).hex()}
    content["enterprise"] = fact.enterprise
    if fact.event_id is not None:
        content["event"] = str(fact.event_id)
    if fact.files:
        content["files"] = [{"name": file.name, "sha256": file.sha256, "size": file.size} for file in fact.files]
    number = head.number + 1
    content |= {"hash": common.algorithm, "number": number}
    if fact.policy:
        content["policy"] = _in_order(fact.policy)
    content |= {"previous": head.hash.hex(), "service": common.service}
    if credential is not None:
        content["token"] = {"id": credential.id, "issuer": credential.issuer}
    content["type"] = fact.type_
    if fact.where:
        content["where"] = _in_order(fact.where)
    written = orjson.dumps(content)
    return Record(fact.chain, number, fact.enterprise, hashed(written), written, fact.document)


def _in_order(names: Mapping[str, str]) -> dict[str, str]:
    return dict(names) if len(names) == 1 else dict(sorted(names.items()))
