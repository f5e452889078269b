"""The event that tells of an alert carries what its model has, field by field, however it was written."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.alert_ingest.domain.alert import Alert
from services.alert_ingest.domain.assessment import Assessment
from services.alert_ingest.domain.parsing import Occurrence
from shared.contract.cloudevents import written
from shared.contract.events import AnomalyEvent
from tests.unit.alert_ingest.domain.anomalies import BOOK, CODE, PH, START, anomaly, marked, mean

HOURLY = "gas_hourly_mean_exceedance"


def alert_of(event: AnomalyEvent, **changes: Any) -> Alert:
    occurrence = Occurrence("A440306000001", event.data.category, "", START, CODE)
    assessment = Assessment.of(UUID(int=1), event, occurrence, BOOK)
    received_at = START + timedelta(days=2)
    return Alert(assessment, assessment.grade({}), received_at, received_at)._replace(**changes)


@pytest.mark.parametrize(
    "alert",
    [
        pytest.param(alert_of(mean(HOURLY, "hour", 61.2)), id="a mean"),
        pytest.param(alert_of(mean(HOURLY, "hour", 61.2, marking=marked("maintenance"))), id="marked"),
        pytest.param(alert_of(mean("water_hourly_mean_exceedance", "hour", 9.5, pollutant=PH)), id="pH"),
        pytest.param(alert_of(anomaly("data_missing", flag=None)), id="doubted, and its window has no end"),
        pytest.param(alert_of(anomaly("door_or_power_alarm", window=None)), id="without a window"),
        pytest.param(alert_of(anomaly(HOURLY), counted_on=UUID(int=2), held=True), id="held, and counted on another"),
        pytest.param(alert_of(anomaly(HOURLY), issued_at=START + timedelta(days=3)), id="issued later"),
    ],
)
def test_an_alert_is_written_as_its_model_is(alert: Alert) -> None:
    event = alert.to_event()
    assert event.as_json == written(event.data)
    assert alert.grade.written == written(alert.grade.grading)
