"""Assessing an event: its own grade, what must be recalled of the past, and the grade that comes of both. Pure."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from services.alert_ingest.domain.facts import NOTHING_SINCE, Since, facts_of, shows_exceeding_hour
from services.alert_ingest.domain.grading import Decided, Graded, grade, known_facts, level_by, level_of
from services.alert_ingest.domain.history import Counted, Question, Trace
from services.alert_ingest.domain.parsing import Occurrence, Received
from services.alert_ingest.domain.rule_book.book import RuleBook
from shared.contract.events import AnomalyEvent, Level

Recalled = Sequence[tuple[datetime, UUID]]


@dataclass(frozen=True)
class Assessed:
    """An alert as its own facts show it: the trace it leaves, and the rule that would decide without any past."""

    event: AnomalyEvent
    book: RuleBook
    classification: frozenset[str]
    trace: Trace
    decided: Decided

    @classmethod
    def of(
        cls,
        alert_id: UUID,
        event: AnomalyEvent,
        occurrence: Occurrence,
        book: RuleBook,
        classification: Collection[str] = (),
    ) -> "Assessed":
        facts = facts_of(event.data, book.policy, classification)
        decided = book.decide(facts | dict.fromkeys(book.history, 0.0))
        trace = Trace(
            alert_id=alert_id,
            enterprise_code=occurrence.enterprise_code,
            outlet=occurrence.outlet,
            pollutant=occurrence.pollutant,
            occurred_at=occurrence.occurred_at,
            rule=decided.code,
            level=level_of(decided),
            exceeding=shows_exceeding_hour(facts),
        )
        return cls(event, book, frozenset(classification), trace, decided)

    @classmethod
    def opened_by(
        cls, received: Received, alert_id: UUID, book: RuleBook, classified: Mapping[str, Collection[str]]
    ) -> "Assessed":
        """By the event that opens the alert, at an enterprise classified by its code."""
        occurrence = received.occurrence
        return cls.of(alert_id, received.event, occurrence, book, classified[occurrence.enterprise_code])

    @property
    def strength(self) -> tuple[int, bool, str]:
        """What makes one event of an anomaly stand for it rather than another, in whatever order they came."""
        return self.trace.level.rank, self.trace.exceeding, self.trace.rule

    def response(self, level: Level) -> str:
        """What it asks for where people settled on `level`."""
        return self.book.response(level, facts_of(self.event.data, self.book.policy, self.classification))

    def again(self, event: AnomalyEvent) -> "Assessed":
        """Another event of the same anomaly, by the same book and classification."""
        trace = self.trace
        occurrence = Occurrence(
            trace.outlet, event.data.category, trace.pollutant, trace.occurred_at, trace.enterprise_code
        )
        return Assessed.of(trace.alert_id, event, occurrence, self.book, self.classification)

    def questions(self) -> dict[str, Question]:
        """What has to be recalled before it can be graded, by the name of the history fact."""
        facts = {name: self.book.history[name] for name in self.book.asked(self.event.data.category, self.decided)}
        return {
            name: fact.question(self.trace, self.book.relatives)
            for name, fact in facts.items()
            if self.trace.exceeding or not fact.of_hours
        }

    def history(self, recalled: Mapping[str, Recalled]) -> dict[str, Counted]:
        """Its history facts, given the answers to its questions."""
        return {
            name: fact.counted(self.trace, recalled[name])
            if name in recalled
            else Counted(fact.alone(self.trace.level, exceeding=self.trace.exceeding))
            for name, fact in self.book.history.items()
        }

    def facts(self, recalled: Mapping[str, Recalled]) -> dict[str, Any]:
        """Every fact that its grade is found with."""
        return known_facts(self.event, self.book, self.classification, self.history(recalled))

    def level(self, recalled: Mapping[str, Recalled]) -> Level:
        """The level of `graded` alone, which is most of the answer where most grades stay as they are."""
        return level_by(self.facts(recalled), self.book)

    def graded(self, recalled: Mapping[str, Recalled], since: Since = NOTHING_SINCE) -> Graded:
        """The grade, given the answers to its questions."""
        return grade(
            self.event,
            self.book,
            classification=self.classification,
            history=self.history(recalled),
            since=since,
        )


@dataclass(frozen=True)
class Weighed:
    """The events of one anomaly weighed: the strongest stands for it; weaker ones ask a person whether it should."""

    strongest: Assessed
    weaker: tuple[Assessed, ...] = ()


def weigh(first: Assessed, repeats: Iterable[AnomalyEvent]) -> Weighed:
    """What the repeats of an anomaly make of it. Nothing that was shown is taken back without a person."""
    shown = [first, *(first.again(event) for event in repeats)]
    strongest = max(shown, key=lambda one: one.strength)  # of equals the first
    weaker = (one for one in shown[1:] if one.trace.level.rank < strongest.trace.level.rank)
    return Weighed(strongest, tuple(weaker))


def recall_together(
    assessed: Sequence[Assessed], recall: Callable[[Question], Recalled] = lambda question: ()
) -> list[dict[str, Recalled]]:
    """The answers to the questions of alerts of which each is part of the others' past, one mapping for each alert.

    `recall` answers for what lies outside.
    """
    index: defaultdict[tuple[str, str | None], list[Trace]] = defaultdict(list)
    for one in assessed:
        index[one.trace.enterprise_code, None].append(one.trace)
        index[one.trace.enterprise_code, one.trace.outlet].append(one.trace)
    return [
        {
            name: [*recall(question), *remembered(question, index[question.enterprise_code, question.outlet])]
            for name, question in one.questions().items()
        }
        for one in assessed
    ]


def remembered(question: Question, traces: Iterable[Trace]) -> list[tuple[datetime, UUID]]:
    """Those of `traces` that count."""
    return [(trace.occurred_at, trace.alert_id) for trace in traces if question.counts(trace)]
