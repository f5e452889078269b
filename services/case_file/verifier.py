"""核验本案卷宗 · Verify this case file. Needs only Python 3.11 or newer, and the public keys.

    python verify.py                     核验，使用卷宗所附公钥
    python verify.py --keys public-keys  核验，使用自己保存的公钥（更可靠）

It checks that every record is as it was hashed and follows the one before it, that the heads of the chains stand in the
signed trees, and that every file is the one that was recorded. It ends with 1 where anything does not fit.

本程序自行验证 Ed25519 与 SM2 签名；SM2 及 SM3 需要 Python 所带 OpenSSL 提供 SM3。
It verifies Ed25519 and SM2 signatures itself; for SM2 and SM3 the OpenSSL of your Python has to have SM3. Time stamps
(proofs/*.tsr) it does not verify: `openssl ts -verify` does.
"""

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "lib"))

from shared.evidence.domain import ed25519, merkle  # noqa: E402  from `lib`, beside this file
from shared.evidence.domain.chains import Chains, StoredRecord, leaf_of  # noqa: E402
from shared.evidence.domain.checkpoints import PublicKey, opened, signed_by  # noqa: E402

_NAMES = {"ed25519": "Ed25519", "sm2": "SM2"}


def main() -> int:
    """Print what holds and what does not; answer how the process is to end."""
    asked = argparse.ArgumentParser(description="核验案卷 · Verify a case file")
    asked.add_argument("--keys", type=Path, default=HERE / "public-keys", help="公钥文件 · the public keys")
    keys: dict[str, list[PublicKey]] = {}
    for line in asked.parse_args().keys.read_text(encoding="utf-8").split():
        key = PublicKey.read(line)
        keys.setdefault(key.name.rpartition("/")[2], []).append(key)
    faults = [fault for path in sorted((HERE / "records").glob("*.jsonl")) for fault in _log(path, keys)]
    faults += _files()
    for fault in faults:
        print(f"✗ {fault}")
    print("✗ 不符 · does not hold" if faults else "✓ 全部相符 · everything holds")
    return 1 if faults else 0


def _log(path: Path, keys: dict[str, list[PublicKey]]) -> Iterator[str]:
    """What does not fit in the records of one service, and in the proof that they are under a signed root."""
    chains, heads, number = Chains(), dict[tuple[str, int], bytes](), 0
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):  # noqa: B007  counted
        said = json.loads(line)
        content, document = said["content"].encode(), said["document"].encode()
        record = StoredRecord(
            said["chain"], said["number"], said["enterprise"], bytes.fromhex(said["hash"]), content, document
        )
        if fault := chains.check(record):
            yield f"{path.stem}: {fault}"
        heads[record.chain, record.number] = record.hash
    proofs = json.loads((HERE / "proofs" / f"{path.stem}.json").read_text(encoding="utf-8"))
    print(f"  {path.stem}: {number} 条记录 · records")
    if proofs["root"] is None:
        print("    尚未签名 · no root was signed over them yet")
        return
    try:
        key = signed_by(proofs["root"], keys[path.stem]) or keys[path.stem][0]
        root = opened(proofs["root"], key, ed25519.verify)
    except (KeyError, ValueError) as error:
        yield f"{path.stem}: {error}"
        return
    by = f"{_NAMES[key.algorithm]} {key.number.hex()}"
    print(f"    签名根 · signed root: {root.origin}, {root.size} 片 · leaves, {root.at}, {by}")
    for head in proofs["heads"]:
        yield from _head(path.stem, head, heads, root)


def _head(log: str, head: dict[str, Any], heads: dict[tuple[str, int], bytes], root: Any) -> Iterator[str]:
    stored = heads.get((head["chain"], head["number"]))
    if stored is None:
        yield f"{log}: {head['chain']} #{head['number']}: 签名树中有，案卷中没有 · in the signed tree, and not here"
        return
    leaf = merkle.leaf_hash(leaf_of(head["chain"], head["enterprise"], head["number"], stored))
    if not merkle.includes(root.root, root.size, head["leaf"], leaf, [bytes.fromhex(one) for one in head["path"]]):
        yield f"{log}: {head['chain']} #{head['number']}: 不在签名树中 · is not in the signed tree"
    later = max(number for chain, number in heads if chain == head["chain"]) - head["number"]
    if later:
        print(f"    {head['chain']}: 另有 {later} 条在此签名之后 · records after this root")


def _files() -> Iterator[str]:
    """What does not fit in the files that records name."""
    for file in json.loads((HERE / "files.json").read_text(encoding="utf-8")):
        path = HERE / "files" / file["path"]
        if not path.is_file():
            yield f"{file['name']}: 缺文件 · the file is missing"
            continue
        with path.open("rb") as content:
            if hashlib.file_digest(content, "sha256").hexdigest() != file["sha256"]:
                yield f"{file['name']}: 文件已变 · the file is not the one that was recorded"
            else:
                print(f"  {file['name']}: SHA-256 相符 · fits")


if __name__ == "__main__":
    sys.exit(main())
