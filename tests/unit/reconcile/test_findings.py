"""What is said of a gap, and when it is taken up again."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.reconcile.findings import MENDING, WORDINGS, Gap, Link, Remedy, finding, remedy
from services.reconcile.questions import QUESTIONS

START = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


def event(first: timedelta = timedelta(), handed: timedelta = timedelta()) -> Gap:
    return Gap("it", "E1", START, uuid4(), "ingest", Remedy.PUBLISH, START + first, START + handed)


def test_every_link_has_its_question_and_its_words_in_both_languages() -> None:
    assert list(QUESTIONS) == list(Link)
    assert set(WORDINGS) == set(Link)
    for words in WORDINGS.values():
        assert all((words.says.zh, words.says.en, words.asks.zh, words.asks.en))
    assert set(MENDING) == set(Remedy)


@given(st.timedeltas(timedelta(minutes=5), timedelta(days=30)), st.timedeltas(timedelta(), timedelta(days=30)))
def test_a_reader_that_is_down_is_not_buried_in_repetitions(grace: timedelta, down: timedelta) -> None:
    """Passes follow one another by the grace; the reader hears nothing while it is `down`."""
    now, handed, times = START, START, 0
    while (now := now + grace) <= START + down:
        if remedy(event(handed=handed - START), now) is not None:
            handed, times = now, times + 1
    in_the_first_hours = 12  # doubling from five minutes reaches the hour after so many at the most
    assert times <= in_the_first_hours + down / timedelta(hours=1)
    assert now - handed <= timedelta(hours=1) + 2 * grace


def test_what_waits_for_its_turn_says_until_when() -> None:
    gap = event(handed=timedelta(minutes=20))
    said = finding(Link.EVENT_READ, gap, START + timedelta(minutes=30), repaired=False).repair
    assert "2026-03-02T08:50:00+08:00" in said.en
    assert "2026-03-02T09:10:00+08:00" in said.zh
    assert remedy(gap, START + timedelta(minutes=40)) is Remedy.PUBLISH


def test_what_no_machine_mends_asks_people() -> None:
    gap = Gap("it", "E1", START)
    assert remedy(gap, START) is None
    said = finding(Link.CASE_LOST, gap, START, repaired=False)
    assert (said.repair, said.repaired) == (WORDINGS[Link.CASE_LOST].asks, False)
