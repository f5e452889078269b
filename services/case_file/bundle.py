"""The file of a case as a bundle that proves itself: records, files, proofs, a verifier, and page and paper."""

import hashlib
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic_core import to_json
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.case_file.gathering import gather
from services.case_file.known import Gathered
from services.case_file.page import page
from services.case_file.paper import pdf
from services.case_file.verifier import Finding, findings
from services.case_file.writing import written
from services.dispatcher.evidence.storage import Storage
from shared.contract.refusals import Unavailable
from shared.evidence.domain import merkle
from shared.evidence.domain.checkpoints import PublicKey
from shared.evidence.log import as_hashed
from shared.evidence.tables import EvidenceTables
from shared.evidence.tree import proof
from shared.evidence.verification.findings import Verified
from shared.evidence.verification.store import verify_store
from shared.time.clock import Clock

_LIBRARY = ("__init__", "hashing", "merkle", "chains", "checkpoints", "ed25519", "sm2")


@dataclass
class _Log:
    """What one service's evidence says of the case."""

    verified: Verified
    records: Sequence[Mapping[str, Any]]
    root: str | None = None
    size: int = 0
    at: str = ""
    heads: list[dict[str, Any]] = field(default_factory=list)
    timestamps: list[tuple[str, bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class Source:
    """Where the parts of a case's file are: the evidence of the services, the files, and the keys that roots have."""

    evidence: Mapping[str, EvidenceTables]
    storage: Storage
    keys: Mapping[str, Sequence[PublicKey]]


async def bundle(connection: AsyncConnection, source: Source, case_id: UUID, room: Path, clock: Clock) -> Path:
    """Write the bundle of a case into `room`, and answer its path. Raises NotFound.

    `connection` is in a transaction that sees one state of all three schemas.
    """
    case = await gather(connection, case_id)
    root, now = room / f"case-{case_id}", clock.now()
    root.mkdir()
    found = {schema: await _log(connection, tables, case, clock) for schema, tables in source.evidence.items()}
    logs = {schema: log for schema, log in found.items() if log.records}
    keys = {schema: key for schema, key in source.keys.items() if schema in logs}
    paths = await _write_files(case, source.storage, root)
    _write_logs(logs, keys, root)
    # The cover says what `verify.py` says of the same files: it is asked before the cover is written.
    faults = findings(root, root / "public-keys")
    document = written(case, _seal(logs, faults), paths, _proofs(logs, keys, faults), now)
    _write_explanations(case, root)
    _write_verifier(root)
    (root / "case.html").write_text(page(document), encoding="utf-8")
    (root / "case.pdf").write_bytes(pdf(document, root, now))
    (root / "README.txt").write_bytes(files("services.case_file").joinpath("README.txt").read_bytes())
    return _zipped(root)


async def _log(connection: AsyncConnection, tables: EvidenceTables, case: Gathered, clock: Clock) -> _Log:
    chains = case.chains
    found = await connection.execute(
        text(f"""
            select chain, number, enterprise_code as enterprise, hash, content, document
              from {tables.records.fullname} where chain = any(cast(:chains as text[])) order by chain, number
        """),
        {"chains": chains},
    )
    records = [
        {**row._mapping, "content": as_hashed(row.content), "document": as_hashed(row.document)} for row in found
    ]
    log = _Log(await verify_store(connection, tables, clock, chains=chains, tree=False), records)
    roots = await connection.execute(text(f"select * from {tables.roots.fullname} order by size desc limit 1"))
    root = roots.one_or_none()
    if root is None:
        return log
    log.root, log.size, log.at = root.note, root.size, root.note.split("\n")[3].removeprefix("at ")
    heads = await connection.execute(
        text(f"""
            select distinct on (chain, enterprise_code) leaf, chain, number, enterprise_code as enterprise
              from {tables.leaves.fullname} where chain = any(cast(:chains as text[]))
             order by chain, enterprise_code, number desc
        """),
        {"chains": chains},
    )
    for head in heads.all():
        path = await proof(connection, tables, merkle.inclusion(head.leaf, root.size))
        log.heads.append({**head._mapping, "path": [hash_.hex() for hash_ in path]})
    stamps = await connection.execute(
        text(f"select authority, token from {tables.timestamps.fullname} where size = :size"), {"size": root.size}
    )
    log.timestamps = [(row.authority, row.token) for row in stamps]
    return log


def _seal(logs: Mapping[str, _Log], faults: Sequence[Finding]) -> str:
    if faults:
        return f"✗ 存证核验不符，共 {len(faults)} 处：{faults[0].zh}"
    return f"✓ 制作本卷时已核验全部 {sum(len(log.records) for log in logs.values())} 条存证记录，均相符"


def _proofs(
    logs: Mapping[str, _Log], keys: Mapping[str, Sequence[PublicKey]], faults: Sequence[Finding]
) -> list[tuple[str, str]]:
    """What the last section says of each service's evidence, what does not fit before all else."""
    rows = [("不符之处", fault.zh) for fault in faults]
    for schema, log in logs.items():
        rows.append((f"{schema} 记录数", str(len(log.records))))
        if log.root is not None:
            rows.append((f"{schema} 签名树根", f"{log.root.split(chr(10))[2]}（{log.size} 片，{log.at}）"))
        rows += [(f"{schema} 公钥", str(key)) for key in keys.get(schema, ())]
        rows += [(f"{schema} 链首", f"{head['chain']} #{head['number']}") for head in log.heads]
    return rows


async def _write_files(case: Gathered, storage: Storage, root: Path) -> dict[str, str]:
    """Write the files of the case; answer their paths by attachment. One that is gone is left out, and shows so."""
    (root / "files").mkdir()
    paths, listed = {}, []
    for number, file in enumerate(case.attachments, 1):
        name = f"{number:02d}-{_safe(file['name'])}"
        listed.append({"path": name, "name": file["name"], "sha256": file["sha256"], "size": file["size"]})
        try:
            with (root / "files" / name).open("wb") as copy:
                async for chunk in storage.read(file["key"]):
                    copy.write(chunk)
        except (FileNotFoundError, Unavailable):
            (root / "files" / name).unlink()
            continue
        paths[str(file["attachment_id"])] = f"files/{name}"
    (root / "files.json").write_bytes(to_json(listed, indent=2))
    return paths


def _safe(name: str) -> str:
    """A name that is a name on every system, and no path."""
    return re.sub(r"[^\w.\-（）()]+", "_", name).strip("._")[-80:] or "file"


def _write_logs(logs: Mapping[str, _Log], keys: Mapping[str, Sequence[PublicKey]], root: Path) -> None:
    for folder in ("records", "proofs"):
        (root / folder).mkdir()
    for schema, log in logs.items():
        with (root / "records" / f"{schema}.jsonl").open("wb") as lines:
            for record in log.records:
                # What somebody made unreadable shows as changed.
                texts = {name: record[name].decode(errors="replace") for name in ("content", "document")}
                lines.write(to_json({**record, "hash": record["hash"].hex(), **texts}) + b"\n")
        proofs = {"root": log.root, "heads": log.heads}
        (root / "proofs" / f"{schema}.json").write_bytes(to_json(proofs, indent=2))
        for authority, token in log.timestamps:
            short = hashlib.sha256(authority.encode()).hexdigest()[:8]
            (root / "proofs" / f"{schema}.{short}.tsr").write_bytes(token)
    found = [{"log": schema, **asdict(fault)} for schema, log in logs.items() for fault in log.verified.faults]
    (root / "findings.json").write_bytes(to_json(found, indent=2))
    written_keys = "".join(f"{key}\n" for _, some in sorted(keys.items()) for key in some)
    (root / "public-keys").write_text(written_keys, encoding="utf-8")


def _write_explanations(case: Gathered, root: Path) -> None:
    (root / "explanations").mkdir()
    said = {
        "grade": [alert["grading"] | {"alert_id": alert["alert_id"]} for alert in case.alerts],
        "deadline": [
            {"kind": one["kind"], "due_text": one["due_text"], **one["explanation"]} for one in case.deadlines
        ],
        "team": [{"officer": one["officer"], "round": one["round"], **one["explanation"]} for one in case.assignments],
    }
    for name, entries in said.items():
        (root / "explanations" / f"{name}.json").write_bytes(to_json(entries, indent=2))


def _write_verifier(root: Path) -> None:
    """The verifier, and with it the modules that the services themselves verify by, as they are."""
    (root / "verify.py").write_bytes(files("services.case_file").joinpath("verifier.py").read_bytes())
    library = root / "lib" / "shared" / "evidence" / "domain"
    library.mkdir(parents=True)
    for package in ("shared", "shared/evidence"):
        (root / "lib" / package / "__init__.py").touch()
    for module in _LIBRARY:
        source = files("shared.evidence.domain").joinpath(f"{module}.py")
        (library / f"{module}.py").write_bytes(source.read_bytes())


def _zipped(root: Path) -> Path:
    into = root.with_suffix(".zip")
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(root.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(root.parent))
    return into
