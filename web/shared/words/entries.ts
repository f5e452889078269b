/** What the entries of a case's timeline are called. */
import { type Bilingual, chosen, type Language } from "@shared/language/language";

const text = (zh: string, en: string): Bilingual => ({ zh, en });

const NAMES: Readonly<Record<string, Bilingual>> = {
  "case.opened": text("立项", "Opened"),
  "case.assigned": text("派单", "Assigned"),
  "case.accepted": text("接单", "Accepted"),
  "case.declined": text("退单", "Declined"),
  "case.departed": text("出发", "Departed"),
  "case.arrived": text("到场", "Arrived"),
  "case.self_reported": text("企业提交自查反馈", "The enterprise reported"),
  "case.feedback_submitted": text("提交办理反馈", "Officers reported"),
  "case.returned": text("退回补充", "Returned"),
  "case.approved": text("审核通过", "Approved"),
  "case.interim_accepted": text("阶段反馈认可", "Interim report accepted"),
  "case.due_for_check": text("复查开始", "The check begins"),
  "case.closed": text("办结", "Closed"),
  "case.merged": text("并案", "Joined"),
  "case.unmerged": text("取消并案", "Separated"),
  "case.reassigned": text("改派", "Reassigned"),
  "case.withdrawn": text("收回派单", "Withdrawn"),
  "case.handed_over": text("移交", "Handed over"),
  "case.transferred": text("移送", "Transferred"),
  "case.suspended": text("中止办理", "Suspended"),
  "case.resumed": text("恢复办理", "Resumed"),
  "case.reopened": text("重新办理", "Reopened"),
  "case.attachment_added": text("添加附件", "Evidence added"),
  "case.presence_recorded": text("到场补录", "Presence recorded"),
  "case.file_number_recorded": text("登记立案号", "File number recorded"),
  "case.marking_added": text("附加标记", "Marking added"),
  "case.truth_check": text("抽查决定", "Draw for verification"),
  "case.escalated": text("督办升级", "Escalated"),
  "deadline.started": text("时限起算", "The clock starts"),
  "deadline.warned": text("临期提醒", "Warned"),
  "deadline.missed": text("逾期", "Missed"),
  "deadline.met": text("按期反馈", "Met"),
  "deadline.moved": text("时限变更", "The deadline moved"),
  "deadline.paused": text("时限中止", "The clock stands"),
  "deadline.resumed": text("时限恢复", "The clock goes on"),
  "deadline.unanswered": text("持续未反馈", "Unanswered"),
  "milestone.missed": text("内部节点超时", "Milestone missed"),
  "notice.undelivered": text("通知未送达", "A notice did not arrive"),
  "notice.delivered": text("通知已人工送达", "A notice was given by hand"),
};

/** `cn.tricolor.case.self_reported.v1` is `case.self_reported`. */
export function shortType(type: string): string {
  return type.replace(/^cn\.tricolor\./, "").replace(/\.v\d+$/, "");
}

/** What an entry is called, by its type. */
export function entryName(type: string, spoken: Language): string {
  const short = shortType(type);
  const known = NAMES[short];
  return known === undefined ? short : chosen(known, spoken);
}
