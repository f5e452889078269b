"""The duties that keep a service's evidence: the tree over it, and its signed roots outside the database."""

from datetime import timedelta

from shared.evidence.anchors import AnchorFiles, Anchoring
from shared.evidence.signing import Signer, private_key
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
    given = settings.evidence_signing_key
    pem = None if given is None else given.get_secret_value()
    signer = Signer(f"{settings.evidence_origin}/{tables.schema}", private_key(pem, directory))
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
