import { words } from "@shared/language";

export const useTodayWords = words("field-today", {
  zh: { title: "我的任务" },
  en: { title: "My tasks" },
});
