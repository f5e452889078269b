"""Doubts (存疑): what is unlikely about an event that is usable all the same. Shown beside the grade."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from services.alert_ingest.domain import credit_code
from services.alert_ingest.domain.age import OLD
from services.alert_ingest.domain.event_facts import (
    VALID_MARKINGS,
    flag_removes_evidence,
    is_known_flag,
    limit_is_senseless,
)
from services.alert_ingest.domain.facts import PH, Facts, number_of
from services.alert_ingest.domain.rule_book.rules import Rule
from shared.contract.codes import normalised
from shared.contract.events import AnomalyData, AnomalyEvent, Bilingual, Doubt, Level, Marking

# The factors that the monitors of this district measure, by HJ 212-2017 appendix B and HJ 525.
KNOWN_POLLUTANTS = frozenset(
    "a01001 a01002 a01011 a01012 a01013 a01014 a05002 a19001 a21001 a21002 a21003 a21004 a21005 a21018 a21022 a21024 "
    "a21026 a21028 a24088 a25002 a25003 a25005 a29017 a34013 a99010 a99054 "
    f"{PH} w00000 w01002 w01003 w01009 w01010 w01012 w01014 w01017 w01018 w01019 w20111 w20113 w20115 w20117 w20119 "
    "w20120 w20121 w20122 w20123 w20124 w20125 w20141 w21001 w21003 w21006 w21007 w21011 w21016 w21017 w21019 w22001 "
    "w23002 w99001".split()
)


SOURCE_UNPROVEN = "source-unproven"
ENTERPRISE_DIFFERS = "enterprise-differs"
"""Until November 2026 another enterprise's event was counted on an alert as a repeat: some stored alerts say so."""
OF_ANOTHER = "outlet-of-another-enterprise"
UNREGISTERED = "enterprise-unregistered"
LASTING = frozenset({SOURCE_UNPROVEN, ENTERPRISE_DIFFERS, OF_ANOTHER, UNREGISTERED, OLD})
"""Doubts that stay with an alert, whatever it is graded later."""
LEVELS = {Level.WHITE: "白色", Level.YELLOW: "黄色", Level.RED: "红色"}


def source_unproven(source: str) -> Doubt:
    """Platforms are told apart by their credentials, and this event came by a way that asks for none."""
    return Doubt(
        code=SOURCE_UNPROVEN,
        zh=f"事件经消息队列送达，来源 {source[:100]} 未经平台凭证证实",
        en=f"it came over Kafka, where nothing proves that it is from {source[:100]}",
    )


@cache
def unregistered() -> Doubt:
    """The bureau's master data do not have the enterprise: nobody has said which station is in charge of it."""
    return Doubt(
        code=UNREGISTERED,
        zh="企业未在主数据中登记，由执法科确定管辖的执法所",
        en="the enterprise is not registered in the master data: the section says which station is in charge",
    )


class Holder(NamedTuple):
    """The enterprise whose an outlet is: as master data have it registered, else as the first event about it said."""

    enterprise_code: str
    registered: bool


def outlet_of_another(mn: str, holder: Holder) -> Doubt:
    """The event names another enterprise than the one whose outlet it is."""
    code = holder.enterprise_code
    if holder.registered:
        return Doubt(
            code=OF_ANOTHER,
            zh=f"排放口 MN {mn} 在主数据中登记于企业 {code} 名下，与事件所报企业不符",
            en=f"the outlet of MN {mn} is registered to the enterprise {code}, not to the one that the event names",
        )
    return Doubt(
        code=OF_ANOTHER,
        zh=f"此前事件所报排放口 MN {mn} 属企业 {code}，与本事件所报企业不符",
        en=f"earlier events give the outlet of MN {mn} to the enterprise {code}, not to the one that this one names",
    )


def doubts_of(event: AnomalyEvent, facts: Facts, policy: Mapping[str, float]) -> list[Doubt]:
    """Every doubt about `event` that does not depend on its grade."""
    return list(_doubts(event, facts, policy))


def contradiction(claimed: Rule, why: Bilingual) -> Doubt:
    """The facts do not bear out the category that the platform claims; `why` says which of them."""
    return Doubt(
        code="category-contradicted",
        zh=f"平台报告为“{claimed.name.zh}”，但事实不支持：{why.zh}",
        en=f"pushed as {claimed.code}, but the facts do not bear it out: {why.en}",
    )


def lowered(event: AnomalyEvent, facts: Facts, unmarked: Level, level: Level) -> Doubt:
    """What the event says of its data is why the grade is `level` and not `unmarked`: somebody has to review it.

    That is a marking, a data flag, or a limit that cannot be one.
    """
    data = event.data
    if not (facts["marked"] or flag_removes_evidence(facts["flag"])):
        return Doubt(
            code="limit-to-review",
            zh=f"限值 {data.limit:g} 不合常理，使预警由{LEVELS[unmarked]}降为{LEVELS[level]}，须经审核",
            en=f"the limit {data.limit:g} cannot be one and takes the grade from {unmarked} down to {level}:"
            " it is to be reviewed",
        )
    named = facts["marking"] if facts["marked"] else facts["flag"]
    return Doubt(
        code="marking-to-review",
        zh=f"标记或数据标识（{named}）使预警由{LEVELS[unmarked]}降为{LEVELS[level]}，须经审核",
        en=f"the marking or data flag ({named}) takes the grade from {unmarked} down to {level}: it is to be reviewed",
    )


def _of_marking(marking: Marking) -> Iterator[Doubt]:
    if marking.kind not in VALID_MARKINGS:
        yield Doubt(
            code="marking-unknown",
            zh=f"未知的标记类型 {marking.kind}，不免除证据",
            en=f"unknown kind of marking {marking.kind}: it removes no evidence",
        )
    elif not (marking.reason or "").strip():
        yield Doubt(
            code="marking-without-reason",
            zh="标记未记录原因，不免除证据",
            en="the marking has no reason on record: it removes no evidence",
        )


def _doubts(event: AnomalyEvent, facts: Facts, policy: Mapping[str, float]) -> Iterator[Doubt]:
    data = event.data
    if not credit_code.is_valid(data.enterprise.code):
        yield Doubt(
            code="credit-code-check",
            zh="统一社会信用代码校验位不符（GB 32100-2015）",
            en="the unified social credit code fails its check character (GB 32100-2015)",
        )
    code = data.enterprise.code
    if event.subject not in (None, code) and normalised(str(event.subject)) != code:
        yield Doubt(
            code="subject-differs",
            zh="事件主体与企业代码不一致",
            en="the event's subject is not the enterprise's code",
        )
    if data.pollutant is not None and data.pollutant.code not in KNOWN_POLLUTANTS:
        yield Doubt(
            code="pollutant-unknown",
            zh=f"未知的污染物代码 {data.pollutant.code}",
            en=f"unknown pollutant code {data.pollutant.code}",
        )
    if "exceedance" in data.category and facts["exceeds"] is False:
        yield Doubt(
            code="not-above-limit",
            zh="实测值未超过限值",
            en="the observed value is not above the limit",
        )
    if limit_is_senseless(data):
        yield Doubt(
            code="limit-senseless",
            zh=f"限值 {data.limit:g} 不合常理，不作为超标依据",
            en=f"a limit of {data.limit:g} cannot be one: it shows no exceedance",
        )
    if data.flag is None:
        yield Doubt(code="flag-missing", zh="缺少数据标识，按正常数据处理", en="no data flag; taken as normal (N)")
    elif not is_known_flag(data.flag):
        yield Doubt(
            code="flag-unknown",
            zh=f"未知的数据标识 {data.flag}，不作为超标证据",
            en=f"unknown data flag {data.flag}: no evidence of exceedance",
        )
    elif data.flag == "T":
        yield Doubt(
            code="flag-over-range",
            zh="数据标识为超量程，实际值可能更高",
            en="flagged over range: the true value may be higher",
        )
    if data.marking is not None:
        yield from _of_marking(data.marking)
    yield from _of_counts(data, facts, policy)


def _of_counts(data: AnomalyData, facts: Facts, policy: Mapping[str, float]) -> Iterator[Doubt]:
    if data.valid_count is not None and data.expected_count is not None and data.valid_count > data.expected_count:
        yield Doubt(
            code="more-valid-than-expected",
            zh=f"有效数据 {data.valid_count} 个，多于应有的 {data.expected_count} 个",
            en=f"{data.valid_count} valid data, more than the {data.expected_count} expected",
        )
    share = number_of(facts, "valid_share")
    if share is not None and share < policy["valid_share"]:
        yield Doubt(
            code="valid-share-low",
            zh=f"有效数据占比 {share:.0%}，不足以作为均值证据",
            en=f"only {share:.0%} of the data are valid: the mean is no evidence",
        )
