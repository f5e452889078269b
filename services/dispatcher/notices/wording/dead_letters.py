"""Notices when a dead letter has waited longer than the policy allows. Pure."""

from services.dispatcher.notices.wording.draft import NoticeDraft, to_offices
from services.dispatcher.notices.wording.phrases import both, instant, labelled, lines, numbered, plain, text
from shared.contract.events import DeadLetterWaiting
from shared.time.instants import SHANGHAI, aware


def dead_letter_waiting(letter: DeadLetterWaiting) -> list[NoticeDraft]:
    """One notice for each recipient, once a day for each reason on each topic: a flood of letters is one matter."""
    day = aware(letter.at).astimezone(SHANGHAI).date().isoformat()
    code, topic = plain(letter.code), plain(letter.topic)
    return to_offices(
        letter.recipients,
        occasion=f"dead-letter:{letter.service}:{letter.topic}:{letter.code}:{day}",
        purpose="dead_letter_waiting",
        subject=text(
            f"【死信待处理】{topic} 有无法处理的消息超时未处理（{code}）",
            f"[Dead letters] Messages of {topic} that could not be used wait too long ({code})",
        ),
        body=lines(
            text(
                "下列消息无法处理，已原样保存，等待处理的时间超过规定。消息中可能有尚未立案的异常。",
                "This message could not be used. It is kept as it came, and has waited longer than allowed. It may"
                " hold an anomaly that no case answers yet.",
            ),
            text(
                "请查明原因：修正后重试，或说明理由后作废。同一原因的其他消息见死信清单。",
                "Please find the cause: retry it once that is mended, or discard it and say why. The list of dead"
                " letters shows the others of the same reason.",
            ),
            labelled(text("原因", "Reason"), both(code)),
            labelled(text("说明", "Detail"), both(plain(letter.detail))),
            labelled(text("来源", "Origin"), both(plain(letter.origin))),
            labelled(text("拒收时间", "Refused at"), instant(letter.failed_at)),
            labelled(text("服务", "Service"), both(letter.service)),
            numbered(text("死信编号", "Dead letter"), letter.letter_id),
        ),
    )
