"""Signed roots leave the database: to files that only grow, and to a webhook, in order and none left out."""

from datetime import timedelta
from ipaddress import IPv4Network
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Request, Response

from shared.evidence.anchors import Anchoring
from shared.evidence.domain.checkpoints import opened
from shared.evidence.signing import private_key, verify
from tests.integration.evidence.authority import serving
from tests.integration.evidence.store import EVIDENCE, Store

LOOPBACK = (IPv4Network("127.0.0.0/8"),)


async def test_the_webhook_gets_every_root_in_order_also_after_it_was_away(store: Store) -> None:
    app, got, statuses = FastAPI(), list[str](), [200, 503]

    @app.post("/")
    async def take(request: Request) -> Response:
        status = statuses.pop(0) if statuses else 200
        if status == 200:
            got.append((await request.body()).decode())
        return Response(status_code=status)

    async with serving(app) as url:
        posting = Anchoring(EVIDENCE, store.database, store.files, store.signer.key, url, LOOPBACK)
        await posting.run_once()
        assert len(got) == 1
        await posting.run_once()
        await posting.run_once()
    assert [opened(note, store.signer.key, verify).size for note in got] == [3, 5, 7]


async def test_no_root_is_posted_into_a_private_network_that_is_not_allowed(store: Store) -> None:
    app, got = FastAPI(), list[bytes]()

    @app.post("/")
    async def take(request: Request) -> None:
        got.append(await request.body())

    async with serving(app) as url:
        await Anchoring(EVIDENCE, store.database, store.files, store.signer.key, url).run_once()
    assert got == []


async def test_the_files_grow_by_the_day_and_keep_the_first_key(store: Store) -> None:
    store.clock.advance(timedelta(days=1))
    await store.happens(1)
    await store.sign()
    assert [day.name for day in store.files.days] == ["2026-03-02.jsonl", "2026-03-03.jsonl"]
    assert [anchor.size for anchor in store.files.read()] == [3, 5, 7, 8]
    other = Anchoring(EVIDENCE, store.database, store.files, store.signer.key._replace(key=b"\x01" * 32), None)
    assert await other.run_once() == 0
    assert store.files.key == store.signer.key


def test_a_key_of_ones_own_is_taken_and_one_of_another_kind_is_not(tmp_path: Path) -> None:
    made = private_key(None, tmp_path)
    assert private_key(None, tmp_path).private_bytes_raw() == made.private_bytes_raw()
    own, rest = Ed25519PrivateKey.generate(), (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = own.private_bytes(serialization.Encoding.PEM, *rest).decode()
    assert private_key(pem, tmp_path).private_bytes_raw() == own.private_bytes_raw()
    of_another_kind = rsa.generate_private_key(65537, 2048).private_bytes(serialization.Encoding.PEM, *rest).decode()
    with pytest.raises(TypeError, match="Ed25519"):
        private_key(of_another_kind, tmp_path)
