/** What codes are called, in both languages. What is not known here is called by its code: a bureau has words of its own. */
import type { Bilingual } from "@shared/language/language";
import { chosen, type Language } from "@shared/language/language";

type Named = Readonly<Record<string, Bilingual>>;

const text = (zh: string, en: string): Bilingual => ({ zh, en });
const name =
  (names: Named) =>
  (code: string | null | undefined, spoken: Language): string => {
    const known = code == null ? undefined : names[code];
    return known === undefined ? (code ?? "") : chosen(known, spoken);
  };

export type Level = "white" | "yellow" | "red";
export const LEVELS: readonly Level[] = ["red", "yellow", "white"];
const levels = {
  red: text("红色", "Red"),
  yellow: text("黄色", "Yellow"),
  white: text("白色", "White"),
};
export const levelName = name(levels);

export type Role =
  | "platform"
  | "enterprise"
  | "officer"
  | "station_chief"
  | "section"
  | "leader"
  | "auditor"
  | "admin"
  | "system";
const roles: Record<Role, Bilingual> = {
  platform: text("监测平台", "Platform"),
  enterprise: text("企业", "Enterprise"),
  officer: text("执法人员", "Officer"),
  station_chief: text("所长", "Station chief"),
  section: text("执法科", "Enforcement section"),
  leader: text("分管领导", "District leader"),
  auditor: text("审计人员", "Auditor"),
  admin: text("系统管理员", "Administrator"),
  system: text("系统", "System"),
};
export const roleName = name(roles);

export function isRole(value: unknown): value is Role {
  return typeof value === "string" && value in roles;
}

/** Who may look at the console. */
export const BUREAU: readonly Role[] = ["station_chief", "section", "leader", "auditor", "admin", "officer"];

export type CaseKind = "self_report" | "on_site" | "verification" | "follow_up" | "marking";
export const kindName = name({
  self_report: text("企业自查反馈", "Self-report"),
  on_site: text("现场检查", "Visit"),
  verification: text("现场核查", "Verification"),
  follow_up: text("复查", "Follow-up"),
  marking: text("数据标记核实", "Review of a marking"),
});

const states: Named = {
  open: text("待派单", "Without a team"),
  assigned: text("待接单", "Assigned"),
  declined: text("已退单，待改派", "Declined"),
  accepted: text("已接单", "Accepted"),
  en_route: text("赶赴现场", "On the way"),
  on_site: text("现场检查中", "On site"),
  reported: text("已反馈，待审核", "Awaiting review"),
  returned: text("退回补充", "Returned"),
  approved: text("审核通过", "Approved"),
  self_reported: text("已自查，待审核", "Report awaiting review"),
  interim_reported: text("阶段反馈，待审核", "Interim report awaiting review"),
  rectifying: text("整改中", "Work goes on"),
  accepted_report: text("自查认可", "Report accepted"),
  questioned: text("存疑，转现场", "Questioned"),
  scheduled: text("待复查", "Scheduled"),
  superseded: text("已重新分级", "Graded anew"),
  dismissed: text("已撤销", "Dismissed"),
  merged: text("已并案", "Joined another"),
  suspended: text("中止办理", "Suspended"),
  transferred: text("已移送，待派单", "Transferred"),
  reopened: text("重新办理，待派单", "Reopened"),
};
/** The same state asks something else of somebody else: an open self-report waits for the enterprise. */
const statesByKind: Readonly<Record<string, Named>> = {
  self_report: {
    open: text("待企业反馈", "Awaiting the enterprise"),
    reopened: text("重新办理，待企业反馈", "Reopened, awaiting the enterprise"),
    returned: text("退回企业补充", "Returned to the enterprise"),
  },
  marking: { self_reported: text("待核实", "Awaiting review") },
};
export const STATES: readonly string[] = Object.keys(states);
/** What a case stands at; its kind says it more exactly. */
export function stateName(state: string, spoken: Language, kind?: string | null): string {
  const exactly = kind == null ? undefined : statesByKind[kind]?.[state];
  return exactly === undefined ? name(states)(state, spoken) : chosen(exactly, spoken);
}

export const outcomeName = name({
  rectified: text("已整改", "Rectified"),
  order_to_correct: text("责令改正", "Ordered to correct"),
  case_filed_for_penalty: text("立案处罚", "Filed for a penalty"),
  exempt: text("依法不予处罚", "Exempt by law"),
  observation_period: text("给予观察期", "Observation period"),
  false_alarm: text("误报", "False alarm"),
  report_untrue: text("自查反馈不实", "Report untrue"),
  accepted_report: text("自查反馈认可", "Report accepted"),
  marking_accepted: text("标记认可", "Marking accepted"),
  marking_questioned: text("标记存疑", "Marking questioned"),
  upgraded: text("升级办理", "Upgraded"),
  downgraded: text("降级办理", "Downgraded"),
});

/** What an officer's arrival says of the code at the enterprise's gate. */
export const entryCheckName = name({
  matched: text("扫码相符", "Entry code matched"),
  not_matched: text("扫码不符", "Entry code did not match"),
  not_scanned: text("未扫码", "Entry code not scanned"),
  not_asked: text("无入企码", "No entry code"),
});

/** What else is in doubt about an officer's arrival. */
export const arrivalDoubtName = name({
  after_report: text("反馈之后才登记到场", "Recorded after the report"),
  no_position: text("未提供定位", "Without a position"),
});

export const partName = name({ lead: text("主办", "Lead"), second: text("协办", "Second") });

const rungs = name({
  station_chief: text("所长督办", "Station chief"),
  section: text("执法科督办", "Section"),
  leader: text("分管领导督办", "Leader"),
});
/** Who a case was escalated to, by the step's name. */
export function rungName(step: string | null | undefined, spoken: Language): string {
  const again = /^(.*)\+(\d+)$/.exec(step ?? "");
  const name = rungs((again?.[1] ?? step)?.replaceAll("-", "_"), spoken);
  if (!again) return name;
  const times = Number(again[2]) + 1;
  return spoken === "en" ? `${name}, ${times} times` : `${name}（第 ${times} 次）`;
}

/** What a person may do with a case, as a button says it. */
export const actName = name({
  assign: text("派单", "Assign"),
  accept: text("接单", "Accept"),
  decline: text("退单", "Decline"),
  depart: text("出发", "Depart"),
  arrive: text("到场", "Arrive"),
  feedback: text("提交反馈", "Report"),
  "off-site-feedback": text("非现场反馈", "Report off site"),
  "self-report": text("提交自查", "Self-report"),
  "interim-report": text("提交阶段反馈", "Interim report"),
  approve: text("审核通过", "Approve"),
  return: text("退回补充", "Return"),
  reassign: text("改派", "Reassign"),
  "hand-over": text("移交", "Hand over"),
  transfer: text("移送", "Transfer"),
  suspend: text("中止办理", "Suspend"),
  resume: text("恢复办理", "Resume"),
  reopen: text("重新办理", "Reopen"),
  unmerge: text("取消并案", "Separate"),
});
