import type { Language } from "@shared/language";

const PLAN = "《2024年度宝安区生态环境执法工作计划》";
/** The clauses of the sources that the rule book shipped has, which is written in English; a bureau's own stay as they are. */
const CLAUSES: Readonly<Record<string, string>> = {
  "2024 plan part 3(3)": `${PLAN}三（三）`,
  "2024 plan part 2(3) (VOC working-condition monitoring)": `${PLAN}二（三）（VOCs 工况监控）`,
  "HJ 75-2017 (daily mean)": "HJ 75-2017（日均值）",
  "HJ 212-2017 (flags D, S)": "HJ 212-2017（数据标记 D、S）",
  "HJ 212-2017 (flag T)": "HJ 212-2017（数据标记 T）",
  "Air Pollution Prevention Law": "《大气污染防治法》",
  "Water Pollution Prevention Law": "《水污染防治法》",
  "Regulation on Pollutant Discharge Permits (2021)": "《排污许可管理条例》（2021年）",
  "MEE order 10 (2019) on automatic-monitoring data of waste incineration":
    "《生活垃圾焚烧发电厂自动监测数据应用管理规定》（生态环境部令第10号，2019年）",
  "MEE marking rules (2022)": "《污染物排放自动监测设备标记规则》（2022年）",
  "MEE marking rules for automatic-monitoring data (2022)": "《污染物排放自动监测设备标记规则》（2022年）",
  "judicial interpretation on environmental crime (falsified data)":
    "办理环境污染刑事案件司法解释（篡改、伪造监测数据）",
  "Guangdong's published line for valid transmission (90 %)": "广东省公布的有效传输率要求（90%）",
  "domain decisions of this system (any accepted event gets a grade)": "本系统约定（凡接收的事件都予分级）",
  inferred: "推定",
  "inferred threshold": "阈值为推定",
  "inferred: prevention before exceedance": "推定：超标之前先行提醒",
  "inferred: practice of automatic-monitoring enforcement": "推定：自动监控执法实践",
  "inferred: practice of automatic-monitoring supervision": "推定：自动监控监管实践",
  "inferred: repeated yellow alerts are an enforcement matter": "推定：黄色预警反复出现，属执法事项",
  "inferred: a yellow alert left unanswered is an enforcement matter": "推定：黄色预警逾期不反馈，属执法事项",
  "inferred: a reminder that is not heeded becomes an obligation": "推定：提醒之后仍不改，须限期反馈",
  "inferred: the plan obliges the enterprise to report truthfully": "推定：计划要求企业如实反馈",
  "an untrue report is an enforcement matter": "反馈不实，属执法事项",
};

/** What a rule rests on, in the language that is spoken. */
export function sourceText(source: string, spoken: Language): string {
  if (spoken === "en") return source;
  return source
    .split(/;\s*/)
    .map((clause) => CLAUSES[clause] ?? clause)
    .join("；");
}
