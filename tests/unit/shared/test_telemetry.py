"""What a log keeps of a library that says one thing many times a second."""

import logging

from shared.telemetry import Seldom


def line(name: str, second: float, node: int) -> logging.LogRecord:
    record = logging.LogRecord(name, logging.ERROR, __file__, 1, "Unable connect to node with id %s", (node,), None)
    record.created = second
    return record


def test_the_same_line_of_the_library_is_told_once_in_a_while_and_counted() -> None:
    seldom = Seldom("aiokafka", 10)
    told = []
    for tenth in range(300):
        record = line("aiokafka.client", tenth / 10, tenth % 3)
        if seldom.filter(record):
            told.append(record.getMessage())
    assert told == [
        "Unable connect to node with id 0",
        "Unable connect to node with id 1 (99 times more since it was last told)",
        "Unable connect to node with id 2 (99 times more since it was last told)",
    ]


def test_other_lines_and_other_loggers_are_told() -> None:
    seldom = Seldom("aiokafka", 10)
    assert seldom.filter(line("aiokafka.client", 0, 0))
    other = line("aiokafka.client", 0, 0)
    other.msg = "Unable to update metadata from %s"
    assert seldom.filter(other)
    assert all(seldom.filter(line("shared.consumer", 0, 0)) for _ in range(3))
