"""The duties that keep a service's evidence: the tree over it, and its signed roots outside the database."""

from datetime import timedelta
from pathlib import Path

from shared.evidence.anchors import AnchorFiles, Anchoring
from shared.evidence.devices import CommandSigner, HttpSigner, public_key
from shared.evidence.signing import KeySigner, Signer, private_key
from shared.evidence.tables import EvidenceTables
from shared.evidence.timestamps import Authority, Timestamping
from shared.evidence.tree import BEAT_SECONDS, EvidenceTree
from shared.runtime.duty import Duty
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock


def evidence_duties(settings: Settings, tables: EvidenceTables, database: Database, clock: Clock) -> list[Duty]:
    """None without a directory for what is kept outside the database: parts that are put together for a test."""
    directory = settings.evidence_directory
    if directory is None:
        return []
    signer = signer_of(settings, f"{settings.evidence_origin}/{tables.schema}", directory)
    tree = EvidenceTree(tables, database, clock, signer)
    files = AnchorFiles(directory / tables.schema)
    anchoring = Anchoring(
        tables, database, files, signer.key, settings.evidence_webhook, settings.outgoing_private_networks
    )
    duties = [
        Duty("evidence tree", tree.run_once, every_seconds=BEAT_SECONDS),
        Duty("evidence anchors", anchoring.run_once, every_seconds=BEAT_SECONDS),
    ]
    authority = Authority.of(settings)
    if authority is not None:
        every = timedelta(minutes=settings.evidence_timestamp_minutes)
        stamping = Timestamping(tables, database, clock, authority, files, every)
        duties.append(Duty("evidence time stamps", stamping.run_once, every_seconds=BEAT_SECONDS))
    return duties


def signer_of(settings: Settings, name: str, directory: Path) -> Signer:
    """A device where one is set, else the key of the settings or of `directory`.

    Raises ValueError for a device without its public key, and for a key that is none.
    """
    if settings.evidence_signer_command or settings.evidence_signer_url is not None:
        if settings.evidence_signer_key is None:
            raise ValueError("TRICOLOR_EVIDENCE_SIGNER_KEY: a device that signs needs its public key, in PEM")
        key = public_key(name, settings.evidence_signer_key)
        if settings.evidence_signer_url is None:
            return CommandSigner(key, settings.evidence_signer_command)
        return HttpSigner(key, settings.evidence_signer_url, settings.outgoing_private_networks)
    given = settings.evidence_signing_key
    return KeySigner(name, private_key(None if given is None else given.get_secret_value(), directory))
