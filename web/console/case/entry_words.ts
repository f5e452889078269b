/** What entries of a timeline are called, and what of their details a person wants to read. */

import { useLanguage } from "@shared/language";
import { type Bilingual, chosen, type Language } from "@shared/language/language";
import { entryCheckName, outcomeName, partName, roleName, rungName } from "@shared/words";
import { type Entry, shortType } from "./entries";

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

/** What an entry is called, by its type without prefix and version. */
export function useEntryName(): (type: string) => string {
  const spoken = useLanguage();
  return (type) => {
    const known = NAMES[type];
    return known === undefined ? type : chosen(known, spoken);
  };
}

/** The details of an entry in a line; empty where there are none that matter. */
export function useEntryDetail(nameOf: (code: string) => string): (entry: Entry) => string {
  const spoken = useLanguage();
  return (entry) => detailOf(entry, spoken, nameOf);
}

function detailOf(entry: Entry, spoken: Language, nameOf: (code: string) => string): string {
  const { detail } = entry;
  const said = (name: string): string => (typeof detail[name] === "string" ? (detail[name] as string) : "");
  const say = (zh: string, en: string): string => (spoken === "en" ? en : zh);
  const due = said("due_text").replace(" (+08:00)", "");
  const type = shortType(entry.type);
  if (
    type === "deadline.moved" ||
    type === "deadline.paused" ||
    type === "deadline.resumed" ||
    type === "deadline.started"
  )
    return due === "" ? "" : say(`到期 ${due}`, `due ${due}`);
  if (type === "case.escalated") return rungName(said("step").replace(/^rung-\d+-/, ""), spoken);
  if (type === "case.attachment_added") return [said("name"), size(detail.size)].filter(Boolean).join(" · ");
  if (type === "case.feedback_submitted" || type === "case.closed")
    return outcomeName(said("outcome"), spoken);
  if (type === "case.self_reported") return said("cause");
  if (type === "case.handed_over") return `${nameOf(said("leaving"))} → ${nameOf(said("coming"))}`;
  if (type === "case.transferred")
    return `${said("from") || "—"} → ${said("to") === "section" ? roleName("section", spoken) : said("to")}`;
  if (type === "case.arrived") {
    const metres = detail.distance_metres;
    const part = partName(said("part"), spoken);
    const code = said("entry_check");
    return [
      part,
      typeof metres === "number"
        ? say(`距点位 ${Math.round(metres)} 米`, `${Math.round(metres)} m from the site`)
        : "",
      code === "not_asked" ? "" : entryCheckName(code, spoken),
    ]
      .filter(Boolean)
      .join(" · ");
  }
  if (type === "case.accepted" || type === "case.departed" || type === "case.declined")
    return partName(said("part"), spoken);
  if (type === "case.file_number_recorded") return said("file_number");
  if (type === "case.presence_recorded")
    return Array.isArray(detail.officers) ? detail.officers.map(String).map(nameOf).join("、") : "";
  if (type === "milestone.missed") {
    const name = detail.name as Bilingual | undefined;
    return name === undefined ? "" : chosen(name, spoken);
  }
  if (type === "notice.undelivered") return nameOf(roleName(said("recipient"), spoken));
  if (type === "notice.delivered") {
    const by = said("received_by");
    return by === ""
      ? ""
      : say(`${by} 签收，见证人 ${said("witness")}`, `taken by ${by}, witness ${said("witness")}`);
  }
  return "";
}

/** A number of bytes as people say it. */
export function size(bytes: unknown): string {
  if (typeof bytes !== "number") return "";
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${Math.round(bytes / 1024)} kB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
