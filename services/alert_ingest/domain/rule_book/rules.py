"""What a rule book is written in: rules, upgrades and the record of what neither covers, with their wordings."""

import re
from collections.abc import Mapping
from functools import cached_property
from string import Formatter
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.alert_ingest.domain.facts import Facts
from shared.contract.events import Bilingual, Level

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
GivenLevel = Annotated[Level, Field(strict=False)]
Medium = Literal["gas", "water", "other"]


STRICT = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
"""A book that says more, or otherwise, than is understood is refused."""


class _Strict(BaseModel):
    model_config = STRICT


class Wording(Bilingual):
    """Text of the book, complete in both languages. A reason names facts as {fact} and {policy[figure]}."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    zh: Text
    en: Text

    def filled(self, facts: Facts, policy: Mapping[str, float]) -> tuple[str, str]:
        """Return the reason with these facts filled in, in Chinese and in English."""
        if self._is_plain:
            return self.zh, self.en
        named = {"policy": policy, **{name: facts[name] for name in self._names}}
        return self.zh.format_map(named), self.en.format_map(named)

    @cached_property
    def _is_plain(self) -> bool:
        return not any(bracket in text for text in (self.zh, self.en) for bracket in "{}")

    @cached_property
    def _names(self) -> tuple[str, ...]:
        """The facts that it names."""
        fields = (field for text in (self.zh, self.en) for _, field, _, _ in Formatter().parse(text) if field)
        return tuple({re.split(r"[.\[]", field)[0] for field in fields} - {"policy"})


class Fallback(_Strict):
    """The white record for an event to which no rule applies."""

    code: Text
    name: Wording
    reason: Wording
    source: Text


class _Conditional(_Strict):
    """What rules and upgrades have in common. `source` is the law, standard or plan it is based on."""

    code: Text
    name: Wording
    stated: bool
    requires: list[Text] = []
    when: Text
    reason: Wording
    source: Text


class Rule(_Conditional):
    """One line of the catalogue. Its `code` is the category it defines.

    Where it holds together with another rule of its level and family, the event's own category comes first, and
    else the one that does not yield: `yields_to` names the rules that it gives way to.
    """

    families: Annotated[list[Text], Field(min_length=1)]
    media: Annotated[list[Medium], Field(min_length=1)]
    level: GivenLevel
    yields_to: list[Text] = []


class Upgrade(_Conditional):
    """A reason to grade an alert stricter than its own rule does, because of what happened before or did not after.

    The alert keeps its category; the upgrade names the cause. `never` lists rules that say there was no evidence.
    """

    from_: Annotated[GivenLevel, Field(alias="from")]
    to: GivenLevel
    never: list[Text] = []
