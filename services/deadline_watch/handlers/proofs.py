"""Keeping what a proof of the chain found, for those who ask later, and raising an alarm for what is new in it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Self

from services.deadline_watch.domain.outgoing_events import audit_failed
from services.deadline_watch.store import heartbeats
from services.deadline_watch.store.units_of_work import units_of_work
from shared.contract.events import Bilingual
from shared.messaging.unit_of_work import UnitOfWork, UnitsOfWork
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock
from shared.time.instants import shown


class Amiss(NamedTuple):
    """Something that a proof found: `link` of the chain, what it is about, and the alarm for it, if it wants one."""

    link: str
    subject: str
    alarm: Bilingual | None


class Proof(NamedTuple):
    """What the duty `duty` proved as of `at`; `whole` where no link was broken."""

    duty: str
    at: datetime
    whole: bool
    found: Sequence[Amiss]
    figures: Mapping[str, Any]


RECONCILE = "reconcile"
"""The duty that proves the chain of all services."""


class Proofs:
    """Keeps the latest proof of each duty, in units of work of deadline_watch."""

    def __init__(self, units: UnitsOfWork[UnitOfWork]) -> None:
        self._units = units

    @classmethod
    def of(cls, settings: Settings, clock: Clock, database: Database) -> Self:
        return cls(units_of_work(database, clock, settings.topic_prefix, hashing=settings.evidence_hash))

    async def keep(self, proof: Proof) -> None:
        """Store the proof as the latest one, and emit an alarm for everything that the one before did not have."""
        async with self._units.open() as work:
            await _keep(work, proof)


async def _keep(work: UnitOfWork, proof: Proof) -> None:
    before = await heartbeats.latest(work.connection, proof.duty)
    known = before.detail if before is not None else {"findings": {}, "clean_at": None}
    findings: defaultdict[str, list[str]] = defaultdict(list)
    for one in proof.found:
        findings[one.link].append(one.subject)
    detail = {
        "clean_at": shown(proof.at) if proof.whole else known["clean_at"],
        "findings": findings,
        **proof.figures,
    }
    await heartbeats.beat(work.connection, proof.duty, detail, proof.at)
    for one in proof.found:
        if one.alarm is not None and one.subject not in known["findings"].get(one.link, ()):
            work.emit(audit_failed(one.link, one.subject, one.alarm, proof.at))
