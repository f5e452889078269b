import { type Bilingual, chosen, type Language } from "@shared/language/language";

const text = (zh: string, en: string): Bilingual => ({ zh, en });

const CODES: Readonly<Record<string, Bilingual>> = {
  "not-json": text("内容不是有效的 JSON", "Not JSON"),
  "not-cloudevents": text("不是 CloudEvents 格式的事件", "Not a CloudEvent"),
  "invalid-event": text("事件缺少字段或字段不合规定", "Fields missing or not as agreed"),
  "unreadable-batch": text("整批内容无法读取", "The batch cannot be read"),
  unreadable: text("内容无法读取", "Cannot be read"),
  "too-large": text("报文过大", "Too large"),
  "time-in-future": text("发生时间在未来", "Time in the future"),
  "unknown-category": text("异常类别不在目录中", "Category not in the catalogue"),
  "id-conflict": text("同一编号、内容不同", "Same id, other content"),
};

/** Why a record was refused, in words; a code that is not known here stands for itself. */
export function codeName(code: string, spoken: Language): string {
  const known = CODES[code];
  return known === undefined ? code : chosen(known, spoken);
}
