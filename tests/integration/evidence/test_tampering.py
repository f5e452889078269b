"""Whatever the owner of the database does to the evidence is found, and named: where it is, and what it is."""

import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.dispatcher import tables
from services.dispatcher.evidence.storage import Storage
from services.dispatcher.evidence.verification import verify_files
from shared.contract.messages import HashedFile
from shared.evidence.domain.chains import START, Head
from shared.evidence.domain.facts import TRICOLOR
from shared.evidence.domain.records import Circumstances, Record, record_of
from shared.evidence.signing import KeySigner, Signer
from shared.evidence.tree import EvidenceTree
from shared.storage.packing import unpacked
from shared.time.clock import ManualClock, ScaledClock
from tests.integration.evidence.store import CHAIN, EVIDENCE, Store, said

ONE, TWO = CHAIN.format(1), CHAIN.format(2)


async def run(connection: AsyncConnection, statement: str, **values: object) -> None:
    assert (await connection.execute(text(statement), values)).rowcount


async def head_of(connection: AsyncConnection, chain: str) -> Head:
    """The last record of a chain."""
    statement = "select number, hash from dispatch.evidence where chain = :c order by number desc limit 1"
    return Head(*(await connection.execute(text(statement), {"c": chain})).one())


async def add(connection: AsyncConnection, record: Record, at: object, position: int | None = None) -> None:
    """Store a forged record, where the position says or after all others."""
    given, value = ("", "") if position is None else (", position", f", {position}")
    await run(
        connection,
        f"""
        insert into dispatch.evidence (chain, number, enterprise_code, hash, content, document, recorded_at{given})
        overriding system value values (:chain, :number, :enterprise, :hash, :content, :document, :at{value})
        """,
        **record._asdict(),
        at=at,
    )


async def test_what_nobody_touched_holds(store: Store) -> None:
    found = await store.verified()
    assert (found.faults, found.records, found.chains) == ([], 9, 3)
    assert (found.leaves, found.roots, found.anchors) == (3 + 2 + 2, 3, 3)
    await store.happens(1)  # not under a root yet
    assert (await store.verified()).passed
    assert (await store.verified(ONE)).records == 5


async def test_a_changed_record(store: Store) -> None:
    async with store.tampering() as connection:
        stored = "select content from dispatch.evidence where chain = :c and number = 2"
        content = unpacked(await connection.scalar(text(stored), {"c": ONE}) or b"").replace(b"officer", b"section")
        change = "update dispatch.evidence set content = :content where chain = :c and number = 2"
        await run(connection, change, c=ONE, content=content)
    assert said(await store.verified()) == ["1#2 content-changed"]


async def test_a_changed_document(store: Store) -> None:
    async with store.tampering() as connection:
        await run(connection, "update dispatch.evidence set document = 'x' where chain = :c and number = 1", c=TWO)
    assert said(await store.verified()) == ["2#1 document-changed"]


async def test_a_changed_record_hashed_anew(store: Store) -> None:
    async with store.tampering() as connection:
        stored = "select content from dispatch.evidence where chain = :c and number = 3"
        content = unpacked(await connection.scalar(text(stored), {"c": ONE}) or b"").replace(b"li", b"wu")
        change = "update dispatch.evidence set hash = sha256(:content), content = :content where chain = :c"
        await run(connection, f"{change} and number = 3", c=ONE, content=content)
    assert said(await store.verified()) == ["1#4 previous"]


async def test_a_deleted_record(store: Store) -> None:
    async with store.tampering() as connection:
        await run(connection, "delete from dispatch.evidence where chain = :c and number = 2", c=ONE)
    assert said(await store.verified()) == ["1#3 number"]


async def test_a_deleted_first_record(store: Store) -> None:
    async with store.tampering() as connection:
        await run(connection, "delete from dispatch.evidence where chain = :c and number = 1", c=TWO)
    assert said(await store.verified()) == ["2#1 record-missing", "2#2 number"] or said(await store.verified()) == [
        "2#2 number",
        "2#1 record-missing",
    ]


async def test_an_inserted_record(store: Store) -> None:
    async with store.tampering() as connection:
        move = "update dispatch.evidence set number = number + :by where chain = :c and number {} 3"
        await run(connection, move.format(">="), c=ONE, by=101)
        await run(connection, "update dispatch.evidence set number = number - 100 where number > 100")
        before = (
            await connection.execute(text("select hash from dispatch.evidence where number = 2 limit 1"))
        ).scalar_one()
        forged = record_of(
            store.fact(1, "it never was"), Head(2, before), Circumstances(store.clock.now(), "d", TRICOLOR)
        )
        await add(connection, forged, store.clock.now())
    assert said(await store.verified())[:2] == ["1#3 post-dated", "1#4 misplaced"]


async def test_two_records_in_the_other_order(store: Store) -> None:
    async with store.tampering() as connection:
        await run(connection, "update dispatch.evidence set number = 99 where chain = :c and number = 2", c=ONE)
        await run(connection, "update dispatch.evidence set number = 2 where chain = :c and number = 3", c=ONE)
        await run(connection, "update dispatch.evidence set number = 3 where chain = :c and number = 99", c=ONE)
    assert said(await store.verified())[:2] == ["1#2 misplaced", "1#3 misplaced"]


async def test_a_tail_that_was_cut(store: Store) -> None:
    async with store.tampering() as connection:
        await run(connection, "delete from dispatch.evidence where chain = :c and number >= 3", c=ONE)
    assert said(await store.verified()) == ["1#4 record-missing"]


async def test_a_chain_that_is_gone(store: Store) -> None:
    async with store.tampering() as connection:
        await run(connection, "delete from dispatch.evidence where chain = :c", c=ONE)
    assert said(await store.verified()) == ["1#1 record-missing", "1#4 record-missing"]


async def test_two_cases_swapped(store: Store) -> None:
    async with store.tampering() as connection:
        swap = "update dispatch.evidence set chain = :to where chain = :c"
        await run(connection, swap, c=ONE, to="x")
        await run(connection, swap, c=TWO, to=ONE)
        await run(connection, swap, c="x", to=TWO)
    assert said(await store.verified())[:2] == ["1#1 misplaced", "1#2 misplaced"]


def rewritten(store: Store, length: int) -> list[Record]:
    """The first case told anew, whole, by somebody who knows how records are made."""
    records, head = [], START
    start = store.clock.now() - timedelta(hours=3)
    for number in range(length):
        common = Circumstances(start + timedelta(hours=min(number, 1)), "dispatcher", TRICOLOR)
        records.append(record_of(store.fact(1, "all was well"), head, common))
        head = Head(records[-1].number, records[-1].hash)
    return records


async def rewrite(store: Store, connection: AsyncConnection) -> None:
    """The first case is replaced, each record where the true one stood."""
    positions = await connection.scalars(
        text("select position from dispatch.evidence where chain = :c order by number"), {"c": ONE}
    )
    kept = positions.all()
    await run(connection, "delete from dispatch.evidence where chain = :c", c=ONE)
    for record, position in zip(rewritten(store, 4), kept, strict=True):
        await add(connection, record, store.clock.now(), position)


async def test_a_chain_rewritten_whole(store: Store) -> None:
    async with store.tampering() as connection:
        await rewrite(store, connection)
    assert said(await store.verified()) == ["1#1 head-changed", "1#4 head-changed"]


async def test_a_chain_rewritten_with_its_heads_in_the_tree(store: Store) -> None:
    async with store.tampering() as connection:
        await rewrite(store, connection)
        await run(
            connection,
            """
            update dispatch.evidence_leaves l set hash = e.hash
              from dispatch.evidence e where e.chain = l.chain and e.number = l.number
            """,
        )
    assert said(await store.verified()) == ["e#3 root-changed", "e#5 root-changed", "e#7 root-changed"]


async def grown_anew(store: Store, signer: Signer) -> None:
    """The tree is thrown away and grown again over what is there now, as if at the time of the last root."""
    async with store.tampering() as connection:
        at = await connection.scalar(text("select max(at) from dispatch.evidence_roots"))
        for table in ("leaves", "nodes", "roots"):
            await run(connection, f"delete from dispatch.evidence_{table}")
    assert await EvidenceTree(EVIDENCE, store.database, ManualClock(at), signer).run_once()


async def test_everything_rewritten_without_the_key(store: Store) -> None:
    async with store.tampering() as connection:
        await rewrite(store, connection)
    await grown_anew(store, KeySigner(store.signer.key.name, Ed25519PrivateKey.generate()))
    assert "e#3 signature" in said(await store.verified(anchored=False))


async def test_everything_rewritten_even_with_the_key_is_found_by_what_stands_elsewhere(store: Store) -> None:
    async with store.tampering() as connection:
        await rewrite(store, connection)
    await grown_anew(store, store.signer)
    assert "e#3 anchor" in said(await store.verified())


async def test_a_store_put_back_to_yesterday(store: Store) -> None:
    """Every record after the first root is gone, and the tree with them."""
    async with store.tampering() as connection:
        await run(connection, "delete from dispatch.evidence where position > 3")
        await run(connection, "delete from dispatch.evidence_leaves where leaf >= 3")
        await run(connection, "delete from dispatch.evidence_roots where size > 3")
    assert (await store.verified(anchored=False)).passed  # within the store nothing shows
    assert said(await store.verified()) == ["e#5 anchor"]


async def test_a_record_dated_back(store: Store) -> None:
    """Written now by the rules, said to be of the first hour."""
    async with store.tampering() as connection:
        head = await head_of(connection, ONE)
        then = store.clock.now() - timedelta(hours=3)
        await add(connection, record_of(store.fact(1, "early"), head, Circumstances(then, "d", TRICOLOR)), then)
    assert said(await store.verified()) == ["1#5 back-dated"]
    await store.sign()
    assert said(await store.verified()) == ["1#5 back-dated"]


async def test_on_a_hurried_clock_ten_minutes_of_real_time_are_allowed_and_no_more(store: Store) -> None:
    """Between the time of a unit of work and its commit a second of a hurried clock is many minutes."""
    async with store.tampering() as connection:
        head = await head_of(connection, ONE)
        then = store.clock.now() - timedelta(hours=3)
        await add(connection, record_of(store.fact(1, "slow"), head, Circumstances(then, "d", TRICOLOR)), then)
    await store.sign()
    assert said(await store.verified()) == ["1#5 back-dated"]
    assert (await store.verified(clock=ScaledClock(then, 1, fastest=600))).passed
    assert said(await store.verified(clock=ScaledClock(then, 1, fastest=10))) == ["1#5 back-dated"]


async def test_a_record_dated_back_and_slipped_under_an_old_root(store: Store) -> None:
    async with store.tampering() as connection:
        head = await head_of(connection, ONE)
        then = store.clock.now() - timedelta(hours=3)
        forged = record_of(store.fact(1, "early"), head, Circumstances(then, "d", TRICOLOR))
        await add(connection, forged, then, position=2)
    assert said(await store.verified()) == ["1#5 not-covered"]


async def test_a_record_dated_ahead(store: Store) -> None:
    async with store.tampering() as connection:
        ahead = store.clock.now() + timedelta(days=1)
        forged = record_of(store.fact(9, "late"), START, Circumstances(ahead, "d", TRICOLOR))
        await add(connection, forged, ahead)
    await store.sign()
    assert said(await store.verified()) == ["9#1 post-dated"]


async def test_leaves_taken_out_of_the_tree(store: Store) -> None:
    async with store.tampering() as connection:
        await run(connection, "delete from dispatch.evidence_leaves where leaf = 4")
    assert said(await store.verified()) == ["2#2 not-covered", "e#4 leaf-missing"]


async def test_a_root_taken_out_of_the_store(store: Store) -> None:
    async with store.tampering() as connection:
        await run(connection, "delete from dispatch.evidence_roots where size = 5")
    assert "e#5 anchor" in said(await store.verified())


async def test_anchors_of_another_key(store: Store, tmp_path: Path) -> None:
    other = KeySigner(store.signer.key.name, Ed25519PrivateKey.generate())
    (tmp_path / "anchors" / "dispatch" / "public-key").write_text(str(other.key), encoding="utf-8")
    assert {code for _, code in (one.split() for one in said(await store.verified(keys=[store.signer.key])))} == {
        "anchor"
    }


@pytest.mark.parametrize("statement", ["update {} set {} = {}", "delete from {}", "truncate {}"])
@pytest.mark.parametrize("table", ["evidence", "evidence_leaves", "evidence_nodes", "evidence_roots"])
async def test_triggers_refuse_even_whom_no_right_stops(store: Store, table: str, statement: str) -> None:
    column = "size" if table == "evidence_roots" else "hash"
    async with store.database.transaction() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        with pytest.raises(DBAPIError, match="is evidence: rows are added, and never changed or deleted"):
            await connection.execute(text(statement.format(f"dispatch.{table}", column, column)))


async def test_a_file_replaced_or_taken_away(store: Store, tmp_path: Path) -> None:
    storage = Storage.opened(None, tmp_path / "attachments")
    photograph, report = b"\xff\xd8 a photograph", b"%PDF a report"
    files = {f"attachments/{number}": content for number, content in enumerate((photograph, report))}

    async def bytes_of(content: bytes) -> AsyncIterator[bytes]:
        yield content

    for key, content in files.items():
        await storage.write(key, bytes_of(content))
        hashed = HashedFile(f"{key}.bin", hashlib.sha256(content).hexdigest(), len(content))
        async with store.units.open() as work:
            work.record(store.fact(1, key)._replace(files=[hashed]))
            await work.connection.execute(insert(tables.attachments).values(attachment(store, key, hashed)))
    found = await store.verified()
    assert found.passed

    async def faults() -> list[str]:
        async with store.database.transaction() as connection:
            return [str(fault.code) for fault in await verify_files(connection, storage, found.files, lambda _: None)]

    assert await faults() == []
    await storage.delete("attachments/0")
    await storage.write("attachments/0", bytes_of(b"\xff\xd8 another one"))
    await storage.delete("attachments/1")
    assert await faults() == ["file-changed", "file-missing"]


def attachment(store: Store, key: str, file: HashedFile) -> dict[str, object]:
    return {
        "attachment_id": uuid4(),
        "case_id": UUID(ONE.removeprefix("case:")),
        "enterprise_code": "E1",
        "key": key,
        "name": file.name,
        "media_type": "image/jpeg",
        "size": file.size,
        "sha256": file.sha256,
        "added_by": "li",
        "added_role": "officer",
        "added_at": store.clock.now(),
    }
