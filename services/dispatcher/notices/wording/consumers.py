"""Notices of a service that has stopped reading a partition, or stands still in one. Pure."""

from services.dispatcher.notices.wording.draft import NoticeDraft, to_offices
from services.dispatcher.notices.wording.phrases import both, instant, labelled, lines, numbered, plain, text
from shared.contract.events import BrakeCause, ConsumerBraked, ConsumerStalled


def consumer_braked(braked: ConsumerBraked) -> list[NoticeDraft]:
    """One notice for each recipient and each time that a partition is stopped."""
    place = f"{plain(braked.topic)}/{braked.partition}"
    why = (
        text(
            f"最近 {braked.of_last} 条消息中有 {braked.refused} 条无法处理，可能是本系统或平台的配置有误。",
            f"{braked.refused} of the last {braked.of_last} messages could not be used. The fault may be ours or the"
            " platform's.",
        )
        if braked.cause is BrakeCause.REFUSALS
        else text(
            "其中一批消息无法读取，重试无效。",
            "A batch of messages cannot be read, and trying again does not help.",
        )
    )
    return to_offices(
        braked.recipients,
        occasion=f"consumer-braked:{braked.service}:{braked.topic}:{braked.partition}:{braked.at.isoformat()}",
        purpose="consumer_braked",
        subject=text(
            f"【停止接收】{place} 已停止接收，须人工解除", f"[Stopped] {place} is not read until it is released"
        ),
        body=lines(
            why,
            text(
                "该分区后面的消息原样等待，没有丢失；解除之前，其中的异常不会立案、计时。",
                "What follows waits as it is and is not lost; until the release no case is opened and no clock runs"
                " for the anomalies in it.",
            ),
            text(
                "请查明原因，修正后说明理由解除（tricolor brakes release）。",
                "Please find the cause, mend it, and release the partition with a reason (tricolor brakes release).",
            ),
            labelled(text("原因", "Reason"), both(plain(braked.code))),
            labelled(text("说明", "Detail"), both(plain(braked.detail))),
            labelled(text("位置", "Place"), both(f"{place}/{braked.offset}")),
            labelled(text("停止时间", "Stopped at"), instant(braked.at)),
            labelled(text("服务", "Service"), both(braked.service)),
        ),
    )


def consumer_stalled(stalled: ConsumerStalled) -> list[NoticeDraft]:
    """One notice for each recipient and each time that a partition stands still."""
    place = f"{plain(stalled.topic)}/{stalled.partition}"
    minutes = round(stalled.seconds / 60)
    return to_offices(
        stalled.recipients,
        occasion=f"consumer-stalled:{stalled.service}:{stalled.topic}:{stalled.partition}:{stalled.at.isoformat()}",
        purpose="consumer_stalled",
        subject=text(
            f"【接收停滞】{place} 有消息等待，{minutes} 分钟未处理",
            f"[Stalled] Messages of {place} wait, and for {minutes} minutes none was handled",
        ),
        body=lines(
            text(
                "消息没有丢失，故障排除后自动继续；在此之前，其中的异常不会立案、计时。",
                "They are not lost, and are handled once the trouble is over; until then no case is opened and no clock"
                " runs for the anomalies in them.",
            ),
            numbered(text("等待消息数", "Messages that wait"), stalled.waiting),
            labelled(text("最近的故障", "Trouble seen last"), both(plain(stalled.detail))),
            labelled(text("位置", "Place"), both(f"{place}/{stalled.offset}")),
            labelled(text("发现时间", "Seen at"), instant(stalled.at)),
            labelled(text("服务", "Service"), both(stalled.service)),
        ),
    )
