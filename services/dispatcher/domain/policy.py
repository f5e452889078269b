"""The dispatch policy: versioned data, checked when it is read. Pure but for `load`."""

from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from services.dispatcher.domain.outcomes import OutcomeCode, require_listed
from shared.contract.names import ON_SITE_OUTCOMES
from shared.contract.refusals import Invalid
from shared.contract.words import DecisiveOutcome
from shared.contract.yaml_text import faults_of, read_yaml
from shared.time.instants import Instant

DATA = Path(__file__).with_name("policy.yaml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Points(_Strict):
    """What giving a case to an officer costs."""

    open_case: Annotated[float, Field(ge=0)]
    due_soon: Annotated[float, Field(ge=0)]
    recent_case: Annotated[float, Field(ge=0)]
    skill_missing: Annotated[float, Field(ge=0)]
    continuity: Annotated[float, Field(le=0)]
    kilometre: Annotated[float, Field(ge=0)]
    leaving: Annotated[float, Field(ge=0)] = 0  # not in policies from before November 2026


class SkillRule(_Strict):
    """A skill that a matter asks for by its medium, pollutant or category."""

    skill: str
    media: list[str] = []
    pollutants: list[str] = []
    categories: list[str] = []


class AssignmentPolicy(_Strict):
    capacity: Annotated[int, Field(ge=1)]
    due_soon_hours: Annotated[float, Field(ge=0)]
    fairness_days: Annotated[int, Field(ge=0)]
    points: Points
    farthest_km: Annotated[float, Field(gt=0)]
    leaving_days: Annotated[int, Field(ge=0)] = 0
    skills: list[SkillRule]

    def skills_for(self, category: str, medium: str | None, pollutant: str | None) -> frozenset[str]:
        """What the two officers together should be able to do."""
        return frozenset(
            rule.skill
            for rule in self.skills
            if medium in rule.media or pollutant in rule.pollutants or category in rule.categories
        )


class VerificationPolicy(_Strict):
    """Which accepted self-reports are verified on site."""

    share: Annotated[float, Field(ge=0, le=1)]
    repeat_cases: Annotated[int, Field(ge=1)]
    repeat_days: Annotated[int, Field(ge=1)]


class ReachPolicy(_Strict):
    """How long a notice that starts or reminds of a clock may take to arrive on a channel, before the next is tried."""

    yellow_minutes: Annotated[float, Field(gt=0)] = 10
    red_minutes: Annotated[float, Field(gt=0)] = 30


class DigestPolicy(_Strict):
    """How long a list of what goes to one person gathers, and how many hours lie between two lists to an office."""

    gather_seconds: Annotated[float, Field(ge=0)] = 60
    hours: Annotated[float, Field(ge=0)] = 1


class ReportPolicy(_Strict):
    """Which times of a self-report can be true. Policies from before these were kept have these."""

    clock_skew_minutes: Annotated[float, Field(ge=0, le=60)] = 5
    interim_days: Annotated[float, Field(gt=0, le=365)] = 30


class FollowUpPolicy(_Strict):
    """How far ahead the date of an order or an observation may lie."""

    days_at_most: Annotated[int, Field(ge=1)] = 365


class OutcomeRule(_Strict):
    """An outcome that a visit may be reported with, and whether the provision that it rests on must be named.

    What those that the software knows ask for is known; of a bureau's own the code is what people read.
    """

    code: OutcomeCode
    legal_basis: bool = False


class DispatchPolicy(_Strict):
    """What policies published before there was an entry lack of it is as the software ships it."""

    version: str
    effective_from: Instant
    assignment: AssignmentPolicy
    declines: Annotated[int, Field(ge=0)]
    truth_check: VerificationPolicy
    self_report: ReportPolicy = ReportPolicy()
    follow_up: FollowUpPolicy = FollowUpPolicy()
    arrival_metres: Annotated[float, Field(ge=0)]
    reach: ReachPolicy = ReachPolicy()
    digest: DigestPolicy = DigestPolicy()
    outcomes: Annotated[list[OutcomeRule], Field(max_length=50)] = [OutcomeRule(code=code) for code in ON_SITE_OUTCOMES]

    @field_validator("outcomes")
    @classmethod
    def _each_once_and_what_decides(cls, outcomes: list[OutcomeRule]) -> list[OutcomeRule]:
        codes = [one.code for one in outcomes]
        if len(set(codes)) < len(codes):
            raise ValueError("an outcome is listed twice")
        if missing := [code for code in DecisiveOutcome if code not in codes]:
            raise ValueError(f"{', '.join(missing)} must be listed: the alert is graded anew by it")
        return outcomes

    def require_outcome(self, outcome: str, legal_basis: str | None) -> None:
        """Raises Invalid for an outcome that is not listed, or that lacks the provision which it must name."""
        require_listed(outcome, [one.code for one in self.outcomes])
        if not legal_basis and any(one.legal_basis for one in self.outcomes if one.code == outcome):
            raise Invalid(
                "outcome-incomplete",
                f"legal_basis: the outcome {outcome} carries it.",
                title="The outcome is not whole",
                field="legal_basis",
            )

    @classmethod
    def load(cls, path: Path = DATA) -> Self:
        """The policy that comes with the software. Raises Invalid."""
        return cls.parse(path.read_text(encoding="utf-8"))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The policy in YAML `text`. Raises Invalid, which names the entry and the fault."""
        try:
            return cls.model_validate(read_yaml(text))
        except (yaml.YAMLError, ValidationError) as error:
            raise Invalid("policy-invalid", faults_of(error), title="The policy is not valid") from error
