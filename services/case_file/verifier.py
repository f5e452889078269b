"""核验本案卷宗 · Verify this case file. Needs only Python 3.11 or newer, and the public keys.

    python verify.py                     核验，使用卷宗所附公钥
    python verify.py --keys public-keys  核验，使用自己保存的公钥（更可靠）

It checks that every record is as it was hashed and follows the one before it, that the heads of the chains stand in the
signed trees, and that every file is the one that was recorded. What the system itself found when the file was made
(findings.json), by the whole of its store, it repeats. It ends with 1 where anything does not fit; the cover says the
same.

本程序自行验证 Ed25519 与 SM2 签名；SM2 及 SM3 需要 Python 所带 OpenSSL 提供 SM3。
It verifies Ed25519 and SM2 signatures itself; for SM2 and SM3 the OpenSSL of your Python has to have SM3. Time stamps
(proofs/*.tsr) it does not verify: `openssl ts -verify` does.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
if (HERE / "lib").is_dir():  # unpacked, and not among the modules of the services
    sys.path.insert(0, str(HERE / "lib"))

from shared.evidence.domain import ed25519, merkle  # noqa: E402  from `lib`, beside this file
from shared.evidence.domain.chains import Chains, Fault, StoredRecord, leaf_of  # noqa: E402
from shared.evidence.domain.checkpoints import PublicKey, opened, signed_by  # noqa: E402

_NAMES = {"ed25519": "Ed25519", "sm2": "SM2"}


class Finding(NamedTuple):
    """What does not fit, in both languages."""

    zh: str
    en: str


def main() -> int:
    """Print what holds and what does not; answer how the process is to end."""
    asked = argparse.ArgumentParser(description="核验案卷 · Verify a case file")
    asked.add_argument("--keys", type=Path, default=HERE / "public-keys", help="公钥文件 · the public keys")
    found = findings(HERE, asked.parse_args().keys, print)
    for one in found:
        print(f"✗ {one.zh} · {one.en}")
    print("✗ 不符 · does not hold" if found else "✓ 全部相符 · everything holds")
    return 1 if found else 0


def findings(root: Path, public_keys: Path, say: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """All that does not fit in the case file unpacked in `root`; `say` is told what was looked at."""
    keys: dict[str, list[PublicKey]] = {}
    for line in public_keys.read_text(encoding="utf-8").split():
        key = PublicKey.read(line)
        keys.setdefault(key.name.rpartition("/")[2], []).append(key)
    found = [*_when_it_was_made(root)]
    for path in sorted((root / "records").glob("*.jsonl")):
        found += _log(root, path, keys, say)
    found += _files(root, say)
    return list(dict.fromkeys(found))  # what was found when it was made, and is again, is one


def _when_it_was_made(root: Path) -> Iterator[Finding]:
    """What the system found in its own store when it made this file."""
    path = root / "findings.json"
    if not path.is_file():
        yield Finding("缺少 findings.json（制卷时的核验结果）", "findings.json is missing: what was found at the time")
        return
    for one in json.loads(path.read_text(encoding="utf-8")):
        yield _of(one.pop("log"), Fault(**one))


def _of(log: str, fault: Fault) -> Finding:
    return Finding(f"{log}：{fault.zh}", str(fault))


def _log(root: Path, path: Path, keys: dict[str, list[PublicKey]], say: Callable[[str], None]) -> Iterator[Finding]:
    """What does not fit in the records of one service, and in the proof that they are under a signed root."""
    chains, heads, number = Chains(), dict[tuple[str, int], bytes](), 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):  # noqa: B007  counted
        said = json.loads(line)
        content, document = said["content"].encode(), said["document"].encode()
        record = StoredRecord(
            said["chain"], said["number"], said["enterprise"], bytes.fromhex(said["hash"]), content, document
        )
        if fault := chains.check(record):
            yield _of(path.stem, fault)
        heads[record.chain, record.number] = record.hash
    proofs = json.loads((root / "proofs" / f"{path.stem}.json").read_text(encoding="utf-8"))
    say(f"  {path.stem}: {number} 条记录 · records")
    if proofs["root"] is None:
        say("    尚未签名 · no root was signed over them yet")
        return
    if path.stem not in keys:
        yield Finding(f"{path.stem}：没有核验签名所需的公钥", f"{path.stem}: there is no public key to verify by")
        return
    try:
        key = signed_by(proofs["root"], keys[path.stem]) or keys[path.stem][0]
        signed = opened(proofs["root"], key, ed25519.verify)
    except ValueError as error:
        yield Finding(f"{path.stem}：树根的签名不符", f"{path.stem}: {error}")
        return
    by = f"{_NAMES[key.algorithm]} {key.number.hex()}"
    say(f"    签名根 · signed root: {signed.origin}, {signed.size} 片 · leaves, {signed.at}, {by}")
    for head in proofs["heads"]:
        yield from _head(path.stem, head, heads, signed)
        later = max((number for chain, number in heads if chain == head["chain"]), default=0) - head["number"]
        if later > 0:
            say(f"    {head['chain']}: 另有 {later} 条在此签名之后 · records after this root")


def _head(log: str, head: dict[str, Any], heads: dict[tuple[str, int], bytes], root: Any) -> Iterator[Finding]:
    stored, where = heads.get((head["chain"], head["number"])), f"{head['chain']} #{head['number']}"
    if stored is None:
        yield Finding(f"{log}：{where} 签名树中有，案卷中没有", f"{log}: {where} is in the signed tree, and not here")
        return
    leaf = merkle.leaf_hash(leaf_of(head["chain"], head["enterprise"], head["number"], stored))
    if not merkle.includes(root.root, root.size, head["leaf"], leaf, [bytes.fromhex(one) for one in head["path"]]):
        yield Finding(f"{log}：{where} 不在签名树中", f"{log}: {where} is not in the signed tree")


def _files(root: Path, say: Callable[[str], None]) -> Iterator[Finding]:
    """What does not fit in the files that records name."""
    for file in json.loads((root / "files.json").read_text(encoding="utf-8")):
        name, path = file["name"], root / "files" / file["path"]
        if not path.is_file():
            yield Finding(f"缺文件：{name}", f"{name}: the file is missing")
            continue
        with path.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != file["sha256"]:
                yield Finding(f"文件已变：{name}", f"{name}: the file is not the one that was recorded")
            else:
                say(f"  {name}: SHA-256 相符 · fits")


if __name__ == "__main__":
    sys.exit(main())
