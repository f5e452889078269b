import { words } from "@shared/language";

export const usePartWords = words("field-parts", {
  zh: {
    close: "关闭",
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
