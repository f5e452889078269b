import { words } from "@shared/language";

export const useStationWords = words("station", {
  zh: { title: "站所排班" },
  en: { title: "Station" },
});
