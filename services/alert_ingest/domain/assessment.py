"""Assessing an event: its own grade, which earlier alerts count, and the grade that comes of both."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from services.alert_ingest.domain.event_facts import NO_LATER_FACTS, LaterFacts, facts_of, shows_exceeding_hour
from services.alert_ingest.domain.explained import Decided, level_by, level_of
from services.alert_ingest.domain.facts import FactValue
from services.alert_ingest.domain.grading import Grade, grade_by
from services.alert_ingest.domain.history import Counted, HistoryEntry, HistoryQuery
from services.alert_ingest.domain.parsing import Occurrence, Received
from services.alert_ingest.domain.rule_book.book import RuleBook
from shared.contract.events import AnomalyEvent, Level

EarlierAlerts = Sequence[tuple[datetime, UUID]]


@dataclass(frozen=True)
class Assessment:
    """An alert as its own facts show it: its history entry, and the rule that would decide without any past.

    `own` are those facts, history facts as nothing.
    """

    event: AnomalyEvent
    book: RuleBook
    classification: frozenset[str]
    entry: HistoryEntry
    decided: Decided
    own: Mapping[str, FactValue] = field(repr=False, compare=False)

    @classmethod
    def of(
        cls,
        alert_id: UUID,
        event: AnomalyEvent,
        occurrence: Occurrence,
        book: RuleBook,
        classification: Collection[str] = (),
    ) -> "Assessment":
        facts = facts_of(event.data, book.policy_at(occurrence.outlet), classification)
        facts.update(book.no_history)
        decided = book.decide(facts)
        entry = HistoryEntry(
            alert_id=alert_id,
            enterprise_code=occurrence.enterprise_code,
            outlet=occurrence.outlet,
            pollutant=occurrence.pollutant,
            occurred_at=occurrence.occurred_at,
            rule=decided.code,
            level=level_of(decided),
            exceeding=shows_exceeding_hour(facts),
        )
        return cls(event, book, frozenset(classification), entry, decided, facts)

    @classmethod
    def opened_by(
        cls, received: Received, alert_id: UUID, book: RuleBook, classified: Mapping[str, Collection[str]]
    ) -> "Assessment":
        """By the event that opens the alert, at an enterprise classified by its code."""
        occurrence = received.occurrence
        return cls.of(alert_id, received.event, occurrence, book, classified[occurrence.enterprise_code])

    @property
    def strength(self) -> tuple[int, bool, str]:
        """How events of one anomaly compare: the strongest decides, in whatever order they came."""
        return self.entry.level.rank, self.entry.exceeding, self.entry.rule

    def response(self, level: Level) -> str:
        """Return what the alert asks for where people decided on `level`."""
        return self.book.response(level, self.own)

    def with_event(self, event: AnomalyEvent) -> "Assessment":
        """Assess another event of the same anomaly, by the same book and classification."""
        entry = self.entry
        occurrence = Occurrence(
            entry.outlet, event.data.category, entry.pollutant, entry.occurred_at, entry.enterprise_code
        )
        return Assessment.of(entry.alert_id, event, occurrence, self.book, self.classification)

    def has_in_history(self, changed: Iterable[HistoryEntry]) -> bool:
        """Whether any of `changed` counts for it."""
        return any_counts(changed, self.history_queries)

    @cached_property
    def history_queries(self) -> Mapping[str, HistoryQuery]:
        """Return which earlier alerts have to be found before it can be graded, by the name of the history fact."""
        return history_queries_of(self.entry, self.event.data.category, self.decided, self.book)

    def history(self, earlier: Mapping[str, EarlierAlerts]) -> dict[str, Counted]:
        """Return its history facts, given the earlier alerts that count."""
        counted = dict(self.book.history_alone(self.entry.level, exceeding=self.entry.exceeding))
        for name, found in earlier.items():
            if found:  # of most there are none
                counted[name] = self.book.history[name].counted(self.entry, found)
        return counted

    def facts(self, earlier: Mapping[str, EarlierAlerts]) -> dict[str, FactValue]:
        """Return every fact that its grade is found with."""
        return {**self.own, **{name: counted.value for name, counted in self.history(earlier).items()}}

    def level(self, earlier: Mapping[str, EarlierAlerts]) -> Level:
        """Return the level of its grade alone, which is enough where most grades stay as they are."""
        return level_by(self.facts(earlier), self.book)

    def grade(
        self,
        earlier: Mapping[str, EarlierAlerts],
        later: LaterFacts = NO_LATER_FACTS,
        standing: Level = Level.WHITE,
    ) -> Grade:
        """Grade it, given the earlier alerts that count, what came to light later, and the level it stands at."""
        history = self.history(earlier)
        facts = {**self.own, **{name: counted.value for name, counted in history.items()}}
        if later is not NO_LATER_FACTS:
            facts |= later._asdict()
        return grade_by(facts, self.event, self.book, history=history, standing=standing)


def history_queries_of(entry: HistoryEntry, category: str, decided: Decided, book: RuleBook) -> dict[str, HistoryQuery]:
    """Return which earlier alerts count for an alert that claims `category`, by the name of the history fact."""
    facts = [(name, book.history[name]) for name in book.history_facts_for(category, decided)]
    return {
        name: fact.query(entry, book.family_members) for name, fact in facts if entry.exceeding or not fact.of_hours
    }


def any_counts(entries: Iterable[HistoryEntry], queries: Mapping[str, HistoryQuery]) -> bool:
    """Whether any of `entries` counts by one of `queries`."""
    return any(query.matches(entry) for entry in entries for query in queries.values())


class Evaluation(NamedTuple):
    """The events of one anomaly compared: the strongest decides; of weaker ones a person is asked whether it should."""

    strongest: Assessment
    weaker: tuple[Assessment, ...] = ()


def evaluate(first: Assessment, repeats: Collection[AnomalyEvent]) -> Evaluation:
    """Find which event of an anomaly decides. Nothing that was shown is taken back without a person."""
    shown = [first, *[first.with_event(event) for event in repeats]] if repeats else [first]
    if len(shown) == 1:
        return Evaluation(first)
    strongest = max(shown, key=lambda one: one.strength)  # of equals the first
    weaker = (one for one in shown[1:] if one.entry.level.rank < strongest.entry.level.rank)
    return Evaluation(strongest, tuple(weaker))


def earlier_alerts_of_all(
    assessments: Sequence[Assessment],
    stored: Callable[[HistoryQuery], EarlierAlerts] = lambda query: (),
    held: Set[UUID] = frozenset(),
) -> list[dict[str, EarlierAlerts]]:
    """Find the earlier alerts that count for each of several alerts, which are part of one another's past.

    `stored` finds those that are not among them; those that are `held` count for no other. The answer has a mapping for
    each alert.
    """
    index: defaultdict[tuple[str, str | None], list[HistoryEntry]] = defaultdict(list)
    for one in assessments:
        entry = one.entry
        if held and entry.alert_id in held:
            continue
        index[entry.enterprise_code, None].append(entry)
        index[entry.enterprise_code, entry.outlet].append(entry)
    return [
        {
            name: [*stored(query), *matching(query, index[query.enterprise_code, query.outlet])]
            for name, query in one.history_queries.items()
        }
        for one in assessments
    ]


def matching(query: HistoryQuery, entries: Iterable[HistoryEntry]) -> list[tuple[datetime, UUID]]:
    """Return those of `entries` that count."""
    return [(entry.occurred_at, entry.alert_id) for entry in entries if query.matches(entry)]
