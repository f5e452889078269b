"""Time stamps (RFC 3161): an authority outside says that a signed root existed at an instant.

After that nobody, with whatever keys, can write a root that is said to be older.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

import httpx
from cryptography import x509
from sqlalchemy import text

from shared.evidence.anchors import AnchorFiles
from shared.evidence.tables import EvidenceTables
from shared.evidence.tree import last_root
from shared.outgoing import Network, OutgoingTransport
from shared.settings import Settings
from shared.storage.database import Database
from shared.time.clock import Clock

if TYPE_CHECKING:
    from rfc3161_client import VerifierBuilder

logger = logging.getLogger(__name__)
_TIMEOUT_SECONDS = 20.0
_QUERY = "application/timestamp-query"


class NoTimestamp(ValueError):  # noqa: N818  what somebody else sent
    """What came is no time stamp of this text by an authority that is trusted."""


class Authority:
    """A time-stamping authority, and the certificates that its own is to rest on."""

    def __init__(self, url: str, roots: "Sequence[x509.Certificate]", private: Sequence[Network] = ()) -> None:
        """`private` are the private networks that the authority may be in."""
        self.url, self._roots, self._private = url, roots, private

    @classmethod
    def of(cls, settings: Settings) -> Self | None:
        """The one that the settings name, if any. Raises ValueError without certificates."""
        url, roots = settings.evidence_timestamp_url, settings.evidence_timestamp_roots
        if url is None:
            return None
        if roots is None:
            raise ValueError("TRICOLOR_EVIDENCE_TIMESTAMP_ROOTS: the certificates that the authority's rests on")
        return cls(url, x509.load_pem_x509_certificates(roots.read_bytes()), settings.outgoing_private_networks)

    async def stamp(self, content: bytes) -> bytes:
        """Have `content` stamped; the answer, whole. Raises NoTimestamp, httpx.HTTPError."""
        # Loaded here and below, with all of X.509, for the few installations that name an authority.
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, VerifierBuilder  # noqa: PLC0415

        request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
        transport = OutgoingTransport(self._private)
        async with httpx.AsyncClient(timeout=_TIMEOUT_SECONDS, transport=transport, trust_env=False) as client:
            answer = await client.post(self.url, content=request.as_bytes(), headers={"Content-Type": _QUERY})
            answer.raise_for_status()
        self._judge(answer.content, content, VerifierBuilder.from_request(request))
        return answer.content

    def stamped_at(self, token: bytes, content: bytes) -> datetime:
        """When the authority saw `content`. Raises NoTimestamp."""
        from rfc3161_client import VerifierBuilder  # noqa: PLC0415

        return self._judge(token, content, VerifierBuilder())

    def _judge(self, token: bytes, content: bytes, builder: "VerifierBuilder") -> datetime:
        from rfc3161_client import VerificationError, decode_timestamp_response  # noqa: PLC0415

        for root in self._roots:
            builder = builder.add_root_certificate(root)
        try:
            response = decode_timestamp_response(token)
            builder.build().verify_message(response, content)
        except (VerificationError, ValueError) as error:
            raise NoTimestamp(f"no time stamp of this root: {error}") from error
        return response.tst_info.gen_time


class Timestamping:
    """The pass that has the latest root stamped, not more often than `every`; the stamp lies beside the roots too."""

    def __init__(
        self,
        tables: EvidenceTables,
        database: Database,
        clock: Clock,
        authority: Authority,
        files: AnchorFiles,
        every: timedelta,
    ) -> None:
        self._tables, self._database, self._clock = tables, database, clock
        self._authority, self._files, self._every = authority, files, every

    async def run_once(self) -> int:
        """Have the latest root stamped where none was lately; answer how many were. What fails is tried again."""
        async with self._database.autocommit() as connection:
            root = await last_root(connection, self._tables)
            last = await connection.execute(
                text(
                    f"select max(size) as size, max(at) as at from {self._tables.timestamps.fullname}"
                    " where authority = :authority"
                ),
                {"authority": self._authority.url},
            )
            stamped = last.one()
        now = self._clock.now()
        if root is None or root.size == stamped.size or (stamped.at is not None and now - stamped.at < self._every):
            return 0
        try:
            token = await self._authority.stamp(root.note.encode())
        except (NoTimestamp, httpx.HTTPError) as error:
            logger.warning(
                "evidence: %s did not stamp the root of %d leaves: %s", self._authority.url, root.size, error
            )
            return 0
        self._files.write_stamp(root.size, token)
        async with self._database.transaction() as connection:
            await connection.execute(
                text(f"""
                    insert into {self._tables.timestamps.fullname} (size, authority, token, at)
                    values (:size, :authority, :token, :at) on conflict do nothing
                """),
                {"size": root.size, "authority": self._authority.url, "token": token, "at": now},
            )
        return 1
