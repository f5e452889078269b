"""The facts of an event, and which of them are evidence: by HJ 75-2017, HJ 356-2019 and the marking rules of 2022."""

import math
from collections.abc import Collection, Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from services.alert_ingest.domain.facts import FACTS, PH, Facts, FactValue, number_of
from shared.contract.codes import EnterpriseCode, OutletCode
from shared.contract.events import AnomalyData, MarkingKind

VALID_MARKINGS = frozenset(kind.value for kind in MarkingKind)
"""Markings that remove evidence where a reason is recorded."""
EXCEEDANCE_FLAGS = frozenset({"N", "T"})
EXCUSING_FLAGS = frozenset({"F", "M", "C"})


class LaterFacts(NamedTuple):
    """What came to light about an alert after it was issued: facts for grading it again."""

    unanswered_hours: float = 0.0
    report_untrue: bool = False


class _Read(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class _Enterprise(_Read):
    code: EnterpriseCode


class _Outlet(_Read):
    mn: OutletCode | None = None
    code: OutletCode | None = None
    medium: str | None = None


class _Pollutant(_Read):
    code: str


class _Window(_Read):
    start: datetime
    end: datetime | None = None


class _Marking(_Read):
    kind: str
    reason: str | None = None


class Evidence(_Read):
    """The part of an event's data that the facts are derived from. It was checked when the event was accepted."""

    category: str
    enterprise: _Enterprise
    outlet: _Outlet
    pollutant: _Pollutant | None = None
    period: str | None = None
    window: _Window | None = None
    observed: float | None = None
    limit: float | None = None
    unit: str | None = None
    flag: str | None = None
    marking: _Marking | None = None
    valid_count: int | None = None
    expected_count: int | None = None


NO_LATER_FACTS = LaterFacts()
_VOC_GRADES = {"voc_a": "A", "voc_b": "B", "voc_c": "C"}


def facts_of(
    data: AnomalyData | Evidence,
    policy: Mapping[str, float],
    classification: Collection[str] = (),
    later: LaterFacts = NO_LATER_FACTS,
) -> dict[str, FactValue]:
    """Return every fact of an event's `data` at an enterprise of `classification`; None where it is unknown.

    Validity by HJ 75-2017, HJ 356-2019 and the marking rules. History facts are the rule book's, and not among these.
    """
    pollutant = data.pollutant.code if data.pollutant else None
    limit = None if limit_is_senseless(data) else data.limit
    flag, marked, share = data.flag or "N", _is_marked(data), _ratio(data.valid_count, data.expected_count)
    return {
        "category": data.category,
        "medium": data.outlet.medium or _medium_of(pollutant),
        "period": data.period,
        "pollutant": pollutant,
        "observed": data.observed,
        "limit": limit,
        "unit": data.unit,
        "flag": flag,
        "marking": data.marking.kind if data.marking else None,
        "marked": marked,
        "valid_share": share,
        "window_hours": _window_hours(data),
        **_of_enterprise(frozenset(classification)),
        "unanswered_hours": later.unanswered_hours,
        "report_untrue": later.report_untrue,
        **_derived(pollutant, data.observed, limit, flag, share, policy, marked=marked),
    }


@lru_cache
def _of_enterprise(classification: frozenset[str]) -> dict[str, FactValue]:
    return {
        "key_unit": "key_unit" in classification,
        "positive_list": "positive_list" in classification,
        "special_supervision": "special_supervision" in classification,
        "voc_grade": next((grade for word, grade in _VOC_GRADES.items() if word in classification), None),
    }


def limit_is_senseless(data: AnomalyData | Evidence) -> bool:
    """Whether the event gives a limit that nothing discharged can have: zero, or below it.

    pH has a range, and what working-condition monitoring watches (a temperature, the low pressure of a hood) may have
    a limit below zero.
    """
    if data.limit is None or data.limit > 0 or data.category.startswith("voc_"):
        return False
    return data.pollutant is None or data.pollutant.code != PH


def outlet_of(data: AnomalyData | Evidence) -> str:
    """Name the outlet: by its MN, else by its enterprise's code and its permit number, unique only within that."""
    return data.outlet.mn or f"{data.enterprise.code}/{data.outlet.code}"


def derived(given: Facts, policy: Mapping[str, float]) -> dict[str, FactValue]:
    """Return the facts that follow from the given ones."""
    return _derived(
        given["pollutant"],
        number_of(given, "observed"),
        number_of(given, "limit"),
        given["flag"],
        number_of(given, "valid_share"),
        policy,
        marked=bool(given["marked"]),
    )


def _derived(
    pollutant: FactValue,
    observed: float | None,
    limit: float | None,
    flag: FactValue,
    share: float | None,
    policy: Mapping[str, float],
    *,
    marked: bool,
) -> dict[str, FactValue]:
    is_ph = pollutant == PH
    return {
        "is_ph": is_ph,
        "ratio": None if is_ph else _ratio(observed, limit),
        "exceeds": _exceeds(observed, limit, policy, is_ph=is_ph),
        "excused": marked or flag in EXCUSING_FLAGS,
        "valid": flag in EXCEEDANCE_FLAGS and not marked and (share is None or share >= policy["valid_share"]),
    }


def is_known_flag(flag: FactValue) -> bool:
    """Whether HJ 212 has the data flag."""
    return flag in FACTS["flag"].values


def flag_removes_evidence(flag: FactValue) -> bool:
    """Whether a data flag excuses, or is one that nobody knows: the value is no evidence then."""
    return flag in EXCUSING_FLAGS or not is_known_flag(flag)


def taken_at_its_word(
    facts: Facts, data: AnomalyData | Evidence, policy: Mapping[str, float]
) -> dict[str, FactValue] | None:
    """Return the facts as they would be if nothing that a person has to look at removed evidence.

    That is a marking, a data flag which excuses or which nobody knows, and a limit that cannot be one. None where there
    is no such thing.
    """
    counts_not = flag_removes_evidence(facts["flag"])
    if not (facts["marked"] or counts_not or limit_is_senseless(data)):
        return None
    given = {**facts, "marked": False, "flag": "N" if counts_not else facts["flag"], "limit": data.limit}
    return given | derived(given, policy)


def shows_exceeding_hour(facts: Facts) -> bool:
    """Whether the event is evidence of an hour above the limit, whatever it was pushed as."""
    return facts["period"] == "hour" and facts["valid"] is True and facts["exceeds"] is True


def _is_marked(data: AnomalyData | Evidence) -> bool:
    marking = data.marking
    return marking is not None and marking.kind in VALID_MARKINGS and bool((marking.reason or "").strip())


def _exceeds(observed: float | None, limit: float | None, policy: Mapping[str, float], *, is_ph: bool) -> bool | None:
    if observed is None:
        return None
    if is_ph:
        return not policy["ph_low"] <= observed <= policy["ph_high"]
    return None if limit is None else observed > limit


def _ratio(part: float | None, whole: float | None) -> float | None:
    if part is None or whole is None or whole <= 0:
        return None
    ratio = part / whole
    return ratio if math.isfinite(ratio) else None  # JSON knows no infinity


def _window_hours(data: AnomalyData | Evidence) -> float | None:
    window = data.window
    if window is None or window.end is None:
        return None
    return (window.end - window.start).total_seconds() / 3600


_MEDIA = {"a": "gas", "w": "water"}
"""HJ 525 writes air factors with a leading a, water factors with a leading w."""


def _medium_of(pollutant: str | None) -> str | None:
    return _MEDIA.get(pollutant[:1]) if pollutant else None
