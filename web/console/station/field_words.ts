import { words } from "@shared/language";

const useFieldWords = words("station-fields", {
  zh: {
    day: "日期",
    station: "执法所",
    officer: "值班人员",
    name: "名称",
    certified: "持证",
    certificate: "执法证号",
    on_duty: "在岗",
    skills: "专长",
    phone: "电话",
    channels: "通知渠道",
    role: "角色",
    address: "地址",
    categories: "类别",
    entry_code: "入企码",
  },
  en: {
    day: "day",
    station: "station",
    officer: "officer",
    name: "name",
    certified: "certified",
    certificate: "certificate",
    on_duty: "available",
    skills: "skills",
    phone: "phone",
    channels: "channels",
    role: "role",
    address: "address",
    categories: "categories",
    entry_code: "code at the gate",
  },
});

const FIELDS = [
  "day",
  "station",
  "officer",
  "name",
  "certified",
  "certificate",
  "on_duty",
  "skills",
  "phone",
  "channels",
  "role",
  "address",
  "categories",
  "entry_code",
] as const;

/** What a field of a record is called; others keep the name that the service gives them. */
export function useFieldName(): (name: string) => string {
  const t = useFieldWords();
  return (name) => {
    const known = FIELDS.find((one) => one === name);
    return known === undefined ? name : t(known);
  };
}
