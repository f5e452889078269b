"""Variables that are whole anyway need no search; where they are not, it is searched for the least that is."""

import pytest

from services.dispatcher.domain.integer_programme import Row, least


def solved(costs: list[float], integral: int, rows: list[Row]) -> list[float]:
    found = least(costs, integral, rows, seconds=1.0, gap=1e-4)
    assert found is not None
    return list(found)


def test_the_cheapest_of_each_is_taken() -> None:
    rows: list[Row] = [({0: 1.0, 1: 1.0}, 1.0, 1.0), ({2: 1.0, 3: 1.0}, 1.0, 1.0)]
    assert solved([2.0, 1.0, 1.0, 2.0], 4, rows) == pytest.approx([0, 1, 1, 0])


def test_halves_are_no_answer() -> None:
    # Of three that exclude each other in pairs, a half of each would be worth more than one of them.
    rows: list[Row] = [({0: 1.0, 1: 1.0}, 0.0, 1.0), ({1: 1.0, 2: 1.0}, 0.0, 1.0), ({0: 1.0, 2: 1.0}, 0.0, 1.0)]
    assert solved([-1.0, -1.0, -1.1], 3, rows) == pytest.approx([0, 0, 1])


def test_the_others_may_be_anything_between() -> None:
    assert solved([-1.0, 1.0], 1, [({0: 0.5, 1: -1.0}, 0.0, 0.0)]) == pytest.approx([1, 0.5])


def test_what_cannot_be_is_not_found() -> None:
    assert least([1.0], 1, [({0: 1.0}, 2.0, 2.0)], seconds=1.0, gap=1e-4) is None
