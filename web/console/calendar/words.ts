import { words } from "@shared/language";

export const useCalendarWords = words("calendar", {
  zh: { title: "日历与时限" },
  en: { title: "Calendar" },
});
