"""Kafka behind TLS and SASL: the settings that are right, a wrong password, a wrong authority, and none of either.

make test-kafka
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import AuthenticationFailedError, KafkaConnectionError
from pydantic import SecretStr

from shared.messaging.kafka import ensure_topics
from shared.settings import Settings
from tests.kafka.secured import PASSWORD, USER, Authority, SecuredBroker


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    directory = tmp_path_factory.mktemp("secured")
    broker = SecuredBroker(directory, directory / "log")
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


def right(broker: SecuredBroker, mechanism: str = "SCRAM-SHA-512") -> Settings:
    return Settings(
        kafka_security_protocol="SASL_SSL",
        kafka_sasl_mechanism=mechanism,
        kafka_sasl_username=USER,
        kafka_sasl_password=SecretStr(PASSWORD),
        kafka_ssl_cafile=broker.authority.file,
    )


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_the_right_settings_write_and_read(secured: SecuredBroker, mechanism: str) -> None:
    settings = right(secured, mechanism)
    assert settings.producers_are_known
    kafka, topic = settings.kafka_client(secured.address), f"secured-{mechanism}"
    await ensure_topics(kafka, [topic], 1)
    async with AIOKafkaProducer(**kafka) as producer:
        await producer.send_and_wait(topic, b"meant")
    async with AIOKafkaConsumer(topic, auto_offset_reset="earliest", **kafka) as consumer:
        assert (await consumer.getone()).value == b"meant"


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-512", "PLAIN"])
async def test_a_wrong_password_opens_nothing(secured: SecuredBroker, mechanism: str) -> None:
    wrong = right(secured, mechanism).model_copy(update={"kafka_sasl_password": SecretStr("guessed")})
    producer = AIOKafkaProducer(**wrong.kafka_client(secured.address))
    try:
        with pytest.raises((AuthenticationFailedError, KafkaConnectionError)):
            await producer.start()
    finally:
        await producer.stop()


async def test_an_authority_that_is_not_ours_is_not_trusted(secured: SecuredBroker, tmp_path: Path) -> None:
    another = Authority.new(tmp_path, "another")
    wrong = right(secured).model_copy(update={"kafka_ssl_cafile": another.file})
    producer = AIOKafkaProducer(**wrong.kafka_client(secured.address))
    try:
        with pytest.raises(KafkaConnectionError):
            await producer.start()
    finally:
        await producer.stop()


async def test_without_tls_nothing_is_said(secured: SecuredBroker) -> None:
    plain = right(secured).model_copy(update={"kafka_security_protocol": "SASL_PLAINTEXT"})
    producer = AIOKafkaProducer(**plain.kafka_client(secured.address), request_timeout_ms=3_000)
    try:
        with pytest.raises(KafkaConnectionError):
            await producer.start()
    finally:
        await producer.stop()
