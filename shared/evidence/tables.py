"""The tables of evidence, in the schema of every service. Rows are only ever added; `protection` has that kept."""

from dataclasses import dataclass
from typing import Self

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Integer, LargeBinary, MetaData, Table, Text

_instant = DateTime(timezone=True)
_name = Text(collation="C")  # in the order that Python has, for whoever reads two of the tables side by side
NAMES = ("evidence", "evidence_leaves", "evidence_nodes", "evidence_roots", "evidence_timestamps")


@dataclass(frozen=True)
class EvidenceTables:
    """`records`: what happened. `leaves`, `nodes` and `roots`: the Merkle tree of the chains' heads, as it grew.

    `timestamps`: what a time-stamping authority said of a root.
    """

    schema: str
    records: Table
    leaves: Table
    nodes: Table
    roots: Table
    timestamps: Table

    @classmethod
    def of(cls, metadata: MetaData) -> Self:
        """Those of the service whose tables `metadata` describes."""
        return cls(str(metadata.schema), *(metadata.tables[f"{metadata.schema}.{name}"] for name in NAMES))


def evidence_tables(metadata: MetaData) -> EvidenceTables:
    """Describe the tables of evidence in a service's schema."""
    Table(
        "evidence",
        metadata,
        # Of one chain it grows with the number: both are given out under the locks of the outbox.
        Column("position", BigInteger, Identity(always=True), nullable=False),
        Column("chain", _name, primary_key=True),
        Column("number", BigInteger, primary_key=True, autoincrement=False),
        Column("enterprise_code", Text, primary_key=True),
        Column("recorded_at", _instant, nullable=False),
        Column("hash", LargeBinary, nullable=False),
        Column("content", LargeBinary, nullable=False),  # canonical JSON (RFC 8785) that was hashed, packed
        Column("document", LargeBinary, nullable=False),  # what it names by its hash, packed
        # Rows lie on disk as they came: what is new is found without a tree that every insertion would write to.
        Index("evidence_position_idx", "position", postgresql_using="brin", postgresql_with={"autosummarize": "on"}),
    )
    Table(
        "evidence_leaves",
        metadata,
        Column("leaf", BigInteger, primary_key=True, autoincrement=False),
        Column("chain", _name, nullable=False),
        Column("number", BigInteger, nullable=False),
        Column("enterprise_code", Text, nullable=False),
        Column("hash", LargeBinary, nullable=False),  # of that record
        Index("evidence_leaves_chain_idx", "chain", "number"),
    )
    Table(
        "evidence_nodes",
        metadata,
        Column("level", Integer, primary_key=True, autoincrement=False),
        Column("index", BigInteger, primary_key=True, autoincrement=False),
        Column("hash", LargeBinary, nullable=False),
    )
    Table(
        "evidence_roots",
        metadata,
        Column("size", BigInteger, primary_key=True, autoincrement=False),
        Column("covered", BigInteger, nullable=False),  # every record up to this position is under it
        Column("root", LargeBinary, nullable=False),
        Column("note", Text, nullable=False),  # signed, as it is exported
        Column("at", _instant, nullable=False),
    )
    Table(
        "evidence_timestamps",
        metadata,
        Column("size", BigInteger, primary_key=True, autoincrement=False),
        Column("authority", Text, primary_key=True),
        Column("token", LargeBinary, nullable=False),  # RFC 3161, DER
        Column("at", _instant, nullable=False),
    )
    return EvidenceTables.of(metadata)
