import { useLanguage, words } from "@shared/language";
import { type Bilingual, chosen } from "@shared/language/language";
import { actName as caseActName } from "@shared/words";

export const useActWords = words("acts", {
  zh: {
    proposes: "提交后须由另一人确认才生效。",
    irrevocable: "提交后即生效，记入案卷。",
    submit: "提交",
    cancel: "取消",
    required: "必填",
    optional: "选填",
    sending: "正在提交……",
    done: "{{act}}：已完成",
    proposed: "{{act}}：已提交，待另一人确认",
    missing: "请填写：{{fields}}",
    stale: "这个案件刚被别人改动",
    staleHint: "您看到的是第 {{seen}} 版，现在是第 {{now}} 版，状态为“{{state}}”。请核对后再决定。",
    refused: "现在不能这样做",
    refusedHint: "案件现为“{{state}}”。",
    stillPossible: "按最新情况提交",
    notPossible: "这一操作已不可行。",
    look: "关闭，查看最新",
    latest: "最近一步：{{step}}",
    asReported: "按反馈意见",
    auto: "由系统按规则另选他人",
    autoIs: "由系统按规则选派：{{names}}",
    named: "指定两名执法人员",
    lead: "主办",
    second: "协办",
    choose: "请选择",
    upward: "上交执法科",
    nobody: "没有可派人员",
    unable: "（{{why}}）",
    recorded: "已登记",
    notOver: "选择已发生的时间",
  },
  en: {
    proposes: "It takes effect once another person confirms it.",
    irrevocable: "It takes effect at once and stays on the file.",
    submit: "Submit",
    cancel: "Cancel",
    required: "required",
    optional: "optional",
    sending: "Sending …",
    done: "{{act}}: done",
    proposed: "{{act}}: proposed, awaits another person",
    missing: "Fill in: {{fields}}",
    stale: "Somebody has just changed this case",
    staleHint: "You saw revision {{seen}}; it is at {{now}} now, “{{state}}”. Look again before you decide.",
    refused: "Not possible now",
    refusedHint: "The case is “{{state}}” now.",
    stillPossible: "Submit on what it is now",
    notPossible: "This cannot be done any more.",
    look: "Close and look",
    latest: "The latest step: {{step}}",
    asReported: "as reported",
    auto: "others, whom the policy chooses",
    autoIs: "whom the policy chooses: {{names}}",
    named: "two officers by name",
    lead: "Lead",
    second: "Second",
    choose: "choose",
    upward: "upward, to the section",
    nobody: "nobody can go",
    unable: " ({{why}})",
    recorded: "recorded",
    notOver: "a time that is over",
  },
});

const text = (zh: string, en: string): Bilingual => ({ zh, en });

const ACTS: Readonly<Record<string, Bilingual>> = {
  presence: text("到场补录", "Record presence"),
  "file-number": text("登记立案号", "Record the file number"),
  extend: text("申请延期", "Propose an extension"),
  pause: text("申请中止计时", "Propose a pause"),
  "resume-clock": text("申请恢复计时", "Propose to resume the clock"),
  dismiss: text("申请撤销（误报）", "Propose a dismissal"),
  downgrade: text("申请降级", "Propose a lower grade"),
  "confirm-held": text("确认有效", "Confirm"),
  delivery: text("登记人工送达", "Record a delivery"),
  overrule: text("采用为证据", "Take as evidence"),
  "confirm-proposal": text("确认", "Confirm"),
  "reject-proposal": text("驳回", "Reject"),
  "withdraw-proposal": text("撤回", "Withdraw"),
};

/** What an act is called, as a button says it. */
export function useActName(): (name: string) => string {
  const spoken = useLanguage();
  return (name) => {
    const known = ACTS[name];
    return known === undefined ? caseActName(name, spoken) : chosen(known, spoken);
  };
}

const FIELDS: Readonly<Record<string, Bilingual>> = {
  reason: text("理由", "Reason"),
  comment: text("审核意见", "Comment"),
  outcome: text("处理结果", "Outcome"),
  correct_by: text("改正期限", "To correct by"),
  observe_until: text("观察期至", "Observed until"),
  legal_basis: text("不予处罚依据", "Legal basis"),
  file_number: text("立案号", "File number"),
  team: text("人员", "Team"),
  call_in: text("召回理由（所选人员不当班时）", "Why they are called in (when off duty)"),
  leaving: text("移出人员", "Who hands over"),
  to: text("接手人员", "Who takes over"),
  station: text("移送至", "To"),
  officers: text("到场人员", "Who was there"),
  arrived_at: text("到场时间", "Since when"),
  ground: text("原因类别", "Ground"),
  legal_ground: text("法律依据", "Legal ground"),
  unit: text("延长单位", "Unit"),
  amount: text("延长数量", "How much"),
  level: text("降至", "To"),
  means: text("方式", "By"),
  at: text("送达时间", "When"),
  received_by: text("签收人", "Taken by"),
  witness: text("见证人", "Witness"),
  remark: text("备注", "Remark"),
};

/** What a field is called. */
export function useFieldName(): (name: string) => string {
  const spoken = useLanguage();
  return (name) => {
    const known = FIELDS[name];
    return known === undefined ? name : chosen(known, spoken);
  };
}

const CHOICES: Readonly<Record<string, Bilingual>> = {
  device_lost: text("设备遗失", "Device lost"),
  device_failed: text("设备故障", "Device failed"),
  no_network: text("没有网络", "No network"),
  other: text("其他", "Other"),
  working_days: text("工作日", "working days"),
  hours: text("小时", "hours"),
  calibration: text("校准", "Calibration"),
  platform_fault: text("平台故障", "Fault of the platform"),
  equipment_fault: text("设备故障", "Fault of the equipment"),
  data_error: text("数据有误", "Wrong data"),
  phone: text("电话", "Phone"),
  paper: text("书面", "Paper"),
  in_person: text("当面", "In person"),
};

/** What a choice of a field is called; undefined where its word is one of those that all screens share. */
export function choiceOf(option: string, spoken: "zh-CN" | "en"): string | undefined {
  const known = CHOICES[option];
  return known === undefined ? undefined : chosen(known, spoken);
}
