"""The entrance of anomaly events by the Kafka topic; the one over HTTP is `api/events.py`. Both end in the intake."""

from collections.abc import Sequence
from functools import partial

from services.alert_ingest.handlers.intake import Intake, Submission
from shared.contract.cloudevents import structured_form
from shared.messaging.dead_letters.store import Letter
from shared.messaging.kafka import Record


class KafkaEntrance:
    """Handles polls of `anomaly-events`. What cannot be used becomes a dead letter; its neighbours go on."""

    def __init__(self, intake: Intake, consumer: str) -> None:
        self._intake, self._consumer = intake, consumer

    async def handle(self, records: Sequence[Record]) -> list[Record]:
        """Take the records in; answer those that were refused."""
        receipts = await self._intake.take([self._submission(record) for record in records])
        return [record for record, receipt in zip(records, receipts, strict=True) if receipt.refusal is not None]

    def _submission(self, record: Record) -> Submission:
        return Submission(
            raw=record.value,
            structured=partial(structured_form, record.value, record.headers),
            entrance="kafka",
            origin=record.origin,
            dead_letter=lambda refusal, now: Letter(record, refusal, self._consumer, now),
        )
