"""The deadline policy: versioned data, validated when it is loaded. Pure but for `load`."""

from datetime import time
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from shared.contract.events import Bilingual, CaseKind, CaseMark, Level
from shared.contract.refusals import Invalid
from shared.contract.words import ClockKind
from shared.contract.yaml_text import faults_of, read_yaml
from shared.time.instants import Instant

DATA = Path(__file__).with_name("policy.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Span(_Strict):
    """A length of time, in exactly one of its units."""

    hours: Annotated[float, Field(ge=0)] | None = None
    working_hours: Annotated[float, Field(gt=0)] | None = None
    working_days: Annotated[int, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> Self:
        if sum(unit is not None for unit in (self.hours, self.working_hours, self.working_days)) != 1:
            raise ValueError("give one of hours, working_hours, working_days")
        return self


class Warning_(_Strict):  # noqa: N801  Warning is Python's own
    """A warning before the deadline: after a span, at a share of the whole, or on the morning of the last day."""

    step: str
    after: Span | None = None
    share: Annotated[float, Field(gt=0, lt=1)] | None = None
    last_day_at: time | None = None
    recipients: Annotated[list[Literal["enterprise", "officer", "station_chief"]], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_moment(self) -> Self:
        if sum(moment is not None for moment in (self.after, self.share, self.last_day_at)) != 1:
            raise ValueError("give one of after, share, last_day_at")
        return self


def _in_both(source: object) -> object:
    """Policies published before sources had two languages have one text for both."""
    return {"zh": source, "en": source} if isinstance(source, str) else source


Source = Annotated[Bilingual, BeforeValidator(_in_both)]
"""The law, plan or practice that something rests on."""

LadderRole = Literal["station_chief", "section", "leader"]


class Rung(_Strict):
    """A rung of the ladder: who must act how long after the miss, and how often it is repeated until someone does."""

    step: str
    after: Span
    roles: Annotated[list[LadderRole], Field(min_length=1)]
    repeat_hours: Annotated[float, Field(gt=0)] | None = None


class DeadlineRule(_Strict):
    """How one kind of deadline is computed, warned of and escalated; `starts` says what it runs from.

    Counsel decides whether the day of issue is one of the working days, and whether the last of them ends at 24:00 or
    at the close of business (Civil Code arts. 201, 203).
    """

    level: Level
    name: Bilingual
    stated: bool
    source: Source
    starts: Bilingual = Bilingual(zh="发出预警", en="alert issued")
    span: Span
    start_day: Literal["excluded", "included"] = "excluded"
    ends: Literal["midnight", "close_of_business"] = "midnight"
    warnings: list[Warning_]
    ladder: Annotated[list[Rung], Field(min_length=1)]

    @model_validator(mode="after")
    def _only_days_begin_and_end(self) -> Self:
        if self.span.working_days is None and (self.start_day, self.ends) != ("excluded", "midnight"):
            raise ValueError("start_day and ends are for a span of working_days: hours run from the stipulated moment")
        return self

    @model_validator(mode="after")
    def _steps_are_unique(self) -> Self:
        steps = [warning.step for warning in self.warnings] + [rung.step for rung in self.ladder]
        if len(steps) != len(set(steps)):
            raise ValueError("two steps have the same name")
        return self

    @model_validator(mode="after")
    def _the_ladder_rises_in_time(self) -> Self:
        """As far as spans can be compared without a calendar: at once comes first, and of one unit the shorter."""
        for lower, higher in pairwise(self.ladder):
            before, after = lower.after.model_dump(exclude_none=True), higher.after.model_dump(exclude_none=True)
            if any(after[unit] < span for unit, span in before.items() if unit in after) or (
                after == {"hours": 0} and before != after
            ):
                raise ValueError(f"ladder: {higher.step} comes before {lower.step}, which stands below it")
        return self


class Milestone(_Strict):
    """What the bureau expects of its own people: from one mark of a case to another, in working hours.

    `name` is what people read. What a missed milestone brings about follows from the mark it `ends` with.
    """

    name: Bilingual
    stated: bool
    source: Source
    kinds: Annotated[list[CaseKind], Field(min_length=1)]
    begins: Literal[CaseMark.ASSIGNED, CaseMark.ANSWERED]
    ends: Literal[CaseMark.ACCEPTED, CaseMark.ARRIVED, CaseMark.REVIEWED]
    working_hours: Annotated[float, Field(gt=0)]
    recipients: Annotated[list[LadderRole], Field(min_length=1)]


class Silence(_Strict):
    """How long the enterprise may leave a self-report unanswered before its alert is graded again.

    In natural hours from the alert's issue, apart from time that people gave, and never before it is due. An answer's
    message may take `patience_minutes` to arrive. Policies from before deadline_watch kept this time have it too.
    """

    name: Bilingual = Bilingual(zh="黄色预警持续未反馈", en="a yellow alert that stays unanswered")
    stated: bool = False
    source: Source = Bilingual(
        zh="推定：黄色预警发出后 24 小时仍未反馈的，转为执法事项。",
        en="Inferred: a yellow alert left unanswered for 24 hours is an enforcement matter.",
    )
    hours: Annotated[float, Field(gt=0)] = 24
    patience_minutes: Annotated[float, Field(ge=0)] = 2


def _with_later_kinds(read: Any) -> Any:
    """A policy from before a kind of deadline existed has the rule that came with the software for it."""
    if not isinstance(read, dict) or not isinstance(given := read.get("deadlines"), dict):
        return read
    return read | {"deadlines": {kind: rule for kind, rule in _shipped().items() if kind in _LATER} | given}


_LATER = frozenset({ClockKind.FINAL_REPORT, ClockKind.FOLLOW_UP, ClockKind.MARKING})


@cache
def _shipped() -> dict[str, Any]:
    rules: dict[str, Any] = read_yaml(DATA.read_text(encoding="utf-8"))["deadlines"]
    return rules


class DeadlinePolicy(_Strict):
    """A version of the policy. Working hours are half-open and in order."""

    version: str
    effective_from: Instant
    working_hours: Annotated[list[tuple[time, time]], Field(min_length=1)]
    deadlines: dict[ClockKind, DeadlineRule]
    milestones: dict[str, Milestone] = {}
    silence: Silence | None = Silence()

    @classmethod
    def load(cls, path: Path = DATA) -> Self:
        """The policy in the YAML file at `path`. Raises Invalid."""
        return cls.parse(path.read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The policy in YAML `text`. Raises Invalid."""
        try:
            return cls.model_validate(_with_later_kinds(read_yaml(text)))
        except (yaml.YAMLError, ValidationError) as error:
            raise Invalid("policy-invalid", faults_of(error), title="The policy does not stand up") from error

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if missing := set(ClockKind) - self.deadlines.keys():
            raise ValueError(f"deadlines: none for {', '.join(sorted(missing))}")
        moments = [moment for interval in self.working_hours for moment in interval]
        if moments != sorted(set(moments)):
            raise ValueError("working_hours: intervals must follow one another")
        return self

    def silence_of(self, kind: ClockKind) -> Silence | None:
        """How long a clock of `kind` may stay unanswered; None where nothing follows from it."""
        return self.silence if kind == ClockKind.SELF_REPORT else None

    def kind_of(self, level: Level) -> ClockKind:
        """The kind of deadline that an alert of `level` starts. Raises ValueError for white, which has none."""
        for kind in (ClockKind.SELF_REPORT, ClockKind.ON_SITE):
            if self.deadlines[kind].level == level:
                return kind
        raise ValueError(f"{level} has no deadline: it asks for no answer")
