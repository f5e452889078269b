import { words } from "@shared/language";

export const useAlertsWords = words("alerts", {
  zh: { title: "预警" },
  en: { title: "Alerts" },
});
