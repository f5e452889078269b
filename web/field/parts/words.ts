import { words } from "@shared/language";

export const usePartWords = words("field-parts", {
  zh: {
    close: "关闭",
    tooLong: "{{label}}最多 {{most}} 字，现有 {{count}} 字，请删减。",
    noDue: "时限计算中",
    over: "逾期",
    left: "剩",
    until: "截止 {{text}}",
    days: "{{count}} 天",
    hours: "{{count}} 小时",
    minutes: "{{count}} 分",
    seconds: "{{count}} 秒",
  },
  en: {
    close: "Close",
    tooLong: "{{label}}: {{most}} characters at most; there are {{count}}. Shorten it.",
    noDue: "Deadline being computed",
    over: "Over",
    left: "Left",
    until: "until {{text}}",
    days: "{{count}} d",
    hours: "{{count}} h",
    minutes: "{{count}} min",
    seconds: "{{count}} s",
  },
});
