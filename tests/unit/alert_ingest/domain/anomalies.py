"""Anomaly events for the tests of grading, and the book they are graded with."""

from datetime import datetime, timedelta
from typing import Any

from pydantic_core import to_json

from services.alert_ingest.domain.rule_book.loading import RULE_BOOK, load
from shared.contract.events import AnomalyEvent
from shared.time.instants import SHANGHAI
from tests.unit.alert_ingest.domain.test_parsing import EVENT

BOOK = load(RULE_BOOK)
CODE = "91440300708461136T"  # passes GB 32100-2015
START = datetime(2026, 11, 22, tzinfo=SHANGHAI)
PH = {"code": "w01001", "name": "pH值"}


def anomaly(category: str, *, hours: float | None = None, **changes: Any) -> AnomalyEvent:
    """A clean event of `category`, flagged normal, without figures; `hours` long where that is given."""
    medium = "water" if category.startswith("water") else "gas"
    data: dict[str, Any] = {
        "category": category,
        "enterprise": {"code": CODE, "name": "深圳某某电子有限公司"},
        "outlet": {"mn": "A440306000001", "medium": medium},
        "window": {"start": START, "end": None if hours is None else START + timedelta(hours=hours)},
        "flag": "N",
    }
    return AnomalyEvent.model_validate_json(to_json(EVENT | {"subject": CODE, "data": data | changes}))


def mean(
    category: str, period: str, observed: float | None, limit: float | None = 50.0, **changes: Any
) -> AnomalyEvent:
    """The mean of a `period` with its limit."""
    hours = {"hour": 1, "day": 24, "minute": 1 / 60}.get(period, 24 * 30)
    return anomaly(category, hours=hours, period=period, observed=observed, limit=limit, **changes)


def marked(kind: str, reason: str | None = "零点校准") -> dict[str, Any]:
    return {"kind": kind, "reason": reason}
