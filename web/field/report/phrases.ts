/** Phrases that officers write often, to be taken with a thumb. They are the report's text: Chinese, as the file is. */

import type { Matter } from "../device/known";

export interface Phrases {
  findings: string[];
  measures: string[];
}

const ON_SITE = ["现场检查时企业正常生产。", "现场检查时企业停产。"];

const BY_MATTER: [RegExp, string[]][] = [
  [
    /exceedance|exceeding|furnace/,
    [
      "调阅在线监测历史数据，超标时段与预警一致。",
      "治理设施正常运行，未发现超标排放原因。",
      "治理设施运行异常，处理效率下降。",
      "药剂投加不足，未及时调整。",
      "活性炭（滤料）未按期更换。",
    ],
  ],
  [
    /missing|gap|communication/,
    [
      "数采仪通讯中断，现场监测设备运行正常。",
      "监测站房断电，未及时上报。",
      "已调阅设备日志，缺失时段有运维记录。",
    ],
  ],
  [
    /constant|step|zero|range|flow|parameter/,
    [
      "分析仪采样管路堵塞，数据恒值。",
      "现场比对监测结果与在线数据一致。",
      "设备参数与备案一致，未见修改痕迹。",
    ],
  ],
  [
    /marking|interference|bypass|idle|stopped|door/,
    ["现场未发现暗管或旁路排放。", "监测站房门禁及视频记录完整。", "已对监测设备参数、日志拍照取证。"],
  ],
];

const MEASURES = [
  "现场制作检查笔录，并告知企业立即整改。",
  "责令立即改正违法行为。",
  "现场采样送检，待检测报告出具后处理。",
  "要求企业 3 日内提交整改报告。",
  "调取生产、运维台账及在线数据作为证据。",
];

export function phrasesFor(matters: Pick<Matter, "category">[]): Phrases {
  const codes = matters.map((matter) => matter.category.code).join(" ");
  const fitting = BY_MATTER.filter(([pattern]) => pattern.test(codes)).flatMap(([, phrases]) => phrases);
  return { findings: [...ON_SITE, ...fitting], measures: MEASURES };
}
