"""Signed roots are stamped by an authority outside, and a root that it never saw, or saw too early, shows."""

from datetime import timedelta
from ipaddress import IPv4Network

import pytest
from cryptography import x509
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder
from sqlalchemy import text

from shared.evidence.timestamps import Authority, NoTimestamp, Timestamping
from shared.evidence.verification.findings import Verified
from shared.evidence.verification.store import verify_store
from tests.integration.evidence.authority import StampingAuthority, stamping
from tests.integration.evidence.store import EVIDENCE, Store

LOOPBACK = (IPv4Network("127.0.0.0/8"),)


@pytest.fixture
def outside(store: Store) -> StampingAuthority:
    return StampingAuthority(store.clock.now())


def trusted(outside: StampingAuthority, url: str) -> Authority:
    return Authority(url, x509.load_pem_x509_certificates(outside.roots), LOOPBACK)


def duty_of(store: Store, authority: Authority, *, hours: int) -> Timestamping:
    return Timestamping(EVIDENCE, store.database, store.clock, authority, store.files, timedelta(hours=hours))


async def verified(store: Store, authority: Authority) -> Verified:
    async with store.database.transaction() as connection:
        return await verify_store(connection, EVIDENCE, store.clock, keys=[store.signer.key], authority=authority)


async def test_the_latest_root_is_stamped_now_and_then(store: Store, outside: StampingAuthority) -> None:
    async with stamping(outside) as url:
        authority = trusted(outside, url)
        duty = duty_of(store, authority, hours=2)
        assert [await duty.run_once() for _ in range(2)] == [1, 0]
        await store.happens(1)
        await store.sign()
        assert await duty.run_once() == 0  # another root, and too soon
        store.clock.advance(timedelta(hours=2))
        outside.now = store.clock.now()
        outside.answering = False
        assert await duty.run_once() == 0
        outside.answering = True
        assert await duty.run_once() == 1
        found = await verified(store, authority)
        assert (found.faults, found.stamps, outside.asked) == ([], 2, 2)
    assert sorted(path.name for path in store.files.directory.glob("*.tsr")) == ["7.tsr", "8.tsr"]


async def test_a_root_that_the_authority_never_saw(store: Store, outside: StampingAuthority) -> None:
    async with stamping(outside) as url:
        authority = trusted(outside, url)
        duty = duty_of(store, authority, hours=1)
        assert await duty.run_once() == 1
    async with store.tampering() as connection:
        await connection.execute(
            text("update dispatch.evidence_roots set note = replace(note, 'covered', 'Covered') where size = 7")
        )
    assert [fault.code for fault in (await verified(store, authority)).faults] == ["signature", "timestamp"]
    async with store.tampering() as connection:
        await connection.execute(text("delete from dispatch.evidence_roots where size = 7"))
    assert "timestamp" in [fault.code for fault in (await verified(store, authority)).faults]


async def test_a_root_that_was_seen_before_it_says_it_was_signed(store: Store, outside: StampingAuthority) -> None:
    outside.now -= timedelta(days=1)
    async with stamping(outside) as url:
        authority = trusted(outside, url)
        assert (
            await Timestamping(
                EVIDENCE, store.database, store.clock, authority, store.files, timedelta(hours=1)
            ).run_once()
            == 1
        )
    (fault,) = (await verified(store, authority)).faults
    assert (fault.code, "before it was signed" in fault.detail) == ("timestamp", True)


async def test_an_authority_whose_certificate_rests_on_nothing_known_is_not_taken(
    store: Store, outside: StampingAuthority
) -> None:
    async with stamping(outside) as url:
        stranger = trusted(StampingAuthority(store.clock.now()), url)
        with pytest.raises(NoTimestamp):
            await stranger.stamp(b"a root")
        assert (
            await Timestamping(
                EVIDENCE, store.database, store.clock, stranger, store.files, timedelta(hours=1)
            ).run_once()
            == 0
        )


async def test_what_is_no_stamp_at_all_is_not_taken(outside: StampingAuthority) -> None:
    authority = trusted(outside, "http://127.0.0.1:9/")
    token = outside.answer(_request(b"a root"))
    assert authority.stamped_at(token, b"a root") == outside.now
    for spoilt in (b"", b"no ASN.1", token[:-1]):
        with pytest.raises(NoTimestamp):
            authority.stamped_at(spoilt, b"a root")
    with pytest.raises(NoTimestamp):
        authority.stamped_at(token, b"another root")


def _request(content: bytes) -> bytes:
    return TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build().as_bytes()
