"""Notices of a platform, or outlets of it, that fell silent, and of those that are heard again. Pure."""

from services.dispatcher.notices.wording.draft import NoticeDraft, to_offices
from services.dispatcher.notices.wording.phrases import both, instant, labelled, lines, plain, text
from shared.contract.events import Bilingual
from shared.contract.platforms import PlatformHeard, PlatformSilent

_NAMED = 20


def platform_silent(silent: PlatformSilent) -> list[NoticeDraft]:
    """One notice for each recipient and each time that a platform, or some of its outlets, fell silent."""
    source, outlets = plain(silent.source), len(silent.outlets)
    subject = (
        text(
            f"【点位静默】{source} 有 {outlets} 个点位长时间没有数据",
            f"[Silent outlets] Nothing has come from {outlets} outlets of {source} for long",
        )
        if outlets
        else text(f"【平台静默】{source} 长时间没有推送", f"[Silent platform] Nothing has come from {source} for long")
    )
    explained = text(
        "没有异常与没有数据看起来一样：在恢复之前，这里的异常不会预警。请联系平台运维单位核实通信、采集和转发。",
        "No anomalies and no data look alike: until it is heard again, no alert comes of what happens there. Please ask"
        " its operator to check the line, the data loggers and the forwarding.",
    )
    return _drafts(silent, "platform_silent", subject, explained)


def platform_heard(heard: PlatformHeard) -> list[NoticeDraft]:
    """One notice for each recipient of the notice that it was silent."""
    source, outlets = plain(heard.source), len(heard.outlets)
    subject = (
        text(f"【点位恢复】{source} 有 {outlets} 个点位恢复数据", f"[Heard again] {outlets} outlets of {source}")
        if outlets
        else text(f"【平台恢复】{source} 已恢复推送", f"[Heard again] {source}")
    )
    explained = text(
        "静默期间的数据可能补传；补传的异常按其时间分级。",
        "What was missed may be sent late; late anomalies are graded by their own time.",
    )
    return _drafts(heard, "platform_heard", subject, explained)


def _drafts(event: PlatformSilent, purpose: str, subject: Bilingual, explained: Bilingual) -> list[NoticeDraft]:
    named = [plain(f"{one.enterprise_code} {one.outlet}") for one in event.outlets[:_NAMED]]
    left = len(event.outlets) - len(named)
    listed = [labelled(text("点位", "Outlets"), both("; ".join(named)))] if named else []
    listed += [text(f"另有 {left} 个，见点位清单。", f"{left} more: see the list of outlets.")] if left else []
    outlets = ":outlets" if event.outlets else ""
    return to_offices(
        event.recipients,
        occasion=f"{purpose}:{event.source}{outlets}:{event.at.isoformat()}",
        purpose=purpose,
        subject=subject,
        body=lines(
            explained,
            *listed,
            labelled(text("最近一次收到", "Heard last"), instant(event.heard_at)),
            labelled(
                text("允许静默", "Silence allowed"),
                text(f"{event.allowed_hours:g} 小时", f"{event.allowed_hours:g} hours"),
            ),
        ),
    )
