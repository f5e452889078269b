"""A record is canonical JSON, says who did what when and by which token, and is chained to the one before."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from shared.contract.events import Actor
from shared.contract.messages import HashedFile
from shared.contract.principal import Credential
from shared.evidence.domain.chains import START, Chains, Head, StoredRecord, leaf_of
from shared.evidence.domain.hashing import HASHES, sm3
from shared.evidence.domain.records import Circumstances, Fact, Record, record_of

AT = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)
COMMON = Circumstances(
    at=AT,
    service="dispatcher",
    caller=Actor(role="officer", subject="li"),
    credential=Credential("token-7", "ab" * 32),
)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def fact(number: int = 1, **other: Any) -> Fact:
    values: dict[str, Any] = {"type_": "t", "chain": "case:1", "enterprise": "E1", "document": b"%d" % number}
    return Fact(**{**values, **other})


def chain_of(*facts: Fact, common: Circumstances = COMMON) -> list[Record]:
    records, head = [], START
    for one in facts:
        records.append(record_of(one, head, common))
        head = Head(records[-1].number, records[-1].hash)
    return records


def faults(records: list[Record]) -> list[str]:
    chains = Chains()
    found = [chains.check(StoredRecord(*record)) for record in records]
    return [fault.code for fault in found if fault is not None]


@given(words, words, st.dictionaries(words, words, max_size=3), words, st.sampled_from(["sha256", "sm3"]))
def test_what_is_hashed_is_canonical_by_rfc_8785(
    subject: str, enterprise: str, names: dict[str, str], file: str, algorithm: Any
) -> None:
    common = Circumstances(AT, "dispatcher", Actor(role="officer", subject=subject), Credential(file, ""), algorithm)
    one = fact(
        enterprise=enterprise,
        policy={f"a{name!a}": value for name, value in names.items()},
        files=[HashedFile(file, "00", 7)],
        claimed_at=AT,
        event_id=UUID(int=1),
        where={"station": subject, "outlet": file},
    )
    record = record_of(one, Head(3, b"\x01" * 32), common)
    assert rfc8785.dumps(from_json(record.content)) == record.content
    assert record.hash == HASHES[algorithm](record.content)


@given(words, words, st.integers(1, 10**9))
def test_a_leaf_is_canonical_by_rfc_8785(chain: str, enterprise: str, number: int) -> None:
    leaf = leaf_of(chain, enterprise, number, b"\x02")
    assert rfc8785.dumps({"chain": chain, "enterprise": enterprise, "hash": "02", "number": number}) == leaf


def test_a_record_says_who_when_where_and_by_what() -> None:
    one = fact(
        actor=Actor(role="station_chief", subject="wang"),
        claimed_at=AT - timedelta(hours=1),
        policy={"policy": "7"},
        where={"station": "xinan"},
    )
    (record,) = chain_of(one)
    assert from_json(record.content) == {
        "actor": {"role": "station_chief", "subject": "wang"},
        "at": "2026-03-02T08:30:00+08:00",
        "chain": "case:1",
        "claimed_at": "2026-03-02T07:30:00+08:00",
        "document": {"bytes": 1, "sha256": HASHES["sha256"](b"1").hex()},
        "enterprise": "E1",
        "hash": "sha256",
        "number": 1,
        "policy": {"policy": "7"},
        "previous": "",
        "service": "dispatcher",
        "token": {"id": "token-7", "issuer": "ab" * 32},
        "type": "t",
        "where": {"station": "xinan"},
    }


def test_sm3_is_that_of_the_standard() -> None:
    """GB/T 32905-2016, appendix A."""
    assert sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_chain_holds_across_a_change_of_the_hash() -> None:
    first, second = chain_of(fact(1), fact(2))
    sm = Circumstances(AT, "dispatcher", COMMON.caller, algorithm="sm3")
    third = record_of(fact(3), Head(2, second.hash), sm)
    fourth = record_of(fact(4), Head(3, third.hash), COMMON)
    assert faults([first, second, third, fourth]) == []


def test_several_chains_are_told_apart() -> None:
    assert faults([*chain_of(fact(1), fact(2)), *chain_of(fact(1, chain="case:2"))]) == []


def changed(record: Record, **values: Any) -> Record:
    return record._replace(**values)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (lambda r: [r[0], changed(r[1], content=r[1].content.replace(b"li", b"lo")), r[2]], ["content-changed"]),
        (lambda r: [r[0], changed(r[1], content=b"{}"), r[2]], ["content-unreadable"]),
        (lambda r: [r[0], changed(r[1], content=b'{"at":1,"hash":"md5"}'), r[2]], ["content-unreadable"]),
        (lambda r: [r[0], changed(r[1], document=b"x"), r[2]], ["document-changed"]),
        (lambda r: [r[0], r[2]], ["number"]),
        (lambda r: [r[1], r[2]], ["number"]),
        (lambda r: [r[0], r[1], r[1], r[2]], ["number"]),
        (lambda r: [r[0], changed(r[1], chain="case:2"), r[2]], ["misplaced", "number"]),
        (lambda r: [r[0], changed(r[1], enterprise="E2"), r[2]], ["misplaced"]),
        (lambda r: [r[0], changed(r[2], number=2), changed(r[1], number=3)], ["misplaced", "misplaced"]),
        (lambda r: [r[0], record_of(fact(9), Head(1, r[0].hash), COMMON), r[2]], ["previous"]),
    ],
)
def test_what_was_done_to_a_chain_shows(spoil: Any, expected: list[str]) -> None:
    records = chain_of(fact(1), fact(2), fact(3))
    assert faults(records) == []
    assert faults(spoil(records)) == expected
