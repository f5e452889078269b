import { words } from "@shared/language";

export const useVisitWords = words("field-visit", {
  zh: { title: "任务" },
  en: { title: "Assignment" },
});
